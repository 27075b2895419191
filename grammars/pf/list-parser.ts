import { tokenLabel } from 'chevrotain';
import type { IParserErrorMessageProvider, ParserMethod } from 'chevrotain';
import { StrictParser } from '../shared/strict-parser.ts';
import type { Criteria, HostTerm, InterfaceTerm, Peer, PortTerm } from './syntax.ts';
import {
  allTokens,
  Bang,
  Comma,
  Equal,
  Greater,
  GreaterEqual,
  keyword,
  LBrace,
  Less,
  LessEqual,
  LParen,
  Minus,
  NotEqual,
  NumberToken,
  PortBinary,
  RBrace,
  RParen,
  Slash,
  Text,
} from './tokens.ts';
import type { PfToken } from './tokens.ts';

/** Messages say only what was expected; what was read is at the error's token. */
const errorMessageProvider: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => tokenLabel(expected),
  buildNotAllInputParsedMessage: () => 'the end of the statement',
  buildNoViableAltMessage: () => 'another word',
  buildEarlyExitMessage: () => 'at least one item',
};

interface Alternative<T> {
  readonly ALT: () => T;
}

/**
 * Interfaces, protocols, hosts and ports: everything that may be a `{ list }`. Commas are optional in all lists, as in parse.y.
 * The grammar is LL(1), so no look-ahead is computed beyond one token. Alternatives on hot paths are made once.
 */
export abstract class ListParser extends StrictParser {
  /** What the current rule's criteria are written into. */
  protected criteria: Criteria = {};
  /** What the current host list is written into. */
  protected hosts: HostTerm[] = [];
  private ports: PortTerm[] = [];
  private interfaces: InterfaceTerm[] = [];
  private words: PfToken[] = [];
  protected negated = false;

  protected constructor() {
    super([...allTokens], { maxLookahead: 1, errorMessageProvider });
  }

  protected readonly direction = this.RULE('direction', (): void => {
    this.OPTION(() => {
      const direction = this.OR([
        { ALT: () => this.CONSUME(keyword('in')) },
        { ALT: () => this.CONSUME(keyword('out')) },
      ]);
      this.ACTION(() => (this.criteria.direction = direction as PfToken));
    });
  });

  protected readonly logAndQuick = this.RULE('logAndQuick', (): void => {
    this.MANY(() =>
      this.OR([
        { ALT: () => this.SUBRULE(this.log) },
        {
          ALT: () => {
            const quick = this.CONSUME(keyword('quick'));
            this.ACTION(() => (this.criteria.quick = quick as PfToken));
          },
        },
      ]),
    );
  });

  protected readonly log = this.RULE('log', (): void => {
    this.CONSUME(keyword('log'));
    this.OPTION(() => this.SUBRULE(this.parenthesised));
  });

  protected readonly family = this.RULE('family', (): void => {
    this.OPTION(() => {
      const family = this.OR([
        { ALT: () => this.CONSUME(keyword('inet')) },
        { ALT: () => this.CONSUME(keyword('inet6')) },
      ]);
      this.ACTION(() => (this.criteria.family = family as PfToken));
    });
  });

  protected readonly interface = this.RULE('interface', (): void => {
    this.OPTION(() => {
      this.CONSUME(keyword('on'));
      this.ACTION(() => (this.interfaces = []));
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
      this.ACTION(() => (this.criteria.interfaces = this.interfaces));
    });
  });

  private readonly interfaceItem = this.RULE('interfaceItem', (): void => {
    const negated = this.SUBRULE(this.not);
    this.OR([
      {
        ALT: () => {
          const name = this.CONSUME(Text) as PfToken;
          this.ACTION(() => this.interfaces.push({ negated, name, rdomain: false }));
        },
      },
      {
        ALT: () => {
          const name = this.CONSUME(keyword('any')) as PfToken;
          this.ACTION(() => this.interfaces.push({ negated, name, rdomain: false }));
        },
      },
      {
        ALT: () => {
          this.CONSUME(keyword('rdomain'));
          const name = this.CONSUME(NumberToken) as PfToken;
          this.ACTION(() => this.interfaces.push({ negated, name, rdomain: true }));
        },
      },
    ]);
  });

  protected readonly not = this.RULE('not', (): boolean => {
    let negated = false;
    this.OPTION(() => {
      this.CONSUME(Bang);
      negated = true;
    });
    return negated;
  });

  protected readonly protocol = this.RULE('protocol', (): void => {
    this.OPTION(() => {
      this.CONSUME(keyword('proto'));
      const words = this.SUBRULE(this.wordList);
      this.ACTION(() => (this.criteria.protocols = words));
    });
  });

  /** A word or number, or a list of them. */
  protected readonly wordList = this.RULE('wordList', (): PfToken[] => {
    this.ACTION(() => (this.words = []));
    this.OR([
      { ALT: () => this.SUBRULE(this.wordItem) },
      {
        ALT: () => {
          this.CONSUME(LBrace);
          this.SUBRULE2(this.wordItem);
          this.MANY(() => {
            this.OPTION(() => this.CONSUME(Comma));
            this.SUBRULE3(this.wordItem);
          });
          this.CONSUME(RBrace);
        },
      },
    ]);
    return this.words;
  });

  private readonly wordItem = this.RULE('wordItem', (): void => {
    const word = this.SUBRULE(this.word);
    this.ACTION(() => this.words.push(word));
  });

  private wordAlternatives: Alternative<PfToken>[] | undefined = undefined;
  /** `numberstring`. */
  protected readonly word = this.RULE('word', (): PfToken =>
    this.OR(
      (this.wordAlternatives ??= [
        { ALT: () => this.CONSUME(Text) as PfToken },
        { ALT: () => this.CONSUME(NumberToken) as PfToken },
      ]),
    ),
  );

  protected readonly fromTo = this.RULE('fromTo', (): void => {
    this.OR([
      { ALT: () => this.CONSUME(keyword('all')) },
      {
        ALT: () => {
          this.OPTION1(() => {
            this.CONSUME(keyword('from'));
            const from = this.SUBRULE1(this.peer);
            this.ACTION(() => (this.criteria.from = from));
          });
          this.OPTION2(() => {
            this.CONSUME(keyword('os'));
            const systems = this.SUBRULE(this.wordList);
            this.ACTION(() => (this.criteria.systems = systems));
          });
          this.OPTION3(() => {
            this.CONSUME(keyword('to'));
            const to = this.SUBRULE2(this.peer);
            this.ACTION(() => (this.criteria.to = to));
          });
        },
      },
    ]);
  });

  private readonly peer = this.RULE('peer', (): Peer => {
    const peer: Peer = {};
    this.OR([
      {
        ALT: () => {
          const ports = this.SUBRULE1(this.portSpec);
          this.ACTION(() => (peer.ports = ports));
        },
      },
      {
        ALT: () => {
          const hosts = this.SUBRULE(this.hostSpec);
          this.ACTION(() => (peer.hosts = hosts));
          this.OPTION(() => {
            const ports = this.SUBRULE2(this.portSpec);
            this.ACTION(() => (peer.ports = ports));
          });
        },
      },
    ]);
    return peer;
  });

  /** `port 22`, `port { 80 443 }`. */
  private readonly portSpec = this.RULE('portSpec', (): PortTerm[] => {
    this.CONSUME(keyword('port'));
    return this.SUBRULE(this.portList);
  });

  /** Port items, or the items of `user` and `group`, which are written the same way. */
  protected readonly portList = this.RULE('portList', (): PortTerm[] => {
    this.ACTION(() => (this.ports = []));
    this.OR([
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
    ]);
    return this.ports;
  });

  private operatorAlternatives: Alternative<PfToken>[] | undefined = undefined;
  private readonly portItem = this.RULE('portItem', (): void => {
    this.OR([
      {
        ALT: () => {
          const token = this.SUBRULE1(this.word);
          let operator: PfToken | undefined;
          let to: PfToken | undefined;
          this.OPTION(() => {
            operator = this.CONSUME(PortBinary) as PfToken;
            to = this.SUBRULE2(this.word);
          });
          this.ACTION(() => {
            this.ports.push(operator === undefined || to === undefined ? { token } : { token, operator, to });
          });
        },
      },
      {
        ALT: () => {
          const operator = this.SUBRULE(this.unaryOperator);
          const token = this.SUBRULE3(this.word);
          this.ACTION(() => this.ports.push({ token, operator }));
        },
      },
    ]);
  });

  private readonly unaryOperator = this.RULE('unaryOperator', (): PfToken =>
    this.OR(
      (this.operatorAlternatives ??= [
        { ALT: () => this.CONSUME(Equal) as PfToken },
        { ALT: () => this.CONSUME(NotEqual) as PfToken },
        { ALT: () => this.CONSUME(Less) as PfToken },
        { ALT: () => this.CONSUME(LessEqual) as PfToken },
        { ALT: () => this.CONSUME(Greater) as PfToken },
        { ALT: () => this.CONSUME(GreaterEqual) as PfToken },
      ]),
    ),
  );

  /** One host term or a list of them (ipspec). */
  protected readonly hostSpec = this.RULE('hostSpec', (): HostTerm[] => {
    this.ACTION(() => (this.hosts = []));
    this.SUBRULE(this.hostItem);
    return this.hosts;
  });

  private hostAlternatives: Alternative<void>[] | undefined = undefined;
  /** A host term, or a nested list, which is a union like any other. A `!` stands before single terms only. */
  protected readonly hostItem = this.RULE('hostItem', (): void => {
    this.OR(
      (this.hostAlternatives ??= [
        {
          ALT: () => {
            const token = this.CONSUME(keyword('any')) as PfToken;
            this.ACTION(() => this.hosts.push({ kind: 'any', token }));
          },
        },
        {
          ALT: () => {
            this.CONSUME(LBrace);
            this.SUBRULE1(this.hostItem);
            this.MANY(() => {
              this.OPTION(() => this.CONSUME(Comma));
              this.SUBRULE2(this.hostItem);
            });
            this.CONSUME(RBrace);
          },
        },
        {
          ALT: () => {
            const negated = this.SUBRULE(this.not);
            this.ACTION(() => (this.negated = negated));
            this.SUBRULE(this.host);
          },
        },
      ]),
    );
  });

  private termAlternatives: Alternative<void>[] | undefined = undefined;
  private readonly host = this.RULE('host', (): void => {
    this.OR(
      (this.termAlternatives ??= [
        { ALT: () => this.SUBRULE(this.plainHost) },
        { ALT: () => this.SUBRULE(this.dynamicHost) },
        {
          ALT: () => {
            const token = this.CONSUME(keyword('no-route')) as PfToken;
            this.ACTION(() => this.hosts.push({ kind: 'no-route', negated: this.negated, token }));
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME(keyword('urpf-failed')) as PfToken;
            this.ACTION(() => this.hosts.push({ kind: 'urpf-failed', negated: this.negated, token }));
          },
        },
        {
          ALT: () => {
            this.CONSUME(keyword('route'));
            const token = this.CONSUME3(Text) as PfToken;
            this.ACTION(() => this.hosts.push({ kind: 'route-label', negated: this.negated, token }));
          },
        },
      ]),
    );
  });

  private plainAlternatives: Alternative<void>[] | undefined = undefined;
  /** What may stand in an address pool, too. */
  protected readonly plainHost = this.RULE('plainHost', (): void => {
    this.OR(
      (this.plainAlternatives ??= [
        { ALT: () => this.SUBRULE(this.namedHost) },
        {
          // `10/8`
          ALT: () => {
            const token = this.CONSUME1(NumberToken) as PfToken;
            const { negated } = this;
            this.CONSUME2(Slash);
            const prefix = this.CONSUME2(NumberToken) as PfToken;
            this.ACTION(() => this.hosts.push({ kind: 'name', negated, token, prefix }));
          },
        },
        {
          ALT: () => {
            this.CONSUME(Less);
            const token = this.CONSUME2(Text) as PfToken;
            const { negated } = this;
            this.CONSUME(Greater);
            this.ACTION(() => this.hosts.push({ kind: 'table', negated, token }));
          },
        },
      ]),
    );
  });

  private readonly namedHost = this.RULE('namedHost', (): void => {
    const token = this.CONSUME(Text) as PfToken;
    const { negated } = this;
    let prefix: PfToken | undefined;
    let to: PfToken | undefined;
    this.OPTION1(() => {
      this.CONSUME(Slash);
      prefix = this.CONSUME(NumberToken) as PfToken;
    });
    this.OPTION2(() => {
      this.CONSUME(Minus);
      to = this.CONSUME2(Text) as PfToken;
    });
    this.ACTION(() => {
      if (to !== undefined) this.hosts.push({ kind: 'range', negated, token, to });
      else this.hosts.push({ kind: 'name', negated, token, ...(prefix === undefined ? {} : { prefix }) });
    });
  });

  private readonly dynamicHost = this.RULE('dynamicHost', (): void => {
    this.CONSUME(LParen);
    const token = this.CONSUME(Text) as PfToken;
    const { negated } = this;
    this.CONSUME(RParen);
    let prefix: PfToken | undefined;
    this.OPTION(() => {
      this.CONSUME(Slash);
      prefix = this.CONSUME(NumberToken) as PfToken;
    });
    this.ACTION(() => {
      this.hosts.push({ kind: 'dynamic', negated, token, ...(prefix === undefined ? {} : { prefix }) });
    });
  });

  /** `( anything )`, with the words inside. */
  protected abstract readonly parenthesised: ParserMethod<[], PfToken[]>;
}
