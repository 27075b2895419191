import type { FindingKind } from '../finding-kind.ts';
import { narrowRows } from '../open-rows.ts';
import { rowDraft } from '../row-draft.ts';
import { fromText, portsText } from '../row-text.ts';

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
    narrowRows(context).flatMap((one) => {
      const { row } = one;
      if (row.scope !== 'internet' || row.direction === 'out') return [];
      const known = row.scrutiny.reasons.find((reason) => classes.has(reason));
      if (known === undefined) return [];
      const service = row.assignment?.service;
      const open = row.certainty === 'certain' ? 'is open' : 'may be open';
      return [
        rowDraft(
          one,
          row.scrutiny.level,
          `${portsText(row)}${service === undefined ? '' : ` (${service})`}, ${classes.get(known)!}, ${open} to ${fromText(row)}`,
          'Let in only the networks that need it: add a source to the rule.',
        ),
      ];
    }),
};
