import { beginningOf } from '../../source/beginning.ts';
import type { Source } from '../../source/source.ts';
import type { Detection } from '../format.ts';

/** Looks at the beginning of a text only. */
const looked = 262_144;

/** How well a text fits one of the forms that nftables is written in. */
export function detectNftables(source: Source): Detection | undefined {
  const whole = source.text.slice(0, looked);
  const first = /[^\s\uFEFF]/.exec(whole)?.[0];
  if (first === '{' || first === '[') {
    return /"nftables"\s*:/.test(whole) ? { score: 1, dialect: 'nft-json' } : undefined;
  }
  const head = beginningOf(source.text, looked);
  const shell = /^#!.*\b(?:ba|da|k|z)?sh\b/.test(head) ? 0.5 : 1;
  const interpreter = /^#!.*\bnft\b/.test(head);
  const command =
    /^[ \t]*(?:flush[ \t]+(?:ruleset|table|chain|set)|(?:add|create|insert|delete|destroy|replace)[ \t]+(?:table|chain|rule|set|map|element|flowtable|counter))\b/m.test(
      head,
    );
  const scripted = interpreter || command || /^[ \t]*(?:define[ \t]+\w+[ \t]*=|include[ \t]+")/m.test(head);
  const block =
    /^[ \t]*table[ \t]+(?:(?:ip|ip6|inet|arp|bridge|netdev)[ \t]+)?["A-Za-z_][\w./-]*"?[ \t]*\{/m.test(head);
  if (interpreter) return { score: 1, dialect: 'nft-script' };
  if (block) return { score: 0.97 * shell, dialect: scripted ? 'nft-script' : 'nft-list' };
  if (command) return { score: 0.9 * shell, dialect: 'nft-script' };
  return scripted ? { score: 0.4 * shell, dialect: 'nft-script' } : undefined;
}
