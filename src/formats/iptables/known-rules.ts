import { afterBlanks, countersEnd, plainLine, wordEnd } from '../../../grammars/iptables/line-shape.ts';
import type { OptionReader } from '../../../grammars/iptables/option-reader.ts';
import type { OptionSyntax } from '../../../grammars/iptables/syntax.ts';
import type { RuleLowerer } from './lower-rule.ts';
import type { LoweredRule, RulePlace } from './lowered-rule.ts';
import { LineValues } from './line-values.ts';
import { type Recipe, Recipes } from './recipes.ts';
import type { ChainState, TableState } from './ruleset.ts';
import { TextMap } from './text-map.ts';

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

/** So many lines are read before any is learned from: a small file is read as quickly without. */
const fewLines = 64;
/** More shapes than this are not learned: their lines are not like one another. */
const mostShapes = 2048;
/** The owner of chains, which are found by a word alone. */
const CHAIN = -1;

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
  private lines = 0;
  private shapes = 0;
  private states = 0;
  /** By the state before a word. */
  private readonly steps = new TextMap<State>();
  /** By the built-in chain that the rules stand in, if it is one. */
  private readonly starts = new Map<string | undefined, State>();
  private readonly chains = new TextMap<{ readonly chain: ChainState; readonly start: State }>();
  private readonly recipes: Recipes;
  private readonly values = new LineValues();

  constructor(lowerer: RuleLowerer, reader: OptionReader, table: TableState) {
    this.lowerer = lowerer;
    this.reader = reader;
    this.table = table;
    this.hasChain = (name) => table.chains.has(name);
    this.version = table.version;
    this.release = lowerer.nftRelease;
    this.recipes = new Recipes(lowerer, table);
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
    const lowered = this.recipes.make(state.recipe, this.values);
    return lowered === undefined ? undefined : { chain: found.chain, lowered };
  }

  private walk(text: string, start: number, end: number, first: State): State | undefined {
    let state = first;
    this.values.begin(text);
    for (let at = start; at < end;) {
      const to = wordEnd(text, at, end);
      if (to < 0) return undefined;
      let next = state.takes === 'value' ? undefined : this.steps.get(state.id, text, at, to);
      if (next === undefined) {
        if (state.takes === undefined || !this.values.note(at, to)) return undefined;
        next = state.behind!;
      }
      state = next;
      at = afterBlanks(text, to, end);
    }
    return state;
  }

  private forget(): void {
    this.version = this.table.version;
    this.release = this.lowerer.nftRelease;
    this.steps.clear();
    this.chains.clear();
    this.starts.clear();
    this.recipes.forget();
  }

  /** Remembers a line that appended a rule to a chain, and about which there was nothing to say. */
  learn(line: string): void {
    if (++this.lines <= fewLines || this.shapes >= mostShapes) return;
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
    end.recipe ??= this.recipes.of(options.flat(), values, place);
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
      const option = options[i]?.at(-1);
      if (option === undefined) return undefined;
      const takes = words.length === (words[0] === '!' ? 3 : 2) ? this.takesOf(option) : undefined;
      for (const [j, word] of words.entries()) {
        if (takes === undefined || j < words.length - 1) {
          // A way that goes on with any word cannot go on with this one alone.
          if (state.takes === 'value') return undefined;
          let next = this.steps.get(state.id, word, 0, word.length);
          if (next === undefined) this.steps.add(state.id, word, (next = this.newState()));
          state = next;
        } else {
          this.values.begin(word);
          if (values.has(option) || !this.values.note(0, word.length)) return undefined;
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
    return (name === 'jump' || name === 'goto') && this.recipes.isJustChain(values[0]!) ? 'chain' : undefined;
  }
}

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
