import type { FindingDraft, FindingKind, UselessRule } from '../finding-kind.ts';

export const deadRule: FindingKind = {
  code: 'FW2018',
  name: 'dead-rule',
  severity: 'low',
  explanation:
    'A rule can match no packet at all: its tests exclude each other, or no packet that they fit reaches its chain.',
  advice: 'Remove it, or repair the test that makes it impossible.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
:office - [0:0]
-A INPUT -s 10.0.0.0/8 -j office
-A office -s 192.168.0.0/16 -p tcp -m tcp --dport 22 -j ACCEPT
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
    (context.uselessRules ?? []).flatMap((one): FindingDraft[] =>
      one.kind !== 'dead'
        ? []
        : [
            {
              message: messageOf(one),
              help:
                one.why === 'chain'
                  ? `Call ${one.chain} from a chain that packets enter, or remove it.`
                  : 'Remove it, or repair the test that makes it impossible.',
              at: one.rule,
              identity: one.why === 'chain' ? [one.chain] : [one.rule.text],
            },
          ],
    ),
};

function messageOf({ why, chain, count }: UselessRule & { kind: 'dead' }): string {
  switch (why) {
    case 'match':
      return 'this rule matches no packet: its tests exclude each other, or never hold where it stands';
    case 'entering':
      return `this rule matches no packet that enters ${chain}`;
    case 'chain':
      return `no packet enters ${chain}, so ${count === 1 ? 'its rule never matches' : `none of its ${count} rules ever matches`}`;
  }
}
