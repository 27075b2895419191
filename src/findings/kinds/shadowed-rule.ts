import type { FindingKind } from '../finding-kind.ts';
import { joinWithAnd } from '../../report/row-text.ts';

export const shadowedRule: FindingKind = {
  code: 'FW2019',
  name: 'shadowed-rule',
  severity: 'low',
  explanation:
    'A rule decides nothing, because other rules decide all its packets first. If those decide otherwise, the rule does not do what its author meant.',
  advice: 'Remove it, or move it before the rules that shadow it.',
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
    (context.uselessRules ?? [])
      .filter(({ kind }) => kind === 'shadowed')
      .map(({ rule, by }) => {
        const lines = by.map((one) =>
          one.path === rule.path ? `line ${one.line}` : `${one.path}:${one.line}`,
        );
        const shown = lines.length <= 3 ? lines : [...lines.slice(0, 3), `${lines.length - 3} more`];
        return {
          message: `this rule decides nothing${shown.length === 0 ? '' : `: ${joinWithAnd(shown)} ${lines.length === 1 ? 'decides' : 'decide'} all its packets first`}`,
          help: 'Remove it, or move it before the rules that shadow it.',
          at: rule,
          identity: [rule.text],
        };
      }),
};
