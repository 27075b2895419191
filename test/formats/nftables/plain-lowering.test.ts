import { expect, test } from 'vitest';
import { NetworkTest } from '../../../src/model/match.ts';
import type { Span } from '../../../src/source/source.ts';
import { linesOfRules, linesOfShapes } from '../../grammars/nftables/random-rule-lines.ts';
import { fc } from '../../property-testing.ts';
import { read } from './probe.ts';

/** Nothing to nft; a rule behind it is read by the grammar and lowered statement by statement. */
const joint = '\\\n';

const chains = [
  ['ip', 'type filter hook input priority 0; policy drop;'],
  ['ip6', 'type filter hook forward priority 0;'],
  ['inet', 'type filter hook prerouting priority -300;'],
  ['inet', 'type filter hook prerouting priority -200;'],
  ['inet', 'type filter hook output priority 0;'],
] as const;

/** The same rules in chains of several places, each of which jumps into another chain. */
function ruleset(lines: readonly string[]): string {
  const rules = `${lines.join('\n')}\n`;
  return chains
    .map(
      ([family, hook], i) =>
        `table ${family} t${i} {\nset s { type ipv4_addr; elements = { 10.0.0.7 } }\nset dynamic { type inet_service; flags dynamic; }\n` +
        `chain counter {\n}\nchain other {\n${rules}}\nchain c {\n${hook}\n${rules}tcp dport @dynamic jump other\n}\n}\n`,
    )
    .join('');
}

/** Everything a reading says, with places in the text without joints. */
function said(text: string): unknown {
  const place = (at: number): number => text.slice(0, at).replaceAll(joint, '').length;
  const { firewall, diagnostics, rules, understood } = read(text);
  const { entries, assumptions } = firewall;
  const whole = { entries, assumptions, chains: [...firewall.chains], sets: [...firewall.sets] };
  return JSON.parse(
    JSON.stringify({ whole, diagnostics, rules, understood }, (key, value: unknown) => {
      if (typeof value === 'bigint') return String(value);
      // Which looks like any test of addresses once its range is asked for.
      if (value instanceof NetworkTest) {
        const { kind, field, family, ranges } = value;
        return { kind, field, family, ranges };
      }
      if (!/span$/i.test(key) || value === undefined) return value;
      const { start, end } = value as Span;
      return [place(start), place(end)];
    }),
  );
}

test.each([
  ['its statements are shared', linesOfRules, 250],
  ['it is made as one before it was', linesOfShapes, 400],
] as const)('a rule is lowered alike whether %s or it stands alone', (_, someLines, numRuns) => {
  fc.assert(
    fc.property(someLines, (lines) => {
      expect(said(ruleset(lines))).toStrictEqual(said(ruleset(lines.map((line) => joint + line))));
    }),
    { numRuns },
  );
});
