import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { nftablesSupport, nftablesSupportTable } from '../../../src/formats/nftables/support.ts';
import type { Rule } from '../../../src/model/firewall.ts';
import type { Match } from '../../../src/model/match.ts';
import type { NamedSet } from '../../../src/model/named-set.ts';
import { read } from './probe.ts';

function readRule(text: string): {
  readonly rules: readonly Rule[];
  readonly sets: ReadonlyMap<string, NamedSet>;
  readonly understood: boolean;
} {
  // nft has `fwd` for devices only.
  const family = text.startsWith('fwd') ? 'netdev' : 'inet';
  const reading = read(`table ${family} t {
  set plain { type ipv4_addr; elements = { 10.0.0.1 } }
  set leases { type ipv4_addr; flags timeout; elements = { 10.0.0.1 timeout 1h } }
  set dynamic { type ipv4_addr; flags dynamic; size 10; }
  set terse { type ipv4_addr; }
  flowtable f { hook ingress priority 0; devices = { eth0 }; }
  chain other { drop; }
  chain rules {
    ${text}
  }
}
`);
  const chain = reading.firewall.chains.get(`nft/${family}/t/rules`)!;
  return { rules: chain.rules, sets: reading.firewall.sets, understood: reading.understood === 2 };
}

/** Whether the match hangs on something that the input cannot settle. */
function isOpen(match: Match, sets: ReadonlyMap<string, NamedSet>): boolean {
  switch (match.kind) {
    case 'and':
    case 'or':
      return match.of.some((part) => isOpen(part, sets));
    case 'not':
      return isOpen(match.of, sets);
    case 'in-set': {
      const set = sets.get(match.set);
      return set === undefined || !set.closed || set.elements.some(({ certain }) => !certain);
    }
    default:
      return match.kind === 'unknown';
  }
}

describe('the support table', () => {
  const examples = nftablesSupport.flatMap((one) =>
    one.example === undefined ? [] : [{ ...one, example: one.example }],
  );

  it.each(examples)('is right about $name', ({ example, level }) => {
    const { rules, sets, understood } = readRule(example);
    expect(understood).toBe(true);
    const open = rules.some(({ match, action }) => isOpen(match, sets) || action.kind === 'unknown');
    expect(open).toBe(level === 'conditional');
    if (level === 'ignored') expect(rules.map(({ action }) => action)).toEqual([{ kind: 'continue' }]);
    if (level === 'full') {
      const [{ match, action }] = rules as [Rule];
      expect(match.kind !== 'all' || action.kind !== 'continue' || example === 'continue').toBe(true);
    }
  });

  it('is the one in the README of the grammar', () => {
    const readme = readFileSync(
      fileURLToPath(new URL('../../../grammars/nftables/README.md', import.meta.url)),
      'utf8',
    );
    expect(readme).toContain(nftablesSupportTable());
  });
});
