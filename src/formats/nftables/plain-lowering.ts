import type { Expression, Statement } from '../../../grammars/nftables/syntax.ts';
import type { Action } from '../../model/action.ts';
import type { Match } from '../../model/match.ts';
import type { ReadOptions } from '../format.ts';
import { condition } from './conditions.ts';
import { LoweringContext, type TablePlace } from './lowering-context.ts';
import { Path } from './path.ts';
import { rejection } from './reject.ts';
import { compareKey, keyOf, needsOf } from './relations.ts';
import { Reporter } from './reporter.ts';
import type { Place } from './rule-emission.ts';
import type { RuleFace, RuleSink } from './rule-sink.ts';
import type { Needs, Selector } from './selectors.ts';
import type { SetLibrary } from './set-library.ts';
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
 * Lowers rules whose statements are shared, in chains of one place: each statement once. It has nothing to say and places nothing: a
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
  lower(statements: readonly Statement[], face: RuleFace, place: Place): boolean {
    const { path } = this;
    path.restart(this.place.family);
    const last = statements.length - 1;
    let end: Action = go;
    for (let i = 0; i <= last; i++) {
      const lowered = this.lowered(statements[i]!);
      switch (lowered.kind) {
        case 'remarkable':
          return false;
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
            return false;
          }
          path.require(lowered.needs, this.context, 0);
          end = lowered.action;
          break;
      }
      if (this.hasSpoken()) return false;
    }
    this.sink.push(place.rules, face, path.match, end);
    return true;
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
