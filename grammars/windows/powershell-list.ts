import { createToken, Lexer, type IToken } from 'chevrotain';
import { StrictParser } from '../shared/strict-parser.ts';
import { whenNeeded } from '../shared/when-needed.ts';

/** One object as PowerShell's list view prints it: `Name : value` lines, up to a blank line. */
export interface ListObject {
  readonly start: number;
  readonly end: number;
  readonly properties: readonly ListProperty[];
}

export interface ListProperty {
  readonly name: string;
  /** Wrapped lines joined. */
  readonly value: string;
  readonly at: number;
}

const Property = createToken({
  name: 'Property',
  pattern: /[A-Za-z][A-Za-z0-9_]{0,60} *:(?: [^\r\n]*)?(?![^\r\n])/,
  line_breaks: false,
});
/** The rest of a long value, indented below its start. */
const More = createToken({ name: 'More', pattern: /[ \t]{2,}[^\s][^\r\n]*/, line_breaks: false });
const BlankLine = createToken({ name: 'BlankLine', pattern: /\r?\n(?:[ \t]*\r?\n)+/, line_breaks: true });
const Newline = createToken({
  name: 'Newline',
  pattern: /\r?\n|\r|\ufeff/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});
const Other = createToken({ name: 'Other', pattern: /[^\r\n]+/, line_breaks: false });
const tokens = [BlankLine, Newline, Property, More, Other];

class ListParser extends StrictParser {
  constructor() {
    super(tokens);
    this.performSelfAnalysis();
  }

  parse(input: IToken[]): readonly ListObject[] {
    this.input = input;
    return this.objects();
  }

  private readonly objects = this.RULE('objects', (): readonly ListObject[] => {
    const objects: ListObject[] = [];
    this.MANY(() => {
      this.OR([
        { ALT: () => objects.push(this.SUBRULE(this.object)) },
        { ALT: () => this.CONSUME(BlankLine) },
        { ALT: () => this.CONSUME(Other) },
        { ALT: () => this.CONSUME(More) },
      ]);
    });
    return objects;
  });

  private readonly object = this.RULE('object', (): ListObject => {
    const properties: { name: string; value: string; at: number }[] = [];
    let first: IToken | undefined;
    let last: IToken | undefined;
    this.AT_LEAST_ONE(() => {
      const token = this.CONSUME(Property);
      first ??= token;
      last = token;
      this.ACTION(() => properties.push(propertyOf(token)));
      this.MANY(() => {
        last = this.CONSUME(More);
        const more = last;
        this.ACTION(() => (properties.at(-1)!.value += joint(properties.at(-1)!.value) + more.image.trim()));
      });
    });
    return this.ACTION(() => ({
      start: first!.startOffset,
      end: last!.startOffset + last!.image.length,
      properties,
    }));
  });
}

/** A wrapped list goes on after its comma; other text was cut at the width of the console. */
function joint(value: string): string {
  return value.endsWith(',') ? ' ' : '';
}

function propertyOf(token: IToken): { name: string; value: string; at: number } {
  const colon = token.image.indexOf(':');
  const value = token.image.slice(colon + 1);
  const trimmed = value.trimStart();
  return {
    name: token.image.slice(0, colon).trimEnd(),
    value: trimmed.trimEnd(),
    at: token.startOffset + colon + 1 + (value.length - trimmed.length),
  };
}

const grammar = whenNeeded(() => ({
  lexer: new Lexer(tokens, { positionTracking: 'onlyOffset', skipValidations: true }),
  parser: new ListParser(),
}));

/** Objects of `Get-NetFirewallRule`'s list view (`Format-List`). */
export function parsePowershellList(text: string): readonly ListObject[] {
  const { lexer, parser } = grammar();
  return parser.parse(lexer.tokenize(text).tokens);
}
