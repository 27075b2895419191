import type { FindingKind } from '../finding-kind.ts';
import { rowsLedBy } from '../leading-reason.ts';
import { rowDraft } from '../row-draft.ts';
import { fromText, portsText } from '../../report/row-text.ts';

/** Risk classes of rulesets/ports/risks.yaml that nobody on the internet should reach, in words. */
const classes = new Map([
  ['remote-admin', 'a remote administration service'],
  ['database', 'a database'],
  ['management-api', 'a management interface'],
  ['debugger', 'a debugger, which runs code for whoever connects'],
  ['file-sharing', 'a file sharing service'],
  ['industrial', 'an industrial control protocol'],
]);

export const anySourceAdmin: FindingKind = {
  code: 'FW2007',
  name: 'any-source-admin',
  severity: 'high',
  explanation:
    'A remote administration service, database, management interface, debugger, file share or industrial protocol is open to the internet. How bad it is depends on the service: SSH is often meant to be, a database never is.',
  advice: 'Let in only the networks that need it, or put it behind a VPN.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 3306 -j ACCEPT
COMMIT
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 3306 -j ACCEPT
COMMIT
`,
    },
  },
  find: (context) =>
    rowsLedBy(context, [...classes.keys()])
      .filter(({ row }) => row.direction !== 'out')
      .map((one) => {
        const { row, reason } = one;
        const service = row.assignment?.service;
        const open = row.certainty === 'certain' ? 'is open' : 'may be open';
        return rowDraft(
          one,
          one.severity,
          () =>
            `${portsText(row)}${service === undefined ? '' : ` (${service})`}, ${classes.get(reason)!}, ${open} to ${fromText(row)}`,
          () => 'Let in only the networks that need it: add a source to the rule.',
        );
      }),
};
