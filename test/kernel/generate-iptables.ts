/**
 * Random iptables-save and ip6tables-save texts of constructs that a file settles: whatever these rulesets do to a packet, they do
 * certainly, so the audit has no excuse to answer "conditional".
 */
import type { Family } from '../../src/packets/fields.ts';
import type { GeneratedSet } from './generate-ipset.ts';
import { iptablesMatches, type RulePlace } from './generate-iptables-matches.ts';
import { iptablesTarget, type TableName } from './generate-iptables-targets.ts';
import type { Random } from './random.ts';

export interface IptablesOptions {
  readonly family: Family;
  readonly variant: 'legacy' | 'nft';
  readonly sets: readonly GeneratedSet[];
  /** Masks with so many holes that no list of prefixes can hold them. */
  readonly wideMasks: boolean;
}

const builtIns: Readonly<Record<TableName, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** The hooks that a probe meets, by table: where rules are worth writing. */
const probedChains: Readonly<Record<TableName, readonly string[]>> = {
  raw: ['PREROUTING'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'POSTROUTING'],
  nat: ['PREROUTING'],
  filter: ['INPUT', 'FORWARD'],
  security: ['INPUT', 'FORWARD'],
};

const likelihood: Readonly<Record<TableName, number>> = {
  raw: 0.25,
  mangle: 0.35,
  nat: 0.35,
  filter: 1,
  security: 0.15,
};

/** A ruleset text. Chains only call later ones, so there are no cycles, and no deeper than nf_tables allows (15 jumps). */
export function generateIptables(random: Random, options: IptablesOptions): string {
  const tables = (Object.keys(builtIns) as TableName[]).filter((table) => random.chance(likelihood[table]));
  const size = random.weighted([
    [3, 4],
    [4, 10],
    [2, 25],
  ]);
  const text = tables.map((table) => tableText(random, table, options, size)).join('');
  return settleMarks(text);
}

/** A mark that no rule of the file sets may be set by anyone, and the audit rightly says so: let a rule set it. */
function settleMarks(text: string): string {
  if (
    !text.includes('--mark ') ||
    / -j MARK /.test(text.replace(/^(?:\[\d+:\d+\] )?-A (?!PREROUTING).*$/gm, ''))
  )
    return text;
  const rule = '-A PREROUTING -p udp -j MARK --set-mark 0x1\n';
  return text.includes('*mangle\n')
    ? text.replace(/(\*mangle\n(?:[:].*\n)*)/, `$1${rule}`)
    : `*mangle\n:PREROUTING ACCEPT [0:0]\n${rule}COMMIT\n${text}`;
}

function tableText(random: Random, table: TableName, options: IptablesOptions, size: number): string {
  const lines = [`*${table}`];
  for (const chain of builtIns[table]) lines.push(`:${chain} ${policy(random, table)} [0:0]`);
  const userChains = Array.from(
    { length: random.integer(0, 4) },
    (_, i) =>
      `${random.pick(['in', 'zone-lan', 'f2b-ssh', 'LOG_DROP', 'svc.web', 'DOCKER-USER'])}${String(i)}`,
  );
  // A chain is reached either from the hook before routing or from those after it; the tools check interfaces and targets by that.
  lines.push(...random.sample(userChains, userChains.length).map((chain) => `:${chain} - [0:0]`));
  const rules: string[] = [];
  for (const chain of probedChains[table]) {
    const count = random.integer(0, table === 'filter' ? size : Math.ceil(size / 2));
    // Which interface a packet came in by, as POSTROUTING sees it, depends on the kernel: no chains that may ask.
    const callable = chain === 'POSTROUTING' ? [] : userChains;
    for (let i = 0; i < count; i++)
      rules.push(ruleText(random, { table, chain, builtIn: true }, callable, options));
  }
  userChains.forEach((chain, i) => {
    const count = random.integer(0, Math.ceil(size / 2));
    for (let k = 0; k < count; k++)
      rules.push(ruleText(random, { table, chain, builtIn: false }, userChains.slice(i + 1), options));
  });
  lines.push(...rules, 'COMMIT', '');
  return lines.join('\n');
}

function policy(random: Random, table: TableName): string {
  if (table === 'nat') return 'ACCEPT';
  return random.chance(table === 'filter' ? 0.6 : 0.1) ? 'DROP' : 'ACCEPT';
}

function ruleText(
  random: Random,
  place: RulePlace,
  callable: readonly string[],
  options: IptablesOptions,
): string {
  const { text, protocol } = iptablesMatches(random, place, options);
  const target = iptablesTarget(random, place, callable, protocol, options);
  const parts = [`-A ${place.chain}`, ...text, ...(target === '' ? [] : [target])];
  return (random.chance(0.1) ? `[${String(random.integer(0, 9))}:0] ` : '') + parts.join(' ');
}
