/** Random nftables rulesets of constructs that a file settles: tables of several families, base chains that must all agree, sets, maps, marks, NAT. */
import type { Family } from '../../src/packets/fields.ts';
import { nftMatches } from './generate-nftables-matches.ts';
import { generateNamedSets, type NamedSet } from './generate-nftables-sets.ts';
import { nftStatement } from './generate-nftables-statements.ts';
import type { Random } from './random.ts';

export interface NftTable {
  readonly family: 'ip' | 'ip6' | 'inet';
  readonly name: string;
  readonly sets: readonly NamedSet[];
  /** Regular chains; each calls only later ones. */
  readonly chains: readonly string[];
}

/** Where a rule stands: what its table can name and what its hook allows. */
export interface NftPlace {
  readonly table: NftTable;
  readonly hook: NftHook | 'ingress' | 'regular';
  readonly nat: boolean;
  /** Before the connection lookup (priority -200) packets have no state. */
  readonly beforeConntrack: boolean;
  readonly callable: readonly string[];
}

type NftHook = 'prerouting' | 'input' | 'forward' | 'postrouting';

interface BaseChain {
  readonly hook: NftHook;
  readonly type: 'filter' | 'nat';
  readonly priority: string;
  readonly beforeConntrack: boolean;
}

const places: readonly (readonly [number, BaseChain])[] = [
  [5, { hook: 'input', type: 'filter', priority: 'filter', beforeConntrack: false }],
  [4, { hook: 'forward', type: 'filter', priority: 'filter', beforeConntrack: false }],
  [1.5, { hook: 'input', type: 'filter', priority: 'security', beforeConntrack: false }],
  [1, { hook: 'forward', type: 'filter', priority: 'filter + 10', beforeConntrack: false }],
  [2, { hook: 'prerouting', type: 'filter', priority: 'mangle', beforeConntrack: false }],
  [1, { hook: 'prerouting', type: 'filter', priority: 'raw', beforeConntrack: true }],
  [2, { hook: 'prerouting', type: 'nat', priority: 'dstnat', beforeConntrack: false }],
  // The first of several nat chains to translate a packet keeps it from the others.
  [1.5, { hook: 'prerouting', type: 'nat', priority: 'dstnat + 10', beforeConntrack: false }],
  [0.7, { hook: 'input', type: 'nat', priority: '100', beforeConntrack: false }],
  [0.7, { hook: 'input', type: 'nat', priority: '90', beforeConntrack: false }],
  [0.7, { hook: 'postrouting', type: 'nat', priority: 'srcnat', beforeConntrack: false }],
  [0.7, { hook: 'postrouting', type: 'nat', priority: 'srcnat - 10', beforeConntrack: false }],
  [1, { hook: 'input', type: 'filter', priority: '150', beforeConntrack: false }],
];
/** Sees the sources that nat chains have translated. */
const lastChain: BaseChain = {
  hook: 'postrouting',
  type: 'filter',
  priority: 'srcnat + 50',
  beforeConntrack: false,
};

export function generateNftables(random: Random, family: Family): string {
  const tables = Array.from({ length: random.integer(1, 3) }, (_, i) => i);
  const usedPriorities = new Set<string>();
  const hasLast = random.chance(0.5);
  const text = tables.map((i) => tableText(random, family, i, usedPriorities, hasLast));
  const ingress = random.chance(0.25) ? ingressTable(random, family) : '';
  return `flush ruleset\n${settleTracking(settleMarks(text.join('') + ingress))}`;
}

/** Without a user of connection tracking the kernel asks no nat chain, unless something else on the host has turned it on. */
function settleTracking(text: string): string {
  if (!text.includes('type nat')) return text;
  return (
    'table inet tracking {\n  chain counts {\n    type filter hook input priority -400;\n' +
    `    ct state new counter\n  }\n}\n${text}`
  );
}

/** A mark that no rule sets may be set by anyone, and the audit rightly says so: let a rule set it. */
function settleMarks(text: string): string {
  if (!/\bmark\b/.test(text)) return text;
  return (
    'table inet marks {\n  chain early {\n    type filter hook prerouting priority raw - 10;\n' +
    `    meta l4proto udp meta mark set 0x1\n  }\n}\n${text}`
  );
}

function tableText(
  random: Random,
  family: Family,
  index: number,
  usedPriorities: Set<string>,
  hasLast: boolean,
): string {
  const own = family === 'ipv4' ? 'ip' : 'ip6';
  const other = family === 'ipv4' ? 'ip6' : 'ip';
  const tableFamily = random.weighted([
    [4, 'inet'],
    [4, own],
    [0.5, other],
  ] as const);
  const size = random.weighted([
    [3, 3],
    [4, 7],
    [2, 15],
  ]);
  const chains = Array.from({ length: random.integer(0, 3) }, (_, i) => `c${String(i)}`);
  const table: NftTable = {
    family: tableFamily,
    name: `t${String(index)}`,
    sets: generateNamedSets(
      random,
      tableFamily === 'inet' ? family : tableFamily === 'ip' ? 'ipv4' : 'ipv6',
      chains,
    ),
    chains,
  };
  const lines = [`table ${table.family} ${table.name} {`];
  if (random.chance(0.06)) lines.push('  flags dormant');
  for (const set of table.sets) lines.push(set.text);
  // A rule may only jump to a chain that stands before it in the file or in the same transaction: the order is free.
  chains.forEach((chain, i) => {
    lines.push(`  chain ${chain} {`);
    const place: NftPlace = {
      table,
      hook: 'regular',
      nat: false,
      beforeConntrack: false,
      callable: chains.slice(i + 1),
    };
    lines.push(...rules(random, place, family, random.integer(0, Math.ceil(size / 2))), '  }');
  });
  const count = random.integer(1, 4);
  for (let i = 0; i < count; i++) {
    const base = random.weighted(hasLast ? [...places, [1, lastChain] as const] : places);
    // Which of two chains of one priority runs first depends on when they were registered: keep that out of the comparison.
    const key = `${base.hook} ${base.priority}`;
    if (usedPriorities.has(key)) continue;
    usedPriorities.add(key);
    const nat = base.type === 'nat';
    const policy = random.chance(nat ? 0.8 : 0.5) ? 'accept' : 'drop';
    const early = base.hook === 'prerouting';
    lines.push(`  chain base${String(i)} {`);
    lines.push(
      `    type ${base.type} hook ${base.hook} priority ${base.priority};${early ? '' : random.pick([` policy ${policy};`, ` policy ${policy};`, ''])}`,
    );
    const place: NftPlace = {
      table,
      hook: base.hook,
      nat,
      beforeConntrack: base.beforeConntrack,
      callable: nat || early ? [] : chains,
    };
    lines.push(...rules(random, place, family, random.integer(0, size)), '  }');
  }
  lines.push('}', '');
  return lines.join('\n');
}

/** What devices drop before any hook of IP sees it. */
function ingressTable(random: Random, family: Family): string {
  const table: NftTable = { family: family === 'ipv4' ? 'ip' : 'ip6', name: 'dev', sets: [], chains: [] };
  const place: NftPlace = { table, hook: 'ingress', nat: false, beforeConntrack: true, callable: [] };
  const device = random.pick(['device eth0', 'devices = { eth0, eth1 }', 'device wg0']);
  const lines = Array.from({ length: random.integer(1, 5) }, () => {
    const { text } = nftMatches(random, place, family);
    return `    ${[...text, random.pick(['accept', 'drop', 'drop', 'return', 'continue'])].join(' ')}`;
  });
  return [
    'table netdev dev {',
    '  chain in {',
    `    type filter hook ingress ${device} priority ${random.pick(['0', '-500', 'filter'])};${random.pick(['', ' policy drop;'])}`,
    // Neighbour discovery of the lab's own goes on.
    '    meta protocol != { ip, ip6 } accept',
    ...lines,
    '  }',
    '}',
    '',
  ].join('\n');
}

function rules(random: Random, place: NftPlace, family: Family, count: number): readonly string[] {
  return Array.from({ length: count }, () => {
    const matches = nftMatches(random, place, family);
    const statement = nftStatement(random, place, family, matches.protocol);
    return `    ${[...matches.text, statement].filter((part) => part !== '').join(' ')}`;
  });
}
