import type { Rule } from '../model/firewall.ts';
import { FALSE, type Node } from '../packets/bdd.ts';
import type { PacketSpace } from '../packets/packet-space.ts';
import { intersects } from '../packets/intersects.ts';
import type { Blocks } from './block.ts';
import type { Tree } from './chain-summary.ts';
import { changesDestination } from './changes-destination.ts';
import type { Substitution, Substitutions } from './substitution.ts';

/** Packets on their way through the rules: which ones they were on arrival, what has become of them, and whose verdict is pending. */
export interface Flow {
  readonly packets: Node;
  readonly change: Substitution;
  /** In a last-match chain: the rule whose verdict holds so far. */
  readonly by?: Rule | undefined;
}

export interface AttributionSink {
  readonly decided: (decision: { readonly rule?: Rule | undefined; readonly packets: Node }) => void;
  readonly translated: (rule: Rule, packets: Node) => void;
}

interface Outcome {
  readonly next: readonly Flow[];
  readonly returned: readonly Flow[];
  readonly final: readonly Flow[];
}

/**
 * Walks accepted packets down the tree of a chain to the rules that accepted them, skipping every subtree that does nothing to
 * them. All given packets must be ones that the stage accepts.
 */
export class Attribution {
  private readonly space: PacketSpace;
  private readonly substitutions: Substitutions;
  private readonly blocks: Blocks;
  private readonly sink: AttributionSink;

  constructor(space: PacketSpace, substitutions: Substitutions, blocks: Blocks, sink: AttributionSink) {
    this.space = space;
    this.substitutions = substitutions;
    this.blocks = blocks;
    this.sink = sink;
  }

  stage(tree: Tree, flow: Flow): void {
    const { next, returned, final } = this.walk(tree, [flow]);
    for (const left of [...next, ...returned, ...final])
      this.sink.decided({ rule: left.by, packets: left.packets });
  }

  private walk(tree: Tree, flows: readonly Flow[]): Outcome {
    const touched = flows.filter((flow) => this.touches(tree, flow));
    if (touched.length === 0) return { next: flows, returned: [], final: [] };
    const untouched = flows.filter((flow) => !touched.includes(flow));
    if (tree.kind === 'pair') {
      const left = this.walk(tree.left, touched);
      const right = this.walk(tree.right, left.next);
      return {
        next: merged(this.space, [...untouched, ...right.next]),
        returned: [...left.returned, ...right.returned],
        final: [...left.final, ...right.final],
      };
    }
    if (tree.kind === 'empty') return { next: flows, returned: [], final: [] };
    const next: Flow[] = [...untouched];
    const returned: Flow[] = [];
    const final: Flow[] = [];
    for (const flow of touched) this.leaf(tree, flow, next, returned, final);
    return { next: merged(this.space, next), returned, final };
  }

  /** Some packet of the flow does not pass the subtree unchanged. */
  private touches(tree: Tree, flow: Flow): boolean {
    const { bdd } = this.space;
    const { block } = tree;
    if (block.effects === undefined) {
      return intersects(bdd, flow.packets, this.substitutions.before(flow.change, block.decided));
    }
    const unchanged = block.effects.find(
      (effect) => effect.outcome === 'next' && effect.change === this.substitutions.identity,
    );
    return (
      unchanged === undefined ||
      bdd.diff(flow.packets, this.substitutions.before(flow.change, unchanged.guard)) !== FALSE
    );
  }

  private leaf(
    tree: Tree & { kind: 'rule' },
    flow: Flow,
    next: Flow[],
    returned: Flow[],
    final: Flow[],
  ): void {
    const { bdd } = this.space;
    const { rule } = tree;
    const matched = bdd.and(flow.packets, this.substitutions.before(flow.change, tree.match));
    const others = bdd.diff(flow.packets, matched);
    if (others !== FALSE) next.push({ ...flow, packets: others });
    if (matched === FALSE) return;
    if (tree.callee !== undefined) {
      const inside = this.walk(tree.callee, [{ ...flow, packets: matched }]);
      const back = [...inside.next, ...inside.returned];
      const after = rule.action.kind === 'goto' ? returned : next;
      // `anchor quick`: those for which a verdict inside matched go no further.
      for (const one of back) (rule.quick === true && one.by !== flow.by ? final : after).push(one);
      final.push(...inside.final);
      return;
    }
    if (changesDestination(rule.action)) this.sink.translated(rule, matched);
    let accepted: Node = FALSE;
    for (const effect of this.blocks.effectsOf(tree.block)) {
      const part = bdd.and(matched, this.substitutions.before(flow.change, effect.guard));
      if (part === FALSE) continue;
      const change = this.substitutions.then(flow.change, effect.change);
      const setsVerdict = effect.change.values.has(this.space.levelsOf('pending')[0]!);
      const after: Flow = { packets: part, change, by: setsVerdict ? rule : flow.by };
      if (effect.outcome === 'accept') accepted = bdd.or(accepted, part);
      else if (effect.outcome === 'return') returned.push(after);
      else if (effect.outcome === 'final') final.push(after);
      else next.push(after);
    }
    if (accepted !== FALSE) this.sink.decided({ rule, packets: accepted });
  }
}

/** Flows that differ only in their packets become one. */
function merged(space: PacketSpace, flows: readonly Flow[]): readonly Flow[] {
  if (flows.length < 2) return flows;
  const found: Flow[] = [];
  for (const flow of flows) {
    const twin = found.findIndex((other) => other.change === flow.change && other.by === flow.by);
    if (twin === -1) found.push(flow);
    else found[twin] = { ...flow, packets: space.bdd.or(found[twin]!.packets, flow.packets) };
  }
  return found;
}
