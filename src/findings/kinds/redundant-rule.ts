import type { FindingDraft, FindingKind } from '../finding-kind.ts';
import { placesText } from '../places-text.ts';

export const redundantRule: FindingKind = {
  code: 'FW2021',
  name: 'redundant-rule',
  severity: 'note',
  explanation:
    'A rule decides packets that would end the same without it. It costs readers time, and if what decides instead changes, it starts to matter unseen.',
  advice: 'Remove it, unless it is there to count or to log.',
  examples: {
    bad: {
      rules: `*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 443 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
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
    (context.uselessRules ?? []).flatMap((one): FindingDraft[] =>
      one.kind !== 'redundant'
        ? []
        : [
            {
              message: `this rule changes nothing: ${
                one.by.length === 0
                  ? 'its packets end the same'
                  : `${placesText(one.by, one.rule.path)} ${one.by.length === 1 ? 'decides' : 'decide'} its packets the same`
              } without it`,
              help: 'Remove it, unless it is there to count or to log.',
              at: one.rule,
              identity: [one.rule.text],
            },
          ],
    ),
};
