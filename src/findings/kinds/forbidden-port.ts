import type { FindingDraft, FindingKind } from '../finding-kind.ts';
import { broadRows, decidingRule } from '../open-rows.ts';
import type { NumberedRow } from '../open-rows.ts';
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
  find: (context) => {
    const broad = broadRows(context.exposures);
    const groups = new Map<string, NumberedRow[]>();
    const drafts: FindingDraft[] = [];
    for (const [index, row] of context.exposures.entries()) {
      if (row.policy?.verdict !== 'forbidden') continue;
      if (broad.has(row) || row.byDefault === true) {
        // A rule for every port breaks every deny entry there is; that is one mistake.
        const rule = decidingRule(row);
        const key = [row.input, row.direction, row.certainty, rule?.path, rule?.line].join('\n');
        const group = groups.get(key);
        if (group === undefined) groups.set(key, [{ row, index }]);
        else group.push({ row, index });
        continue;
      }
      const { entry = 'the policy', reason = '' } = row.policy;
      drafts.push(
        forbidden(
          { row, index },
          `${portsText(row)} ${openText(row)}, but ${entry} forbids it: ${reason}`,
          'Close it, or narrow the deny entry.',
        ),
      );
    }
    for (const group of groups.values()) {
      const ports = [...new Set(group.map(({ row }) => portsText(row)))];
      const shown =
        ports.length <= 8 ? ports.join(', ') : `${ports.slice(0, 7).join(', ')} and ${ports.length - 7} more`;
      const { row } = group[0]!;
      const draft = forbidden(
        group[0]!,
        `this opens what the policy forbids: ${shown}`,
        `Open only the ports that are used. The first entry that it breaks is ${row.policy?.entry ?? 'in the policy'}: ${row.policy?.reason ?? ''}`,
      );
      drafts.push({ ...draft, identity: [row.direction, row.certainty, ...ports] });
    }
    return drafts;
  },
};

/** What the policy says counts wherever the packets come from. */
function forbidden(one: NumberedRow, message: string, help: string): FindingDraft {
  return {
    ...rowDraft(
      one,
      'high',
      () => message,
      () => help,
    ),
    severity: 'high',
  };
}
