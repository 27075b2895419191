import { changedRow } from '../report/lazy-row.ts';
import { withVerdict } from '../report/row-outline.ts';
import type { Exposure, PolicyVerdict, ReportInput } from '../report/report.ts';
import { complement, intersect } from '../packets/interval.ts';
import type { Interval, IntervalSet } from '../packets/interval.ts';
import { axisIndex } from './axis-index.ts';
import type { AxisIndex } from './axis-index.ts';
import { entryScope } from './entry-scope.ts';
import type { EntryScope } from './entry-scope.ts';
import type { AllowEntry, Policy, PolicyEntry } from './policy-types.ts';
import { rowSpace } from './row-space.ts';
import type { RowSpace } from './row-space.ts';
import { missingRequirements } from './requirements.ts';
import type { MissingRequirement } from './requirements.ts';

/** What a policy says of the exposures. */
export interface Judgement {
  /** The rows with `policy` set; a row of which entries cover only part is split, in port order, where it stood. */
  readonly exposures: readonly Exposure[];
  /** Allow entries that justify nothing that is open, though some audited input is one of theirs. */
  readonly unusedEntries: readonly AllowEntry[];
  /** Allow entries in force whose last day is at most `remindDays` away, and which cover something that is open. */
  readonly expiringEntries: readonly AllowEntry[];
  /** What `require` demands and no row lets in. */
  readonly missing: readonly MissingRequirement[];
}

export interface JudgeOptions {
  /**
   * Fills in what hangs on a row's ports (range, assignment, uses, listings, scrutiny), asked for each row that was cut out of a
   * larger one. Without it such a row keeps what the larger one had.
   */
  readonly describe?: (row: Exposure) => Partial<Exposure>;
  /** The input's path as the globs of `policyFile` see it. Without it both are taken as relative to the same folder. */
  readonly relativePath?: (inputPath: string, policyFile: string) => string;
}

/**
 * Justification is set algebra on ports × sources: deny before allow, entries in force before expired ones, an earlier entry before
 * a later one; what remains is `unlisted` if the policy has an `allow` list, and not judged (null) otherwise.
 *
 * @param today `YYYY-MM-DD`; an entry counts up to and on its last day.
 */
export function judge(
  exposures: readonly Exposure[],
  policy: Policy,
  today: string,
  inputs: readonly ReportInput[],
  options: JudgeOptions = {},
): Judgement {
  const space = rowSpace(exposures, [...policy.allow, ...policy.deny, ...policy.require]);
  const scope = entryScope(inputs, options.relativePath);
  const ranked = rank(policy, today);
  const used = new Set<PolicyEntry>();
  const indexes = new Map(
    (['in', 'forward', 'out'] as const).map((direction) => [
      direction,
      axisIndex(
        ranked.filter(({ entry }) => entry.direction === direction),
        ({ entry }) => entry.axis,
      ),
    ]),
  );
  const judged = exposures.flatMap((row) =>
    judgeRow(row, indexes.get(row.direction)!, space, scope, policy.closed, used, options),
  );
  const limit = addDays(today, policy.remindDays);
  return {
    exposures: judged,
    unusedEntries: policy.allow.filter(
      (entry) =>
        !used.has(entry) &&
        // An entry for other inputs than those audited now cannot be judged.
        inputs.some((_, index) => scope.covers(entry, index)),
    ),
    expiringEntries: policy.allow.filter(
      (entry) =>
        entry.expires !== undefined && entry.expires >= today && entry.expires <= limit && used.has(entry),
    ),
    missing: missingRequirements(policy.require, exposures, space, scope, inputs),
  };
}

/** An entry with its place in the order of precedence and what it says. */
interface RankedEntry {
  readonly entry: PolicyEntry;
  readonly rank: number;
  readonly verdict: PolicyVerdict;
}

function rank(policy: Policy, today: string): RankedEntry[] {
  const inForce = (entry: AllowEntry): boolean => entry.expires === undefined || entry.expires >= today;
  const ordered: readonly (readonly [PolicyVerdict['verdict'], readonly AllowEntry[]])[] = [
    ['forbidden', policy.deny],
    ['justified', policy.allow.filter(inForce)],
    ['expired', policy.allow.filter((entry) => !inForce(entry))],
  ];
  return ordered
    .flatMap(([verdict, entries]) => entries.map((entry) => ({ entry, verdict: verdictOf(verdict, entry) })))
    .map((one, index) => ({ ...one, rank: index }));
}

function verdictOf(verdict: PolicyVerdict['verdict'], entry: AllowEntry): PolicyVerdict {
  const made: { -readonly [Key in keyof PolicyVerdict]: PolicyVerdict[Key] } = {
    verdict,
    entry: entry.place,
    reason: entry.reason,
  };
  if (entry.owner !== undefined) made.owner = entry.owner;
  if (entry.ticket !== undefined) made.ticket = entry.ticket;
  if (entry.expires !== undefined) made.expires = entry.expires;
  return made;
}

/** Some ports of a row, the cells of each of its elements that one verdict holds for, and that verdict. */
interface Piece {
  readonly axis: Interval[];
  readonly cells: readonly IntervalSet[];
  readonly verdict: PolicyVerdict | null;
}

function judgeRow(
  row: Exposure,
  index: AxisIndex<RankedEntry>,
  space: RowSpace,
  scope: EntryScope,
  closed: boolean,
  used: Set<PolicyEntry>,
  options: JudgeOptions,
): readonly Exposure[] {
  const axis = space.axisOf(row);
  const elements = space.elementsOf(row);
  const candidates = index.meeting(axis).filter(({ entry }) => {
    const cells = space.entryCells(entry, row.family);
    return elements.some((element) => meet(element, cells)) && scope.covers(entry, row.input);
  });
  for (const { entry } of candidates) used.add(entry);
  const otherwise: PolicyVerdict | null = closed ? { verdict: 'unlisted' } : null;
  if (candidates.length === 0) return [withVerdict(row, otherwise)];
  // The usual case, and cheap: the entry that comes first covers the whole row.
  const first = candidates.reduce((best, one) => (one.rank < best.rank ? one : best));
  const firstCells = space.entryCells(first.entry, row.family);
  if (isWithin(axis, first.entry.axis) && elements.every((element) => isWithin(element, firstCells)))
    return [withVerdict(row, first.verdict)];

  const pieces: Piece[] = [];
  for (const segment of segmentsOf(axis, candidates)) {
    let remaining: readonly IntervalSet[] = elements;
    for (const { entry, verdict } of segment.entries) {
      const cells = space.entryCells(entry, row.family);
      const taken = remaining.map((element) => intersect(element, cells));
      if (taken.every((element) => element.length === 0)) continue;
      addPiece(pieces, segment.axis, taken, verdict);
      remaining = remaining.map((element, i) => subtract(element, taken[i]!));
      if (remaining.every((element) => element.length === 0)) break;
    }
    if (remaining.some((element) => element.length > 0)) addPiece(pieces, segment.axis, remaining, otherwise);
  }
  if (pieces.length === 1) return [withVerdict(row, pieces[0]!.verdict)];
  return pieces.map((piece) => {
    const cut = space.cut(row, piece.axis, piece.cells, elements);
    return changedRow(cut, { ...options.describe?.(cut), policy: piece.verdict });
  });
}

/** Adds ports to the piece of the segment before, if it says the same of the same sources. */
function addPiece(
  pieces: Piece[],
  axis: Interval,
  cells: readonly IntervalSet[],
  verdict: PolicyVerdict | null,
): void {
  for (let i = pieces.length - 1; i >= 0; i--) {
    const piece = pieces[i]!;
    const last = piece.axis[piece.axis.length - 1]!;
    if (last[1] < axis[0] - 1) break;
    if (last[1] === axis[0] - 1 && piece.verdict === verdict && sameCells(piece.cells, cells)) {
      piece.axis[piece.axis.length - 1] = [last[0], axis[1]];
      return;
    }
  }
  pieces.push({ axis: [axis], cells, verdict });
}

function sameCells(a: readonly IntervalSet[], b: readonly IntervalSet[]): boolean {
  return a.every((set, i) => {
    const other = b[i]!;
    return (
      set === other ||
      (set.length === other.length &&
        set.every(([from, to], j) => from === other[j]![0] && to === other[j]![1]))
    );
  });
}

function subtract(a: IntervalSet, b: IntervalSet): IntervalSet {
  if (b.length === 0 || a.length === 0) return a;
  return intersect(a, complement(b, a[0]![0], a[a.length - 1]![1]));
}

/** Does `b` hold every number of `a`? */
function isWithin(a: IntervalSet, b: IntervalSet): boolean {
  let j = 0;
  return a.every(([from, to]) => {
    while (j < b.length && b[j]![1] < from) j++;
    return j < b.length && b[j]![0] <= from && to <= b[j]![1];
  });
}

/** Do two sets share a number? */
function meet(a: IntervalSet, b: IntervalSet): boolean {
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i]![1] < b[j]![0]) i++;
    else if (b[j]![1] < a[i]![0]) j++;
    else return true;
  }
  return false;
}

interface Segment {
  readonly axis: Interval;
  /** By precedence. */
  readonly entries: readonly RankedEntry[];
}

/** The row's axis cut at the borders of entries, each part with the entries that cover it. */
function segmentsOf(axis: IntervalSet, candidates: readonly RankedEntry[]): Segment[] {
  const starts = new Map<number, RankedEntry[]>();
  const ends = new Map<number, RankedEntry[]>();
  const borders = new Set<number>();
  const note = (map: Map<number, RankedEntry[]>, at: number, entry?: RankedEntry): void => {
    borders.add(at);
    if (entry === undefined) return;
    const list = map.get(at);
    if (list === undefined) map.set(at, [entry]);
    else list.push(entry);
  };
  for (const [from, to] of axis) {
    note(starts, from);
    note(ends, to + 1);
  }
  for (const candidate of candidates)
    for (const [from, to] of intersect(candidate.entry.axis, axis)) {
      note(starts, from, candidate);
      note(ends, to + 1, candidate);
    }
  const cuts = [...borders].sort((a, b) => a - b);
  const active = new Set<RankedEntry>();
  const segments: Segment[] = [];
  let part = 0;
  for (const [i, from] of cuts.entries()) {
    for (const entry of ends.get(from) ?? []) active.delete(entry);
    for (const entry of starts.get(from) ?? []) active.add(entry);
    const next = cuts[i + 1];
    while (part < axis.length && axis[part]![1] < from) part++;
    if (next === undefined || part >= axis.length || axis[part]![0] > from) continue;
    segments.push({ axis: [from, next - 1], entries: [...active].sort((a, b) => a.rank - b.rank) });
  }
  return segments;
}

/** A calendar day so many days later. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
