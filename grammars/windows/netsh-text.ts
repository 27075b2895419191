import { createToken, Lexer, type CustomPatternMatcherReturn, type IToken, type TokenType } from 'chevrotain';
import { StrictParser } from '../shared/strict-parser.ts';
import { netshFields, type NetshField, type NetshLanguage, type NetshSetting } from './netsh-language.ts';

/** One labelled line: `LocalPort:    80`, with the lines that continue it (an ICMP table, a wrapped description). */
export interface NetshFieldLine {
  readonly field: NetshField;
  readonly value: string;
  /** Offset of the value. */
  readonly at: number;
  /** Following lines that carry no label, trimmed. */
  readonly more: string[];
}

/** One rule as `show rule` prints it. */
export interface NetshBlock {
  readonly kind: 'rule';
  readonly start: number;
  readonly end: number;
  readonly name: string;
  /** False when the line of dashes under the name is missing. */
  readonly ruled: boolean;
  readonly fields: readonly NetshFieldLine[];
}

/** One profile's part of `show allprofiles`. */
export interface NetshProfile {
  readonly kind: 'profile';
  readonly profile: 'domain' | 'private' | 'public';
  readonly start: number;
  readonly end: number;
  readonly settings: readonly NetshProfileSetting[];
}

export interface NetshProfileSetting {
  readonly setting: NetshSetting;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

export interface NetshLine {
  readonly kind: 'line';
  readonly text: string;
  readonly start: number;
}

export type NetshPart = NetshBlock | NetshProfile | NetshLine;

/** Values start at column 38; a text that was pasted together by hand may have them anywhere. */
const paddedColumn = 30;
const longestLabel = 60;
const chunkSize = 1 << 16;

interface LabelPayload {
  readonly field: NetshField;
  readonly valueAt: number;
}

interface NetshGrammar {
  readonly lexer: Lexer;
  readonly parser: NetshParser;
  readonly tokens: NetshTokens;
}

interface NetshTokens {
  readonly Name: TokenType;
  readonly Field: TokenType;
  readonly Ruler: TokenType;
  readonly Heading: TokenType;
  readonly Setting: TokenType;
  readonly Line: TokenType;
  readonly all: readonly TokenType[];
}

function tokensOf(language: NetshLanguage): NetshTokens {
  const fieldOf = new Map<string, NetshField>();
  for (const field of netshFields) for (const label of language.labels[field]) fieldOf.set(label, field);
  const headings = new Map<string, NetshProfile['profile']>();
  for (const profile of ['domain', 'private', 'public'] as const) {
    for (const heading of language.headings[profile]) headings.set(heading, profile);
  }
  const settings = new Map<string, NetshSetting>();
  for (const setting of ['state', 'policy', 'localRules'] as const) {
    for (const label of language.settings[setting]) settings.set(label, setting);
  }

  function matchField(text: string, offset: number, wantName: boolean): CustomPatternMatcherReturn | null {
    let colon = offset;
    const limit = Math.min(text.length, offset + longestLabel);
    for (; colon < limit; colon++) {
      const c = text.charCodeAt(colon);
      if (c === 58 || c === 0xff1a) break;
      if (c === 10 || c === 13) return null;
    }
    if (colon >= limit) return null;
    let labelEnd = colon;
    while (labelEnd > offset && isBlank(text.charCodeAt(labelEnd - 1))) labelEnd--;
    const field = fieldOf.get(text.slice(offset, labelEnd));
    if (field === undefined || (field === 'name') !== wantName) return null;
    const end = lineEnd(text, colon);
    let valueAt = colon + 1;
    while (valueAt < end && isBlank(text.charCodeAt(valueAt))) valueAt++;
    const found: CustomPatternMatcherReturn = [text.slice(offset, end)];
    found.payload = { field, valueAt } satisfies LabelPayload;
    return found;
  }
  const wholeLine = (text: string, offset: number): CustomPatternMatcherReturn => [
    text.slice(offset, lineEnd(text, offset)),
  ];

  const Newline = createToken({
    name: 'Newline',
    pattern: /[\r\n]+/,
    group: Lexer.SKIPPED,
    line_breaks: true,
  });
  const Ruler = createToken({ name: 'Ruler', pattern: /-{10,}[ \t]*(?![^\r\n])/, line_breaks: false });
  const Name = createToken({
    name: 'Name',
    pattern: (text: string, offset: number) => matchField(text, offset, true),
    line_breaks: false,
  });
  const Field = createToken({
    name: 'Field',
    pattern: (text: string, offset: number) => matchField(text, offset, false),
    line_breaks: false,
  });
  const Heading = createToken({
    name: 'Heading',
    pattern: (text: string, offset: number) => {
      const end = lineEnd(text, offset);
      if (end - offset > longestLabel) return null;
      const profile = headings.get(text.slice(offset, end).replace(/[\s:：]+$/, ''));
      if (profile === undefined) return null;
      const found = wholeLine(text, offset);
      found.payload = profile;
      return found;
    },
    line_breaks: false,
  });
  const Setting = createToken({
    name: 'Setting',
    pattern: (text: string, offset: number) => {
      const end = lineEnd(text, offset);
      if (end - offset > 200) return null;
      const gap = text.indexOf('  ', offset);
      if (gap < 0 || gap >= end) return null;
      const setting = settings.get(text.slice(offset, gap));
      if (setting === undefined) return null;
      const found = wholeLine(text, offset);
      found.payload = { setting, value: text.slice(gap, end).trim() };
      return found;
    },
    line_breaks: false,
  });
  const Line = createToken({ name: 'Line', pattern: /[^\r\n]+/, line_breaks: false });
  const all = [Newline, Ruler, Name, Field, Heading, Setting, Line];
  return { Name, Field, Ruler, Heading, Setting, Line, all };
}

function isBlank(c: number): boolean {
  return c === 32 || c === 9 || c === 0xa0 || c === 0x3000;
}

function lineEnd(text: string, from: number): number {
  let end = from;
  for (; end < text.length; end++) {
    const c = text.charCodeAt(end);
    if (c === 10 || c === 13) break;
  }
  return end;
}

class NetshParser extends StrictParser {
  private readonly tokens: NetshTokens;
  private base = 0;
  private padded = true;

  constructor(tokens: NetshTokens) {
    super([...tokens.all]);
    this.tokens = tokens;
    this.performSelfAnalysis();
  }

  parse(input: IToken[], base: number, padded: boolean): readonly NetshPart[] {
    this.base = base;
    this.padded = padded;
    this.input = input;
    return this.listing();
  }

  readonly listing = this.RULE('listing', (): readonly NetshPart[] => {
    const parts: NetshPart[] = [];
    this.MANY(() => {
      this.OR([
        { ALT: () => parts.push(this.SUBRULE(this.block)) },
        { ALT: () => parts.push(this.SUBRULE(this.profile)) },
        { ALT: () => parts.push(this.SUBRULE(this.other)) },
      ]);
    });
    return parts;
  });

  private readonly block = this.RULE('block', (): NetshBlock => {
    const name = this.CONSUME(this.tokens.Name);
    let ruled = false;
    let end = name;
    this.OPTION(() => {
      end = this.CONSUME(this.tokens.Ruler);
      ruled = true;
    });
    const fields: NetshFieldLine[] = [];
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            end = this.CONSUME(this.tokens.Field);
            this.ACTION(() => this.addField(fields, end));
          },
        },
        { ALT: () => (end = this.addMore(fields, this.CONSUME(this.tokens.Line))) },
        { ALT: () => (end = this.addMore(fields, this.CONSUME(this.tokens.Setting))) },
        { ALT: () => (end = this.addMore(fields, this.CONSUME2(this.tokens.Ruler))) },
      ]);
    });
    return this.ACTION(() => ({
      kind: 'rule',
      start: this.base + name.startOffset,
      end: this.base + end.startOffset + end.image.length,
      name: valueOf(name),
      ruled,
      fields,
    }));
  });

  private readonly profile = this.RULE('profile', (): NetshProfile => {
    const heading = this.CONSUME(this.tokens.Heading);
    let end = heading;
    const settings: NetshProfileSetting[] = [];
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            end = this.CONSUME(this.tokens.Setting);
            this.ACTION(() => {
              const start = this.base + end.startOffset;
              const { setting, value } = end.payload as { setting: NetshSetting; value: string };
              settings.push({ setting, value, start, end: start + end.image.length });
            });
          },
        },
        { ALT: () => (end = this.CONSUME(this.tokens.Line)) },
        { ALT: () => (end = this.CONSUME(this.tokens.Ruler)) },
      ]);
    });
    return this.ACTION(() => ({
      kind: 'profile',
      profile: heading.payload as NetshProfile['profile'],
      start: this.base + heading.startOffset,
      end: this.base + end.startOffset + end.image.length,
      settings,
    }));
  });

  private readonly other = this.RULE('other', (): NetshLine => {
    const token = this.OR([
      { ALT: () => this.CONSUME(this.tokens.Line) },
      { ALT: () => this.CONSUME(this.tokens.Field) },
      { ALT: () => this.CONSUME(this.tokens.Setting) },
      { ALT: () => this.CONSUME(this.tokens.Ruler) },
    ]);
    return this.ACTION(() => ({ kind: 'line', text: token.image, start: this.base + token.startOffset }));
  });

  private addField(fields: NetshFieldLine[], token: IToken): void {
    const { field, valueAt } = token.payload as LabelPayload;
    const column = valueAt - token.startOffset;
    const value = valueOf(token);
    // A description may imitate a line (`Action: Allow`), but netsh pads its own to a column.
    if (this.padded && value !== '' && column < paddedColumn) this.addMore(fields, token);
    else fields.push({ field, value, at: this.base + valueAt, more: [] });
  }

  private addMore(fields: NetshFieldLine[], token: IToken): IToken {
    this.ACTION(() => fields.at(-1)?.more.push(token.image.trim()));
    return token;
  }
}

function valueOf(token: IToken): string {
  const { valueAt } = token.payload as LabelPayload;
  return token.image.slice(valueAt - token.startOffset).trimEnd();
}

const grammars = new Map<string, NetshGrammar>();

function grammarOf(language: NetshLanguage): NetshGrammar {
  let grammar = grammars.get(language.code);
  if (grammar === undefined) {
    const tokens = tokensOf(language);
    const lexer = new Lexer([...tokens.all], {
      positionTracking: 'onlyOffset',
      skipValidations: true,
      ensureOptimizations: false,
    });
    grammar = { lexer, tokens, parser: new NetshParser(tokens) };
    grammars.set(language.code, grammar);
  }
  return grammar;
}

/**
 * Reads a listing piece by piece, cutting only before a rule's name line, so that a large export never stands in memory as tokens.
 * Every line of the text belongs to exactly one part.
 */
export function* parseNetshText(text: string, language: NetshLanguage): Generator<NetshPart> {
  const { lexer, parser } = grammarOf(language);
  const boundaries = language.labels.name.map((label) => ({ mark: `\n${label}`, next: -1 }));
  const padded = isPadded(text, language);
  let start = 0;
  while (start < text.length) {
    const wanted = start + chunkSize;
    let end = text.length;
    for (const boundary of boundaries) {
      if (boundary.next < wanted) {
        const found = text.indexOf(boundary.mark, wanted);
        boundary.next = found < 0 ? text.length : found + 1;
      }
      end = Math.min(end, boundary.next);
    }
    const { tokens } = lexer.tokenize(text.slice(start, end));
    yield* parser.parse(tokens, start, padded);
    start = end;
  }
}

function isPadded(text: string, language: NetshLanguage): boolean {
  for (const label of language.labels.name) {
    const at = text.startsWith(label) ? 0 : text.indexOf(`\n${label}`) + 1;
    if (at === 0 && !text.startsWith(label)) continue;
    const end = lineEnd(text, at);
    const colon = text.indexOf(':', at);
    if (colon < 0 || colon > end) continue;
    let value = colon + 1;
    while (value < end && isBlank(text.charCodeAt(value))) value++;
    return value - at >= paddedColumn;
  }
  return false;
}
