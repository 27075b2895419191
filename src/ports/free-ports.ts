import type { PortKnowledge } from './describe.ts';
import type { PortRange } from './port-types.ts';

/** Ports for a service of one's own. */
export interface FreePorts {
  readonly ranges: readonly PortRange[];
  /** Unassigned ports that were left out, by the reason. */
  readonly left: Readonly<Record<'known-use' | 'remark' | 'listed' | 'ephemeral', number>>;
}

/** Systems whose ephemeral range a new service should avoid: the ones that most hosts run. */
const common = /^(Linux|Windows \(|macOS)/;

/**
 * Ports of `[from, to]` that IANA assigns to nobody on TCP and UDP, that no curated use, IANA remark or scanner list names, and that
 * lie outside the default ephemeral ranges of Linux, Windows and macOS, where a connection of the host's own may hold them.
 */
export function freePorts(knowledge: PortKnowledge, { from, to }: PortRange): FreePorts {
  const { registry, notes } = knowledge;
  const marks = (entries: readonly { readonly ports: PortRange }[]): Uint8Array => {
    const marked = new Uint8Array(65536);
    for (const { ports } of entries) marked.fill(1, ports.from, ports.to + 1);
    return marked;
  };
  const used = marks(notes.uses);
  const listed = marks(notes.listings);
  const ephemeral = marks(notes.ephemeral.filter(({ os }) => common.test(os)));
  const left = { 'known-use': 0, remark: 0, listed: 0, ephemeral: 0 };
  const ranges: { from: number; to: number }[] = [];
  const unassigned = registry
    .statusRuns(from, to, 'tcp')
    .filter(({ status }) => status === 'unassigned')
    .flatMap((run) => registry.statusRuns(run.from, run.to, 'udp'))
    .filter(({ status }) => status === 'unassigned');
  for (const run of unassigned) {
    for (let port = run.from; port <= run.to; port++) {
      if (used[port] === 1) left['known-use']++;
      else if (registry.hasRecord(port)) left.remark++;
      else if (listed[port] === 1) left.listed++;
      else if (ephemeral[port] === 1) left.ephemeral++;
      else {
        const last = ranges[ranges.length - 1];
        if (last?.to === port - 1) last.to = port;
        else ranges.push({ from: port, to: port });
      }
    }
  }
  return { ranges, left };
}

/**
 * `count` of the free ports, the same ones every time: spread over the runs of at least ten free neighbours, preferring those that no
 * system but OpenBSD hands out by itself (5001-9999), so that neither a neighbour's growth nor a connection takes them.
 */
export function suggestPorts(free: readonly PortRange[], count: number): number[] {
  const roomy = free.filter(({ from, to }) => to - from >= 9);
  const best = clip(roomy, 5001, 9999);
  const pool = [best, roomy, free].find((ranges) => size(ranges) >= count) ?? free;
  const total = size(pool);
  const wanted = Math.min(count, total);
  const chosen: number[] = [];
  let index = 0;
  let before = 0;
  for (let i = 0; i < wanted; i++) {
    const position = Math.floor(((i + 0.5) * total) / wanted);
    while (position - before > pool[index]!.to - pool[index]!.from) {
      before += pool[index]!.to - pool[index]!.from + 1;
      index++;
    }
    chosen.push(pool[index]!.from + position - before);
  }
  return chosen;
}

function clip(ranges: readonly PortRange[], min: number, max: number): PortRange[] {
  return ranges
    .map(({ from, to }) => ({ from: Math.max(from, min), to: Math.min(to, max) }))
    .filter(({ from, to }) => from <= to);
}

function size(ranges: readonly PortRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}
