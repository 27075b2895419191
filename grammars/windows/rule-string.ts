import { createToken, Lexer, type IToken } from 'chevrotain';
import { StrictParser } from '../shared/strict-parser.ts';
import { whenNeeded } from '../shared/when-needed.ts';

/**
 * A firewall rule as the registry holds it (MS-GPFAS 2.2.2): `v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=22|Name=SSH|`.
 * A value ends at the bar and may hold `=`, so the first `=` divides.
 */
export interface RuleString {
  /** `2.31`; undefined when the text does not start with a version. */
  readonly version: string | undefined;
  readonly fields: readonly RuleStringField[];
  /** Pieces between bars without `=`. */
  readonly junk: readonly { readonly text: string; readonly at: number }[];
}

export interface RuleStringField {
  /** As written. */
  readonly key: string;
  readonly value: string;
  /** Offset of the value. */
  readonly at: number;
}

const Bar = createToken({ name: 'Bar', pattern: '|', group: Lexer.SKIPPED });
const Version = createToken({ name: 'Version', pattern: /v\d+\.\d+(?![^|])/i, line_breaks: false });
const Field = createToken({ name: 'Field', pattern: /[^|=]+=[^|]*/, line_breaks: true });
const Junk = createToken({ name: 'Junk', pattern: /[^|]+/, line_breaks: true });
const tokens = [Bar, Version, Field, Junk];

class RuleStringParser extends StrictParser {
  private base = 0;

  constructor() {
    super(tokens);
    this.performSelfAnalysis();
  }

  parse(input: IToken[], base: number): RuleString {
    this.base = base;
    this.input = input;
    return this.rule();
  }

  private readonly rule = this.RULE('rule', (): RuleString => {
    let version: string | undefined;
    const fields: RuleStringField[] = [];
    const junk: { text: string; at: number }[] = [];
    this.OPTION(() => {
      const token = this.CONSUME(Version);
      version = token.image.slice(1);
    });
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            const token = this.CONSUME(Field);
            this.ACTION(() => {
              const equals = token.image.indexOf('=');
              fields.push({
                key: token.image.slice(0, equals),
                value: token.image.slice(equals + 1),
                at: this.base + token.startOffset + equals + 1,
              });
            });
          },
        },
        { ALT: () => this.addJunk(junk, this.CONSUME(Junk)) },
        { ALT: () => this.addJunk(junk, this.CONSUME2(Version)) },
      ]);
    });
    return { version, fields, junk };
  });

  private addJunk(junk: { text: string; at: number }[], token: IToken): void {
    this.ACTION(() => junk.push({ text: token.image, at: this.base + token.startOffset }));
  }
}

const grammar = whenNeeded(() => ({
  lexer: new Lexer(tokens, { positionTracking: 'onlyOffset', skipValidations: true }),
  parser: new RuleStringParser(),
}));

/** `at` is the offset of the text in its source. Escapes of a surrounding file format are left as they are. */
export function parseRuleString(text: string, at: number): RuleString {
  const { lexer, parser } = grammar();
  return parser.parse(lexer.tokenize(text).tokens, at);
}

/** Whether a registry value looks like a firewall rule. */
export function isRuleString(text: string): boolean {
  return /^v\d+\.\d+\|/i.test(text);
}
