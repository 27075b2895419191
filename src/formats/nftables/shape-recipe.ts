import type { ShapedRule } from '../../../grammars/nftables/shaped-rule.ts';
import type { Action } from '../../model/action.ts';
import type { Match } from '../../model/match.ts';
import type { LiteralMatches } from './literal-matches.ts';

/** A literal's match, as it was lowered in one rule, and what those of others are. */
export interface LoweredLiteral {
  readonly match: Match;
  readonly others: LiteralMatches;
}

/** How rules of one shape are made in one place: as one of them was, with the matches of their own literals. */
export class ShapeRecipe {
  readonly action: Action;
  private readonly match: Match;
  private readonly parts: readonly Match[];
  private readonly literals: readonly LiteralMatches[];
  /** Which of the parts each literal makes. */
  private readonly slots: readonly number[];

  private constructor(
    match: Match,
    action: Action,
    parts: readonly Match[],
    literals: readonly LiteralMatches[],
    slots: readonly number[],
  ) {
    this.match = match;
    this.action = action;
    this.parts = parts;
    this.literals = literals;
    this.slots = slots;
  }

  /** Of a rule with these literals; undefined if others may make another rule of it than one with their matches in these places. */
  static of(match: Match, action: Action, literals: readonly LoweredLiteral[]): ShapeRecipe | undefined {
    const parts = match.kind === 'and' ? match.of : [match];
    const slots: number[] = [];
    for (const literal of literals) {
      // Tests come in the order of the statements.
      const slot = parts.indexOf(literal.match, (slots.at(-1) ?? -1) + 1);
      if (slot < 0 || !literal.others.hasLike(literal.match)) return undefined;
      slots.push(slot);
    }
    return new ShapeRecipe(
      match,
      action,
      parts,
      literals.map(({ others }) => others),
      slots,
    );
  }

  /** The match of a rule; undefined if it must be lowered as a rule that is like no other. */
  matchOf(rule: ShapedRule): Match | undefined {
    const { literals, slots } = this;
    if (slots.length === 0) return this.match;
    const parts = this.parts.slice();
    for (let i = 0; i < slots.length; i++) {
      const match = literals[i]!.of(rule.text, rule.startOf(i), rule.endOf(i));
      if (match === undefined) return undefined;
      parts[slots[i]!] = match;
    }
    return parts.length === 1 ? parts[0] : { kind: 'and', of: parts };
  }
}
