import { LiteralTest, type LiteralTests } from '../../../grammars/nftables/literal-tests.ts';
import { type RuleShape, ShapedRule } from '../../../grammars/nftables/shaped-rule.ts';
import type { Expression, RuleSyntax, Statement } from '../../../grammars/nftables/syntax.ts';
import type { Action } from '../../model/action.ts';
import type { Match } from '../../model/match.ts';
import type { ReadOptions } from '../format.ts';
import { condition } from './conditions.ts';
import { isFillable, LiteralMatches } from './literal-matches.ts';
import { LoweringContext, type TablePlace } from './lowering-context.ts';
import { Path } from './path.ts';
import { rejection } from './reject.ts';
import { compareKey, keyOf, needsOf } from './relations.ts';
import { Reporter } from './reporter.ts';
import type { Place } from './rule-emission.ts';
import type { RuleSink } from './rule-sink.ts';
import type { Needs, Selector } from './selectors.ts';
import type { SetLibrary } from './set-library.ts';
import { type LoweredLiteral, ShapeRecipe } from './shape-recipe.ts';
import { checkOptions } from './statement-options.ts';
import { checkPlace } from './statement-places.ts';
import { asksConnectionPort } from './transport-known.ts';
import { type FindChain, verdictAction } from './verdict-action.ts';

/** What a statement comes to wherever it stands, as far as its own words tell. */
type Lowered =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'test'; readonly match: Match; readonly needs: readonly Needs[] }
  | { readonly kind: 'condition'; readonly match: Match }
  | { readonly kind: 'end'; readonly action: Action; readonly needs: Needs }
  /** There is something to say of it that needs its place. */
  | { readonly kind: 'remarkable' };

const nothing: Lowered = { kind: 'nothing' };
const remarkable: Lowered = { kind: 'remarkable' };
const go: Action = { kind: 'continue' };
const noNeeds: Needs = {};

/** The left side of comparisons. */
interface Key {
  readonly selectors: readonly Selector[];
  readonly needs: readonly Needs[];
}

/**
 * Lowers rules whose statements are shared, in chains of one place: each statement once, and of rules of one shape the literals. It has nothing to say and places nothing: a
 * rule of which there is anything to say is left to `RuleLowering`.
 */
export class PlainLowering {
  private readonly place: TablePlace;
  private readonly sets: SetLibrary;
  private readonly options: ReadOptions;
  private readonly sink: RuleSink;
  private readonly chainNamed: FindChain;
  private readonly statements = new Map<Statement, Lowered>();
  private readonly keys = new Map<Expression, Key>();
  /** Undefined: rules of the shape are lowered one by one. */
  private readonly recipes = new Map<RuleShape, ShapeRecipe | undefined>();
  private readonly literals = new Map<LiteralTests, LiteralMatches>();
  private readonly path = new Path('');
  private listener = new Reporter();
  private context: LoweringContext;

  constructor(
    place: TablePlace,
    sets: SetLibrary,
    options: ReadOptions,
    sink: RuleSink,
    chainNamed: FindChain,
  ) {
    this.place = place;
    this.sets = sets;
    this.options = options;
    this.sink = sink;
    this.chainNamed = chainNamed;
    this.context = this.freshContext();
  }

  /** Lowers a rule; false, and nothing is done, if it must be looked at in its place. */
  lower(rule: RuleSyntax, place: Place): boolean {
    if (rule instanceof ShapedRule) return this.lowerShaped(rule, place);
    const end = rule.shared === undefined ? undefined : this.walk(rule.shared);
    if (end === undefined) return false;
    this.sink.push(place.rules, rule, this.path.match, end);
    return true;
  }

  /** The same of a rule that is like others before it, perhaps. */
  private lowerShaped(rule: ShapedRule, place: Place): boolean {
    const recipe = this.recipes.get(rule.shape);
    let match = recipe?.matchOf(rule);
    let action = recipe?.action;
    if (match === undefined || action === undefined) {
      const { shared } = rule;
      action = this.walk(shared);
      if (action === undefined) return false;
      ({ match } = this.path);
      if (!this.recipes.has(rule.shape)) {
        const literals = this.literalsOf(shared);
        this.recipes.set(rule.shape, literals && ShapeRecipe.of(match, action, literals));
      }
    }
    this.sink.push(place.rules, rule, match, action);
    return true;
  }

  /** The literals of a rule that has been lowered; undefined if of one of them others may make another rule. */
  private literalsOf(statements: readonly Statement[]): readonly LoweredLiteral[] | undefined {
    const literals: LoweredLiteral[] = [];
    for (const statement of statements) {
      if (!(statement instanceof LiteralTest)) continue;
      const lowered = this.lowered(statement);
      if (lowered.kind !== 'test' || !isFillable(lowered.match)) return undefined;
      const { match } = lowered;
      const { alike } = statement;
      let others = this.literals.get(alike);
      if (others === undefined) {
        others = new LiteralMatches(alike, match, (written) => this.matchOf(new LiteralTest(alike, written)));
        this.literals.set(alike, others);
      }
      literals.push({ match, others });
    }
    return literals;
  }

  /** What a comparison comes to, if there is nothing to say of it. */
  private matchOf(statement: Statement): Match | undefined {
    const lowered = this.lowerStatement(statement);
    return this.hasSpoken() || lowered.kind !== 'test' ? undefined : lowered.match;
  }

  /** Follows the statements on the path, and gives what the rule ends in; undefined if it must be looked at in its place. */
  private walk(statements: readonly Statement[]): Action | undefined {
    const { path } = this;
    path.restart(this.place.family);
    const last = statements.length - 1;
    let end: Action = go;
    for (let i = 0; i <= last; i++) {
      const lowered = this.lowered(statements[i]!);
      switch (lowered.kind) {
        case 'remarkable':
          return undefined;
        case 'nothing':
          break;
        case 'test':
          path.addWithNeeds(lowered.match, lowered.needs, this.context, 0);
          // As `RuleLowering` keeps it.
          if (lowered.match.kind === 'none') path.add(lowered.match);
          break;
        case 'condition':
          path.add(lowered.match);
          break;
        case 'end':
          if (i < last) {
            if (lowered.action.kind === 'continue') break;
            return undefined;
          }
          path.require(lowered.needs, this.context, 0);
          end = lowered.action;
          break;
      }
      if (this.hasSpoken()) return undefined;
    }
    return end;
  }

  private lowered(statement: Statement): Lowered {
    let lowered = this.statements.get(statement);
    if (lowered === undefined) {
      lowered = this.lowerStatement(statement);
      if (this.hasSpoken()) lowered = remarkable;
      this.statements.set(statement, lowered);
    }
    return lowered;
  }

  private lowerStatement(statement: Statement): Lowered {
    checkPlace(statement, this.context);
    checkOptions(statement, this.context);
    switch (statement.kind) {
      case 'effectless':
        return nothing;
      case 'match': {
        if (asksConnectionPort(statement)) return remarkable;
        const { left, relation } = statement;
        const { selectors, needs } = this.keyOf(left);
        return {
          kind: 'test',
          match: compareKey(selectors, left, relation, statement.right, this.context),
          needs,
        };
      }
      case 'condition':
        return { kind: 'condition', match: condition(statement.text) };
      case 'verdict': {
        const { verdict, at } = statement;
        if ('block' in verdict) return remarkable;
        return {
          kind: 'end',
          action: verdictAction(verdict, at, this.chainNamed, this.context),
          needs: noNeeds,
        };
      }
      case 'reject':
        return { kind: 'end', ...rejection(statement, this.context) };
      default:
        return remarkable;
    }
  }

  private keyOf(left: Expression): Key {
    let key = this.keys.get(left);
    if (key === undefined) {
      const selectors = keyOf(left, this.context);
      key = { selectors, needs: needsOf(selectors) };
      // What there is to say of it must be heard each time.
      if (!this.speaks()) this.keys.set(left, key);
    }
    return key;
  }

  private speaks(): boolean {
    return !this.context.understood || this.listener.diagnostics.length > 0;
  }

  /** Whether there was anything to say since it was asked last. */
  private hasSpoken(): boolean {
    if (!this.speaks()) return false;
    this.listener = new Reporter();
    this.context = this.freshContext();
    return true;
  }

  private freshContext(): LoweringContext {
    return new LoweringContext(this.place, this.sets, this.options, this.listener);
  }
}
