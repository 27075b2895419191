import { printExpression } from '../../../grammars/nftables/print.ts';
import type { PrioritySyntax } from '../../../grammars/nftables/syntax.ts';

interface NamedPriority {
  readonly value: number;
  /** The hooks that know the name; absent: all. */
  readonly hooks?: readonly string[];
}

/** Of the bridge family, whose hooks have priorities of their own. */
const bridgePriorities: ReadonlyMap<string, NamedPriority> = new Map([
  ['dstnat', { value: -300, hooks: ['prerouting'] }],
  ['filter', { value: -200 }],
  ['out', { value: 100, hooks: ['output'] }],
  ['srcnat', { value: 300, hooks: ['postrouting'] }],
]);

/** Output knows `dstnat`, and input `srcnat`, since nft 1.0.9. */
const ipPriorities: ReadonlyMap<string, NamedPriority> = new Map<string, NamedPriority>([
  ['raw', { value: -300 }],
  ['mangle', { value: -150 }],
  ['dstnat', { value: -100, hooks: ['prerouting', 'output'] }],
  ['filter', { value: 0 }],
  ['security', { value: 50 }],
  ['srcnat', { value: 100, hooks: ['postrouting', 'input'] }],
]);

const plainPriorities: ReadonlyMap<string, NamedPriority> = new Map([['filter', { value: 0 }]]);

function prioritiesOf(family: string): ReadonlyMap<string, NamedPriority> {
  switch (family) {
    case 'bridge':
      return bridgePriorities;
    case 'arp':
    case 'netdev':
      return plainPriorities;
    default:
      return ipPriorities;
  }
}

/**
 * A base chain's priority as a number; undefined for a name that nft does not know in that family on that hook (nft(8), "Standard
 * priority names"; rule.c, std_prio_lookup).
 */
export function priorityOf(priority: PrioritySyntax, family: string, hook: string): number | undefined {
  const { base, offset } = priority;
  if (base === undefined) return offset;
  const named = (name: string): number | undefined => {
    const known = prioritiesOf(family).get(name);
    return known === undefined || known.hooks?.includes(hook) === false ? undefined : known.value;
  };
  const text = printExpression(base).replaceAll('"', '');
  const known = named(text) ?? (/^-?\d+$/.test(text) ? Number(text) : undefined);
  if (known !== undefined) return known + offset;
  // `filter-10` reads as one word.
  const glued = /^([a-z]+)([+-]\d+)$/.exec(text);
  const start = glued === null ? undefined : named(glued[1]!);
  return start === undefined ? undefined : start + Number(glued![2]);
}
