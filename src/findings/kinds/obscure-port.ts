import type { FindingKind } from '../finding-kind.ts';
import { rowsLedBy } from '../leading-reason.ts';
import { rowDraft } from '../row-draft.ts';
import { explainCommand, openText, portsText } from '../../report/row-text.ts';

export const obscurePort: FindingKind = {
  code: 'FW2004',
  name: 'obscure-port',
  severity: 'medium',
  explanation:
    'A port is open whose registration tells nothing: it has a name, but neither a reference nor a known product.',
  advice: 'See what listens on the port. The registered name is no evidence of what answers there.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 2688 -j ACCEPT
COMMIT
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
COMMIT
`,
    },
  },
  find: (context) =>
    rowsLedBy(context, ['obscure-assignment']).map((one) => {
      const service = one.row.assignment?.service;
      return rowDraft(
        one,
        one.severity,
        () =>
          `${portsText(one.row)} ${openText(one.row)}; ${service === undefined ? 'its registration' : `its registration as ${service}`} names no product that is known to use it`,
        () => `See what listens there: ${explainCommand(one.row)}.`,
      );
    }),
};
