import type { IToken } from 'chevrotain';
import { SelectorParser } from './selector-parser.ts';
import type { Expression, Relation, Statement } from './syntax.ts';
import * as t from './tokens.ts';

/** What starts with a selector: comparisons, verdict maps and assignments (nft(8), "Expressions"). */
export abstract class ComparisonParser extends SelectorParser {
  /** `tcp dport 22`, `tcp dport vmap { … }`, `meta mark set 1`. */
  protected readonly comparison = this.RULE('comparison', (): Statement => {
    const left = this.SUBRULE(this.concatenation);
    return this.OR({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        {
          ALT: () => {
            this.CONSUME(t.Vmap);
            const data = this.SUBRULE(this.primary);
            return { kind: 'vmap', key: left, data, at: left.at };
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.SetWord);
            const value = this.trafficClass(left, this.SUBRULE(this.mapped));
            return this.ACTION(() => ({
              kind: 'assign',
              target: left,
              value: this.events(left, value),
              at: left.at,
            }));
          },
        },
        {
          ALT: () => {
            const relation = this.CONSUME(t.RelationSign);
            const right = this.constant(() => this.SUBRULE(this.value));
            return this.compared(left, relationOf(relation), this.trafficClass(left, right));
          },
        },
        {
          ALT: () => {
            const right = this.constant(() => this.SUBRULE2(this.value));
            return this.compared(left, 'implicit', this.trafficClass(left, right));
          },
        },
      ],
    });
  });

  /** `meta priority 1:2` is one value with a colon in it. */
  private trafficClass(left: Expression, value: Expression): Expression {
    return this.ACTION((): Expression => {
      if (left.kind !== 'meta' || left.key !== 'priority' || this.take(t.Colon) === undefined) return value;
      const minor = this.SUBRULE(this.primary);
      const text = [value, minor].map((part) => ('text' in part ? part.text : '')).join(':');
      return { kind: 'word', text, at: value.at };
    });
  }

  /** `ct event set new,related`: a list of bits. */
  private events(left: Expression, value: Expression): Expression {
    if (left.kind !== 'ct' || left.key !== 'event' || !this.next(t.Comma)) return value;
    const of = [value];
    while (this.take(t.Comma) !== undefined) of.push(this.SUBRULE(this.primary));
    return { kind: 'list', of, at: value.at };
  }

  /** `tcp flags syn / fin,syn` is `tcp flags & (fin|syn) == syn` (nft(8), "TCP HEADER EXPRESSION"). */
  private compared(left: Expression, relation: Relation, right: Expression): Statement {
    return this.ACTION((): Statement => {
      const plain = numberWithMask(right);
      const value = plain?.value ?? right;
      if (plain === undefined && this.take(t.Slash) === undefined)
        return { kind: 'match', relation, left, right, at: left.at };
      if (this.next(t.Ipv4) || this.next(t.Ipv6)) this.note('the length of a prefix; nft takes no mask here');
      const mask = plain?.mask ?? this.constant(() => this.SUBRULE(this.value));
      return {
        kind: 'match',
        relation: relation === 'implicit' ? '==' : relation,
        left: { kind: 'binary', operator: '&', left, right: mask, at: left.at },
        right: value,
        at: left.at,
      };
    });
  }

  /** A value to compare with: `gre` there is a protocol, whatever follows. */
  private constant(parse: () => Expression): Expression {
    this.expectsConstant = true;
    try {
      return parse();
    } finally {
      this.expectsConstant = false;
    }
  }
}

const relations: ReadonlyMap<string, Relation> = new Map([
  ['eq', '=='],
  ['ne', '!='],
  ['lt', '<'],
  ['gt', '>'],
  ['le', '<='],
  ['ge', '>='],
  ['not', '!'],
]);

function relationOf(token: IToken): Relation {
  return relations.get(token.image) ?? (token.image as Relation);
}

/** `0x2,0x4 / 0x6,0x10`, as `nft -n` prints flags with their mask: what was read is a list with a prefix in it. */
function numberWithMask(
  right: Expression,
): { readonly value: Expression; readonly mask: Expression } | undefined {
  const items = right.kind === 'list' ? right.of : [right];
  const at = items.findIndex(({ kind }) => kind === 'prefix');
  const prefix = items[at];
  // With one number behind the slash nft reads a prefix, and prints no mask.
  if (prefix?.kind !== 'prefix' || prefix.value.kind !== 'number' || at === items.length - 1)
    return undefined;
  const values = [...items.slice(0, at), prefix.value];
  return {
    value: at === 0 ? prefix.value : { kind: 'list', of: values, at: right.at },
    mask: { kind: 'list', of: [prefix.length, ...items.slice(at + 1)], at: prefix.length.at },
  };
}
