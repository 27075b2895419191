import type { FindingDraft, FindingKind, UselessRule } from '../finding-kind.ts';
import { placesText } from '../places-text.ts';

export const shadowedRule: FindingKind = {
  code: 'FW2019',
  name: 'shadowed-rule',
  severity: 'medium',
  explanation:
    'A rule decides nothing, because other rules decide all its packets. If those decide otherwise, the rule does not do what its author meant; if they decide the same (low), it is only in the way.',
  advice: 'Remove it, or move it to where it decides before the rules that shadow it.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 443 -j DROP
COMMIT
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 443 -j DROP
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
COMMIT
`,
    },
  },
  find: (context) =>
    (context.uselessRules ?? []).flatMap((one): FindingDraft[] =>
      one.kind !== 'shadowed'
        ? []
        : [
            {
              severity: one.opposed ? 'medium' : 'low',
              message: messageOf(one),
              help: one.opposed
                ? 'Move it to where it decides before them if it is meant, else remove it.'
                : 'Remove it.',
              at: one.rule,
              identity: [one.rule.text],
            },
          ],
    ),
};

function messageOf({ rule, by, opposed }: UselessRule & { kind: 'shadowed' }): string {
  if (by.length === 0) return 'this rule decides nothing: other rules decide all its packets';
  const how = opposed ? ', and not as it would' : '';
  return `this rule decides nothing: ${placesText(by, rule.path)} ${by.length === 1 ? 'decides' : 'decide'} all its packets${how}`;
}
