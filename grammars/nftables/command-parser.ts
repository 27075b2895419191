import type { IToken } from 'chevrotain';
import { whenNeeded } from '../shared/when-needed.ts';
import { beginningOfRule } from './rule-text.ts';
import { StructureParser } from './structure-parser.ts';
import type {
  ChainItem,
  Command,
  NftablesSyntax,
  RuleSyntax,
  SyntaxProblem,
  TableItem,
  TableReference,
} from './syntax.ts';
import * as t from './tokens.ts';

/** A command up to its rule. */
interface RuleCommandBeginning {
  readonly words: string;
  readonly operation: string;
  readonly at: TableReference;
  readonly chain: string;
}

/** Words on one line, and the blank behind the last. */
const plainWords = /^[\w./-]+(?: [\w./-]+)* $/;

/** Commands: a whole file, and the parts that an `include` inside a block may hold. */
class CommandParser extends StructureParser {
  // The readers below are driven by hand, for speed and to go on after an error; the rules around them keep Chevrotain's rule
  // stack from running empty after each statement, which it would take for the end of the parse.

  /** How the last command began that adds a rule, if it is a plain one. */
  private lastBegun: RuleCommandBeginning | undefined;

  private readonly file = this.RULE('file', () => this.ACTION(() => this.readCommands()));
  private readonly tableFile = this.RULE('tableFile', () => this.ACTION(() => this.readTableItems()));
  private readonly chainFile = this.RULE('chainFile', () => this.ACTION(() => this.readChainItems()));

  constructor() {
    super();
    this.performSelfAnalysis();
  }

  parseFile(source: number, text: string): NftablesSyntax {
    this.begin(source, text);
    return this.finished({ commands: this.file(), problems: this.problems });
  }

  parseTableItems(source: number, text: string): { items: TableItem[]; problems: SyntaxProblem[] } {
    this.begin(source, text);
    const items = this.tableFile();
    if (!this.atEnd()) this.note('a part of a table');
    return this.finished({ items, problems: this.problems });
  }

  parseChainItems(source: number, text: string): { items: ChainItem[]; problems: SyntaxProblem[] } {
    this.begin(source, text);
    const items = this.chainFile();
    if (!this.atEnd()) this.note('a rule');
    return this.finished({ items, problems: this.problems });
  }

  protected override begin(source: number, text: string): void {
    super.begin(source, text);
    this.lastBegun = undefined;
  }

  /** Lets go of the text. */
  private finished<T>(result: T): T {
    this.begin(0, '');
    return result;
  }

  private readCommands(): Command[] {
    const commands: Command[] = [];
    for (;;) {
      const { ahead } = this;
      if (ahead === undefined || !this.readLikeCommands(ahead, commands)) {
        if (this.atEnd()) return commands;
        if (this.take(t.Separator) !== undefined || this.take(t.Handle) !== undefined) continue;
        const start = this.LA(1).startOffset;
        const read = this.guarded(() => {
          const command = this.readCommand();
          this.takeHandle();
          this.expectEnd();
          return command;
        });
        if ('kind' in read) commands.push(read);
        else
          commands.push({
            kind: 'broken',
            text: this.textSince(start).slice(0, 400),
            span: this.span(start),
          });
      }
      if (this.next(t.RightBrace)) {
        this.note('a command');
        this.skip();
      }
    }
  }

  /**
   * Reads commands that begin with the very words of the last one and go on with a plain rule, up to one that does not; false if that is
   * the first. Scripts add one rule after the other to a chain.
   */
  private readLikeCommands(ahead: number, into: Command[]): boolean {
    const { lastBegun } = this;
    if (lastBegun === undefined) return false;
    const { words, operation, at, chain } = lastBegun;
    const { text, sourceId: source, quickRules: rules } = this;
    const before = into.length;
    for (let next = ahead; ; next = rules.stop) {
      const start = beginningOfRule(text, next);
      const ofRule = start + words.length;
      if (!text.startsWith(words, start) || beginningOfRule(text, ofRule) !== ofRule) break;
      const rule = rules.read(ofRule);
      if (rule === undefined) break;
      into.push({ kind: 'rule', operation, at, chain, rule, span: { source, start, end: rules.end } });
    }
    if (into.length === before) return false;
    this.continueAt(rules.stop, rules.end);
    return true;
  }

  private readCommand(): Command {
    const first = this.LA(1);
    switch (first.tokenType) {
      case t.Define:
      case t.Undefine:
        return this.readDefine();
      case t.Include:
        return this.readInclude();
      case t.SetOperation:
      case t.CommandWord:
      case t.Reset:
        this.skip();
        return this.readOperation(first);
      default:
        return this.readObjectCommand('add', first.startOffset);
    }
  }

  private readOperation(word: IToken): Command {
    const start = word.startOffset;
    switch (word.image) {
      case 'add':
      case 'create':
      case 'insert':
      case 'replace':
      case 'delete':
      case 'destroy':
      case 'rename':
        return this.readObjectCommand(word.image, start);
      case 'flush': {
        if (this.take(t.Ruleset) === undefined) return this.readObjectCommand('flush', start);
        const family = this.take(t.Header) ?? this.take(t.Word);
        return {
          kind: 'flush-ruleset',
          ...(family === undefined ? {} : { family: family.image }),
          span: this.span(start),
        };
      }
      default:
        this.skipStatement();
        return { kind: 'query', text: this.textSince(start), span: this.span(start) };
    }
  }

  private readObjectCommand(operation: string, start: number): Command {
    const word = this.LA(1);
    switch (word.tokenType) {
      case t.Table:
        this.skip();
        return this.readTable(operation, start);
      case t.Chain:
        this.skip();
        return this.readChainCommand(operation, start);
      case t.RuleWord:
        this.skip();
        return this.readRuleCommand(operation, start);
      case t.Element:
        this.skip();
        return this.readElements(operation, start);
      case t.SetWord:
      case t.MapWord:
      case t.Meter: {
        this.skip();
        const at = this.handleReference() ?? this.readTableReference();
        const kind = word.tokenType === t.MapWord ? 'map' : 'set';
        const set = this.readSet(kind, start, this.objectName('the name of a set'));
        return { kind: 'set', operation, at, set, span: this.span(start) };
      }
      default:
        if (objectCommands.has(word.image)) return this.readObjectOperation(operation, start);
        // `add filter input tcp dport 22 accept`: the word `rule` may be left out.
        if (word.tokenType === t.Word || word.tokenType === t.Header)
          return this.readRuleCommand(operation, start);
        return this.fail('a command such as "table", "add" or "flush"');
    }
  }

  private handleReference(): undefined {
    return undefined;
  }

  /** The object's name, or `handle N` where a command names it by number. */
  private objectName(expected: string): string {
    if (this.takeWord('handle') !== undefined) return `#${this.integer('a handle')}`;
    return this.readName(expected);
  }

  private readTable(operation: string, start: number): Command {
    let at = { family: 'ip', table: '' };
    let handle: number | undefined;
    if (operation === 'delete' || operation === 'destroy') {
      const family = this.readFamily();
      if (this.nextIs('handle') && this.skip()) {
        handle = this.integer('a handle');
        at = { family, table: '' };
      } else at = { family, table: this.readName('the name of a table') };
    } else at = this.readTableReference();
    let items: TableItem[] = [];
    if (this.take(t.LeftBrace) !== undefined) {
      handle = this.takeHandle() ?? handle;
      items = this.readTableItems();
      this.closeBlock();
    }
    return {
      kind: 'table',
      operation,
      at,
      ...(handle === undefined ? {} : { handle }),
      items,
      span: this.span(start),
    };
  }

  private readChainCommand(operation: string, start: number): Command {
    const at = this.readTableReference();
    const name = this.objectName('the name of a chain');
    const chain = this.readChain(start, name);
    const newName = operation === 'rename' ? this.readName('the new name') : undefined;
    return {
      kind: 'chain',
      operation,
      at,
      chain,
      ...(newName === undefined ? {} : { newName }),
      span: this.span(start),
    };
  }

  private readRuleCommand(operation: string, start: number): Command {
    const at = this.readTableReference();
    const chain = this.readName('the name of a chain');
    let position: { by: 'handle' | 'index' | 'position'; value: number } | undefined;
    if (this.nextIs('handle', 'index', 'position')) {
      const by = this.skip().image as 'handle' | 'index' | 'position';
      position = { by, value: this.integer('a number') };
    }
    const wantsRule = operation !== 'delete' && operation !== 'destroy' && operation !== 'flush';
    const words = this.text.slice(start, this.LA(1).startOffset);
    this.lastBegun =
      wantsRule && position === undefined && plainWords.test(words)
        ? { words, operation, at, chain }
        : undefined;
    const rule = wantsRule ? this.readRuleOfCommand() : undefined;
    return {
      kind: 'rule',
      operation,
      at,
      chain,
      ...(position === undefined ? {} : { position }),
      ...(rule === undefined ? {} : { rule }),
      span: this.span(start),
    };
  }

  private readRuleOfCommand(): RuleSyntax {
    // A rule behind a separator would be none of this command. Where many tokens wait, on a long line, they would be cut again each time.
    const isHere = !this.next(t.Separator) && !this.atEnd() && this.waiting < 256;
    const plain = isHere ? this.readPlainRule(this.LA(1).startOffset) : undefined;
    return plain ?? this.readRule();
  }

  private readElements(operation: string, start: number): Command {
    const at = this.readTableReference();
    const set = this.readName('the name of a set');
    const value = this.SUBRULE(this.primary);
    const from = value.kind === 'set' ? { elements: value.elements } : { elements: [], elementsFrom: value };
    return { kind: 'element', operation, at, set, ...from, span: this.span(start) };
  }

  private readObjectOperation(operation: string, start: number): Command {
    let type = this.skip().image;
    if (type === 'ct') type = `ct ${this.CONSUME(t.Word).image}`;
    const at = this.readTableReference();
    const object = this.readObject(type, start, this.objectName(`the name of a ${type}`));
    return { kind: 'object', operation, at, object, span: this.span(start) };
  }
}

const objectCommands: ReadonlySet<string> = new Set([
  'counter',
  'counters',
  'quota',
  'limit',
  'ct',
  'secmark',
  'synproxy',
  'flowtable',
  'tunnel',
]);

const parser = whenNeeded(() => new CommandParser());

/** Reads a whole file. Never throws: what nft would refuse is among the problems. `source` is the id that spans carry. */
export function parseNftables(source: number, text: string): NftablesSyntax {
  return parser().parseFile(source, text);
}

/** Reads a file that a table block includes. */
export function parseTableItems(
  source: number,
  text: string,
): { items: TableItem[]; problems: SyntaxProblem[] } {
  return parser().parseTableItems(source, text);
}

/** Reads a file that a chain block includes. */
export function parseChainItems(
  source: number,
  text: string,
): { items: ChainItem[]; problems: SyntaxProblem[] } {
  return parser().parseChainItems(source, text);
}
