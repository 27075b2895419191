import { printExpression } from '../../../grammars/nftables/print.ts';
import type { Expression, Statement, VerdictSyntax } from '../../../grammars/nftables/syntax.ts';
import type { Action } from '../../model/action.ts';
import { none, type Match } from '../../model/match.ts';
import type { LoweringContext } from './lowering-context.ts';
import { type Alternatives, alternativesOf } from './maps.ts';
import type { Path } from './path.ts';
import { asksAnew, readsField } from './reads.ts';
import type { Place, RuleEmission } from './rule-emission.ts';

const go: Action = { kind: 'continue' };

/** Rules that go several ways, one for each kind of element of a map. */
export class MapBranches {
  private readonly context: LoweringContext;
  private readonly emission: RuleEmission;

  constructor(context: LoweringContext, emission: RuleEmission) {
    this.context = context;
    this.emission = emission;
  }

  /** One branch for each element of a data map; packets whose key is not in it fail the rule. */
  ofData(
    map: Expression & { kind: 'map' },
    path: Path,
    place: Place,
    at: number,
    lower: (data: Expression, branch: Path) => void,
  ): void {
    const entries = this.entries(map.key, map.data, path, place, at);
    if (entries === undefined) return;
    for (const { match, data } of entries) {
      const branch = path.copy();
      branch.add(match);
      lower(data, branch);
    }
    if (entries.length === 0) this.emission.rule(place, none, go);
  }

  /** `goOn` lowers what follows the map for keys whose verdict is `continue`; a key that is not in the map fails the rule. */
  ofVerdicts(
    { key, data, at }: Statement & { kind: 'vmap' },
    path: Path,
    place: Place,
    verdictOf: (verdict: VerdictSyntax, at: number) => Action,
    goOn: (branch: Path) => void,
  ): void {
    const entries = this.entries(key, data, path, place, at);
    if (entries === undefined) return;
    const jumps: { readonly match: Match; readonly action: Action & { kind: 'jump' } }[] = [];
    for (const { match, data: verdict } of entries) {
      const action = this.verdict(verdict, verdictOf);
      if (action.kind === 'jump') {
        jumps.push({ match, action });
        continue;
      }
      const branch = path.copy();
      branch.add(match);
      if (action.kind === 'continue') goOn(branch);
      else this.emission.rule(place, branch.match, action);
    }
    this.jumps(jumps, path, place);
    if (entries.length === 0) this.emission.rule(place, none, go);
  }

  /** Jumps come last, since packets come back from them, and to one chain only a packet goes. */
  private jumps(
    jumps: readonly { readonly match: Match; readonly action: Action & { kind: 'jump' } }[],
    path: Path,
    place: Place,
  ): void {
    if (jumps.length < 2 || !jumps.some(({ match }) => mayTurn(match))) {
      for (const { match, action } of jumps) {
        const branch = path.copy();
        branch.add(match);
        this.emission.rule(place, branch.match, action);
      }
      return;
    }
    const inner = this.emission.openPart(place, 'jump', path.match);
    for (const { match, action } of jumps)
      this.emission.rule(inner, match, { kind: 'goto', chain: action.chain });
  }

  /** The cases of a map; undefined where its content is not known, and the rule is said to do anything. */
  private entries(
    key: Expression,
    data: Expression,
    path: Path,
    place: Place,
    at: number,
  ): Alternatives['entries'] | undefined {
    const alternatives = alternativesOf(key, data, this.context);
    for (const needs of alternatives.needs) path.require(needs, this.context, at);
    if (alternatives.unknown === undefined) return alternatives.entries;
    this.emission.end(path, [], place, {
      kind: 'unknown',
      outcomes: ['accept', 'drop', 'continue'],
      reason: alternatives.unknown,
    });
    return undefined;
  }

  private verdict(element: Expression, verdictOf: (verdict: VerdictSyntax, at: number) => Action): Action {
    if (element.kind === 'verdict') {
      if ('block' in element.verdict)
        this.context.refuse('a verdict map names chains, it does not hold them', element.at);
      return verdictOf(element.verdict, element.at);
    }
    this.context.refuse(`read "${printExpression(element)}", expected a verdict`, element.at);
    return { kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], reason: 'the map holds no verdict' };
  }
}

/** Whether a chain that packets are sent to may change what the key looks at, so that they would meet the next case on their return. */
function mayTurn(match: Match): boolean {
  return asksAnew(match) || readsField(match, 'mark') || readsField(match, 'state');
}
