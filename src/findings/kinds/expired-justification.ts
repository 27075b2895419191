import type { FindingKind } from '../finding-kind.ts';
import { rowDraft } from '../row-draft.ts';
import { openText, portsText } from '../../report/row-text.ts';

export const expiredJustification: FindingKind = {
  code: 'FW2016',
  name: 'expired-justification',
  severity: 'medium',
  explanation: 'Something is open whose justification has ended.',
  advice: 'Close it, or have it approved again and write the new last day.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 8443 -j ACCEPT
COMMIT
`,
      policy: `version: 1
allow:
  - port: 8443/tcp
    reason: Migration of the shop
    expires: 2020-06-30
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 8443 -j ACCEPT
COMMIT
`,
      policy: `version: 1
allow:
  - port: 8443/tcp
    reason: Migration of the shop
    expires: 2999-06-30
`,
    },
  },
  find: (context) =>
    context.exposures.flatMap((row, index) => {
      if (row.policy?.verdict !== 'expired') return [];
      const { entry, expires, owner } = row.policy;
      return [
        rowDraft(
          { row, index },
          'medium',
          () =>
            `${portsText(row)} ${openText(row)}, and its justification (${entry ?? 'the policy'}) ended on ${expires ?? 'a day past'}`,
          () =>
            `Close it, or have it approved again${owner === undefined ? '' : ` (owner: ${owner})`} and write the new last day.`,
        ),
      ];
    }),
};
