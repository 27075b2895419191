import type { FindingKind } from '../finding-kind.ts';
import { rowsLedBy } from '../leading-reason.ts';
import { rowDraft } from '../row-draft.ts';
import { explainCommand, openText, portsText, useText } from '../../report/row-text.ts';

export const unassignedPort: FindingKind = {
  code: 'FW2001',
  name: 'unassigned-port',
  severity: 'medium',
  explanation:
    'A port is open that IANA has assigned to nobody. No name tells what should answer there, so only the host itself can.',
  advice:
    'See what listens on the port, then close it or justify it in fw-audit.yaml. An own service may keep it: an entry with a reason says so.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 3092 -j ACCEPT
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
    rowsLedBy(context, ['unassigned', 'not-listed', 'known-unofficial-use']).map((one) =>
      rowDraft(
        one,
        one.severity,
        () =>
          `${portsText(one.row)} ${openText(one.row)}, and nobody has claimed ${one.row.ports!.from === one.row.ports!.to ? 'this port' : 'all of these ports'}${useText(one.row)}`,
        () => `See what listens there: ${explainCommand(one.row)}. Close it, or justify it in the policy.`,
      ),
    ),
};
