import { targetModules } from '../../../grammars/iptables/modules.ts';
import type { OptionSyntax } from '../../../grammars/iptables/syntax.ts';
import { all, conjunctionOf, type Match, NetworkTest, not } from '../../model/match.ts';
import { plainNetwork } from '../../packets/plain-network.ts';
import { changes } from './conjunctions.ts';
import type { LineValues } from './line-values.ts';
import type { RuleLowerer } from './lower-rule.ts';
import type { LoweredRule, LoweredTarget, QuietParts, RulePlace } from './lowered-rule.ts';
import type { ModuleUse } from './lowering.ts';
import { lowerAlways } from './matches/plain.ts';
import type { TableState } from './ruleset.ts';
import { matchSupport } from './support.ts';
import { TextMap } from './text-map.ts';

/** How to make a rule of a line's values, which are numbered as they come in the line. */
export interface Recipe {
  readonly parts: QuietParts;
  readonly place: RulePlace;
  readonly source: AddressValue | undefined;
  readonly destination: AddressValue | undefined;
  readonly conditions: readonly Condition[];
  /** Undefined: it hangs on values. */
  readonly target: LoweredTarget | undefined;
  readonly targetOptions: readonly Filled[];
  readonly id: number;
  /** The number of the value that names the chain, of the comment; -1: none. */
  readonly jump: number;
  readonly comment: number;
}

interface AddressValue {
  readonly value: number;
  readonly negated: boolean;
}

/** An option, and the number of its value if it is one of the line's; else -1. */
interface Filled {
  readonly option: OptionSyntax;
  readonly value: number;
}

type Condition =
  | { readonly kind: 'same'; readonly match: Match }
  | {
      readonly kind: 'filled';
      readonly id: number;
      readonly name: string;
      readonly options: readonly Filled[];
    };

const rememberedValues = 8192;
/** Of each field. A power of two. */
const rememberedNetworks = 4096;
/** Owners of chains, which are found by a word alone. */
const JUMP = -1;
const GOTO = -2;
const noRemarks: LoweredRule['remarks'] = [];

/** Makes rules of the values of lines. What values mean, the lowerer says, as for all other lines. */
export class Recipes {
  private readonly lowerer: RuleLowerer;
  private readonly table: TableState;
  private count = 0;
  private conditions = 0;
  private readonly targets = new TextMap<LoweredTarget>();
  /** By the condition that they fill. */
  private readonly matches = new TextMap<Match>();
  private readonly networks = new Array<NetworkTest | undefined>(2 * rememberedNetworks).fill(undefined);

  constructor(lowerer: RuleLowerer, table: TableState) {
    this.lowerer = lowerer;
    this.table = table;
  }

  forget(): void {
    this.targets.clear();
    this.matches.clear();
  }

  /** The recipe of a line with these options, of which some have values of the line's; undefined if there is something to say. */
  of(
    options: readonly OptionSyntax[],
    values: ReadonlyMap<OptionSyntax, number>,
    place: RulePlace,
  ): Recipe | undefined {
    // A rule of one family alone is for the reader of the table.
    if (options.some(({ owner, name }) => owner === 'core' && (name === 'ipv4' || name === 'ipv6')))
      return undefined;
    const parts = this.lowerer.quietParts(options, place);
    if (parts === undefined) return undefined;
    const valueOf = (option: OptionSyntax | undefined): number =>
      option === undefined ? -1 : (values.get(option) ?? -1);
    const filledOf = (some: readonly OptionSyntax[]): readonly Filled[] =>
      some.map((option) => ({ option, value: valueOf(option) }));
    const address = (name: string): AddressValue | undefined => {
      const option = options.find((one) => one.owner === 'core' && one.name === name);
      return option === undefined ? undefined : { value: valueOf(option), negated: option.negated };
    };
    const source = address('source');
    const destination = address('destination');
    const targetOptions = filledOf(parts.targetOptions ?? []);
    const jump = valueOf(parts.jump);
    // What is not simply a value, a list of addresses for one, and words behind a chain are left to the reader of all lines.
    if (source?.value === -1 || destination?.value === -1 || (jump >= 0 && targetOptions.length > 0))
      return undefined;
    const conditions = [
      ...parts.conditions.map((match): Condition => ({ kind: 'same', match })),
      ...parts.uses.map((use): Condition => this.condition(use, filledOf(use.options), parts, place)),
    ].filter((condition) => condition.kind === 'filled' || condition.match.kind !== 'all');
    const isSame = jump < 0 && targetOptions.every(({ value }) => value < 0);
    if (isSame && parts.target.kind === 'chain') return undefined;
    return {
      ...{ parts, place, source, destination, conditions, targetOptions, jump, id: this.count++ },
      target: isSame ? parts.target : undefined,
      comment: valueOf(options.findLast(({ owner, module }) => owner === 'match' && module === 'comment')),
    };
  }

  private condition(
    use: ModuleUse,
    options: readonly Filled[],
    parts: QuietParts,
    place: RulePlace,
  ): Condition {
    if (matchSupport.get(use.name)?.lower === lowerAlways) return { kind: 'same', match: all };
    const match = options.some(({ value }) => value >= 0)
      ? undefined
      : this.lowerer.quietMatch(use, parts.protocol, place);
    return match === undefined || changes(match)
      ? { kind: 'filled', id: this.conditions++, name: use.name, options }
      : { kind: 'same', match };
  }

  /** The rule, if there is nothing to say about it. */
  make(recipe: Recipe, values: LineValues): LoweredRule | undefined {
    const { parts, source, destination, conditions, comment } = recipe;
    const made = new Array<Match>(
      (source === undefined ? 0 : 1) + (destination === undefined ? 0 : 1) + conditions.length,
    );
    let count = 0;
    if (source !== undefined) {
      const match = this.address('source', source, values);
      if (match === undefined) return undefined;
      made[count++] = match;
    }
    if (destination !== undefined) {
      const match = this.address('destination', destination, values);
      if (match === undefined) return undefined;
      made[count++] = match;
    }
    for (const condition of conditions) {
      const match = condition.kind === 'same' ? condition.match : this.filled(condition, recipe, values);
      if (match === undefined) return undefined;
      made[count++] = match;
    }
    const target = recipe.target ?? this.target(recipe, values);
    if (target === undefined) return undefined;
    return {
      matches: [conjunctionOf(made)],
      target,
      comment: comment < 0 ? parts.comment : values.of(comment),
      understood: true,
      remarks: noRemarks,
      changedSet: parts.changedSet,
    };
  }

  private address(
    field: 'source' | 'destination',
    { value, negated }: AddressValue,
    values: LineValues,
  ): Match | undefined {
    const match =
      this.table.family === 'ipv4'
        ? this.network(field, plainNetwork(values.text, values.startOf(value), values.endOf(value)))
        : this.lowerer.quietAddress(field, values.of(value));
    return match === undefined || !negated ? match : not(match);
  }

  private network(field: 'source' | 'destination', network: number): Match | undefined {
    if (network < 0) return undefined;
    const bits = network % 64;
    const lowest = Math.floor(network / 64) | 0;
    const hash = Math.imul(lowest ^ bits, 0x9e3779b1) >>> 16;
    const place = (hash & (rememberedNetworks - 1)) * 2 + (field === 'source' ? 0 : 1);
    const known = this.networks[place];
    if (known?.lowest === lowest && known.bits === bits) return known;
    return (this.networks[place] = new NetworkTest(field, lowest, bits));
  }

  private filled(
    condition: Condition & { readonly kind: 'filled' },
    { parts, place }: Recipe,
    values: LineValues,
  ): Match | undefined {
    const { id, name, options } = condition;
    const only = options.length === 1 ? options[0]!.value : -1;
    if (only >= 0) {
      const known = this.matches.get(id, values.text, values.startOf(only), values.endOf(only));
      if (known !== undefined) return known;
    }
    const use = { name, options: options.map((each) => this.fill(each, values)) };
    const match = this.lowerer.quietMatch(use, parts.protocol, place);
    if (match !== undefined && only >= 0 && !changes(match)) {
      if (this.matches.size >= rememberedValues) this.matches.clear();
      this.matches.add(id, values.of(only), match);
    }
    return match;
  }

  private fill({ option, value }: Filled, values: LineValues): OptionSyntax {
    return value < 0 ? option : { ...option, values: [values.of(value)] };
  }

  private target(recipe: Recipe, values: LineValues): LoweredTarget | undefined {
    const { parts, jump, targetOptions } = recipe;
    const goto = parts.jump?.name === 'goto';
    const only = jump >= 0 ? jump : targetOptions.length === 1 ? targetOptions[0]!.value : -1;
    if (only < 0) return this.targetWith(recipe, values);
    const owner = jump < 0 ? recipe.id : goto ? GOTO : JUMP;
    const known = this.targets.get(owner, values.text, values.startOf(only), values.endOf(only));
    if (known !== undefined) return known;
    const value = values.of(only);
    const target =
      jump < 0
        ? this.targetWith(recipe, values)
        : this.isJustChain(value)
          ? ({ kind: 'chain', name: value, goto } as const)
          : undefined;
    if (target === undefined) return undefined;
    if (this.targets.size >= rememberedValues) this.targets.clear();
    this.targets.add(owner, value, target);
    return target;
  }

  private targetWith({ parts, place, targetOptions }: Recipe, values: LineValues): LoweredTarget | undefined {
    const options = targetOptions.map((each) => this.fill(each, values));
    return this.lowerer.quietTarget(parts.jump, options, parts.protocol, place);
  }

  /** No target is called so, whose options would mean something behind the name. */
  isJustChain(name: string): boolean {
    return this.table.chains.has(name) && !targetModules.has(name);
  }
}
