import { ExpressionParser } from './expression-parser.ts';
import type { Expression } from './syntax.ts';
import * as t from './tokens.ts';
import {
  extensionHeaders,
  headerFields,
  ipOptionFields,
  rawBases,
  routingHeaderFields,
  sctpChunkFields,
  tcpOptionFields,
  tunnelHeaders,
} from './vocabulary.ts';

/** Selectors: the expressions that load something from the packet or what the kernel knows of it. */
export abstract class SelectorParser extends ExpressionParser {
  /** The right side of a comparison is being read, where nothing is loaded from the packet. */
  protected expectsConstant = false;

  /** `tcp dport`, or a protocol's name as a value (`ip protocol tcp`): the word behind it decides. */
  protected override readonly header = this.RULE('header', (): Expression => {
    const token = this.CONSUME(t.Header);
    const at = token.startOffset;
    return this.ACTION((): Expression => {
      const name = token.image;
      const next = this.LA(1).image;
      if (headerFields.get(name)?.has(next) === true && this.next(t.Word)) {
        this.skip();
        if (next === 'option' || next === 'chunk') return this.headerOption(name, next, at);
        return { kind: 'payload', header: name, field: this.fieldName(name, next), at };
      }
      if (tunnelHeaders.has(name) && !this.expectsConstant && this.next(t.Header)) {
        const inner = this.SUBRULE(this.header);
        if (inner.kind === 'payload') return { ...inner, inner: name, at };
        this.fail('a header field');
      }
      return { kind: 'word', text: name, at };
    });
  });

  /** `arp saddr ip`, `srh sid[1]`: names of more than a word. */
  private fieldName(header: string, field: string): string {
    if (header === 'arp' && field.endsWith('addr') && this.nextIs('ip', 'ether')) {
      const { image } = this.LA(1);
      this.skip();
      return `${field} ${image}`;
    }
    if (!extensionHeaders.has(header) || this.take(t.LeftBracket) === undefined) return field;
    const index = this.integer('a number');
    if (this.take(t.RightBracket) === undefined) this.fail('"]"');
    return `${field}[${String(index)}]`;
  }

  /** `tcp option maxseg size`, `ip option rr ptr`, `sctp chunk data tsn`, `dccp option 3`. */
  private headerOption(header: string, what: string, at: number): Expression {
    if (this.take(t.At) !== undefined) {
      // tcp option @kind,offset,length
      for (let part = 0; part < 3; part++) {
        if (part > 0 && this.take(t.Comma) === undefined) this.fail('","');
        if (this.take(t.Number_) === undefined) this.fail('a number');
      }
      return { kind: 'other', what: `${header} ${what}`, text: this.textSince(at), at };
    }
    if (this.take(t.Word) === undefined && this.take(t.Number_) === undefined)
      this.fail(`the name of a ${header} ${what}`);
    const text = this.textSince(at);
    const known = header === 'tcp' ? tcpOptionFields : header === 'ip' ? ipOptionFields : sctpChunkFields;
    if (known.has(this.LA(1).image)) {
      this.skip();
      return { kind: 'other', what: `${header} ${what}`, text: this.textSince(at), at };
    }
    return { kind: 'exists', header: text, at };
  }

  protected override readonly meta = this.RULE('meta', (): Expression => {
    const at = this.CONSUME(t.Meta).startOffset;
    return { kind: 'meta', key: this.CONSUME(t.Word).image, at };
  });

  /** `ct state`, `ct original ip saddr`. */
  protected override readonly connection = this.RULE('connection', (): Expression => {
    const at = this.CONSUME(t.Ct).startOffset;
    let key = this.CONSUME(t.Word).image;
    return this.ACTION((): Expression => {
      let direction: string | undefined;
      let family: string | undefined;
      if (key === 'original' || key === 'reply') {
        direction = key;
        key = this.CONSUME2(t.Word).image;
      }
      if (key === 'ip' || key === 'ip6') {
        family = key;
        key = this.CONSUME3(t.Word).image;
      }
      return {
        kind: 'ct',
        key,
        ...(direction === undefined ? {} : { direction }),
        ...(family === undefined ? {} : { family }),
        at,
      };
    });
  });

  /** `@name`, or raw payload `@th,16,16`. */
  protected override readonly reference = this.RULE('reference', (): Expression => {
    const at = this.CONSUME(t.At).startOffset;
    return this.OR([
      { ALT: () => this.named(this.CONSUME(t.Word).image, at) },
      { ALT: () => this.named(this.CONSUME(t.String_).image.slice(1, -1), at) },
      {
        ALT: () => {
          const variable = this.SUBRULE(this.variable);
          return this.named(variable.kind === 'variable' ? `$${variable.name}` : '', at);
        },
      },
    ]);
  });

  private named(name: string, at: number): Expression {
    if (!rawBases.has(name) || !this.next(t.Comma)) return { kind: 'named-set', name, at };
    this.skip();
    const offset = this.integer('an offset in bits');
    if (this.take(t.Comma) === undefined) this.fail('","');
    const length = this.integer('a length in bits');
    return { kind: 'raw', base: name, offset, length, at };
  }

  protected integer(expected: string): number {
    const token = this.take(t.Number_);
    return token === undefined ? this.fail(expected) : Number.parseInt(token.image);
  }

  /** Selectors with words of their own. */
  protected override readonly lookup = this.RULE('lookup', (): Expression => {
    return this.OR([
      { ALT: () => this.SUBRULE(this.fib) },
      {
        ALT: () => {
          const at = this.CONSUME(t.Rt).startOffset;
          return this.ACTION(() => this.routing(at));
        },
      },
      {
        ALT: () => {
          const at = this.CONSUME(t.Exthdr).startOffset;
          return { kind: 'exists', header: `exthdr ${this.CONSUME(t.Word).image}`, at };
        },
      },
      {
        ALT: () => {
          const at = this.CONSUME(t.Numgen).startOffset;
          this.CONSUME2(t.Word);
          return this.ACTION(() => this.generator('numgen', at));
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(t.Hash);
          return this.ACTION(() => {
            this.enter();
            const of = token.image === 'jhash' ? this.SUBRULE(this.concatenation) : undefined;
            this.leave();
            return this.generator(token.image, token.startOffset, of);
          });
        },
      },
      {
        ALT: () => {
          const at = this.CONSUME(t.Socket).startOffset;
          const key = this.CONSUME3(t.Word).image;
          return this.ACTION(() => {
            if (key === 'cgroupv2' && this.takeWord('level') !== undefined) this.integer('a level');
            return this.other('socket', at);
          });
        },
      },
      {
        ALT: () => {
          const at = this.CONSUME(t.Osf).startOffset;
          return this.ACTION(() => {
            if (this.takeWord('ttl') !== undefined) this.CONSUME4(t.Word);
            this.CONSUME5(t.Word);
            return this.other('osf', at);
          });
        },
      },
      {
        ALT: () => {
          const at = this.CONSUME(t.Ipsec).startOffset;
          this.CONSUME6(t.Word);
          return this.ACTION(() => {
            if (this.takeWord('spnum') !== undefined) this.integer('a number');
            if (this.nextIs('ip', 'ip6')) this.skip();
            this.CONSUME7(t.Word);
            return this.other('ipsec', at);
          });
        },
      },
      {
        ALT: () => {
          const at = this.CONSUME(t.Tunnel).startOffset;
          this.CONSUME8(t.Word);
          return this.ACTION(() => this.other('tunnel', at));
        },
      },
    ]);
  });

  /** `fib saddr . iif oif`: what the routing table says. */
  private readonly fib = this.RULE('fib', (): Expression => {
    const at = this.CONSUME(t.Fib).startOffset;
    const inputs = [this.CONSUME(t.Word).image];
    this.MANY(() => {
      this.CONSUME(t.Dot);
      inputs.push(this.CONSUME2(t.Word).image);
    });
    return { kind: 'fib', inputs, result: this.CONSUME3(t.Word).image, at };
  });

  private other(what: string, at: number): Expression {
    return { kind: 'other', what, text: this.textSince(at), at };
  }

  /** `rt type` is a field of a header, `rt nexthop` is asked of the route. */
  private routing(at: number): Expression {
    if (this.nextIs('ip', 'ip6')) this.skip();
    const token = this.take(t.Word) ?? this.fail('a key of rt');
    if (routingHeaderFields.has(token.image))
      return { kind: 'payload', header: 'rt', field: token.image, at };
    return this.other('rt', at);
  }

  private generator(what: string, at: number, of?: Expression): Expression {
    let modulus: number | undefined;
    let offset: number | undefined;
    for (;;) {
      if (this.takeWord('mod') !== undefined) modulus = this.integer('a modulus');
      else if (this.takeWord('offset') !== undefined) offset = this.integer('an offset');
      else if (this.takeWord('seed') !== undefined) this.integer('a seed');
      else break;
    }
    return {
      kind: 'other',
      what,
      text: this.textSince(at),
      ...(modulus === undefined ? {} : { modulus }),
      ...(offset === undefined ? {} : { offset }),
      ...(of === undefined ? {} : { of }),
      at,
    };
  }
}
