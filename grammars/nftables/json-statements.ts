import { JsonExpressions } from './json-expressions.ts';
import { get, JsonRefusal, list, text, wrapped } from './json-value.ts';
import { parseChainItems } from './command-parser.ts';
import { printExpression } from './print.ts';
import { printRule } from './print-rule.ts';
import type { Span } from '../../src/source/source.ts';
import type { Expression, NatStatement, Relation, Statement } from './syntax.ts';

/** Statements of libnftables-json(5) as the same syntax that the text grammar makes. */
export class JsonStatements {
  readonly expressions: JsonExpressions;
  private readonly at: number;
  private readonly span: Span;

  constructor(span: Span) {
    this.span = span;
    this.at = span.start;
    this.expressions = new JsonExpressions(span.start, (value) => this.read(value));
  }

  read(value: unknown): Statement {
    const { at, expressions } = this;
    if (typeof value === 'string') return this.fromText(value);
    const inner = wrapped(value);
    if (inner === undefined)
      throw new JsonRefusal(`read ${JSON.stringify(value) ?? 'nothing'}, expected a statement`);
    const { kind, body } = inner;
    switch (kind) {
      case 'match':
        return this.match(body);
      case 'accept':
      case 'drop':
      case 'continue':
      case 'return':
      case 'jump':
      case 'goto':
        return { kind: 'verdict', verdict: expressions.verdict(kind, body), at };
      case 'vmap':
        return { kind: 'vmap', key: this.expression(body, 'key'), data: this.expression(body, 'data'), at };
      case 'mangle':
        return {
          kind: 'assign',
          target: this.expression(body, 'key'),
          value: this.expression(body, 'value'),
          at,
        };
      case 'counter':
      case 'log':
      case 'last':
      case 'dup':
      case 'flow':
      case 'secmark':
      case 'reset':
      case 'ct helper':
      case 'ct timeout':
      case 'ct expectation':
        return { kind: 'effectless', what: kind, text: kind, at };
      case 'limit':
        return { kind: 'condition', what: kind, text: limitText(body), at };
      case 'quota':
        return { kind: 'condition', what: kind, text: quotaText(body), at };
      case 'ct count':
        return {
          kind: 'condition',
          what: kind,
          text: `ct count ${get(body, 'inv') === true ? 'over ' : ''}${text(get(body, 'val')) ?? ''}`,
          at,
        };
      case 'reject':
        return this.reject(body);
      case 'notrack':
        return { kind: 'notrack', at };
      case 'queue': {
        const number = get(body, 'num');
        const flags = list(get(body, 'flags')).map(String).join(',');
        const words = [
          'queue',
          flags === '' ? undefined : `flags ${flags}`,
          number === undefined ? undefined : `to ${printExpression(expressions.read(number))}`,
        ];
        return { kind: 'queue', text: words.filter((word) => word !== undefined).join(' '), at };
      }
      case 'synproxy':
        return { kind: 'synproxy', text: 'synproxy', at };
      case 'tproxy':
        return {
          kind: 'tproxy',
          ...this.optionalText(body, 'family'),
          ...(get(body, 'addr') === undefined ? {} : { address: this.expression(body, 'addr') }),
          ...(get(body, 'port') === undefined ? {} : { port: this.expression(body, 'port') }),
          at,
        };
      case 'fwd':
        return { kind: 'forward', text: 'fwd', at };
      case 'snat':
      case 'dnat':
      case 'redirect':
      case 'masquerade':
        return this.nat(kind, body);
      case 'set':
      case 'map':
        return {
          kind: 'update-set',
          operation: text(get(body, 'op')) ?? 'add',
          set: (text(get(body, kind)) ?? text(get(body, 'set')) ?? '').replace(/^@/, ''),
          key: expressions.element(get(body, 'elem')).key,
          ...(get(body, 'data') === undefined ? {} : { data: this.expression(body, 'data') }),
          statements: list(get(body, 'stmt')).map((inside) => this.read(inside)),
          at,
        };
      case 'meter':
        return {
          kind: 'update-set',
          operation: 'meter',
          set: text(get(body, 'name')) ?? '',
          key: expressions.element(get(body, 'key')).key,
          statements: list(get(body, 'stmt')).map((inside) => this.read(inside)),
          at,
        };
      case 'xt':
        return {
          kind: 'xt',
          type: text(get(body, 'type')) ?? 'match',
          name: text(get(body, 'name')) ?? '',
          at,
        };
      default:
        return { kind: 'unknown', text: kind, at };
    }
  }

  /** nft 1.0 writes a statement for which it knows no JSON, such as `jump { … }`, as a string of nft text. */
  private fromText(value: string): Statement {
    const { items, problems } = parseChainItems(this.span.source, value);
    const [rule] = items;
    if (problems.length > 0 || items.length !== 1 || rule?.kind !== 'rule' || rule.statements.length !== 1)
      throw new JsonRefusal(`read "${value}", expected a statement`);
    const statement = rule.statements[0]!;
    if (statement.kind !== 'verdict' || !('block' in statement.verdict)) return statement;
    const block = statement.verdict.block.map((inner) => ({
      ...inner,
      span: this.span,
      label: printRule(inner.statements),
    }));
    return { ...statement, verdict: { ...statement.verdict, block } };
  }

  private expression(body: unknown, key: string): Expression {
    return this.expressions.read(get(body, key));
  }

  private match(body: unknown): Statement {
    const operator = text(get(body, 'op'));
    // `in` is the operator that text leaves out (libnftables-json(5), MATCH).
    const relation = operator === 'in' || operator === undefined ? 'implicit' : operator;
    if (!relations.has(relation))
      throw new JsonRefusal(`read operator "${relation}", expected one such as "=="`);
    return {
      kind: 'match',
      relation: relation as Relation,
      left: this.expression(body, 'left'),
      right: this.expression(body, 'right'),
      at: this.at,
    };
  }

  private reject(body: unknown): Statement {
    const type = text(get(body, 'type'));
    if (type === undefined) return { kind: 'reject', at: this.at };
    if (type === 'tcp reset') return { kind: 'reject', type: 'tcp', with: 'reset', at: this.at };
    const answer = get(body, 'expr');
    if (answer === undefined) throw new JsonRefusal(`reject with type "${type}" needs "expr"`);
    const value = this.expressions.read(answer);
    return { kind: 'reject', type, with: 'text' in value ? value.text : '', at: this.at };
  }

  private nat(type: NatStatement['type'], body: unknown): Statement {
    const address = get(body, 'addr');
    const port = get(body, 'port');
    const flags = list(get(body, 'flags')).map(String);
    const shapes = list(get(body, 'type_flags')).map(String);
    return {
      kind: 'nat',
      type,
      ...this.optionalText(body, 'family'),
      ...(shapes.length === 0 ? {} : { shape: shapes.includes('prefix') ? 'prefix' : shapes[0]! }),
      ...(address === undefined ? {} : { address: this.expressions.read(address) }),
      ...(port === undefined ? {} : { port: this.expressions.read(port) }),
      flags,
      at: this.at,
    };
  }

  private optionalText(body: unknown, key: 'family'): { family?: string } {
    const value = text(get(body, key));
    return value === undefined ? {} : { [key]: value };
  }
}

const relations: ReadonlySet<string> = new Set(['implicit', '==', '!=', '<', '>', '<=', '>=', '!']);

/** As `nft list` writes it. */
function limitText(body: unknown): string {
  if (typeof body === 'string') return `limit name "${body}"`;
  const unit = text(get(body, 'rate_unit')) ?? 'packets';
  const burst = text(get(body, 'burst'));
  const burstUnit = text(get(body, 'burst_unit')) ?? 'packets';
  const rate = `${text(get(body, 'rate')) ?? ''}${unit === 'packets' ? '' : ` ${unit}`}/${text(get(body, 'per')) ?? 'second'}`;
  const usual = burst === undefined || burst === '0' || (burst === '5' && burstUnit === 'packets');
  return `limit rate ${get(body, 'inv') === true ? 'over ' : ''}${rate}${usual ? '' : ` burst ${burst} ${burstUnit}`}`;
}

function quotaText(body: unknown): string {
  if (typeof body === 'string') return `quota name "${body}"`;
  const map = get(body, 'map');
  if (map !== undefined)
    return `quota name ${printExpression(new JsonExpressions(0, () => ({ kind: 'notrack', at: 0 })).read({ map }))}`;
  return `quota ${get(body, 'inv') === true ? 'over ' : ''}${text(get(body, 'val')) ?? ''} ${text(get(body, 'val_unit')) ?? 'bytes'}`;
}
