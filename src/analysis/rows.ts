import type { EntryPoint } from '../model/firewall.ts';
import { FALSE, MAX_LEVEL, type Node, TRUE } from '../packets/bdd.ts';
import { type NameField, protocolsWithPorts } from '../packets/fields.ts';
import type { Interval } from '../packets/interval.ts';
import { NodeMemo } from '../packets/node-memo.ts';
import type { PacketSpace } from '../packets/packet-space.ts';
import { type PortMap, runOf } from '../packets/port-map.ts';
import { intersects } from '../packets/intersects.ts';
import { type PacketValues, packetLike, someCommonPacket } from '../packets/some-packet.ts';
import type { RowCut } from '../report/lazy-row.ts';
import type { FromElement, Witness } from '../report/report.ts';
import { Cover, intervalsOf } from './cover.ts';
import { LooksAt } from './looks-at.ts';
import { numberBranches } from './number-branches.ts';
import { portRuns } from './port-runs.ts';
import { listenerFields, ListenerReasons } from './listener-reasons.ts';
import type { Decision, Evaluation, Trace } from './evaluate.ts';
import { QuestionSets } from './question-sets.ts';
import type { Question } from './questions.ts';
import { type SourceOutline, SourceOutlines } from './source-outline.ts';
import { packetBits } from './packet-bits.ts';
import { packetOf, witnessOf } from './witness.ts';

/** A maximal run of ports of one protocol and certainty that the same packets may reach. */
export interface Row {
  readonly entry: EntryPoint;
  /** One protocol, or the group of all those that need no row of their own. */
  readonly protocols: readonly Interval[];
  readonly ports: Interval | undefined;
  readonly certainty: 'certain' | 'possible';
  readonly questions: readonly Question[];
  readonly outline: SourceOutline;
  /** It takes a certain destination, or a certain interface to leave by, for some source to get in. */
  readonly toSome: () => boolean;
  readonly witness: () => Witness;
  /** The rest is worked out when it is asked for: of 100,000 rules' rows a terminal shows a few. */
  readonly from: () => readonly FromElement[];
  readonly trace: () => Trace;
  readonly translations: () => Trace['translations'];
  /** Some packets of the row meet no deciding rule on the host's own hook: a policy lets them in. */
  readonly byDefault: () => boolean;
  /** The rule that lets one of the packets in; undefined where no chain of the host's own hook sees it. */
  readonly leading: () => Decision | undefined;
  /** The same of the witness, which takes longer. */
  readonly leadingOfWitness: () => Decision | undefined;
  /** Some rule changes packets on their way, so that who meets which rule takes longer to say. */
  readonly changesPackets: boolean;
  /** The row of only these of its packets. */
  readonly part: (cut: RowCut) => Row;
}

/** RFC 6335: rows end where a range ends. */
const rangeEnds: readonly number[] = [1023, 49151];

/** Protocols that get a row of their own even where they share their answer with all others. */
const ownRow: Readonly<Record<'ipv4' | 'ipv6', readonly number[]>> = { ipv4: [1, 6, 17], ipv6: [6, 17, 58] };

/** More protocols than this with one answer are told in one row. */
const GROUP = 8;

/** The rows of one evaluation: certain ones, and possible ones with what is not already certain. */
export function rowsOf(evaluation: Evaluation): readonly Row[] {
  return new RowBuilder(evaluation).rows();
}

class RowBuilder {
  private readonly evaluation: Evaluation;
  private readonly space: PacketSpace;
  private readonly accepted: Node;
  private readonly cover: Cover;
  private readonly icmpCover: Cover;
  private readonly outlines: SourceOutlines;
  private readonly listeners: ListenerReasons;
  private readonly asked: QuestionSets;
  private readonly toSome: LooksAt;
  private readonly accepting = new Map<number, PortMap>();

  constructor(evaluation: Evaluation) {
    this.evaluation = evaluation;
    this.space = evaluation.space;
    this.accepted = evaluation.accepted;
    this.cover = new Cover(this.space, false);
    this.icmpCover = new Cover(this.space, true);
    this.outlines = new SourceOutlines(this.space);
    this.listeners = new ListenerReasons(this.space);
    this.asked = new QuestionSets(this.space);
    this.toSome = new LooksAt(
      this.space.bdd,
      (['destination', 'outInterface'] as const).flatMap((field) => {
        const levels = this.space.levelsOf(field);
        return levels.length === 0 ? [] : [[levels[0]!, levels[levels.length - 1]!] as const];
      }),
    );
  }

  rows(): readonly Row[] {
    const certain = this.forEveryListener(this.bound(this.accepted, FALSE));
    const upper = this.bound(this.accepted, TRUE);
    const rows = this.rowsFor(certain, 'certain');
    const possible = this.space.bdd.diff(upper, certain);
    return possible === FALSE ? rows : [...rows, ...this.rowsFor(possible, 'possible')];
  }

  /** Which program listens is not the packet's to say, so what hangs on it is only possible. */
  private forEveryListener(node: Node): Node {
    const levels = new Set(listenerFields.flatMap((field) => this.space.levelsOf(field)));
    if (levels.size === 0) return node;
    return this.space.bdd.forAll(node, (level) => levels.has(level), Math.max(...levels));
  }

  /** With every open question answered for the worse (`FALSE`) or the better (`TRUE`); questions lie below all fields. */
  private bound(node: Node, instead: Node): Node {
    const { bdd, questionBase } = this.space;
    if (!this.space.hasQuestions || !bdd.tests(node, questionBase, MAX_LEVEL)) return node;
    const memo = new NodeMemo(bdd.size).begin();
    const walk = (at: Node): Node => {
      if (at <= TRUE) return at;
      const level = bdd.levelOf(at);
      if (level >= questionBase) return instead;
      let result = memo.get(at);
      if (result === undefined) {
        result = bdd.like(at, walk(bdd.missOf(at)), walk(bdd.matchOf(at)));
        memo.set(at, result);
      }
      return result;
    };
    return walk(node);
  }

  private rowsFor(set: Node, certainty: Row['certainty']): readonly Row[] {
    const rows: Row[] = [];
    const groups = new Map<Node, number[]>();
    const own = ownRow[this.space.family];
    for (const [child, values] of numberBranches(this.space, set, 'protocol')) {
      for (const [from, to] of intervalsOf(values, 8)) {
        for (let protocol = from; protocol <= to; protocol++) {
          if (this.hasPorts(protocol) && (own.includes(protocol) || this.readsPorts(child))) {
            rows.push(...this.portRows(set, protocol, child, certainty));
          } else {
            const group = groups.get(child);
            if (group === undefined) groups.set(child, [protocol]);
            else group.push(protocol);
          }
        }
      }
    }
    for (const [child, protocols] of groups) {
      const single = protocols.length <= GROUP ? protocols : protocols.filter((p) => own.includes(p));
      for (const protocol of single)
        rows.push(...this.plainRow(set, [[protocol, protocol]], child, certainty));
      const rest = protocols.filter((p) => !single.includes(p));
      if (rest.length > 0) rows.push(...this.plainRow(set, runs(rest), child, certainty));
    }
    return rows.sort(
      (a, b) => a.protocols[0]![0] - b.protocols[0]![0] || (a.ports?.[0] ?? -1) - (b.ports?.[0] ?? -1),
    );
  }

  private hasPorts(protocol: number): boolean {
    return protocolsWithPorts.includes(protocol);
  }

  private readsPorts(node: Node): boolean {
    return this.reads(node, 'destinationPort') || this.reads(node, 'sourcePort');
  }

  private reads(node: Node, field: 'destinationPort' | 'sourcePort'): boolean {
    const levels = this.space.levelsOf(field);
    return this.space.bdd.tests(node, levels[0]!, levels[levels.length - 1]!);
  }

  private readsName(node: Node, field: NameField): boolean {
    const levels = this.space.levelsOf(field);
    return levels.length > 0 && this.space.bdd.tests(node, levels[0]!, levels[levels.length - 1]!);
  }

  private portRows(set: Node, protocol: number, node: Node, certainty: Row['certainty']): readonly Row[] {
    const rows: Row[] = [];
    const protocols: readonly Interval[] = [[protocol, protocol]];
    for (const { from, to, node: child } of portRuns(this.space, node))
      for (const ports of splitAtRanges([from, to]))
        rows.push(this.row(set, protocols, ports, child, certainty));
    return rows;
  }

  /** Protocols without ports: what the first header words must hold (`th dport` of a GRE packet) cannot be asked, so it is quantified. */
  private plainRow(
    set: Node,
    protocols: readonly Interval[],
    node: Node,
    certainty: Row['certainty'],
  ): readonly Row[] {
    const icmp = this.isIcmp(protocols);
    const hidden = new Set([
      ...this.space.levelsOf('destinationPort'),
      ...(icmp ? [] : this.space.levelsOf('sourcePort')),
    ]);
    const isHidden = (level: number): boolean => hidden.has(level);
    const { bdd } = this.space;
    if (!this.reads(node, 'destinationPort') && (icmp || !this.reads(node, 'sourcePort'))) {
      return [this.row(set, protocols, undefined, node, certainty)];
    }
    const always = bdd.forAll(node, isHidden);
    const rows: Row[] = [];
    if (always !== FALSE) rows.push(this.row(set, protocols, undefined, always, certainty));
    const sometimes = bdd.diff(bdd.exists(node, isHidden), always);
    if (sometimes !== FALSE)
      rows.push(
        this.row(
          set,
          protocols,
          undefined,
          sometimes,
          'possible',
          'the bytes where TCP and UDP hold their ports',
        ),
      );
    return rows;
  }

  private isIcmp(protocols: readonly Interval[]): boolean {
    const [first] = protocols;
    return protocols.length === 1 && first![0] === first![1] && (first![0] === 1 || first![0] === 58);
  }

  /** What is accepted of the packets of a protocol and of ports: each answer once. */
  private acceptedAt(protocol: number, [from, to]: Interval): readonly Node[] {
    const { starts, nodes } = this.acceptedBy(protocol);
    const found = new Set<Node>();
    for (let i = runOf(starts, from); i < starts.length && starts[i]! <= to; i++) found.add(nodes[i]!);
    return [...found];
  }

  /** What is accepted of a protocol's packets, by runs of ports. */
  private acceptedBy(protocol: number): PortMap {
    let known = this.accepting.get(protocol);
    if (known === undefined) {
      const { bdd } = this.space;
      let at = this.accepted;
      const levels = this.space.levelsOf('protocol');
      levels.forEach((level, i) => {
        if (bdd.levelOf(at) !== level) return;
        at = (protocol >> (levels.length - 1 - i)) & 1 ? bdd.highOf(at) : bdd.lowOf(at);
      });
      const starts: number[] = [];
      const nodes: Node[] = [];
      const add = (start: number, node: Node): void => {
        starts.push(start);
        nodes.push(node);
      };
      let next = 0;
      for (const { from, to, node } of portRuns(this.space, at)) {
        if (from > next) add(next, FALSE);
        add(from, node);
        next = to + 1;
      }
      if (next < 65536) add(next, FALSE);
      known = { starts, nodes };
      this.accepting.set(protocol, known);
    }
    return known;
  }

  /** One of a row's packets, told by what is left of the row below its port, without making the set; undefined where it must be made. */
  private onePacket(protocol: number, port: number, rest: Node): PacketValues | undefined {
    if (this.evaluation.changesPackets) return undefined;
    const { bdd } = this.space;
    // Without questions every packet of a row is let through.
    const accepted = this.space.hasQuestions ? this.acceptedAt(protocol, [port, port])[0]! : TRUE;
    // Both fields lie above all others.
    const high: number[] = [];
    addHigh(this.space.levelsOf('protocol'), protocol, high);
    addHigh(this.space.levelsOf('destinationPort'), port, high);
    return someCommonPacket(bdd, rest, accepted, high);
  }

  private row(
    set: Node,
    protocols: readonly Interval[],
    ports: Interval | undefined,
    rest: Node,
    certainty: Row['certainty'],
    extra?: string,
    /** All of the row's packets are from these. */
    sources: Node = TRUE,
  ): Row {
    const { space, evaluation } = this;
    const { bdd } = space;
    const cover = this.isIcmp(protocols) ? this.icmpCover : this.cover;
    const reach = once(() => {
      const packets = bdd.and(
        bdd.and(set, space.numberIn('protocol', protocols)),
        bdd.and(ports === undefined ? TRUE : space.numberIn('destinationPort', [ports]), rest),
      );
      // What is certain is accepted whatever the answers.
      return certainty === 'certain' && extra === undefined ? packets : bdd.and(packets, this.accepted);
    });
    const questions: Question[] = extra === undefined ? [] : [{ reason: extra, perVisit: false }];
    if (certainty === 'possible' && space.hasQuestions) {
      const hangsOn =
        // All packets of a protocol and port are possible ones.
        this.asked.of(
          ...(ports === undefined
            ? [reach()]
            : this.acceptedAt(protocols[0]![0], ports).map((node) => bdd.and(node, sources))),
        );
      for (const level of hangsOn) {
        const question = evaluation.questions.at(level);
        if (
          question !== undefined &&
          !questions.some((q) => q.reason === question.reason && q.rule === question.rule)
        ) {
          questions.push(question);
        }
      }
    }
    if (listenerFields.some((field) => this.readsName(rest, field))) {
      for (const reason of this.listeners.of(rest)) questions.push({ reason, perVisit: false });
    }
    const trace = once(() => evaluation.trace(reach()));
    const witness = once(() =>
      witnessOf(
        space,
        evaluation.entry,
        protocols[0]![0],
        ports?.[0],
        cover.first(rest),
        evaluation.tellsFirstStates,
      ),
    );
    return {
      entry: evaluation.entry,
      protocols,
      ports,
      certainty,
      questions,
      outline: this.outlines.of(rest),
      toSome: () => this.toSome.isAsked(rest),
      witness,
      from: () => cover.of(rest),
      trace,
      translations: once(() => evaluation.translations(reach())),
      byDefault: once(() => evaluation.byDefault !== FALSE && intersects(bdd, reach(), evaluation.byDefault)),
      leading: once(() => {
        const packet = ports === undefined ? undefined : this.onePacket(protocols[0]![0], ports[0], rest);
        return packet === undefined ? evaluation.leading(reach()) : evaluation.leadingOne(packet);
      }),
      leadingOfWitness: once(() => {
        const bits = packetBits(space, packetOf(evaluation.entry, witness()));
        const levels = arrivalFields.flatMap((field) => space.levelsOf(field));
        return evaluation.leading(packetLike(bdd, reach(), bits, levels));
      }),
      changesPackets: evaluation.changesPackets,
      part: (cut) => {
        const within =
          cut.sources === undefined ? sources : bdd.and(sources, space.addressIn('source', cut.sources));
        const left = bdd.and(rest, within);
        return this.row(set, cut.protocols ?? protocols, cut.ports ?? ports, left, certainty, extra, within);
      },
    };
  }
}

/** What a witness says of every packet. */
const arrivalFields = ['source', 'destination', 'sourcePort', 'inInterface', 'outInterface'] as const;

/** Adds the variables of a field that are true where it has a value. */
function addHigh(levels: readonly number[], value: number, high: number[]): void {
  for (let i = 0; i < levels.length; i++) if ((value >>> (levels.length - 1 - i)) & 1) high.push(levels[i]!);
}

/** A value that is worked out when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function splitAtRanges([from, to]: Interval): readonly Interval[] {
  const parts: Interval[] = [];
  let next = from;
  for (const end of rangeEnds) {
    if (next <= end && to > end) {
      parts.push([next, end]);
      next = end + 1;
    }
  }
  parts.push([next, to]);
  return parts;
}

function runs(numbers: readonly number[]): readonly Interval[] {
  const found: [number, number][] = [];
  for (const n of [...numbers].sort((a, b) => a - b)) {
    const last = found[found.length - 1];
    if (last !== undefined && n === last[1] + 1) last[1] = n;
    else found.push([n, n]);
  }
  return found;
}
