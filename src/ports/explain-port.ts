import type { Citation, Listing, Scrutiny } from '../report/report.ts';
import type { PortKnowledge } from './describe.ts';
import { listingOf } from './describe.ts';
import type { ListenerCheck } from './listener-commands.ts';
import { listenerCheck } from './listener-commands.ts';
import type { RiskClass } from './port-notes.ts';
import { notesFor } from './port-notes.ts';
import type { PortRange, PortStatus, RangeName, Transport } from './port-types.ts';
import type { PortInfo, Registry } from './registry.ts';
import { allStatuses, rangeOf } from './registry.ts';

/** Ports that are alike, as `fw-audit ports` lists them. */
export interface PortRun extends PortRange {
  readonly range: RangeName;
  readonly transports: Readonly<Record<'tcp' | 'udp', PortInfo>> & {
    readonly sctp?: PortInfo;
    readonly dccp?: PortInfo;
  };
}

/** All that `fw-audit explain` says of one run. */
export interface PortExplanation extends PortRun {
  /** Asked with a transport: only it. */
  readonly transport?: Transport;
  readonly uses: readonly {
    readonly ports: PortRange;
    readonly transports: readonly Transport[];
    readonly use: string;
    readonly kind: 'unofficial' | 'conflicting' | 'iana-noted';
    readonly cite: readonly Citation[];
    readonly added: string;
  }[];
  readonly listings: readonly Listing[];
  readonly risks: readonly {
    readonly ports: PortRange;
    readonly transports: readonly Transport[];
    readonly class: RiskClass;
    readonly why: string;
    readonly cite: readonly Citation[];
  }[];
  /** Why an assignment says nothing, of one that does. */
  readonly obscure: readonly string[];
  /** If it were open to the internet; `scrutinyByScope` has the other cases. */
  readonly scrutiny: Scrutiny;
  readonly scrutinyByScope: Readonly<Record<'internet' | 'private' | 'specific', Scrutiny>>;
  /** Operating systems whose default ephemeral range holds every port of the run. */
  readonly ephemeralOn: readonly string[];
  readonly listenerCheck: ListenerCheck;
}

/** What was asked: a port or range, perhaps with a transport. */
export interface PortSubject extends PortRange {
  readonly transport?: Transport;
}

/**
 * Runs of ports with equal answers that cover `[from, to]`, ascending. No run crosses a bound of the three ranges or of one of
 * `notes`, so that what is said of a run holds for each of its ports.
 */
export function portRuns(
  registry: Registry,
  from: number,
  to: number,
  notes: readonly { readonly ports: PortRange }[] = [],
): PortRun[] {
  const runs: PortRun[] = [];
  const cut = new Set([1024, 49152, ...notes.flatMap(({ ports }) => [ports.from, ports.to + 1])]);
  const [tcp, udp] = [registry.statusCodes('tcp'), registry.statusCodes('udp')];
  const silent = new Set(
    ['unassigned', 'dynamic'].map((status) => allStatuses.indexOf(status as PortStatus)),
  );
  /** Nothing can differ from the port before: most of the range is such silence, and looking each port up would take a second. */
  const continues = (port: number): boolean =>
    silent.has(tcp[port]!) &&
    silent.has(udp[port]!) &&
    tcp[port] === tcp[port - 1] &&
    udp[port] === udp[port - 1] &&
    !registry.hasRecord(port) &&
    !registry.hasRecord(port - 1);
  let last: { run: { -readonly [K in keyof PortRun]: PortRun[K] }; key: string } | undefined;
  for (let port = from; port <= to; port++) {
    if (last !== undefined && !cut.has(port) && continues(port)) {
      last.run.to = port;
      continue;
    }
    const transports = { tcp: registry.statusOf(port, 'tcp'), udp: registry.statusOf(port, 'udp') };
    const key = JSON.stringify(transports);
    if (last !== undefined && !cut.has(port) && key === last.key) {
      last.run.to = port;
      continue;
    }
    const run = { from: port, to: port, range: rangeOf(port), transports };
    runs.push(run);
    last = { run, key };
  }
  return runs;
}

/** Everything known of a subject, one explanation for each run of equal ports. */
export function explainPorts(knowledge: PortKnowledge, subject: PortSubject): PortExplanation[] {
  const { uses, risks, obscure, listings, ephemeral } = knowledge.notes;
  const notes = [...uses, ...risks, ...obscure, ...listings, ...ephemeral];
  return portRuns(knowledge.registry, subject.from, subject.to, notes).map((run) =>
    explainRun(knowledge, run, subject.transport),
  );
}

function explainRun(knowledge: PortKnowledge, run: PortRun, only: Transport | undefined): PortExplanation {
  const { notes, registry } = knowledge;
  const asked: readonly Transport[] = only === undefined ? ['tcp', 'udp'] : [only];
  const about = <
    Entry extends {
      readonly transports: readonly Transport[];
      readonly ports: PortRange;
      readonly added: string;
    },
  >(
    entries: readonly Entry[],
  ): Entry[] => [...new Set(asked.flatMap((transport) => notesFor(entries, run.from, run.to, transport)))];
  const scrutinyAt = (scope: 'internet' | 'private' | 'specific'): Scrutiny =>
    worst(
      asked.map(
        (protocol) =>
          knowledge.describe({ protocol, ports: { from: run.from, to: run.to }, scope, direction: 'in' })
            .scrutiny,
      ),
    );
  const internet = scrutinyAt('internet');
  return {
    from: run.from,
    to: run.to,
    range: run.range,
    ...(only !== undefined && { transport: only }),
    transports: {
      ...run.transports,
      ...(only !== undefined && { [only]: registry.statusOf(run.from, only) }),
    },
    uses: about(notes.uses).map(({ ports, transports, use, kind, cite, added }) => ({
      ports,
      transports,
      use,
      kind,
      cite,
      added,
    })),
    listings: asked.flatMap((transport) =>
      notesFor(notes.listings, run.from, run.to, transport).map((entry) => listingOf(entry, transport)),
    ),
    risks: about(notes.risks).map(({ ports, transports, class: kind, why, cite }) => ({
      ports,
      transports,
      class: kind,
      why,
      cite,
    })),
    obscure: about(notes.obscure).map(({ why }) => why),
    scrutiny: internet,
    scrutinyByScope: { internet, private: scrutinyAt('private'), specific: scrutinyAt('specific') },
    ephemeralOn: notes.ephemeral
      .filter(({ ports }) => ports.from <= run.from && ports.to >= run.to)
      .map(({ os }) => os),
    listenerCheck: listenerCheck(run, only),
  };
}

const levels = ['none', 'note', 'low', 'medium', 'high'] as const;

/** Both transports together: the higher level, the reasons of both. */
function worst(all: readonly Scrutiny[]): Scrutiny {
  const ordered = [...all].sort((a, b) => levels.indexOf(b.level) - levels.indexOf(a.level));
  const reasons = [...new Set(ordered.flatMap((one) => one.reasons))];
  return { flag: reasons.length > 0, level: ordered[0]!.level, reasons };
}
