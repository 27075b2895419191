import type { Family } from '../../src/packets/fields.ts';
import { generateSets } from './generate-ipset.ts';
import { generateIptables } from './generate-iptables.ts';
import { generateNftables } from './generate-nftables.ts';
import type { RulesetKind } from './lab.ts';
import { Random } from './random.ts';

/** A text with the tool that loads it. */
export interface LoadedText {
  readonly kind: Exclude<RulesetKind, 'ipset'>;
  readonly text: string;
}

/** A ruleset to compare: what the kernel's tools load and what the audit reads are the same texts. */
export interface KernelCase extends LoadedText {
  /** How to get it again, or where it stands. */
  readonly name: string;
  readonly family: Family;
  /** A ruleset of the same host, loaded with another tool, before the text or after it. */
  readonly beside?: LoadedText & { readonly isFirst: boolean };
  /** An `ipset restore` script that belongs to it. */
  readonly sets: string;
  /** False for address masks that a report, which writes prefixes, cannot spell out; queries must be right about them all the same. */
  readonly hasRows: boolean;
}

export const caseKinds = [
  'iptables',
  'ip6tables',
  'iptables-legacy',
  'iptables-nft',
  'ip6tables-legacy',
  'ip6tables-nft',
  'nft',
  'nft6',
  'host',
  'host6',
  'all',
] as const;
export type CaseKind = (typeof caseKinds)[number];

/** The ruleset of this seed: always the same one. */
export function generateCase(kind: CaseKind, seed: number): KernelCase {
  const random = new Random(seed);
  const chosen = kind === 'all' ? random.pick(['iptables', 'ip6tables', 'nft', 'nft6'] as const) : kind;
  if (chosen === 'host' || chosen === 'host6') return hostCase(random, chosen, seed);
  const name = `--kind ${kind} --seed ${String(seed)} --rulesets 1`;
  if (chosen === 'nft' || chosen === 'nft6') {
    const family = chosen === 'nft' ? 'ipv4' : 'ipv6';
    return { name, kind: 'nft', family, text: generateNftables(random, family), sets: '', hasRows: true };
  }
  const family = chosen.startsWith('ip6') ? 'ipv6' : 'ipv4';
  const variant = chosen.endsWith('-legacy')
    ? 'legacy'
    : chosen.endsWith('-nft')
      ? 'nft'
      : random.pick(['legacy', 'nft'] as const);
  const sets = random.chance(0.3) ? generateSets(random, family) : [];
  const wideMasks = random.chance(0.1);
  return {
    name,
    kind: `${family === 'ipv4' ? 'iptables' : 'ip6tables'}-${variant}`,
    family,
    text: generateIptables(random, { family, variant, sets, wideMasks }),
    sets: sets.map(({ text }) => text).join(''),
    hasRows: !wideMasks,
  };
}

/** Two rulesets of one host: the audit has to find out that a packet must pass both, and in which order it meets their chains. */
function hostCase(random: Random, kind: 'host' | 'host6', seed: number): KernelCase {
  const family = kind === 'host' ? 'ipv4' : 'ipv6';
  const rules = generateCase(kind === 'host' ? 'iptables' : 'ip6tables', random.integer(0, 2 ** 31));
  // A tie between the two is for whoever was loaded last, which no export tells: nothing that can be compared.
  const text = generateNftables(random, family)
    .replace('flush ruleset\n', '')
    .replace(/priority (\w+);/g, (_, base: string) => {
      const shift = random.integer(1, 9) * random.pick([-1, 1]);
      return /^\d/.test(base)
        ? `priority ${String(Number(base) + shift)};`
        : `priority ${base} ${shift < 0 ? '-' : '+'} ${String(Math.abs(shift))};`;
    });
  return {
    ...rules,
    name: `--kind ${kind} --seed ${String(seed)} --rulesets 1`,
    beside: { kind: 'nft', text, isFirst: random.chance(0.5) },
  };
}
