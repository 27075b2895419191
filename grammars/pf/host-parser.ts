import { exact, ListParser } from './list-parser.ts';
import type { Alternatives } from './list-parser.ts';
import type { HostTerm, Peer } from './syntax.ts';
import {
  Bang,
  Comma,
  Greater,
  keyword,
  LBrace,
  Less,
  LParen,
  Minus,
  NumberToken,
  RBrace,
  RParen,
  Slash,
  Text,
} from './tokens.ts';
import type { PfToken } from './tokens.ts';

const All = keyword('all');
const Any = keyword('any');
const From = keyword('from');
const To = keyword('to');
const Os = keyword('os');
const Port = keyword('port');
const NoRoute = keyword('no-route');
const UrpfFailed = keyword('urpf-failed');
const Route = keyword('route');

/** `from … to …`: addresses of every form, alone and in lists. */
export abstract class HostParser extends ListParser {
  /** The current host list. */
  protected hosts: HostTerm[] = [];
  protected negated = false;
  private peerInto: Peer = {};

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
  /** The ends of a range have no prefix. */
  private readonly range = {
    GATE: (): boolean => this.hostPrefix === undefined,
    DEF: (): void => {
      this.CONSUME(Minus);
      this.hostTo = this.CONSUME2(Text) as PfToken;
    },
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
            this.OPTION2(this.range);
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
