import { HostParser } from './host-parser.ts';
import { exact } from './list-parser.ts';
import type { HostTerm, Redirection } from './syntax.ts';
import {
  Arrow,
  Comma,
  Inner,
  keyword,
  LBrace,
  LParen,
  NumberToken,
  RBrace,
  RParen,
  Slash,
  Text,
  Atom,
} from './tokens.ts';
import type { PfToken } from './tokens.ts';

/** Where packets are sent: address pools with ports and pool options; and lists in parentheses that are kept as words. */
export abstract class TargetParser extends HostParser {
  private inner: PfToken[] = [];

  protected readonly parenthesised = this.RULE('parenthesised', (): PfToken[] => {
    this.ACTION(() => (this.inner = []));
    this.SUBRULE(this.group);
    return exact(this.inner);
  });

  private readonly group = this.RULE('group', (): void => {
    this.CONSUME(LParen);
    this.MANY(() =>
      this.OR([
        {
          ALT: () => {
            const word = this.CONSUME(Inner) as PfToken;
            this.ACTION(() => this.inner.push(word));
          },
        },
        { ALT: () => this.SUBRULE(this.group) },
      ]),
    );
    this.CONSUME(RParen);
  });

  /** `-> host port 80 round-robin`. */
  protected readonly arrow = this.RULE('arrow', (): Redirection => {
    const arrow = this.CONSUME(Arrow) as PfToken;
    const redirection: Redirection = { keyword: arrow, hosts: [], pool: [] };
    this.SUBRULE(this.target, { ARGS: [redirection] });
    return redirection;
  });

  protected readonly target = this.RULE('target', (redirection: Redirection): void => {
    this.ACTION(() => (this.hosts = redirection.hosts));
    this.OR([
      { ALT: () => this.SUBRULE1(this.poolHost) },
      {
        ALT: () => {
          this.CONSUME(LBrace);
          this.SUBRULE2(this.poolHost);
          this.MANY1(() => {
            this.OPTION1(() => this.CONSUME(Comma));
            this.SUBRULE3(this.poolHost);
          });
          this.CONSUME(RBrace);
        },
      },
    ]);
    this.OPTION2(() => {
      this.CONSUME(keyword('port'));
      const port = this.CONSUME7(Atom) as PfToken;
      this.ACTION(() => (redirection.port = port));
    });
    this.MANY2(() => {
      const option = this.SUBRULE(this.poolOption);
      this.ACTION(() => redirection.pool.push(option));
    });
  });

  /** A host, or a route's `(em0 192.0.2.1)`; `weight n` may follow. */
  private readonly poolHost = this.RULE('poolHost', (): void => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(LParen);
          const token = this.CONSUME1(Text) as PfToken;
          let gateway = false;
          this.OPTION1(() => {
            gateway = true;
            this.SUBRULE1(this.hostItem);
          });
          this.CONSUME(RParen);
          let prefix: PfToken | undefined;
          this.OPTION2(() => {
            this.CONSUME(Slash);
            prefix = this.CONSUME(NumberToken) as PfToken;
          });
          this.ACTION(() => {
            if (gateway) return;
            const host: HostTerm = { kind: 'dynamic', negated: false, token };
            this.hosts.push(prefix === undefined ? host : { ...host, prefix });
          });
        },
      },
      {
        ALT: () => {
          this.ACTION(() => (this.negated = false));
          this.SUBRULE(this.plainHost);
        },
      },
    ]);
    this.OPTION3(() => {
      this.CONSUME(keyword('weight'));
      this.CONSUME2(NumberToken);
    });
  });

  private readonly poolOption = this.RULE('poolOption', (): PfToken => {
    return this.OR([
      { ALT: () => this.CONSUME(keyword('static-port')) },
      { ALT: () => this.CONSUME(keyword('round-robin')) },
      { ALT: () => this.CONSUME(keyword('random')) },
      { ALT: () => this.CONSUME(keyword('bitmask')) },
      { ALT: () => this.CONSUME(keyword('least-states')) },
      { ALT: () => this.CONSUME(keyword('sticky-address')) },
      { ALT: () => this.CONSUME(keyword('endpoint-independent')) },
      { ALT: () => this.CONSUME(keyword('prefer-ipv6-nexthop')) },
      {
        ALT: () => {
          const hash = this.CONSUME(keyword('source-hash'));
          this.OPTION(() => this.CONSUME(Text));
          return hash;
        },
      },
      {
        ALT: () => {
          const set = this.CONSUME(keyword('map-e-portset'));
          this.CONSUME1(NumberToken);
          this.CONSUME1(Slash);
          this.CONSUME2(NumberToken);
          this.CONSUME2(Slash);
          // Written in hexadecimal, too, which is a word to the lexer.
          this.CONSUME(Atom);
          return set;
        },
      },
    ]) as PfToken;
  });
}
