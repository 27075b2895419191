import { get, isObject, JsonRefusal, list, text, wrapped } from './json-value.ts';
import { printExpression } from './print.ts';
import type { BinaryOperator, Expression, SetElementSyntax, Statement, VerdictSyntax } from './syntax.ts';
import { invalidType } from './vocabulary.ts';

/** Expressions of libnftables-json(5) as the same syntax that the text grammar makes. `at` is the place of the command. */
export class JsonExpressions {
  private readonly at: number;
  private readonly statement: (value: unknown) => Statement;

  constructor(at: number, statement: (value: unknown) => Statement) {
    this.at = at;
    this.statement = statement;
  }

  read(value: unknown): Expression {
    const { at } = this;
    if (typeof value === 'string')
      return this.literal(
        value.endsWith(` ${invalidType}`) ? value.slice(0, -invalidType.length - 1) : value,
      );
    if (typeof value === 'number') return { kind: 'number', text: String(value), at };
    if (typeof value === 'boolean') return { kind: 'word', text: value ? 'exists' : 'missing', at };
    if (Array.isArray(value)) {
      const parts = (value as readonly unknown[]).map((part) => this.read(part));
      return parts.length === 1 ? parts[0]! : { kind: 'list', of: parts, at };
    }
    const inner = wrapped(value);
    if (inner === undefined)
      throw new JsonRefusal(`read ${JSON.stringify(value) ?? 'nothing'}, expected an expression`);
    return this.wrapped(inner.kind, inner.body);
  }

  private literal(value: string): Expression {
    const { at } = this;
    if (value.startsWith('@')) return { kind: 'named-set', name: value.slice(1), at };
    if (value === '*') return { kind: 'anything', at };
    if (/^\d+\.\d+\.\d+\.\d+$/.test(value)) return { kind: 'ipv4', text: value, at };
    if (/^[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}$/i.test(value)) return { kind: 'mac', text: value, at };
    if (/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(value) && value.split(':').length > 2)
      return { kind: 'ipv6', text: value, at };
    if (/^(?:0x[0-9a-f]+|\d+)$/i.test(value)) return { kind: 'number', text: value, at };
    const slash = /^(.*)\/(\d+)$/.exec(value);
    if (slash !== null) {
      const base = this.literal(slash[1]!);
      if (base.kind === 'ipv4' || base.kind === 'ipv6')
        return { kind: 'prefix', value: base, length: { kind: 'number', text: slash[2]!, at }, at };
    }
    return { kind: 'word', text: value, at };
  }

  private wrapped(kind: string, body: unknown): Expression {
    const { at } = this;
    switch (kind) {
      case 'concat': {
        const parts = list(body).map((part) => this.read(part));
        if (parts.length === 0) throw new JsonRefusal('read an empty concatenation');
        return parts.length === 1 ? parts[0]! : { kind: 'concat', of: parts, at };
      }
      case 'set':
        return { kind: 'set', elements: list(body).map((element) => this.element(element)), at };
      case 'elem':
        return this.read(get(body, 'val'));
      case 'map':
        return { kind: 'map', key: this.read(get(body, 'key')), data: this.read(get(body, 'data')), at };
      case 'prefix':
        return {
          kind: 'prefix',
          value: this.read(get(body, 'addr')),
          length: this.read(get(body, 'len')),
          at,
        };
      case 'range': {
        const [from, to] = list(body);
        return { kind: 'range', from: this.read(from), to: this.read(to), at };
      }
      case 'payload':
        return this.payload(body);
      case 'exthdr':
        return this.extensionHeader(body);
      case 'tcp option':
      case 'ip option':
      case 'sctp chunk':
      case 'dccp option':
        return this.option(kind, body);
      case 'meta':
        return { kind: 'meta', key: this.word(get(body, 'key'), 'a key'), at };
      case 'ct': {
        const direction = text(get(body, 'dir'));
        // 1.0 writes `"key": "ip saddr"` or `"family": "ip"`.
        const words = this.word(get(body, 'key'), 'a key').split(' ');
        const family = text(get(body, 'family')) ?? (words.length > 1 ? words[0] : undefined);
        return {
          kind: 'ct',
          key: words[words.length - 1]!,
          ...(direction === undefined ? {} : { direction }),
          ...(family === undefined ? {} : { family }),
          at,
        };
      }
      case 'fib':
        return {
          kind: 'fib',
          inputs: list(get(body, 'flags')).map((flag) => this.word(flag, 'a flag of fib')),
          result: this.word(get(body, 'result'), 'a result of fib'),
          at,
        };
      case 'rt': {
        const family = text(get(body, 'family'));
        return this.other(
          'rt',
          `rt ${family === undefined ? '' : `${family} `}${this.word(get(body, 'key'), 'a key')}`,
        );
      }
      case 'numgen':
        return this.generator('numgen', `numgen ${text(get(body, 'mode')) ?? 'inc'}`, body);
      case 'jhash':
        return this.hash(body);
      case 'symhash':
        return this.generator('symhash', 'symhash', body);
      case 'socket':
        return this.other('socket', `socket ${this.word(get(body, 'key'), 'a key')}`);
      case 'osf': {
        const ttl = text(get(body, 'ttl'));
        return this.other(
          'osf',
          `osf ${ttl === undefined ? '' : `ttl ${ttl} `}${text(get(body, 'key')) ?? 'name'}`,
        );
      }
      case 'ipsec': {
        const family = text(get(body, 'family'));
        const number = text(get(body, 'spnum'));
        return this.other(
          'ipsec',
          [
            'ipsec',
            text(get(body, 'dir')),
            number === undefined || number === '0' ? undefined : `spnum ${number}`,
            family,
            text(get(body, 'key')),
          ]
            .filter((word) => word !== undefined)
            .join(' '),
        );
      }
      case 'tunnel':
        return this.other('tunnel', `tunnel ${this.word(get(body, 'key'), 'a key')}`);
      case '&':
      case '|':
      case '^':
      case '<<':
      case '>>':
        return this.binary(kind, body);
      case 'accept':
      case 'drop':
      case 'continue':
      case 'return':
      case 'jump':
      case 'goto':
        return { kind: 'verdict', verdict: this.verdict(kind, body), at };
      default:
        return this.other(kind, `${kind} ${JSON.stringify(body)}`);
    }
  }

  verdict(kind: 'accept' | 'drop' | 'continue' | 'return' | 'jump' | 'goto', body: unknown): VerdictSyntax {
    if (kind !== 'jump' && kind !== 'goto') return { kind };
    return { kind, chain: { kind: 'word', text: this.word(get(body, 'target'), 'a chain'), at: this.at } };
  }

  /** A member of a set, or `[key, data]` of a map; `elem` adds timeouts and counters. */
  element(value: unknown): SetElementSyntax {
    if (Array.isArray(value) && value.length === 2) {
      const [key, data] = value as readonly unknown[];
      return { ...this.element(key), data: this.read(data) };
    }
    const body = get(value, 'elem');
    if (!isObject(body)) return { key: this.read(value) };
    const timeout = text(get(body, 'timeout'));
    const comment = text(get(body, 'comment'));
    const statements = ['counter', 'limit', 'quota', 'ct count'].flatMap((kind) => {
      const inner = get(body, kind);
      return inner === undefined ? [] : [this.statement({ [kind]: inner })];
    });
    return {
      key: this.read(get(body, 'val')),
      ...(timeout === undefined || timeout === '0' ? {} : { timeout }),
      ...(comment === undefined ? {} : { comment }),
      ...(statements.length === 0 ? {} : { statements }),
    };
  }

  private payload(body: unknown): Expression {
    const { at } = this;
    const header = text(get(body, 'protocol'));
    if (header !== undefined) {
      const inner = text(get(body, 'tunnel'));
      const field = this.word(get(body, 'field'), 'a field');
      return { kind: 'payload', header, field, ...(inner === undefined ? {} : { inner }), at };
    }
    return {
      kind: 'raw',
      base: this.word(get(body, 'base'), 'a base'),
      offset: Number(get(body, 'offset')),
      length: Number(get(body, 'len')),
      at,
    };
  }

  private extensionHeader(body: unknown): Expression {
    const name = this.word(get(body, 'name'), 'the name of a header');
    const field = text(get(body, 'field'));
    if (field === undefined) return { kind: 'exists', header: `exthdr ${name}`, at: this.at };
    return { kind: 'payload', header: name, field, at: this.at };
  }

  private option(kind: string, body: unknown): Expression {
    const name = text(get(body, 'name'));
    const field = text(get(body, 'field'));
    if (name === undefined)
      return this.other(
        kind,
        `${kind} @${text(get(body, 'base')) ?? ''},${text(get(body, 'offset')) ?? ''},${text(get(body, 'len')) ?? ''}`,
      );
    if (field === undefined) return { kind: 'exists', header: `${kind} ${name}`, at: this.at };
    return this.other(kind, `${kind} ${name} ${field}`);
  }

  private generator(what: string, start: string, body: unknown): Expression & { kind: 'other' } {
    const modulus = get(body, 'mod');
    const offset = get(body, 'offset');
    const seed = get(body, 'seed');
    const words = [
      start,
      typeof modulus === 'number' ? `mod ${modulus}` : undefined,
      typeof seed === 'number' ? `seed 0x${seed.toString(16)}` : undefined,
      typeof offset === 'number' && offset !== 0 ? `offset ${offset}` : undefined,
    ];
    return {
      kind: 'other',
      what,
      text: words.filter((word) => word !== undefined).join(' '),
      ...(typeof modulus === 'number' ? { modulus } : {}),
      ...(typeof offset === 'number' ? { offset } : {}),
      at: this.at,
    };
  }

  private hash(body: unknown): Expression {
    const of = this.read(get(body, 'expr'));
    return { ...this.generator('jhash', `jhash ${printExpression(of)}`, body), of };
  }

  private binary(operator: BinaryOperator, body: unknown): Expression {
    const parts = list(body).map((part) => this.read(part));
    const [first, ...rest] = parts;
    if (first === undefined) throw new JsonRefusal(`read "${operator}" without operands`);
    return rest.reduce(
      (left, right): Expression => ({ kind: 'binary', operator, left, right, at: this.at }),
      first,
    );
  }

  private other(what: string, words: string): Expression {
    return { kind: 'other', what, text: words, at: this.at };
  }

  word(value: unknown, expected: string): string {
    const word = text(value);
    if (word === undefined)
      throw new JsonRefusal(`read ${JSON.stringify(value) ?? 'nothing'}, expected ${expected}`);
    return word;
  }
}
