import {
  afterBlanks,
  beginsItem,
  countersEnd,
  plainLine,
  wordEnd,
} from '../../../grammars/iptables/line-shape.ts';
import { targetModules } from '../../../grammars/iptables/modules.ts';
import type { OptionReader } from '../../../grammars/iptables/option-reader.ts';
import type { OptionSyntax } from '../../../grammars/iptables/syntax.ts';
import { all, conjunctionOf, type Match, NetworkTest, not } from '../../model/match.ts';
import { plainNetwork } from './addresses.ts';
import { changes } from './conjunctions.ts';
import type { RuleLowerer } from './lower-rule.ts';
import type { LoweredRule, LoweredTarget, QuietParts, RulePlace } from './lowered-rule.ts';
import type { ModuleUse } from './lowering.ts';
import type { ChainState, TableState } from './ruleset.ts';
import { matchSupport } from './support.ts';
import { TextMap } from './text-map.ts';
import { lowerAlways } from './matches/plain.ts';

/** A line that appends a rule. */
export interface KnownRule {
  readonly chain: ChainState;
  readonly lowered: LoweredRule;
}

/** What has been read of a line: the next word is one of those that lines before had here, or a value. */
interface State {
  readonly id: number;
  /** `value`: any word. `chain`: the name of a chain, unless lines before had it. */
  takes: 'value' | 'chain' | undefined;
  /** The state behind the value. */
  behind: State | undefined;
  /** Of lines that end here. */
  recipe: Recipe | undefined;
}

/** How to make a rule of a line's values, which are numbered as they come in the line. */
interface Recipe {
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

/** More shapes than this are not learned: their lines are not like one another. */
const mostShapes = 2048;
const rememberedValues = 8192;
/** Of each field. A power of two. */
const rememberedNetworks = 4096;
/** Owners of what is found by a word alone. */
const CHAIN = -1;
const JUMP = -2;
const GOTO = -3;

/**
 * Rules of one table that are made as rules before them were. Most lines of a large file are alike but for chain, addresses, ports and
 * comment: of a line that was read in full, and about which there was nothing to say, the way through its words is remembered, and
 * what became of them; where a line goes the same way, only its values are looked at. `lower` says what they mean here too.
 */
export class KnownRules {
  private readonly lowerer: RuleLowerer;
  private readonly reader: OptionReader;
  private readonly table: TableState;
  private readonly hasChain: RulePlace['hasChain'];
  private version: number;
  private release: RuleLowerer['nftRelease'];
  private shapes = 0;
  private states = 0;
  private conditions = 0;
  private recipes = 0;
  /** By the state before a word. */
  private readonly steps = new TextMap<State>();
  /** By the built-in chain that the rules stand in, if it is one. */
  private readonly starts = new Map<string | undefined, State>();
  private readonly chains = new TextMap<{ readonly chain: ChainState; readonly start: State }>();
  private readonly targets = new TextMap<LoweredTarget>();
  /** By the condition that they fill. */
  private readonly matches = new TextMap<Match>();
  private readonly networks = new Array<NetworkTest | undefined>(2 * rememberedNetworks).fill(undefined);
  /** Where the values of the line stand. */
  private readonly from: number[] = [];
  private readonly to: number[] = [];
  private count = 0;

  constructor(lowerer: RuleLowerer, reader: OptionReader, table: TableState) {
    this.lowerer = lowerer;
    this.reader = reader;
    this.table = table;
    this.hasChain = (name) => table.chains.has(name);
    this.version = table.version;
    this.release = lowerer.nftRelease;
  }

  /** The rule of a line that goes a way which is known, and about which there is nothing to say; else undefined. */
  read(text: string, start: number, end: number): KnownRule | undefined {
    if (this.version !== this.table.version || this.release !== this.lowerer.nftRelease) this.forget();
    let at = start;
    if (text.charCodeAt(at) === 91) {
      at = countersEnd(text, start, end);
      if (at < 0) return undefined;
    }
    at = afterBlanks(text, at, end);
    // "-A NAME" comes first.
    if (text.charCodeAt(at) !== 45 || text.charCodeAt(at + 1) !== 65) return undefined;
    const name = afterBlanks(text, at + 2, end);
    if (name === at + 2) return undefined;
    const nameEnd = wordEnd(text, name, end);
    if (nameEnd < 0) return undefined;
    const found = this.chains.get(CHAIN, text, name, nameEnd);
    if (found === undefined) return undefined;
    const state = this.walk(text, afterBlanks(text, nameEnd, end), end, found.start);
    if (state?.recipe === undefined) return undefined;
    const lowered = this.make(state.recipe, text);
    return lowered === undefined ? undefined : { chain: found.chain, lowered };
  }

  private walk(text: string, start: number, end: number, first: State): State | undefined {
    let state = first;
    this.count = 0;
    for (let at = start; at < end;) {
      const to = wordEnd(text, at, end);
      if (to < 0) return undefined;
      let next = state.takes === 'value' ? undefined : this.steps.get(state.id, text, at, to);
      if (next === undefined) {
        if (state.takes === undefined || !this.note(text, at, to)) return undefined;
        next = state.behind!;
      }
      state = next;
      at = afterBlanks(text, to, end);
    }
    return state;
  }

  /** Notes a word as a value. False if it may be none, or is not what it reads as. */
  private note(text: string, start: number, end: number): boolean {
    const isQuoted = text.charCodeAt(start) === 34;
    if (isQuoted) {
      for (let i = start; i < end; i++) if (text.charCodeAt(i) === 92) return false;
    } else if (beginsItem(text.charCodeAt(start))) return false;
    this.from[this.count] = isQuoted ? start + 1 : start;
    this.to[this.count] = isQuoted ? end - 1 : end;
    this.count++;
    return true;
  }

  private make(recipe: Recipe, text: string): LoweredRule | undefined {
    const { parts, source, destination, conditions, comment } = recipe;
    const made = new Array<Match>(
      (source === undefined ? 0 : 1) + (destination === undefined ? 0 : 1) + conditions.length,
    );
    let count = 0;
    if (source !== undefined) {
      const match = this.address('source', source, text);
      if (match === undefined) return undefined;
      made[count++] = match;
    }
    if (destination !== undefined) {
      const match = this.address('destination', destination, text);
      if (match === undefined) return undefined;
      made[count++] = match;
    }
    for (const condition of conditions) {
      const match = condition.kind === 'same' ? condition.match : this.filled(condition, recipe, text);
      if (match === undefined) return undefined;
      made[count++] = match;
    }
    const target = recipe.target ?? this.target(recipe, text);
    if (target === undefined) return undefined;
    return {
      matches: [conjunctionOf(made)],
      target,
      comment: comment < 0 ? parts.comment : this.value(text, comment),
      understood: true,
      remarks: noRemarks,
      changedSet: parts.changedSet,
    };
  }

  private value(text: string, number: number): string {
    return text.slice(this.from[number], this.to[number]);
  }

  private address(
    field: 'source' | 'destination',
    { value, negated }: AddressValue,
    text: string,
  ): Match | undefined {
    const match =
      this.table.family === 'ipv4'
        ? this.network(field, plainNetwork(text, this.from[value], this.to[value]))
        : this.lowerer.quietAddress(field, this.value(text, value));
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
    text: string,
  ): Match | undefined {
    const { id, name, options } = condition;
    const only = options.length === 1 ? options[0]!.value : -1;
    if (only >= 0) {
      const known = this.matches.get(id, text, this.from[only]!, this.to[only]!);
      if (known !== undefined) return known;
    }
    const use = { name, options: options.map((each) => this.fill(each, text)) };
    const match = this.lowerer.quietMatch(use, parts.protocol, place);
    if (match !== undefined && only >= 0 && !changes(match)) {
      if (this.matches.size >= rememberedValues) this.matches.clear();
      this.matches.add(id, this.value(text, only), match);
    }
    return match;
  }

  private fill({ option, value }: Filled, text: string): OptionSyntax {
    return value < 0 ? option : { ...option, values: [this.value(text, value)] };
  }

  private target(recipe: Recipe, text: string): LoweredTarget | undefined {
    const { parts, jump, targetOptions } = recipe;
    const goto = parts.jump?.name === 'goto';
    const only = jump >= 0 ? jump : targetOptions.length === 1 ? targetOptions[0]!.value : -1;
    if (only < 0) return this.targetWith(recipe, text);
    const owner = jump < 0 ? recipe.id : goto ? GOTO : JUMP;
    const known = this.targets.get(owner, text, this.from[only]!, this.to[only]!);
    if (known !== undefined) return known;
    const value = this.value(text, only);
    const target =
      jump < 0
        ? this.targetWith(recipe, text)
        : this.isJustChain(value)
          ? ({ kind: 'chain', name: value, goto } as const)
          : undefined;
    if (target === undefined) return undefined;
    if (this.targets.size >= rememberedValues) this.targets.clear();
    this.targets.add(owner, value, target);
    return target;
  }

  private targetWith({ parts, place, targetOptions }: Recipe, text: string): LoweredTarget | undefined {
    const options = targetOptions.map((each) => this.fill(each, text));
    return this.lowerer.quietTarget(parts.jump, options, parts.protocol, place);
  }

  /** No target is called so, whose options would mean something behind the name. */
  private isJustChain(name: string): boolean {
    return this.table.chains.has(name) && !targetModules.has(name);
  }

  private forget(): void {
    this.version = this.table.version;
    this.release = this.lowerer.nftRelease;
    for (const known of [this.steps, this.chains, this.targets, this.matches]) known.clear();
    this.starts.clear();
  }

  /** Remembers a line that appended a rule to a chain, and about which there was nothing to say. */
  learn(line: string): void {
    if (this.shapes >= mostShapes) return;
    const shape = plainLine(line);
    if (shape?.kind !== 'command') return;
    const options = this.reader.readEach(shape.items);
    const words = shape.items.map(wordsOf);
    const [verb, name, ...more] = words[0]!;
    const chain = name === undefined ? undefined : this.table.chains.get(name);
    if (options === undefined || verb !== '-A' || chain === undefined || more.length > 0) return;
    this.shapes++;
    const hook = chain.builtin ? chain.name : undefined;
    let start = this.starts.get(hook);
    if (start === undefined) this.starts.set(hook, (start = this.newState()));
    if (this.chains.get(CHAIN, chain.name, 0, chain.name.length) === undefined)
      this.chains.add(CHAIN, chain.name, { chain, start });
    const values = new Map<OptionSyntax, number>();
    const end = this.lay(start, words.slice(1), options.slice(1), values);
    if (end === undefined) return;
    const place: RulePlace = { table: this.table.name, hook, hasChain: this.hasChain };
    end.recipe ??= this.recipe(options.flat(), values, place);
  }

  /** Lays the way of a line's items, and numbers the options whose values may be others. */
  private lay(
    start: State,
    items: readonly (readonly string[])[],
    options: readonly (readonly OptionSyntax[])[],
    values: Map<OptionSyntax, number>,
  ): State | undefined {
    let state = start;
    for (const [i, words] of items.entries()) {
      const option = options[i]!.at(-1)!;
      const takes = words.length === (words[0] === '!' ? 3 : 2) ? this.takesOf(option) : undefined;
      for (const [j, word] of words.entries()) {
        if (takes === undefined || j < words.length - 1) {
          // A way that goes on with any word cannot go on with this one alone.
          if (state.takes === 'value') return undefined;
          let next = this.steps.get(state.id, word, 0, word.length);
          if (next === undefined) this.steps.add(state.id, word, (next = this.newState()));
          state = next;
        } else {
          this.count = 0;
          if (values.has(option) || !this.note(word, 0, word.length)) return undefined;
          values.set(option, values.size);
          state.takes ??= takes;
          state = state.behind ??= this.newState();
        }
      }
    }
    return state;
  }

  private newState(): State {
    return { id: this.states++, takes: undefined, behind: undefined, recipe: undefined };
  }

  /** What may stand in the place of the option's one value, without any other option meaning something else. */
  private takesOf({ owner, name, values, known }: OptionSyntax): State['takes'] {
    if (!known || values.length !== 1) return undefined;
    if (owner !== 'core') return 'value';
    if (name === 'source' || name === 'destination') return 'value';
    return (name === 'jump' || name === 'goto') && this.isJustChain(values[0]!) ? 'chain' : undefined;
  }

  private recipe(
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
      ...{ parts, place, source, destination, conditions, targetOptions, jump, id: this.recipes++ },
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
}

const noRemarks: LoweredRule['remarks'] = [];

/** The words of an item as they are written. */
function wordsOf(item: string): readonly string[] {
  const words: string[] = [];
  for (let at = 0; at < item.length;) {
    const end = wordEnd(item, at, item.length);
    words.push(item.slice(at, end));
    at = afterBlanks(item, end, item.length);
  }
  return words;
}
