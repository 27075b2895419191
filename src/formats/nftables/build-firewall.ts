import type { Action } from '../../model/action.ts';
import type { ChainId, Firewall, Rule } from '../../model/firewall.ts';
import { type Match, not, or } from '../../model/match.ts';
import type { NamedSet } from '../../model/named-set.ts';
import type { Family } from '../../packets/fields.ts';
import type { ReadOptions } from '../format.ts';
import { chainPlaces, nowhere } from './chain-places.ts';
import { question } from './compare.ts';
import { mayBeOfIptables } from './iptables-translations.ts';
import { lowerChainRules, type ChainLowering } from './lower-chain.ts';
import { LoweringContext } from './lowering-context.ts';
import type { Reporter } from './reporter.ts';
import { checkNames } from './reserved-names.ts';
import { RuleSink } from './rule-sink.ts';
import type { ChainState, MissingInclude, RulesetState, TableState } from './ruleset-state.ts';
import { familiesOf, scanRuleset } from './scan.ts';
import { SetLibrary } from './set-library.ts';
import { priorityOf } from './priorities.ts';
import { type BaseChain, deviceGuard, entryPoints } from './stages.ts';
import { sayEqualPriorities } from './equal-priorities.ts';

/** The model of what the kernel holds, and how many rules of it are not understood. */
export interface Built {
  readonly firewall: Firewall;
  readonly misunderstood: number;
}

const ipFamilies: ReadonlySet<string> = new Set(['ip', 'ip6', 'inet', 'netdev']);
const ipHooks: ReadonlySet<string> = new Set([
  'ingress',
  'prerouting',
  'input',
  'forward',
  'output',
  'postrouting',
  'egress',
]);

/** `isListing`: the input shows what the kernel holds, so sets without elements may have been cut by `nft -t`. */
export function buildFirewall(
  state: RulesetState,
  dialect: string,
  isListing: boolean,
  options: ReadOptions,
  reporter: Reporter,
): Built {
  const sink = new RuleSink();
  const sets = new Map<string, NamedSet>();
  const bases: BaseChain[] = [];
  const { tracked } = scanRuleset(state);
  const missing = together(state.missingIncludes);
  const mayBeTerse = isListing && !showsElements(state);
  let misunderstood = 0;
  for (const table of state.tables.values()) {
    const library = new SetLibrary(table, { isListing, mayBeTerse }, reporter, sets);
    const ofIptables = isListing && mayBeOfIptables(table);
    if (dialect !== 'nft-json' && !ofIptables) checkNames(table, reporter);
    const outside = !ipFamilies.has(table.family);
    if (outside) sayOutside(table, reporter);
    if (table.dormant !== false) sayDormant(table, reporter);
    const lowering: ChainLowering = {
      table,
      library,
      sink,
      options,
      reporter,
      missing,
      places: chainPlaces(table, state.missingIncludes.length === 0),
      isTranslated: ofIptables,
      plain: new Map(),
    };
    for (const chain of table.chains.values()) {
      misunderstood += lowerChain(chain, lowering);
      const base = baseChain(chain, table, tracked, reporter);
      if (base !== undefined && !outside && table.dormant !== true) bases.push(base);
    }
    library.lowerAll(
      new LoweringContext(
        { family: table.family, table: table.name, ...nowhere },
        library,
        options,
        reporter,
      ),
    );
  }
  if (missing !== undefined) bases.push(...unknownChains(missing, sink));
  const earlier = together(state.earlier);
  if (earlier !== undefined) bases.push(...unknownChains(earlier, sink));
  sayEqualPriorities(bases, sink.chains, reporter);
  return {
    misunderstood,
    firewall: {
      format: 'nftables',
      dialect,
      entries: entryPoints(bases),
      chains: sink.chains,
      sets,
      assumptions: assumptionsOf(bases),
    },
  };
}

/** `nft -t` shows the elements of no set and no map; where one has some, an empty one is empty. */
function showsElements({ tables }: RulesetState): boolean {
  return [...tables.values()].some(({ sets }) =>
    [...sets.values()].some(({ elements }) => elements.length > 0),
  );
}

function sayDormant(table: TableState, reporter: Reporter): void {
  const name = `table ${table.family} ${table.name}`;
  if (table.dormant === true)
    reporter.add('FW1205', 'note', `${name} is dormant: its chains are not in use`, table.span);
  else
    reporter.add(
      'FW1205',
      'warning',
      `${name} has a flag that nft has not: it may be dormant`,
      table.span,
      'nft 1.0.6 writes another word where "dormant" belongs; audit the text of "nft list ruleset"',
    );
}

export function chainId(table: TableState, name: string): ChainId {
  return `nft/${table.family}/${table.name}/${name}`;
}

function lowerChain(chain: ChainState, lowering: ChainLowering): number {
  const { sink, table, missing } = lowering;
  const rules = sink.open({
    id: chainId(table, chain.name),
    name: chain.name,
    fallthrough: fallthroughOf(chain),
    ...(chain.policy === undefined ? {} : { fallthroughSpan: chain.policy.span }),
    span: chain.span,
  });
  // What could not be read may change any chain, from its first rule on.
  if (chain.hook !== undefined && missing !== undefined) pushMissing(missing, rules, sink);
  return lowerChainRules(chain, rules, lowering, pushMissing);
}

/** Many files that could not be read are one great unknown: questions about each would multiply, and say no more. */
function together(includes: readonly MissingInclude[]): MissingInclude | undefined {
  const [first] = includes;
  if (first === undefined) return undefined;
  const paths = [...new Set(includes.map(({ path }) => path))];
  const shown = paths.slice(0, 3).join(', ');
  return { ...first, path: paths.length > 3 ? `${shown} and ${paths.length - 3} more files` : shown };
}

function pushMissing(missing: MissingInclude, rules: Rule[], sink: RuleSink): void {
  const reason = `what is in ${missing.path}`;
  sink.push(
    rules,
    { span: missing.span },
    { kind: 'unknown', scope: 'packet', key: reason, reason },
    { kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], reason },
  );
}

function fallthroughOf(chain: ChainState): Action {
  if (chain.hook === undefined) return { kind: 'return' };
  switch (chain.policy?.verdict) {
    case undefined:
    case 'accept':
      return { kind: 'accept' };
    case 'drop':
      return { kind: 'drop' };
    case 'unknown':
      return {
        kind: 'unknown',
        outcomes: ['accept', 'drop'],
        reason: `the policy of chain ${chain.name} is not known`,
      };
  }
}

function baseChain(
  chain: ChainState,
  table: TableState,
  tracked: ReadonlySet<Family>,
  reporter: Reporter,
): BaseChain | undefined {
  const { hook } = chain;
  if (hook === undefined) return undefined;
  if (!ipHooks.has(hook.hook))
    reporter.refuse(`read hook "${hook.hook}", expected one such as "input"`, hook.span);
  if (hook.type !== 'filter' && hook.type !== 'nat' && hook.type !== 'route')
    reporter.refuse(`read chain type "${hook.type}", expected "filter", "nat" or "route"`, hook.span);
  const priority = priorityOf(hook.priority, table.family, hook.hook);
  if (priority === undefined) {
    const variable = hook.priority.base?.kind === 'variable';
    if (!variable)
      reporter.refuse(
        `the priority is neither a number nor a name that nft knows on ${table.family} ${hook.hook}`,
        hook.span,
      );
  }
  const guards: Match[] = [];
  if (table.dormant === 'unknown')
    guards.push(not(question(`table ${table.family} ${table.name} is dormant`)));
  if (hook.hook === 'ingress' || hook.hook === 'egress') {
    if (hook.devices.length > 0) guards.push(deviceGuard(hook.devices, hook.hook));
    else if (hook.hidesDevices === true)
      guards.push(
        question(`chain ${chain.name} is hooked to the packet's device, which the JSON leaves out`),
      );
    else if (table.family === 'netdev') {
      // Without a device the chain hangs in the air until one is added.
      guards.push({ kind: 'none' });
    }
  }
  if (hook.type === 'nat' && familiesOf(table.family).some((family) => !tracked.has(family)))
    guards.push(trackingActive(tracked));
  const guard =
    guards.length === 0
      ? undefined
      : guards.length === 1
        ? guards[0]
        : ({ kind: 'and', of: guards } as const);
  return {
    table,
    chain,
    id: chainId(table, chain.name),
    hook: hook.hook,
    priority: priority ?? 0,
    ...(guard === undefined ? {} : { guard }),
  };
}

/** Where no rule here turns connection tracking on, something else on the host may; without it the kernel never asks a nat chain. */
function trackingActive(tracked: ReadonlySet<Family>): Match {
  const reason = 'connection tracking is active on the host';
  return or(...[...tracked].map((family): Match => ({ kind: 'family', family })), {
    kind: 'unknown',
    scope: 'packet',
    key: reason,
    reason,
  });
}

function sayOutside(table: TableState, reporter: Reporter): void {
  if ([...table.chains.values()].every((chain) => chain.hook === undefined)) return;
  reporter.add(
    'FW1204',
    'note',
    `table ${table.family} ${table.name} sees ${table.family === 'arp' ? 'ARP' : 'bridged'} traffic only; it takes no part in the answers`,
    table.span,
  );
}

/** A file that could not be read may add base chains to every hook; they can only refuse packets further. */
function unknownChains(missing: MissingInclude, sink: RuleSink): BaseChain[] {
  return (['prerouting', 'input', 'forward', 'output', 'postrouting'] as const).map((hook) => {
    const id = `nft/include/${missing.path}/${hook}`;
    const rules = sink.open({ id, name: hook, fallthrough: { kind: 'accept' }, span: missing.span });
    pushMissing(missing, rules, sink);
    const table: TableState = {
      family: 'inet',
      name: missing.path,
      chains: new Map(),
      sets: new Map(),
      objects: new Map(),
      dormant: false,
      handle: undefined,
      span: missing.span,
    };
    const chain: ChainState = {
      name: hook,
      hook: undefined,
      policy: undefined,
      rules: [],
      handle: undefined,
      span: missing.span,
      registered: Number.MAX_SAFE_INTEGER,
    };
    return { table, chain, id, hook, priority: 0 };
  });
}

function assumptionsOf(bases: readonly BaseChain[]): string[] {
  const filters = (families: readonly string[]): boolean =>
    bases.some((base) => families.includes(base.table.family));
  const v4 = filters(['ip', 'inet', 'netdev']);
  const v6 = filters(['ip6', 'inet', 'netdev']);
  if (v4 && !v6)
    return [
      'No table of this ruleset sees IPv6: it is taken to be unfiltered, as it is unless ip6tables-legacy filters it.',
    ];
  if (v6 && !v4)
    return [
      'No table of this ruleset sees IPv4: it is taken to be unfiltered, as it is unless iptables-legacy filters it.',
    ];
  return [];
}
