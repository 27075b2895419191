import type { FindingKind } from '../finding-kind.ts';
import { rowDraft } from '../row-draft.ts';
import { openText, portsText } from '../../report/row-text.ts';

export const forbiddenPort: FindingKind = {
  code: 'FW2013',
  name: 'forbidden-port',
  severity: 'high',
  explanation: 'Something is open that a deny entry of the policy forbids, whoever justified it.',
  advice: 'Close it. If it must be open, the deny entry has to be narrowed first.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 23 -j ACCEPT
COMMIT
`,
      policy: `version: 1
deny:
  - port: 23/tcp
    reason: Telnet is clear text
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
`,
      policy: `version: 1
deny:
  - port: 23/tcp
    reason: Telnet is clear text
`,
    },
  },
  find: (context) =>
    context.exposures.flatMap((row, index) => {
      if (row.policy?.verdict !== 'forbidden') return [];
      const draft = rowDraft(
        { row, index },
        'high',
        `${portsText(row)} ${openText(row)}, but ${row.policy.entry ?? 'the policy'} forbids it: ${row.policy.reason ?? ''}`,
        'Close it, or narrow the deny entry.',
      );
      // What the policy says counts wherever the packets come from.
      return [{ ...draft, severity: 'high' as const }];
    }),
};
