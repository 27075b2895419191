import type { Family } from '../packets/fields.ts';
import { complement, intersect, normalize } from '../packets/interval.ts';
import type { Interval, IntervalSet } from '../packets/interval.ts';
import type { Exposure, ReportInput } from '../report/report.ts';
import { axisIndex } from './axis-index.ts';
import type { EntryScope } from './entry-scope.ts';
import type { PolicyEntry } from './policy-types.ts';
import { blockSize } from './port-spec.ts';
import type { RowSpace } from './row-space.ts';

/** Part of a `require` entry that a host does not surely let in. */
export interface MissingRequirement {
  readonly entry: PolicyEntry;
  /** The first input of the host. */
  readonly input: number;
  readonly family: Family;
  /** What is missing, as `22/tcp` and sources; no sources: from everywhere. */
  readonly ports: string;
  readonly sources?: readonly string[];
  /** A rule with a condition lets it in: it may be open. */
  readonly possible: boolean;
}

/**
 * A required port counts as open for a source if some packet of that source gets in, on whatever interface and to whatever address
 * of the host. Families that the host's inputs do not cover cannot be judged and are left out.
 */
export function missingRequirements(
  required: readonly PolicyEntry[],
  rows: readonly Exposure[],
  space: RowSpace,
  scope: EntryScope,
  inputs: readonly ReportInput[],
): MissingRequirement[] {
  if (required.length === 0) return [];
  const hosts = new Map<number, number[]>();
  for (const [index, { host }] of inputs.entries()) hosts.set(host, [...(hosts.get(host) ?? []), index]);
  return [...hosts].flatMap(([host, members]) => {
    const covered = new Set(members.flatMap((index) => inputs[index]!.families));
    const own = rows.filter((row) => inputs[row.input]?.host === host);
    const index = axisIndex(own, space.axisOf);
    return required
      .filter((entry) => members.some((member) => scope.covers(entry, member)))
      .flatMap((entry) =>
        [...covered].sort().flatMap((family) => {
          const wanted = space.entryCells(entry, family);
          if (wanted.length === 0) return [];
          const rowsHere = index
            .meeting(entry.axis)
            .filter((row) => row.direction === entry.direction && row.family === family);
          return missingParts(entry, wanted, rowsHere, space).map((part) => ({
            entry,
            input: members[0]!,
            family,
            ports: part.ports,
            ...(part.cells === undefined ? {} : { sources: space.sourcesOf(part.cells, family) }),
            possible: part.possible,
          }));
        }),
      );
  });
}

interface MissingPart {
  readonly ports: string;
  readonly cells?: IntervalSet;
  readonly possible: boolean;
}

function missingParts(
  entry: PolicyEntry,
  wanted: IntervalSet,
  rows: readonly Exposure[],
  space: RowSpace,
): MissingPart[] {
  const borders = new Set<number>();
  const axes = rows.map((row) => space.axisOf(row));
  for (const set of [entry.axis, ...axes])
    for (const [from, to] of set) {
      borders.add(from);
      borders.add(to + 1);
    }
  const cuts = [...borders].sort((a, b) => a - b);
  const parts: { axis: [number, number]; cells: IntervalSet; possible: boolean }[] = [];
  for (const [i, from] of cuts.entries()) {
    const next = cuts[i + 1];
    if (next === undefined || intersect(entry.axis, [[from, from]]).length === 0) continue;
    const open = (certainty: Exposure['certainty']): IntervalSet =>
      normalize(
        rows.flatMap((row, r): Interval[] =>
          row.certainty === certainty && intersect(axes[r]!, [[from, from]]).length > 0
            ? space.elementsOf(row).flatMap((cells) => [...cells])
            : [],
        ),
      );
    const closed = intersect(wanted, complement(open('certain'), 0, wanted[wanted.length - 1]![1]));
    if (closed.length === 0) continue;
    const possible = intersect(closed, open('possible')).length > 0;
    const last = parts[parts.length - 1];
    if (
      last !== undefined &&
      last.axis[1] === from - 1 &&
      from % blockSize !== 0 &&
      last.possible === possible &&
      JSON.stringify(last.cells) === JSON.stringify(closed)
    )
      last.axis[1] = next - 1;
    else parts.push({ axis: [from, next - 1], cells: closed, possible });
  }
  return parts.map(({ axis, cells, possible }) => ({
    ports: axisText(axis),
    possible,
    ...(entry.from === undefined && JSON.stringify(cells) === JSON.stringify(wanted) ? {} : { cells }),
  }));
}

const namedProtocols = new Map([
  [6, 'tcp'],
  [17, 'udp'],
  [132, 'sctp'],
  [33, 'dccp'],
  [136, 'udplite'],
  [1, 'icmp'],
  [58, 'icmpv6'],
]);

function axisText([from, to]: Interval): string {
  const number = Math.floor(from / blockSize);
  const name = namedProtocols.get(number) ?? `protocol-${number}`;
  const [low, high] = [from % blockSize, to % blockSize];
  if (low === 0 && high === blockSize - 1) return name;
  return low === high ? `${low}/${name}` : `${low}-${high}/${name}`;
}
