import { FALSE, type Node } from '../packets/bdd.ts';
import type { Evaluation } from './evaluate.ts';
import type { Decision } from './tracer.ts';

/** An evaluation that holds for some packets instead of the base. */
export interface PartialEvaluation {
  readonly packets: Node;
  readonly evaluation: Evaluation;
}

/**
 * One answer of several that share their diagrams: where the packets of a part lie, the part's; elsewhere the base's. Parts must not
 * overlap.
 */
export function joinEvaluations(base: Evaluation, parts: readonly PartialEvaluation[]): Evaluation {
  const { bdd } = base.space;
  let rest: Node = FALSE;
  for (const { packets } of parts) rest = bdd.or(rest, packets);
  const all = (packets: Node): readonly PartialEvaluation[] =>
    [
      ...parts.map((part) => ({ ...part, packets: bdd.and(packets, part.packets) })),
      { packets: bdd.diff(packets, rest), evaluation: base },
    ].filter((part) => part.packets !== FALSE);
  const joined = (setOf: (evaluation: Evaluation) => Node): Node =>
    parts.reduce((set, part) => bdd.choose(part.packets, setOf(part.evaluation), set), setOf(base));
  return {
    ...base,
    accepted: joined(({ accepted }) => accepted),
    trace: (packets) => {
      const traces = all(packets).map((part) => part.evaluation.trace(part.packets));
      const decisions: Decision[] = [];
      for (const decision of traces.flatMap((trace) => trace.decisions))
        if (!decisions.some(({ stage, rule }) => stage === decision.stage && rule === decision.rule))
          decisions.push(decision);
      return { decisions, translations: [...new Set(traces.flatMap((trace) => trace.translations))] };
    },
    translations: (packets) => [
      ...new Set(all(packets).flatMap((part) => part.evaluation.translations(part.packets))),
    ],
    byDefault: joined(({ byDefault }) => byDefault),
    leading: (packets) => {
      const last = all(packets).at(-1);
      return last?.evaluation.leading(last.packets);
    },
    leadingOne: (packet) => {
      const part = parts.find(({ packets }) => bdd.holds(packets, packet));
      return (part?.evaluation ?? base).leadingOne(packet);
    },
  };
}
