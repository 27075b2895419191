import type { Family } from '../../src/packets/fields.ts';
import { generateSets } from './generate-ipset.ts';
import { generateIptables } from './generate-iptables.ts';
import { generateNftables } from './generate-nftables.ts';
import type { RulesetKind } from './lab.ts';
import { Random } from './random.ts';

/** A ruleset to compare: what the kernel's tools load and what the audit reads are the same texts. */
export interface KernelCase {
  /** How to get it again, or where it stands. */
  readonly name: string;
  readonly kind: Exclude<RulesetKind, 'ipset'>;
  readonly family: Family;
  readonly text: string;
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
  'all',
] as const;
export type CaseKind = (typeof caseKinds)[number];

/** The ruleset of this seed: always the same one. */
export function generateCase(kind: CaseKind, seed: number): KernelCase {
  const random = new Random(seed);
  const chosen = kind === 'all' ? random.pick(['iptables', 'ip6tables', 'nft', 'nft6'] as const) : kind;
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
