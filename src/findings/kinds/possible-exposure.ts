import type { FindingKind } from '../finding-kind.ts';
import { unjustifiedRows } from '../open-rows.ts';
import { rowDraft } from '../row-draft.ts';
import { fromText, portsText } from '../../report/row-text.ts';

export const possibleExposure: FindingKind = {
  code: 'FW2010',
  name: 'possible-exposure',
  severity: 'note',
  explanation:
    'Ports that are open only under a condition that the file cannot settle: a rate limit, a set that is not in the input, a mark.',
  advice:
    'Settle the condition if you can: give the missing set with --ipset or --table, and list the port in the policy if it is meant to be open.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 443 -m limit --limit 5/min -j ACCEPT
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
    unjustifiedRows(context)
      .filter(({ row }) => row.certainty === 'possible')
      .map((one) => {
        const conditions = [...new Set(one.row.conditions.map(({ text }) => text))];
        const hangs = conditions.length === 0 ? '' : `; what decides: ${conditions.slice(0, 3).join('; ')}`;
        return rowDraft(
          one,
          'note',
          () => `${portsText(one.row)} may be open to ${fromText(one.row)}${hangs}`,
          () =>
            conditions.some((text) => /\b(?:set|table)\b/.test(text))
              ? 'Settle the condition (--ipset, --table), or justify the port in the policy.'
              : 'Justify the port in the policy if it is meant to be open so.',
        );
      }),
};
