import { createTokenInstance, type IToken, type TokenType } from 'chevrotain';
import type { ShellAssignment, ShellPart, ShellRedirect, ShellWord } from './shell-syntax.ts';
import { declaring, headerOf, opening, reservedWords, shellTokens } from './shell-tokens.ts';

/** Tokens carry what the lexer found in them. */
export interface ShellToken extends IToken {
  payload: ShellWord | ShellAssignment | ShellRedirect | undefined;
}

interface PendingDocument {
  readonly redirect: ShellRedirect & { body?: NonNullable<ShellRedirect['body']> };
  readonly delimiter: string;
  readonly literal: boolean;
  readonly stripTabs: boolean;
}

/**
 * Cuts a POSIX shell script (with the bash words that firewall scripts use) into tokens. Words keep their pieces unexpanded. Written by
 * hand since quoting nests and here-documents depend on what came before; the grammar over the tokens is in `shell-parser.ts`.
 */
export class ShellLexer {
  private readonly text: string;
  private at = 0;
  private readonly tokens: ShellToken[] = [];
  private commandPosition = true;
  private documents: PendingDocument[] = [];
  /** What was read just before in this command, for `for NAME in` and `case WORD in`. */
  private wordsSince = 0;
  private header: 'for' | 'case' | 'function' | undefined;
  /** Between `[[` and `]]`, where `&&`, `||` and brackets are words. */
  private bracket = false;
  /** Behind `declare`, `local` and the like, whose operands are assignments. */
  private declares = false;

  /** How many characters were looked through for the end of arithmetic that was none. */
  private lookedInVain = 0;

  constructor(text: string) {
    this.text = text;
  }

  tokenize(): ShellToken[] {
    while (this.at < this.text.length) this.next();
    return this.tokens;
  }

  private next(): void {
    const { text } = this;
    const c = text[this.at]!;
    if (c === ' ' || c === '\t' || c === '\r') this.at++;
    else if (c === '\\' && /^\\\r?\n/.test(text.slice(this.at, this.at + 3)))
      this.at = text.indexOf('\n', this.at) + 1;
    else if (c === '#') {
      const end = text.indexOf('\n', this.at);
      this.at = end < 0 ? text.length : end;
    } else if (c === '\n') {
      // A test goes on over line ends.
      if (!this.bracket) this.push(shellTokens.Newline, this.at, this.at + 1);
      this.at++;
      if (this.bracket) return;
      this.readDocuments();
      this.begin();
    } else if (!this.operator(c)) this.word();
  }

  private begin(): void {
    this.commandPosition = true;
    this.header = undefined;
    this.wordsSince = 0;
    this.declares = false;
    this.bracket = false;
  }

  private operator(c: string): boolean {
    const { text, at } = this;
    const two = text.slice(at, at + 2);
    if (this.bracket && /[&|()<>]/.test(c)) {
      const length = two === '&&' || two === '||' ? 2 : 1;
      const parts: ShellPart[] = [{ kind: 'text', text: text.slice(at, at + length), quoted: false }];
      this.at += length;
      this.push(shellTokens.Word, at, this.at, { parts, start: at, end: this.at });
      return true;
    }
    const single = (type: TokenType, length: number): boolean => {
      this.push(type, at, at + length);
      this.at += length;
      this.begin();
      return true;
    };
    if (two === ';;') return single(shellTokens.DoubleSemicolon, text[at + 2] === '&' ? 3 : 2);
    if (c === ';') return single(shellTokens.Semicolon, 1);
    if (two === '&&') return single(shellTokens.And, 2);
    if (two === '||') return single(shellTokens.Or, 2);
    if (two === '|&') return single(shellTokens.Pipe, 2);
    if (c === '|') return single(shellTokens.Pipe, 1);
    if (two === '&>') return this.redirect('');
    if (c === '&') return single(shellTokens.Ampersand, 1);
    if (two === '((' && this.arithmetic()) return true;
    if (c === '(') return single(shellTokens.Open, 1);
    if (c === ')') return single(shellTokens.Close, 1);
    if (c === '<' || c === '>') return this.redirect('');
    return false;
  }

  /** `((…))` as a command or the head of a `for`; false for a group in a group. */
  private arithmetic(): boolean {
    const head = this.header === 'for' && this.wordsSince === 0;
    if (!head && !this.commandPosition) return false;
    const start = this.at;
    // Groups in groups without end are looked through from each bracket on; the grammar gives up sooner.
    if (this.lookedInVain > 100 * this.text.length) return false;
    const end = this.matching('(', ')', start);
    if (this.text[end - 1] !== ')' || end >= this.text.length) {
      this.lookedInVain += end - start;
      return false;
    }
    const text = this.text.slice(start + 2, end - 1);
    this.at = end + 1;
    const part: ShellPart = { kind: 'text', text, quoted: true };
    this.push(shellTokens.Arithmetic, start, this.at, { parts: [part], start, end: this.at });
    // `do` follows the head of a loop, with or without a separator.
    if (!head) this.commandPosition = false;
    return true;
  }

  private redirect(descriptor: string): boolean {
    const found = /^(?:&>>|&>|<<<|<<-|<<|<&|<>|<|>>|>&|>\||>)/.exec(this.text.slice(this.at, this.at + 3));
    const operator = found?.[0] ?? '';
    const start = this.at - descriptor.length;
    this.at += operator.length;
    while (this.text[this.at] === ' ' || this.text[this.at] === '\t') this.at++;
    const target = this.readWord();
    const redirect: PendingDocument['redirect'] = { operator, target };
    if (operator === '<<' || operator === '<<-') {
      const literal = target.parts.some((part) => part.quoted);
      const delimiter = target.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
      this.documents.push({ redirect, delimiter, literal, stripTabs: operator === '<<-' });
    }
    this.push(shellTokens.Redirect, start, this.at, redirect);
    return true;
  }

  private readDocuments(): void {
    for (const document of this.documents) {
      const start = this.at;
      let end = start;
      while (this.at < this.text.length) {
        const lineStart = this.at;
        let lineEnd = this.text.indexOf('\n', lineStart);
        if (lineEnd < 0) lineEnd = this.text.length;
        this.at = Math.min(lineEnd + 1, this.text.length);
        let line = this.text.slice(lineStart, lineEnd);
        if (document.stripTabs) line = line.replace(/^\t+/, '');
        if (line.replace(/\r$/, '') === document.delimiter) {
          end = lineStart;
          break;
        }
        end = this.at;
      }
      document.redirect.body = { start, end, literal: document.literal, stripTabs: document.stripTabs };
    }
    this.documents = [];
  }

  private word(): void {
    const start = this.at;
    const assignment =
      this.commandPosition || this.declares
        ? /^([A-Za-z_]\w*)(?:\[([^\]\n]*)\])?(\+?)=/.exec(this.text.slice(start, start + 160))
        : null;
    if (assignment !== null) {
      this.at += assignment[0].length;
      const values: ShellWord[] = [];
      const array = this.text[this.at] === '(';
      if (array) {
        this.at++;
        this.readArray(values);
      } else values.push(this.readWord());
      this.push(shellTokens.Assignment, start, this.at, {
        name: assignment[1] ?? '',
        ...(assignment[2] === undefined ? {} : { index: assignment[2] }),
        append: assignment[3] === '+',
        values,
        array,
      });
      return;
    }
    const word = this.readWord();
    if (this.at === start) {
      this.at++;
      return;
    }
    const image = this.text.slice(start, this.at);
    if (/^\d+$/.test(image) && (this.text[this.at] === '<' || this.text[this.at] === '>')) {
      this.redirect(image);
      return;
    }
    const keyword = this.commandPosition ? reservedWords.get(image) : undefined;
    if (keyword !== undefined) {
      this.push(keyword, start, this.at);
      this.commandPosition = opening.has(keyword);
      this.header = headerOf(keyword);
      this.wordsSince = 0;
      return;
    }
    if (image === 'in' && this.header !== undefined && this.wordsSince === 1) {
      this.push(shellTokens.In, start, this.at);
      // Patterns of a case stand where a command would; `esac` must be seen there.
      this.commandPosition = this.header === 'case';
      this.header = undefined;
      return;
    }
    // `for x do`: the list may be left out.
    if (image === 'do' && this.header === 'for') {
      this.push(shellTokens.Do, start, this.at);
      this.begin();
      return;
    }
    this.push(shellTokens.Word, start, this.at, word);
    this.wordsSince++;
    if (this.commandPosition) {
      this.declares = declaring.has(image);
      this.bracket = image === '[[';
    } else if (image === ']]') this.bracket = false;
    // The body of `function name {` begins where an argument would.
    this.commandPosition = this.header === 'function' && this.wordsSince === 1;
  }

  private readArray(values: ShellWord[]): void {
    const { text } = this;
    while (this.at < text.length && text[this.at] !== ')') {
      const c = text[this.at]!;
      if (/\s/.test(c)) this.at++;
      else if (c === '#') {
        const end = text.indexOf('\n', this.at);
        this.at = end < 0 ? text.length : end;
      } else {
        const before = this.at;
        values.push(this.readWord());
        if (this.at === before) this.at++;
      }
    }
    this.at++;
  }

  /** Reads the pieces of one word. */
  private readWord(): ShellWord {
    const start = this.at;
    const parts: ShellPart[] = [];
    const { text } = this;
    let plain = '';
    const flush = (quoted: boolean, always = false): void => {
      if (plain !== '' || always) parts.push({ kind: 'text', text: plain, quoted });
      plain = '';
    };
    while (this.at < text.length) {
      const c = text[this.at]!;
      if (/[\s;&|<>()]/.test(c)) break;
      if (c === "'") {
        flush(false);
        const end = text.indexOf("'", this.at + 1);
        plain = text.slice(this.at + 1, end < 0 ? text.length : end);
        this.at = end < 0 ? text.length : end + 1;
        flush(true, true);
      } else if (c === '"') {
        flush(false);
        this.at++;
        this.readQuoted(parts);
      } else if (c === '\\') {
        if (text[this.at + 1] === '\n') this.at += 2;
        else {
          flush(false);
          plain = text[this.at + 1] ?? '';
          this.at += 2;
          flush(true);
        }
      } else if (c === '$' && text[this.at + 1] === "'") {
        flush(false);
        plain = this.readEscaped();
        flush(true, true);
      } else if (c === '$' || c === '`') {
        flush(false);
        const part = this.readExpansion(false);
        if (part === undefined) {
          plain = c;
          this.at++;
        } else parts.push(part);
      } else {
        plain += c;
        this.at++;
      }
    }
    flush(false);
    return { parts, start, end: this.at };
  }

  /** `$'…'` of bash. */
  private readEscaped(): string {
    const found = /^\$'((?:[^'\\]|\\[^])*)'?/.exec(this.text.slice(this.at));
    this.at += found?.[0].length ?? 2;
    const escapes: Readonly<Record<string, string>> = {
      n: '\n',
      t: '\t',
      r: '\r',
      '\\': '\\',
      "'": "'",
      '"': '"',
    };
    return (found?.[1] ?? '').replace(/\\([^])/g, (whole, letter: string) => escapes[letter] ?? whole);
  }

  private readQuoted(parts: ShellPart[]): void {
    const { text } = this;
    let plain = '';
    let any = false;
    const flush = (): void => {
      if (plain !== '') {
        parts.push({ kind: 'text', text: plain, quoted: true });
        any = true;
      }
      plain = '';
    };
    while (this.at < text.length && text[this.at] !== '"') {
      const c = text[this.at]!;
      if (c === '\\' && /[\\"$`\n]/.test(text[this.at + 1] ?? '')) {
        if (text[this.at + 1] !== '\n') plain += text[this.at + 1]!;
        this.at += 2;
      } else if (c === '$' || c === '`') {
        flush();
        const part = this.readExpansion(true);
        if (part === undefined) {
          plain = c;
          this.at++;
        } else {
          parts.push(part);
          any = true;
        }
      } else {
        plain += c;
        this.at++;
      }
    }
    this.at++;
    flush();
    if (!any) parts.push({ kind: 'text', text: '', quoted: true });
  }

  /** Reads `$name`, `${…}`, `$(…)`, `$((…))` or backquotes; undefined for a lone `$`. */
  private readExpansion(quoted: boolean): ShellPart | undefined {
    const { text } = this;
    if (text[this.at] === '`') {
      const end = text.indexOf('`', this.at + 1);
      const inner = text.slice(this.at + 1, end < 0 ? text.length : end);
      this.at = end < 0 ? text.length : end + 1;
      return { kind: 'command', text: inner, quoted };
    }
    const after = text[this.at + 1] ?? '';
    if (after === '(') {
      const arithmetic = text[this.at + 2] === '(';
      const end = this.matching('(', ')', this.at + 1);
      const inner = text.slice(this.at + 2, end);
      this.at = Math.min(end + 1, text.length);
      return arithmetic
        ? { kind: 'arithmetic', text: inner.slice(1, -1), quoted }
        : { kind: 'command', text: inner, quoted };
    }
    if (after === '{') {
      const end = this.matching('{', '}', this.at + 1);
      const inner = text.slice(this.at + 2, end);
      this.at = Math.min(end + 1, text.length);
      const parsed = /^([#!]?)([A-Za-z_]\w*|[0-9]+|[@*#?$!-])(\[[^\]]*\])?([^]*)$/.exec(inner);
      if (parsed === null) return { kind: 'command', text: inner, quoted };
      const [, prefix = '', name = '', index = '', rest = ''] = parsed;
      const operator = /^(?::?[-=+?]|##?|%%?|\/\/?|\^\^?|,,?|:)/.exec(rest)?.[0] ?? '';
      return {
        kind: 'variable',
        name,
        operator: prefix + index + operator,
        operand: rest.slice(operator.length),
        quoted,
      };
    }
    const name = /^(?:[A-Za-z_]\w*|[0-9@*#?$!-])/.exec(text.slice(this.at + 1, this.at + 65))?.[0];
    if (name === undefined) return undefined;
    this.at += 1 + name.length;
    return { kind: 'variable', name, operator: '', operand: '', quoted };
  }

  /** Where the bracket that opens at `from` closes, minding quotes; the end of the text if it does not. */
  private matching(open: string, close: string, from: number): number {
    const { text } = this;
    let depth = 0;
    for (let i = from; i < text.length; i++) {
      const c = text[i]!;
      if (c === '\\') i++;
      else if (c === "'" && open === '(') {
        const end = text.indexOf("'", i + 1);
        if (end < 0) return text.length;
        i = end;
      } else if (c === open) depth++;
      else if (c === close && --depth === 0) return i;
    }
    return text.length;
  }

  private push(type: TokenType, start: number, end: number, payload?: ShellToken['payload']): void {
    const instance = createTokenInstance(type, this.text.slice(start, end), start, end - 1, 1, 1, 1, 1);
    this.tokens.push(Object.assign(instance, { payload }));
  }
}

/** Reads text as one word, for the operand of `${name:-operand}`. */
export function lexWord(text: string): ShellWord {
  const [first] = new ShellLexer(`: ${text}`).tokenize().slice(1);
  const payload = first?.payload;
  if (payload !== undefined && 'parts' in payload) return payload;
  return { parts: [], start: 0, end: 0 };
}

/** Reads text as words. */
export function lexWords(text: string): readonly ShellWord[] {
  return new ShellLexer(`: ${text}`)
    .tokenize()
    .slice(1)
    .flatMap(({ payload }) => (payload !== undefined && 'parts' in payload ? [payload] : []));
}
