import { outlineOf } from '../report/row-outline.ts';
import type { Exposure, RuleReference } from '../report/report.ts';
import { oncePerContext } from './once-per-context.ts';

/** A row with its index. */
export interface NumberedRow {
  readonly row: Exposure;
  readonly index: number;
}

/** Rows that the policy neither justifies (somebody answers for them) nor forbids (that finding says it all). */
export const unjustifiedRows = oncePerContext((context): readonly NumberedRow[] =>
  context.exposures
    .map((row, index) => ({ row, index }))
    .filter(({ row }) => row.policy?.verdict !== 'justified' && row.policy?.verdict !== 'forbidden'),
);

/** Rows narrow enough to speak of their ports one by one; the others are `wide-range`, `any-port` or `default-accept`. */
export const narrowRows = oncePerContext((context): readonly NumberedRow[] => {
  const broad = broadRows(context.exposures);
  return unjustifiedRows(context).filter(
    ({ row }) => row.ports !== null && row.byDefault !== true && !broad.has(row),
  );
});

/** The most ports in a run that are looked at port by port. */
export const widestNarrow = 100;

const broadOf = new WeakMap<readonly Exposure[], ReadonlySet<Exposure>>();

/**
 * Rows of a run of more than `widestNarrow` neighbouring ports that one rule opens. A policy may have cut the run into pieces; each
 * piece is still part of something broad.
 */
export function broadRows(exposures: readonly Exposure[]): ReadonlySet<Exposure> {
  let broad = broadOf.get(exposures);
  if (broad === undefined) broadOf.set(exposures, (broad = findBroadRows(exposures)));
  return broad;
}

function findBroadRows(exposures: readonly Exposure[]): ReadonlySet<Exposure> {
  const alike = (row: Exposure): string =>
    [row.input, row.direction, row.family, row.protocol, row.certainty].join('\n');
  const ranges = exposures.filter(({ ports }) => ports !== null);
  return new Set(
    longRuns(ranges, alike).flatMap((run) => longRuns(perhapsOfOneRule(run), placeOfRule).flat()),
  );
}

/** Runs of more than `widestNarrow` neighbouring ports, all rows of one key. */
function longRuns(
  rows: readonly Exposure[],
  keyOf: (row: Exposure) => string,
): readonly (readonly Exposure[])[] {
  const groups = new Map<string, Exposure[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()].flatMap(longRunsOf);
}

function longRunsOf(group: readonly Exposure[]): readonly (readonly Exposure[])[] {
  const runs: Exposure[][] = [];
  let run: Exposure[] = [];
  let [from, to] = [0, -2];
  const close = (): void => {
    if (to - from + 1 > widestNarrow) runs.push(run);
  };
  for (const row of [...group].sort((a, b) => a.ports!.from - b.ports!.from)) {
    if (row.ports!.from > to + 1) {
      close();
      run = [];
      from = row.ports!.from;
      to = row.ports!.to;
    }
    run.push(row);
    to = Math.max(to, row.ports!.to);
  }
  close();
  return runs;
}

/** Ports are sampled so closely that two neighbouring samples lie in every run of more than `widestNarrow`. */
const sampled = widestNarrow / 2;

/**
 * The rows of a run, whoever opens them, among which one rule may open a long run. Which rule opens a row is dear to find out, so it is
 * asked of the rows at sample ports: where no rule opens two neighbouring samples, none opens anything long.
 */
function perhapsOfOneRule(run: readonly Exposure[]): readonly Exposure[] {
  const rulesAt = new Map<number, Set<string>>();
  for (const row of run) {
    const first = Math.ceil(row.ports!.from / sampled);
    const last = Math.floor(row.ports!.to / sampled);
    if (first > last) continue;
    const rule = placeOfRule(row);
    for (let sample = first; sample <= last; sample++) {
      const rules = rulesAt.get(sample);
      if (rules === undefined) rulesAt.set(sample, new Set([rule]));
      else rules.add(rule);
    }
  }
  // Around two such samples the run may go on until the next ones on either side.
  const near = new Set<number>();
  for (const [sample, rules] of rulesAt) {
    const next = rulesAt.get(sample + 1);
    if (next !== undefined && [...rules].some((rule) => next.has(rule)))
      for (const stretch of [sample - 1, sample, sample + 1]) near.add(stretch);
  }
  return run.filter(({ ports }) => {
    const last = Math.floor(ports!.to / sampled);
    for (let stretch = Math.floor(ports!.from / sampled); stretch <= last; stretch++)
      if (near.has(stretch)) return true;
    return false;
  });
}

/** Rows with one key are opened by one rule for one protocol. */
export function openingKey(row: Exposure): string {
  const { input, direction, family, protocol, certainty } = row;
  return `${input} ${direction} ${family} ${protocol} ${certainty} ${placeOfRule(row)}`;
}

/** The same of rows that are alike in all else. */
function placeOfRule(row: Exposure): string {
  const rule = decidingRule(row);
  return rule === undefined ? '' : `${rule.line} ${rule.path}`;
}

/** The rule that lets a row in: the last of those that decided about its witness. */
export function decidingRule(row: Exposure): RuleReference | undefined {
  return outlineOf(row).leadingRule;
}
