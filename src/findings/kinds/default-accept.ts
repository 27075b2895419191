import type { FindingDraft, FindingKind } from '../finding-kind.ts';
import { decidingRule, unjustifiedRows } from '../open-rows.ts';
import type { Direction } from '../../packets/fields.ts';
import type { Severity } from '../../report/report.ts';

/** A host that does not route never uses its forward chain, and outgoing traffic is commonly let out. */
const severities: Readonly<Record<Direction, Severity>> = { in: 'high', forward: 'low', out: 'note' };
const words: Readonly<Record<Direction, string>> = {
  in: 'incoming packets that no rule decides are accepted',
  forward: 'routed packets that no rule decides are accepted',
  out: 'outgoing packets that no rule decides are accepted',
};

export const defaultAccept: FindingKind = {
  code: 'FW2009',
  name: 'default-accept',
  severity: 'high',
  explanation:
    'What no rule decides is accepted. High for incoming packets; low for forwarded ones, for it matters only if the host routes; a note for outgoing ones.',
  advice:
    'Allow what is needed by rules, then let the policy drop: `iptables -P INPUT DROP`, `policy drop;`, `block all`.',
  examples: {
    bad: {
      rules: `*filter
:INPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 23 -j DROP
COMMIT
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
COMMIT
`,
    },
  },
  find: (context) => {
    const drafts = new Map<string, FindingDraft>();
    for (const { row, index } of unjustifiedRows(context)) {
      if (row.byDefault !== true) continue;
      const rule = decidingRule(row);
      const key = [row.input, row.direction, rule?.path, rule?.line, rule?.text].join('\n');
      if (drafts.has(key)) continue;
      drafts.set(key, {
        severity: severities[row.direction],
        message: rule === undefined ? words[row.direction] : `${words[row.direction]}: ${rule.text.trim()}`,
        help: 'Allow what is needed by rules, then let the policy drop.',
        exposure: index,
        ...(rule === undefined ? {} : { at: rule }),
        identity: [row.direction, rule?.text.replace(/\[\d+:\d+\]/, '').trim() ?? ''],
      });
    }
    return [...drafts.values()];
  },
};
