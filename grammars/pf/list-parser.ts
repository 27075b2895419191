import { tokenLabel } from 'chevrotain';
import type { IParserErrorMessageProvider, ParserMethod } from 'chevrotain';
import { StrictParser } from '../shared/strict-parser.ts';
import type { Criteria, HostTerm, InterfaceTerm, Peer, PortTerm } from './syntax.ts';
import {
  allTokens,
  Atom,
  Bang,
  Comma,
  Direction,
  FamilyWord,
  Greater,
  keyword,
  LBrace,
  Less,
  LParen,
  Minus,
  NumberToken,
  PortBinary,
  RBrace,
  RParen,
  Slash,
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
const All = keyword('all');
const Rdomain = keyword('rdomain');
const Proto = keyword('proto');
const From = keyword('from');
const To = keyword('to');
const Os = keyword('os');
const Port = keyword('port');
const Log = keyword('log');
const Quick = keyword('quick');
const NoRoute = keyword('no-route');
const UrpfFailed = keyword('urpf-failed');
const Route = keyword('route');

/** A copy of the exact size: an array that grew by push has room for 17 items, and a tree keeps hundreds of thousands of lists. */
export function exact<T>(items: readonly T[]): T[] {
  return items.slice();
}

/** The alternatives of an OR, made once: a closure for each of them on each call costs more than the parsing. */
export type Alternatives = { readonly ALT: () => void }[] | undefined;

/**
 * Interfaces, protocols, hosts and ports: everything that may be a `{ list }`. Commas are optional in all lists, as in parse.y.
 * The grammar is LL(1), so no look-ahead is computed beyond one token.
 *
 * Results go into fields of the parser, never through return values: it is faster, and what was read before an error is kept.
 */
export abstract class ListParser extends StrictParser {
  /** What the current rule's criteria are written into. */
  protected criteria: Criteria = {};
  /** The current host list. */
  protected hosts: HostTerm[] = [];
  protected negated = false;
  private ports: PortTerm[] = [];
  private interfaces: InterfaceTerm[] = [];
  private words: PfToken[] = [];
  private peerInto: Peer = {};

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

  private readonly takeFrom = (): void => {
    this.CONSUME(From);
    this.peerInto = this.criteria.from = { hosts: undefined, ports: undefined };
    this.SUBRULE1(this.peer);
  };
  private readonly takeSystems = (): void => {
    this.CONSUME(Os);
    this.criteria.systems = this.SUBRULE(this.wordList);
  };
  private readonly takeTo = (): void => {
    this.CONSUME(To);
    this.peerInto = this.criteria.to = { hosts: undefined, ports: undefined };
    this.SUBRULE2(this.peer);
  };
  private peersAlternatives: Alternatives = undefined;
  protected readonly fromTo = this.RULE('fromTo', (): void => {
    this.OR(
      (this.peersAlternatives ??= [
        { ALT: () => this.CONSUME(All) },
        {
          ALT: () => {
            this.OPTION1(this.takeFrom);
            this.OPTION2(this.takeSystems);
            this.OPTION3(this.takeTo);
          },
        },
      ]),
    );
  });

  private peerAlternatives: Alternatives = undefined;
  private readonly takePorts = (): void => {
    this.CONSUME2(Port);
    this.peerInto.ports = this.SUBRULE2(this.portList);
  };
  private readonly peer = this.RULE('peer', (): void => {
    this.OR(
      (this.peerAlternatives ??= [
        {
          ALT: () => {
            this.CONSUME1(Port);
            this.peerInto.ports = this.SUBRULE1(this.portList);
          },
        },
        {
          ALT: () => {
            this.hosts = [];
            this.SUBRULE(this.hostItem);
            this.peerInto.hosts = exact(this.hosts);
            this.OPTION(this.takePorts);
          },
        },
      ]),
    );
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

  private hostAlternatives: Alternatives = undefined;
  /** A host term, or a nested list, which is a union like any other. A `!` stands before single terms only. */
  protected readonly hostItem = this.RULE('hostItem', (): void => {
    this.OR(
      (this.hostAlternatives ??= [
        {
          ALT: () => {
            const token = this.CONSUME(Any) as PfToken;
            this.hosts.push({ kind: 'any', token });
          },
        },
        {
          ALT: () => {
            this.negated = false;
            this.SUBRULE1(this.host);
          },
        },
        {
          ALT: () => {
            this.CONSUME(Bang);
            this.negated = true;
            this.SUBRULE2(this.host);
          },
        },
        {
          ALT: () => {
            this.CONSUME(LBrace);
            this.SUBRULE3(this.hostItem);
            this.MANY(() => {
              this.OPTION(() => this.CONSUME(Comma));
              this.SUBRULE4(this.hostItem);
            });
            this.CONSUME(RBrace);
          },
        },
      ]),
    );
  });

  private termAlternatives: Alternatives = undefined;
  private readonly host = this.RULE('host', (): void => {
    this.OR(
      (this.termAlternatives ??= [
        { ALT: () => this.SUBRULE(this.plainHost) },
        { ALT: () => this.SUBRULE(this.dynamicHost) },
        { ALT: () => this.addHost('no-route', this.CONSUME(NoRoute) as PfToken) },
        { ALT: () => this.addHost('urpf-failed', this.CONSUME(UrpfFailed) as PfToken) },
        {
          ALT: () => {
            this.CONSUME(Route);
            this.addHost('route-label', this.CONSUME(Text) as PfToken);
          },
        },
      ]),
    );
  });

  private addHost(kind: 'no-route' | 'urpf-failed' | 'route-label' | 'table', token: PfToken): void {
    this.hosts.push({ kind, negated: this.negated, token } as HostTerm);
  }

  private plainAlternatives: Alternatives = undefined;
  private hostPrefix: PfToken | undefined = undefined;
  private hostTo: PfToken | undefined = undefined;
  private readonly takePrefix = (): void => {
    this.CONSUME1(Slash);
    this.hostPrefix = this.CONSUME1(NumberToken) as PfToken;
  };
  private readonly takeRange = (): void => {
    this.CONSUME(Minus);
    this.hostTo = this.CONSUME2(Text) as PfToken;
  };
  /** What may stand in an address pool, too: `192.0.2.0/24`, `a - b`, `10/8`, `<table>`. */
  protected readonly plainHost = this.RULE('plainHost', (): void => {
    this.OR(
      (this.plainAlternatives ??= [
        {
          ALT: () => {
            const token = this.CONSUME1(Text) as PfToken;
            const { negated } = this;
            this.hostPrefix = this.hostTo = undefined;
            this.OPTION1(this.takePrefix);
            this.OPTION2(this.takeRange);
            const { hostPrefix: prefix, hostTo: to } = this;
            if (to !== undefined) this.hosts.push({ kind: 'range', negated, token, to });
            else this.hosts.push({ kind: 'name', negated, token, prefix });
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME2(NumberToken) as PfToken;
            const { negated } = this;
            this.CONSUME2(Slash);
            const prefix = this.CONSUME3(NumberToken) as PfToken;
            this.hosts.push({ kind: 'name', negated, token, prefix });
          },
        },
        {
          ALT: () => {
            this.CONSUME(Less);
            this.addHost('table', this.CONSUME3(Text) as PfToken);
            this.CONSUME(Greater);
          },
        },
      ]),
    );
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
    this.hosts.push({ kind: 'dynamic', negated, token, prefix });
  });
}
