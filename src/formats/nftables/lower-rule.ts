import type { RuleSyntax, Statement, VerdictSyntax } from '../../../grammars/nftables/syntax.ts';
import type { Action, Change } from '../../model/action.ts';
import type { ChainId } from '../../model/firewall.ts';
import { all, and } from '../../model/match.ts';
import { protocolIs } from './compare.ts';
import { assignment } from './assignments.ts';
import { addCondition } from './conditions.ts';
import { notrackGuard } from './chain-places.ts';
import type { LoweringContext } from './lowering-context.ts';
import { MapBranches } from './map-branches.ts';
import { lowerNat } from './nat.ts';
import { natVariants } from './nat-variants.ts';
import { Path } from './path.ts';
import { disturbedBy } from './reads.ts';
import { compare } from './relations.ts';
import { lowerReject } from './reject.ts';
import { actionByName, targetAction } from './iptables-targets.ts';
import { addExtension, notPrinted } from './iptables-extensions.ts';
import { isTerminal, isTest, leavesChain } from './statement-facts.ts';
import { type Place, RuleEmission } from './rule-emission.ts';
import type { RuleFace, RuleSink } from './rule-sink.ts';
import { checkOptions } from './statement-options.ts';
import { checkPlace } from './statement-places.ts';
import { checkConnectionPorts, checkProxies, checkTranslatedPorts } from './transport-known.ts';
import { type FindChain, verdictAction } from './verdict-action.ts';

const isRandom = (flag: string): boolean => flag === 'random' || flag === 'fully-random';
const go: Action = { kind: 'continue' };
const untrack: Change = { kind: 'number', field: 'state', from: 4, to: 4 };

/**
 * One written rule as rules of the model. Statements run left to right; a verdict map or a change in the middle makes several rules
 * with the same span, and where a change would disturb the tests before it, a chain of its own.
 */
export class RuleLowering {
  private readonly context: LoweringContext;
  private readonly sink: RuleSink;
  private readonly emission: RuleEmission;
  private readonly maps: MapBranches;
  private readonly chainNamed: FindChain;

  constructor(context: LoweringContext, sink: RuleSink, face: RuleFace, chainNamed: FindChain) {
    this.context = context;
    this.sink = sink;
    this.emission = new RuleEmission(sink, face);
    this.maps = new MapBranches(context, this.emission);
    this.chainNamed = chainNamed;
  }

  lower(rule: RuleSyntax, place: Place): void {
    const path = new Path(this.context.family);
    if (rule.broken === true) {
      this.context.understood = false;
      // The part that was read still holds; what follows may be anything.
      this.statements(rule.statements.filter(isTest), 0, path, [], place, () => ({
        kind: 'unknown',
        outcomes: ['accept', 'drop', 'continue'],
        reason: 'the rule could not be read',
      }));
      return;
    }
    const { statements } = rule;
    checkTranslatedPorts(statements, this.context);
    checkConnectionPorts(statements, this.context);
    checkProxies(statements, this.context);
    this.statements(statements, 0, path, [], place, () => go);
  }

  /** `pending`: changes made on the way that no rule holds yet. `end`: what the end of the rule does. */
  private statements(
    statements: readonly Statement[],
    start: number,
    path: Path,
    pending: readonly Change[],
    place: Place,
    end: () => Action,
  ): void {
    const { context } = this;
    for (let i = start; i < statements.length; i++) {
      const statement = statements[i]!;
      const following = statements[i + 1];
      if (following !== undefined && isTerminal(statement))
        context.refuse('a statement behind a verdict has no effect', following.at);
      if (
        pending.length > 0 &&
        statement.kind !== 'verdict' &&
        statement.kind !== 'effectless' &&
        statement.kind !== 'assign'
      ) {
        this.afterChanges(statements, i, path, pending, place, end);
        return;
      }
      checkPlace(statement, context);
      checkOptions(statement, context);
      switch (statement.kind) {
        case 'effectless':
          break;
        case 'match': {
          const { needs, match } = compare(statement.left, statement.relation, statement.right, context);
          path.addWithNeeds(match, needs, context, statement.at);
          if (match.kind === 'none') {
            // Kept, so that the report can say that it never matches.
            path.add(match);
          }
          break;
        }
        case 'condition':
        case 'update-set':
        case 'tproxy':
          addCondition(statement, path, context);
          break;
        case 'xt': {
          if (statement.type === 'match') {
            addExtension(statement, path, context);
            break;
          }
          const known = actionByName(statement.name);
          if (known?.kind === 'continue') break;
          if (known === undefined) notPrinted(statement, context);
          this.emission.end(
            path,
            pending,
            place,
            known ?? targetAction(statement.name, pending, context.hook),
          );
          return;
        }
        case 'unknown':
          context.misunderstood(`"${statement.text}"`, statement.at);
          this.emission.end(path, pending, place, {
            kind: 'unknown',
            outcomes: ['accept', 'drop', 'continue'],
            reason: statement.text,
          });
          return;
        case 'notrack':
          if (context.conntrack === 'before') {
            pending = [...pending, untrack];
            break;
          }
          if (this.untrackLoose(statements, i, path, place, end)) return;
          break;
        case 'assign': {
          if (statement.value.kind === 'map') {
            this.maps.ofData(statement.value, path, place, statement.at, (data, branch) => {
              const rest: Statement[] = [{ ...statement, value: data }, ...statements.slice(i + 1)];
              this.statements(rest, 0, branch, pending, place, end);
            });
            return;
          }
          const change = assignment(statement.target, statement.value, path, context);
          if (change !== undefined) {
            if (pending.length > 0) {
              this.afterChanges([{ ...statement }, ...statements.slice(i + 1)], 0, path, pending, place, end);
              return;
            }
            pending = [change];
          }
          break;
        }
        case 'nat': {
          const mapped =
            statement.address?.kind === 'map'
              ? statement.address
              : statement.port?.kind === 'map'
                ? statement.port
                : undefined;
          if (mapped !== undefined) {
            this.maps.ofData(mapped, path, place, statement.at, (data, branch) => {
              const one: Statement =
                statement.address === mapped ? { ...statement, address: data } : { ...statement, port: data };
              this.statements([one], 0, branch, pending, place, end);
            });
            return;
          }
          const changes = lowerNat(statement, path, context);
          for (const variant of natVariants(changes, statement.flags.some(isRandom))) {
            const branch = path.copy();
            branch.add(variant.match);
            this.emission.end(branch, pending, place, {
              kind: 'change',
              changes: [...pending, ...variant.changes],
              then: 'accept',
            });
          }
          this.emission.end(path, pending, place, {
            kind: 'change',
            changes: [...pending, ...changes],
            then: 'accept',
          });
          return;
        }
        case 'vmap':
          this.maps.ofVerdicts(
            statement,
            path,
            place,
            (verdict, at) => this.verdict(verdict, at, place),
            (branch) => {
              this.statements(statements, i + 1, branch, pending, place, end);
            },
          );
          return;
        case 'verdict':
          // A `continue` in the middle decides nothing.
          if (statement.verdict.kind === 'continue' && i + 1 < statements.length) break;
          this.emission.end(path, pending, place, this.verdict(statement.verdict, statement.at, place));
          return;
        case 'reject':
          this.emission.end(path, [], place, lowerReject(statement, path, this.context));
          return;
        case 'forward':
          this.emission.end(path, [], place, { kind: 'drop' });
          return;
        case 'queue':
          this.emission.end(path, pending, place, {
            kind: 'unknown',
            outcomes: ['accept', 'drop'],
            reason: `${statement.text}: a program decides`,
          });
          return;
        case 'synproxy':
          // Packets of other protocols pass it by (nft_synproxy.c, nft_synproxy_do_eval).
          path.add(protocolIs(6));
          this.emission.end(path, pending, place, {
            kind: 'unknown',
            outcomes: ['accept', 'drop'],
            reason: 'synproxy: the connection passes once the proxy has answered for it',
          });
          return;
      }
    }
    this.emission.end(path, pending, place, end());
  }

  /** Statements behind a change see the changed packet. */
  private afterChanges(
    statements: readonly Statement[],
    start: number,
    path: Path,
    pending: readonly Change[],
    place: Place,
    end: () => Action,
  ): void {
    const change: Action = { kind: 'change', changes: pending, then: 'continue' };
    if (!disturbedBy(path.match, pending)) {
      this.emission.rule(place, path.match, change);
      this.statements(statements, start, path, [], place, end);
      return;
    }
    if (statements.slice(start).some(leavesChain)) {
      this.emission.unsettled(path, place);
      return;
    }
    const continued = path.continued();
    const inner = this.emission.openPart(place, 'jump', path.match);
    this.emission.rule(inner, all, change);
    this.statements(statements, start, continued, [], inner, end);
  }

  /** `notrack` where most packets have their connection already. True when the rest of the rule went into a chain of its own. */
  private untrackLoose(
    statements: readonly Statement[],
    at: number,
    path: Path,
    place: Place,
    end: () => Action,
  ): boolean {
    const guard = notrackGuard(this.context.conntrack) ?? all;
    const change: Action = { kind: 'change', changes: [untrack], then: 'continue' };
    const rest = statements.slice(at + 1);
    const isLast = rest.every(({ kind }) => kind === 'effectless') && end().kind === 'continue';
    if (isLast || !disturbedBy(path.match, [untrack])) {
      this.emission.rule(place, and(path.match, guard), change);
      return isLast;
    }
    const leaves = rest.some(leavesChain);
    if (leaves && rest.some(({ kind }) => kind !== 'verdict' && kind !== 'effectless')) {
      this.emission.unsettled(path, place);
      return true;
    }
    const continued = path.continued();
    const inner = this.emission.openPart(place, leaves ? 'goto' : 'jump', path.match);
    this.emission.rule(inner, guard, change);
    this.statements(rest, 0, continued, [], inner, end);
    return true;
  }

  private verdict(verdict: VerdictSyntax, at: number, place: Place): Action {
    if ('block' in verdict) return { kind: verdict.kind, chain: this.anonymous(verdict.block, place) };
    return verdictAction(verdict, at, this.chainNamed, this.context);
  }

  /** `jump { … }`: a chain without a name. */
  private anonymous(block: readonly RuleSyntax[], place: Place): ChainId {
    const inner = this.emission.openChain(place);
    for (const rule of block) {
      const { span, comment } = rule;
      new RuleLowering(this.context, this.sink, { span, comment }, this.chainNamed).lower(rule, inner);
    }
    return inner.chain;
  }
}
