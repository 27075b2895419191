import { tokenLabel } from 'chevrotain';
import type { IParserErrorMessageProvider, ParserMethod } from 'chevrotain';
import { StrictParser } from '../shared/strict-parser.ts';
import type { Criteria, InterfaceTerm, PortTerm } from './syntax.ts';
import {
  allTokens,
  Atom,
  Bang,
  Comma,
  Direction,
  FamilyWord,
  keyword,
  LBrace,
  NumberToken,
  PortBinary,
  RBrace,
  Text,
  UnaryOperator,
} from './tokens.ts';
import type { PfToken } from './tokens.ts';

/** Messages say only what was expected; what was read is at the error's token. */
const errorMessageProvider: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => tokenLabel(expected),
  buildNotAllInputParsedMessage: () => 'the end of the statement',
  buildNoViableAltMessage: () => 'another word',
  buildEarlyExitMessage: () => 'at least one item',
};

const On = keyword('on');
const Any = keyword('any');
const Rdomain = keyword('rdomain');
const Proto = keyword('proto');
const Log = keyword('log');
const Quick = keyword('quick');

/** A copy of the exact size: an array that grew by push has room for 17 items, and a tree keeps hundreds of thousands of lists. */
export function exact<T>(items: readonly T[]): T[] {
  return items.slice();
}

/** The alternatives of an OR, made once: a closure for each of them on each call costs more than the parsing. */
export type Alternatives = { readonly ALT: () => void }[] | undefined;

/**
 * Interfaces, protocols and ports: what may be a `{ list }`. Commas are optional in all lists, as in parse.y.
 * The grammar is LL(1), so no look-ahead is computed beyond one token.
 *
 * Results go into fields of the parser, never through return values: it is faster, and what was read before an error is kept.
 */
export abstract class ListParser extends StrictParser {
  /** What the current rule's criteria are written into. */
  protected criteria: Criteria = {};
  private ports: PortTerm[] = [];
  private interfaces: InterfaceTerm[] = [];
  private words: PfToken[] = [];

  protected constructor() {
    super([...allTokens], { maxLookahead: 1, errorMessageProvider });
  }

  /** `( anything )`, with the words inside. */
  protected abstract readonly parenthesised: ParserMethod<[], PfToken[]>;

  private readonly takeDirection = (): void => {
    this.criteria.direction = this.CONSUME(Direction) as PfToken;
  };
  protected readonly direction = this.RULE('direction', (): void => {
    this.OPTION(this.takeDirection);
  });

  private logAlternatives: Alternatives = undefined;
  private readonly takeLogOrQuick = (): void => {
    this.OR(
      (this.logAlternatives ??= [
        {
          ALT: () => {
            this.criteria.quick = this.CONSUME(Quick) as PfToken;
          },
        },
        { ALT: () => this.SUBRULE(this.log) },
      ]),
    );
  };
  protected readonly logAndQuick = this.RULE('logAndQuick', (): void => {
    this.MANY(this.takeLogOrQuick);
  });

  protected readonly log = this.RULE('log', (): void => {
    this.CONSUME(Log);
    this.OPTION(() => this.SUBRULE(this.parenthesised));
  });

  private readonly takeFamily = (): void => {
    this.criteria.family = this.CONSUME(FamilyWord) as PfToken;
  };
  protected readonly family = this.RULE('family', (): void => {
    this.OPTION(this.takeFamily);
  });

  private readonly takeInterface = (): void => {
    this.CONSUME(On);
    this.interfaces = [];
    this.OR([
      { ALT: () => this.SUBRULE(this.interfaceItem) },
      {
        ALT: () => {
          this.CONSUME(LBrace);
          this.SUBRULE2(this.interfaceItem);
          this.MANY(() => {
            this.OPTION2(() => this.CONSUME(Comma));
            this.SUBRULE3(this.interfaceItem);
          });
          this.CONSUME(RBrace);
        },
      },
    ]);
    this.criteria.interfaces = exact(this.interfaces);
  };
  protected readonly interface = this.RULE('interface', (): void => {
    this.OPTION(this.takeInterface);
  });

  private readonly interfaceItem = this.RULE('interfaceItem', (): void => {
    let negated = false;
    this.OPTION(() => {
      this.CONSUME(Bang);
      negated = true;
    });
    const add = (name: unknown, rdomain: boolean): void => {
      this.interfaces.push({ negated, name: name as PfToken, rdomain });
    };
    this.OR([
      { ALT: () => add(this.CONSUME(Text), false) },
      { ALT: () => add(this.CONSUME(Any), false) },
      {
        ALT: () => {
          this.CONSUME(Rdomain);
          add(this.CONSUME(NumberToken), true);
        },
      },
    ]);
  });

  private readonly takeProtocols = (): void => {
    this.CONSUME(Proto);
    this.criteria.protocols = this.SUBRULE(this.wordList);
  };
  protected readonly protocol = this.RULE('protocol', (): void => {
    this.OPTION(this.takeProtocols);
  });

  private wordAlternatives: Alternatives = undefined;
  /** A word or number, or a list of them. */
  protected readonly wordList = this.RULE('wordList', (): PfToken[] => {
    this.words = [];
    this.OR(
      (this.wordAlternatives ??= [
        {
          ALT: () => {
            this.words.push(this.CONSUME1(Atom) as PfToken);
          },
        },
        {
          ALT: () => {
            this.CONSUME(LBrace);
            this.words.push(this.CONSUME2(Atom) as PfToken);
            this.MANY(() => {
              this.OPTION(() => this.CONSUME(Comma));
              this.words.push(this.CONSUME3(Atom) as PfToken);
            });
            this.CONSUME(RBrace);
          },
        },
      ]),
    );
    return exact(this.words);
  });

  private portListAlternatives: Alternatives = undefined;
  /** Port items, or the items of `user` and `group`, which are written the same way. */
  protected readonly portList = this.RULE('portList', (): PortTerm[] => {
    this.ports = [];
    this.OR(
      (this.portListAlternatives ??= [
        {
          ALT: () => {
            this.CONSUME(LBrace);
            this.SUBRULE1(this.portItem);
            this.MANY(() => {
              this.OPTION(() => this.CONSUME(Comma));
              this.SUBRULE2(this.portItem);
            });
            this.CONSUME(RBrace);
          },
        },
        { ALT: () => this.SUBRULE3(this.portItem) },
      ]),
    );
    return exact(this.ports);
  });

  private portAlternatives: Alternatives = undefined;
  private portToken: PfToken = undefined as unknown as PfToken;
  private binary: Pick<PortTerm, 'operator' | 'to'> | undefined = undefined;
  private readonly takeBinary = (): void => {
    const operator = this.CONSUME(PortBinary) as PfToken;
    this.binary = { operator, to: this.CONSUME2(Atom) as PfToken };
  };
  private readonly portItem = this.RULE('portItem', (): void => {
    this.OR(
      (this.portAlternatives ??= [
        {
          ALT: () => {
            this.portToken = this.CONSUME1(Atom) as PfToken;
            this.binary = undefined;
            this.OPTION(this.takeBinary);
            const token = this.portToken;
            this.ports.push(this.binary === undefined ? { token } : { token, ...(this.binary as object) });
          },
        },
        {
          ALT: () => {
            const operator = this.CONSUME(UnaryOperator) as PfToken;
            const token = this.CONSUME3(Atom) as PfToken;
            this.ports.push({ token, operator });
          },
        },
      ]),
    );
  });
}
