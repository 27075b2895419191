import type { Action, Change } from '../../model/action.ts';
import type { ChainId, Rule } from '../../model/firewall.ts';
import { all, type Match } from '../../model/match.ts';
import type { Path } from './path.ts';
import { disturbedBy } from './reads.ts';
import type { RuleFace, RuleSink } from './rule-sink.ts';

/** Where the rules of one written rule go. */
export interface Place {
  readonly chain: ChainId;
  readonly rules: Rule[];
}

/** Makes the rules of the model that one written rule comes to. */
export class RuleEmission {
  private readonly sink: RuleSink;
  private readonly face: RuleFace;

  constructor(sink: RuleSink, face: RuleFace) {
    this.sink = sink;
    this.face = face;
  }

  rule(place: Place, match: Match, action: Action): void {
    this.sink.push(place.rules, this.face, match, action);
  }

  /** What the path's packets do at its end, with the changes made on the way. */
  end(path: Path, pending: readonly Change[], place: Place, action: Action): void {
    const { match } = path;
    if (
      pending.length === 0 ||
      action.kind === 'drop' ||
      action.kind === 'reject' ||
      action.kind === 'change'
    ) {
      this.rule(place, match, action);
      return;
    }
    if (action.kind === 'accept' || action.kind === 'continue') {
      this.rule(place, match, { kind: 'change', changes: pending, then: action.kind });
      return;
    }
    if (!disturbedBy(match, pending)) {
      this.rule(place, match, { kind: 'change', changes: pending, then: 'continue' });
      this.rule(place, match, action);
      return;
    }
    // A chain of its own sees each packet once. A goto into it ends as the goto or return inside does.
    const leaves = action.kind === 'goto' || action.kind === 'return';
    const inner = this.openPart(place, leaves ? 'goto' : 'jump', match);
    this.rule(inner, all, { kind: 'change', changes: pending, then: 'continue' });
    this.rule(inner, all, action);
  }

  /** Neither a jump nor a goto into a part of such a rule would come back to the right place. */
  unsettled(path: Path, place: Place): void {
    this.rule(place, path.match, {
      kind: 'unknown',
      outcomes: ['accept', 'drop', 'continue'],
      reason: 'the rule changes what it has tested, and then leaves its chain under a further condition',
    });
  }

  /** A chain of its own for the packets of `match`. */
  openPart(place: Place, how: 'jump' | 'goto', match: Match): Place {
    const part = this.openChain(place);
    this.rule(place, match, { kind: how, chain: part.chain });
    return part;
  }

  /** A chain without a name, that nothing leads to yet. */
  openChain(place: Place): Place {
    const id = this.sink.freshId(place.chain);
    const rules = this.sink.open({
      id,
      name: id.slice(id.lastIndexOf('/') + 1),
      fallthrough: { kind: 'return' },
      span: this.face.span,
    });
    return { chain: id, rules };
  }
}
