import type { FindingKind } from '../finding-kind.ts';
import { rowsLedBy } from '../leading-reason.ts';
import { rowDraft } from '../row-draft.ts';
import { explainCommand, openText, portsText, useText } from '../../report/row-text.ts';

export const ephemeralPort: FindingKind = {
  code: 'FW2003',
  name: 'ephemeral-port',
  severity: 'medium',
  explanation:
    'A port of the dynamic range (49152-65535) is open. It can never be assigned, and operating systems hand such ports to any outgoing connection.',
  advice:
    'Replies need no such rule: connection tracking lets them in. For an own service choose a port below 49152, or justify this one in fw-audit.yaml.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 50123 -j ACCEPT
COMMIT
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
`,
    },
  },
  find: (context) =>
    rowsLedBy(context, ['dynamic', 'ephemeral-range']).map((one) =>
      rowDraft(
        one,
        one.severity,
        () =>
          `${portsText(one.row)} ${openText(one.row)}; it lies in the dynamic range, which is never assigned${useText(one.row)}`,
        () => `See what listens there: ${explainCommand(one.row)}. Replies do not need this rule.`,
      ),
    ),
};
