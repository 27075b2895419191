import type { FindingKind } from '../finding-kind.ts';

export const deadRule: FindingKind = {
  code: 'FW2018',
  name: 'dead-rule',
  severity: 'low',
  explanation:
    'A rule can match no packet at all: its tests exclude each other, or no packet reaches its chain.',
  advice: 'Remove it, or repair the test that makes it impossible.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -s 10.0.0.0/8 -j unused
:unused - [0:0]
-A unused -s 192.168.0.0/16 -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
`,
    },
    good: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
`,
    },
  },
  find: (context) =>
    (context.uselessRules ?? [])
      .filter(({ kind }) => kind === 'dead')
      .map(({ rule }) => ({
        message: 'this rule never matches a packet',
        help: 'Remove it, or repair the test that makes it impossible.',
        at: rule,
        identity: [rule.text],
      })),
};
