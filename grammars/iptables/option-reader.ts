import {
  coreOptions,
  matchModuleName,
  matchModules,
  matchOfProtocol,
  shortOptions,
  targetModules,
  type ModuleDefinition,
  type OptionDefinition,
} from './modules.ts';
import type { CommandSyntax, OptionSyntax, Problem } from './syntax.ts';
import { splitWords } from './words.ts';

interface UnknownModule {
  readonly kind: 'match' | 'target';
  readonly name: string;
}

/**
 * What has been loaded when an option is read, since that decides what the option means: `--dport` after `-p tcp` is not
 * `--dport` after `-m multiport`. Contexts are shared between commands and remember what each item means in them.
 */
interface Context {
  /** Newest first, which is the order getopt finds them in (xtables_merge_options). */
  readonly modules: readonly ModuleDefinition[];
  readonly protocol: string | undefined;
  /** The last match or target that nobody knows: options that nothing else takes are its own. */
  readonly unknown: UnknownModule | undefined;
  readonly next: Map<string, Context>;
  readonly steps: Map<string, Step>;
}

/** What one item does. */
interface Step {
  readonly context: Context;
  readonly options: readonly OptionSyntax[];
  readonly problems: readonly Problem[];
  /** False when the item's words are not enough: the option takes words of the next item too. */
  readonly whole: boolean;
}

interface Found {
  readonly owner: 'core' | 'match' | 'target';
  readonly module: string;
  readonly definition: OptionDefinition;
}

/** Longer items (comments) and more than this many are not worth remembering: they do not come again. */
const rememberedLength = 64;
const rememberedSteps = 8192;
const noProblems: readonly Problem[] = [];

function newContext(
  modules: readonly ModuleDefinition[],
  protocol: string | undefined,
  unknown: UnknownModule | undefined,
): Context {
  return { modules, protocol, unknown, next: new Map(), steps: new Map() };
}

/** Reads the words of iptables commands into options: getopt_long with the tables of the loaded matches and targets. */
export class OptionReader {
  private readonly start: Context = newContext([], undefined, undefined);

  /** Reads a command given as items, each an option with the words up to the next option. Items never split a quoted word. */
  readItems(items: readonly string[]): CommandSyntax {
    let context = this.start;
    const options: OptionSyntax[] = [];
    let problems: readonly Problem[] = noProblems;
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!;
      const address = plainAddress(item);
      if (address !== undefined) {
        options.push(address);
        continue;
      }
      const step = this.stepOf(context, item);
      if (!step.whole) {
        const rest = this.readFrom(context, splitWords(items.slice(i).join(' ')).words);
        options.push(...rest.options);
        return { options, problems: [...problems, ...rest.problems] };
      }
      if (step.options.length === 1) options.push(step.options[0]!);
      else options.push(...step.options);
      if (step.problems.length > 0) problems = [...problems, ...step.problems];
      context = step.context;
    }
    return { options, problems };
  }

  /** Reads a command given as words. */
  readWords(words: readonly string[]): CommandSyntax {
    return this.readFrom(this.start, words);
  }

  /**
   * What each item of a command says, of a command about which there is nothing more to know: no item has a problem, or takes words of
   * the next one. Else undefined.
   */
  readEach(items: readonly string[]): readonly (readonly OptionSyntax[])[] | undefined {
    let context = this.start;
    const options: (readonly OptionSyntax[])[] = [];
    for (const item of items) {
      const step = this.stepOf(context, item);
      if (!step.whole || step.problems.length > 0) return undefined;
      options.push(step.options);
      context = step.context;
    }
    return options;
  }

  private stepOf(context: Context, item: string): Step {
    let step = context.steps.get(item);
    if (step === undefined) {
      step = this.readStep(context, item);
      if (item.length <= rememberedLength) {
        if (context.steps.size >= rememberedSteps) context.steps.clear();
        context.steps.set(item, step);
      }
    }
    return step;
  }

  private readStep(context: Context, item: string): Step {
    const reading = new WordsReading(this, context, splitWords(item).words);
    reading.run();
    return {
      context: reading.context,
      options: reading.options,
      problems: reading.problems.length === 0 ? noProblems : reading.problems,
      whole: !reading.ranOut,
    };
  }

  private readFrom(context: Context, words: readonly string[]): CommandSyntax {
    const reading = new WordsReading(this, context, words);
    reading.run();
    return reading;
  }

  /** The context after loading a module or learning the protocol. */
  derive(context: Context, key: string, make: () => Context): Context {
    let next = context.next.get(key);
    if (next === undefined) {
      next = make();
      context.next.set(key, next);
    }
    return next;
  }
}

class WordsReading implements CommandSyntax {
  readonly options: OptionSyntax[] = [];
  readonly problems: Problem[] = [];
  ranOut = false;
  context: Context;
  private readonly reader: OptionReader;
  private readonly words: readonly string[];
  private at = 0;

  constructor(reader: OptionReader, context: Context, words: readonly string[]) {
    this.reader = reader;
    this.context = context;
    this.words = words;
  }

  run(): void {
    let negated = false;
    while (this.at < this.words.length) {
      const word = this.words[this.at]!;
      if (word === '!') {
        this.at++;
        if (negated) this.problem('unexpected-negation', word, 'an option after "!"');
        negated = true;
      } else if (word.length > 1 && word.startsWith('-') && word !== '--') {
        const first = this.at++;
        if (word.startsWith('--')) this.longOption(word, negated, first);
        else this.shortOption(word, negated, first);
        negated = false;
      } else {
        this.at++;
        this.problem('stray-word', word, 'an option');
        negated = false;
      }
    }
    if (negated) {
      this.problem('unexpected-negation', '!', 'an option after "!"');
      this.ranOut = true;
    }
  }

  private longOption(word: string, negated: boolean, first: number): void {
    const equals = word.indexOf('=');
    const spelling = word.slice(2, equals < 0 ? undefined : equals);
    const glued = equals < 0 ? undefined : word.slice(equals + 1);
    let found = this.find(spelling);
    if (found === undefined && this.loadProtocolMatch(spelling)) found = this.find(spelling);
    if (found === undefined) this.unknownOption(word, spelling, glued, negated, first);
    else if (found === 'ambiguous')
      this.problem('ambiguous-option', word, 'an option name that is not ambiguous');
    else this.take(found, glued, negated, first);
  }

  private shortOption(word: string, negated: boolean, first: number): void {
    for (let i = 1; i < word.length; i++) {
      const name = shortOptions.get(word[i]!);
      const definition = name === undefined ? undefined : coreOptions.get(name);
      if (definition === undefined) {
        this.unknownOption(word, word.slice(1), undefined, negated, first);
        return;
      }
      const rest = word.slice(i + 1);
      const found: Found = { owner: 'core', module: '', definition };
      const takesRest = definition.values !== 0 && rest !== '';
      if (takesRest && definition.values !== 'list') this.problem('glued-option', word, '');
      this.take(found, takesRest ? rest : undefined, negated, first);
      if (definition.values !== 0) return;
    }
  }

  private find(spelling: string): Found | 'ambiguous' | undefined {
    const exact = coreOptions.get(spelling);
    if (exact !== undefined) return { owner: 'core', module: '', definition: exact };
    const { modules } = this.context;
    for (const module of modules) {
      const definition = module.options.get(spelling);
      if (definition !== undefined) return { owner: module.kind, module: module.name, definition };
    }
    if (spelling === '') return undefined;
    let found: Found | undefined;
    for (const [name, definition] of coreOptions) {
      if (!name.startsWith(spelling) || definition === found?.definition) continue;
      if (found !== undefined) return 'ambiguous';
      found = { owner: 'core', module: '', definition };
    }
    for (const module of modules) {
      for (const [name, definition] of module.options) {
        if (!name.startsWith(spelling) || definition === found?.definition) continue;
        if (found !== undefined) return 'ambiguous';
        found = { owner: module.kind, module: module.name, definition };
      }
    }
    return found;
  }

  /** An option that nobody has may belong to the match of the protocol, which is loaded then (xshared.c, load_proto). */
  private loadProtocolMatch(spelling: string): boolean {
    const { protocol, modules } = this.context;
    if (protocol === undefined) return false;
    const module = matchModules.get(matchOfProtocol(protocol));
    if (module === undefined || modules.includes(module)) return false;
    if (![...module.options.keys()].some((name) => name.startsWith(spelling))) return false;
    this.load(module);
    this.options.push({
      owner: 'core',
      module: '',
      name: 'match',
      negated: false,
      values: [module.name],
      known: true,
      text: '',
    });
    return true;
  }

  private load(module: ModuleDefinition): void {
    const { context } = this;
    this.context = this.reader.derive(context, `${module.kind} ${module.name}`, () =>
      newContext([module, ...context.modules], context.protocol, context.unknown),
    );
  }

  private loadUnknown(module: UnknownModule): void {
    const { context } = this;
    this.context = this.reader.derive(context, `unknown ${module.kind} ${module.name}`, () =>
      newContext(context.modules, context.protocol, module),
    );
  }

  private take(found: Found, glued: string | undefined, negatedBefore: boolean, first: number): void {
    const { definition } = found;
    const written = this.words[first]!;
    const values: string[] = [];
    let negated = negatedBefore;
    if (definition.values === 0) {
      if (glued !== undefined) this.problem('needless-value', glued, `no value for --${definition.name}`);
    } else if (definition.values === 'list') {
      if (glued !== undefined) values.push(glued);
      while (this.at < this.words.length && !looksLikeOption(this.words[this.at]!))
        values.push(this.words[this.at++]!);
    } else {
      let value = glued ?? this.words[this.at++];
      if (value === '!' && definition.negatable) {
        this.problem('old-negation', glued === undefined ? `${written} !` : written, '');
        negated = !negated;
        value = this.words[this.at++];
      }
      if (value === undefined) {
        this.ranOut = true;
        this.problem('missing-value', written, `a value for --${definition.name}`);
      } else {
        values.push(value);
        if (definition.values === 2) {
          const second = this.words[this.at];
          if (second === undefined || looksLikeOption(second))
            this.problem('missing-value', written, `a second value for --${definition.name}`);
          else {
            values.push(second);
            this.at++;
          }
        }
      }
    }
    if (negated && !definition.negatable)
      this.problem('unexpected-negation', written, `no "!" before --${definition.name}`);
    this.options.push({
      owner: found.owner,
      module: found.module,
      name: definition.name,
      negated,
      values,
      known: true,
      text: this.textFrom(first),
    });
    if (found.owner === 'core' && values[0] !== undefined) this.loadFor(definition.name, values[0]);
  }

  private loadFor(option: string, value: string): void {
    if (option === 'match') {
      const module = matchModules.get(matchModuleName(value));
      if (module === undefined) this.loadUnknown({ kind: 'match', name: value });
      else this.load(module);
    } else if (option === 'jump') {
      const module = targetModules.get(value);
      if (module === undefined) this.loadUnknown({ kind: 'target', name: value });
      else this.load(module);
    } else if (option === 'protocol') {
      const { context } = this;
      const protocol = value.toLowerCase();
      this.context = this.reader.derive(context, `protocol ${protocol}`, () =>
        newContext(context.modules, protocol, context.unknown),
      );
    }
  }

  /** An option of a module nobody knows, or of nobody: it takes the words that do not look like options. */
  private unknownOption(
    word: string,
    spelling: string,
    glued: string | undefined,
    negated: boolean,
    first: number,
  ): void {
    const values: string[] = glued === undefined ? [] : [glued];
    while (this.at < this.words.length && !looksLikeOption(this.words[this.at]!))
      values.push(this.words[this.at++]!);
    const { unknown } = this.context;
    if (unknown === undefined)
      this.problem('unknown-option', word, 'an option of iptables or of a loaded match');
    this.options.push({
      owner: unknown?.kind ?? 'core',
      module: unknown?.name ?? '',
      name: spelling,
      negated,
      values,
      known: false,
      text: this.textFrom(first),
    });
  }

  private textFrom(first: number): string {
    const start = first > 0 && this.words[first - 1] === '!' ? first - 1 : first;
    return this.words.slice(start, this.at).join(' ');
  }

  private problem(kind: Problem['kind'], word: string, detail: string): void {
    this.problems.push({ kind, word, detail });
  }
}

/**
 * `-s address` and `-d address` in plain form. They are the items that differ from rule to rule, mean the same in every context, and
 * make most of the distinct text of a large file, so they are read without being remembered.
 */
function plainAddress(item: string): OptionSyntax | undefined {
  if (item.charCodeAt(0) !== 45 || item.charCodeAt(2) !== 32) return undefined;
  const letter = item.charCodeAt(1);
  if (letter !== 115 && letter !== 100) return undefined;
  for (let i = 3; i < item.length; i++) {
    const c = item.charCodeAt(i);
    // Digits and hexadecimal letters, "." "/" ":" and nothing else.
    if (!((c >= 46 && c <= 58) || (c >= 97 && c <= 102) || (c >= 65 && c <= 70))) return undefined;
  }
  return {
    owner: 'core',
    module: '',
    name: letter === 115 ? 'source' : 'destination',
    negated: false,
    values: [item.slice(3)],
    known: true,
    text: item,
  };
}

function looksLikeOption(word: string): boolean {
  return word === '!' || (word.length > 1 && word.startsWith('-'));
}
