import type { EntryPoint, Firewall } from '../model/firewall.ts';
import { type Bdd, FALSE, type Node, TRUE } from '../packets/bdd.ts';
import type { PacketSpace } from '../packets/packet-space.ts';
import { evaluate, type EvaluateOptions, type Evaluation } from './evaluate.ts';
import type { Questions } from './questions.ts';
import { Shape } from './shape.ts';

/** What becomes of a packet; `conditional` where it hangs on what the input cannot settle. */
export type PacketVerdict = 'allow' | 'conditional' | 'deny';

/** All packets whose verdict changes in the same way. */
export interface VerdictChange {
  readonly before: PacketVerdict;
  /** Equal to `before` only for `conditional` packets that hang on other conditions now. */
  readonly after: PacketVerdict;
  readonly packets: Node;
}

/** Two firewalls' answers about one direction and family, in one space. */
export interface Comparison {
  readonly evaluation: Evaluation;
  /** Disjoint; packets in none of them keep their verdict. */
  readonly changes: readonly VerdictChange[];
  /** What packets of the set hang on, before and after, in words. */
  readonly conditions: (packets: Node) => {
    readonly before: readonly string[];
    readonly after: readonly string[];
  };
}

export interface ComparedEntry {
  readonly firewall: Firewall;
  readonly entry: EntryPoint;
}

/** Compares what two entry points of one direction and family let pass, packet by packet. Throws `TooComplex`. */
export function compareEntries(
  before: ComparedEntry,
  after: ComparedEntry,
  options: EvaluateOptions,
): Comparison {
  const shapes = [before, after].map(({ firewall, entry }) => new Shape(firewall, entry, []));
  const interfaces = options.hostAddresses.flatMap(({ interface: name }) =>
    name === undefined
      ? []
      : (['inInterface', 'outInterface'] as const).map((field) => ({ field, name, prefix: false })),
  );
  // The same names and the same order give both spaces the same variables, down to the open questions.
  const common: EvaluateOptions = {
    ...options,
    names: [...(options.names ?? []), ...shapes.flatMap((shape) => shape.names()), ...interfaces],
    order: (shapes[0]!.rules < shapes[1]!.rules ? shapes[1]! : shapes[0]!).order(),
  };
  const old = evaluate(before.firewall, before.entry, common);
  const fresh = evaluate(after.firewall, after.entry, common);
  if (old.space.questionBase !== fresh.space.questionBase)
    throw new Error('two spaces of the same names and order differ');
  const space = old.space;
  const { bdd } = space;
  const [was, is] = [boundsOf(old), boundsOf(fresh)];
  const copy = copier(fresh.space.bdd, bdd, (level) => bdd.variable(level), space.questionBase);
  const now = { certain: copy(is.certain), possible: copy(is.possible) };
  const sets = { before: byVerdict(bdd, was), after: byVerdict(bdd, now) };
  const reasons = new Reasons(space);
  const functions = [old, fresh].map(({ accepted, questions, space: own }) =>
    copier(own.bdd, bdd, (level) => reasons.variable(questions, level), space.questionBase)(accepted),
  );
  const changes: VerdictChange[] = [];
  for (const from of verdicts) {
    for (const to of verdicts) {
      let packets = bdd.and(sets.before[from], sets.after[to]);
      if (from === to) {
        if (from !== 'conditional') continue;
        const [a, b] = functions as [Node, Node];
        const differ = bdd.and(packets, bdd.or(bdd.diff(a, b), bdd.diff(b, a)));
        packets = bdd.exists(differ, (level) => level >= space.questionBase);
      }
      if (packets !== FALSE) changes.push({ before: from, after: to, packets });
    }
  }
  return {
    evaluation: old,
    changes,
    conditions: (packets) => {
      const [a, b] = functions.map((one) => reasons.in(bdd.and(packets, one)));
      return { before: a!, after: b! };
    },
  };
}

const verdicts: readonly PacketVerdict[] = ['allow', 'conditional', 'deny'];

interface Bounds {
  readonly certain: Node;
  readonly possible: Node;
}

/** What passes whatever the open questions answer, and what passes for some answer. */
function boundsOf({ space, accepted }: Evaluation): Bounds {
  const isQuestion = (level: number): boolean => level >= space.questionBase;
  return {
    certain: space.bdd.forAll(accepted, isQuestion),
    possible: space.bdd.exists(accepted, isQuestion),
  };
}

function byVerdict(bdd: Bdd, { certain, possible }: Bounds): Readonly<Record<PacketVerdict, Node>> {
  return { allow: certain, conditional: bdd.diff(possible, certain), deny: bdd.not(possible) };
}

/**
 * Open questions by their words. A limit of one file and the same limit of the other are different questions to a packet, but the same
 * condition to a reader: what hangs on it before and after has not changed.
 */
class Reasons {
  private readonly levels = new Map<string, number>();
  private readonly words = new Map<number, string>();
  private readonly space: PacketSpace;

  constructor(space: PacketSpace) {
    this.space = space;
  }

  variable(questions: Questions, level: number): Node {
    const reason = questions.at(level)?.reason ?? '';
    let own = this.levels.get(reason);
    if (own === undefined) {
      own = this.space.question();
      this.levels.set(reason, own);
      this.words.set(own, reason);
    }
    return this.space.bdd.variable(own);
  }

  in(node: Node): readonly string[] {
    return this.space.bdd.support(node).flatMap((level) => this.words.get(level) ?? []);
  }
}

/** Copies functions from one diagram to another of the same variables; `question` stands for those from `base` on. */
function copier(from: Bdd, to: Bdd, question: (level: number) => Node, base: number): (node: Node) => Node {
  const memo = new Map<Node, Node>([
    [FALSE, FALSE],
    [TRUE, TRUE],
  ]);
  const copy = (node: Node): Node => {
    let made = memo.get(node);
    if (made === undefined) {
      const level = from.levelOf(node);
      const [bits, pattern] = [from.bitsOf(node), from.patternOf(node)];
      const miss = copy(from.missOf(node));
      const match = copy(from.matchOf(node));
      made =
        level < base ? to.chain(level, bits, pattern, miss, match) : to.choose(question(level), match, miss);
      memo.set(node, made);
    }
    return made;
  };
  return copy;
}
