import { outlineOf } from '../../report/row-outline.ts';
import type { Exposure, Finding, Report, Severity } from '../../report/report.ts';
import { isOutlined } from './words.ts';

/** One line of the table: an exposure, or the same exposure of both families. */
export interface Row {
  readonly exposure: Exposure;
  /** Every exposure the line stands for. */
  readonly members: readonly Exposure[];
  /** The worst of the findings about it, or of the scrutiny where the report holds no findings at all. */
  readonly severity: Severity;
  readonly findings: readonly Finding[];
  /** Said only where the host's other family has no such row. */
  readonly onlyFamily: 'IPv4' | 'IPv6' | undefined;
}

const ladder: readonly Severity[] = ['none', 'note', 'low', 'medium', 'high'];

export function worst(severities: Iterable<Severity>): Severity {
  let best = 0;
  for (const severity of severities) best = Math.max(best, ladder.indexOf(severity));
  return ladder[best]!;
}

/** The rows of one host that are shown, and how many are not. */
export interface HostRows {
  /** Worst first; rows of equal weight keep the report's order. */
  readonly rows: readonly Row[];
  readonly more: number;
  /** `more` counts rows of both families that look alike as one, which only their sources could settle. */
  readonly moreIsExact: boolean;
}

/** Exposures that may be one line, by all that is at hand without working out sources, conditions and rules. */
interface Candidates {
  readonly first: number;
  readonly severity: Severity;
  readonly members: readonly Exposure[];
  readonly findings: ReadonlyMap<Exposure, readonly Finding[]>;
}

/**
 * The worst rows of one host, as many as wanted, of at least a severity.
 *
 * An exposure works out its sources, conditions and rules when they are asked for, which in a large rule set takes longer than all else.
 * So only exposures that may be shown are asked: they are grouped and ordered by what is known without, the worst that a group can hold
 * first, and are told apart only until enough rows are found.
 */
export function hostRows(
  report: Report,
  inputs: ReadonlySet<number>,
  most: number,
  least: Severity = 'none',
): HostRows {
  const families = new Set([...inputs].flatMap((index) => report.inputs[index]?.families ?? []));
  const levels = [...ladder].slice(ladder.indexOf(least)).reverse();
  const waiting = new Map(levels.map((level) => [level, [] as Candidates[]]));
  for (const candidates of candidatesOf(report, inputs, families))
    waiting.get(candidates.severity)?.push(candidates);

  const rows: Row[] = [];
  const found = new Map(levels.map((level) => [level, [] as { first: number; row: Row }[]]));
  for (const level of levels) {
    const todo = waiting.get(level)!;
    const own = found.get(level)!;
    let taken = 0;
    // Rows found earlier and candidates not yet looked at, in the report's order.
    own.sort((a, b) => a.first - b.first);
    let next = 0;
    while (rows.length < most && (taken < todo.length || next < own.length)) {
      const candidates = todo[taken];
      if (candidates === undefined || (own[next]?.first ?? Infinity) < candidates.first) {
        rows.push(own[next++]!.row);
        continue;
      }
      taken++;
      for (const [offset, row] of rowsOf(candidates, report, families).entries()) {
        if (row.severity === level) rows.push(row);
        else found.get(row.severity)?.push({ first: candidates.first + offset, row });
      }
    }
    todo.splice(0, taken);
    own.splice(0, next);
  }
  const left = [...waiting.values()].flat();
  const cut = Math.max(0, rows.length - most);
  const more = left.length + [...found.values()].flat().length + cut;
  return {
    rows: rows.slice(0, most),
    more,
    moreIsExact: left.every(({ members }) => members.length === 1),
  };
}

/** In the order of each group's first exposure. */
function candidatesOf(
  report: Report,
  inputs: ReadonlySet<number>,
  families: ReadonlySet<string>,
): readonly Candidates[] {
  const about = new Map<number, Finding[]>();
  for (const finding of report.findings) {
    if (finding.exposure === undefined || finding.suppressed !== undefined) continue;
    const list = about.get(finding.exposure);
    if (list === undefined) about.set(finding.exposure, [finding]);
    else list.push(finding);
  }
  const groups = new Map<
    string,
    { first: number; members: Exposure[]; findings: Map<Exposure, Finding[]> }
  >();
  const rowsAt = new Map<string, number>();
  if (families.size > 1)
    for (const exposure of report.exposures)
      if (inputs.has(exposure.input)) rowsAt.set(placeOf(exposure), (rowsAt.get(placeOf(exposure)) ?? 0) + 1);
  report.exposures.forEach((exposure, index) => {
    if (!inputs.has(exposure.input)) return;
    // Rows of one family are rows of their own, and so are those that name sources, which belong to one family. Where no other row has
    // the same ports, nobody need find out.
    const mayMerge = families.size > 1 && rowsAt.get(placeOf(exposure))! > 1 && outlineOf(exposure).anySource;
    const key = mayMerge ? likeness(exposure) : String(index);
    const own = about.get(index) ?? [];
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { first: index, members: [exposure], findings: new Map([[exposure, own]]) });
    } else {
      group.members.push(exposure);
      group.findings.set(exposure, own);
    }
  });
  return [...groups.values()].map((group) => ({ ...group, severity: severityOf(group, report) }));
}

function severityOf(
  { members, findings }: Pick<Candidates, 'members' | 'findings'>,
  report: Report,
): Severity {
  if (report.findings.length === 0) return members[0]!.scrutiny.level;
  return worst(members.flatMap((member) => (findings.get(member) ?? []).map(({ severity }) => severity)));
}

/** The rows that candidates really are: one, unless their sources, interfaces or conditions differ. */
function rowsOf(
  { members, findings }: Candidates,
  report: Report,
  families: ReadonlySet<string>,
): readonly Row[] {
  const groups = new Map<string, Exposure[]>();
  for (const member of members) {
    // A single exposure need not be asked what it differs in.
    const key =
      members.length === 1 ? '' : JSON.stringify([member.from, member.conditions.map(({ text }) => text)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  return [...groups.values()].map((alike): Row => {
    const exposure = alike[0]!;
    const alone = families.size > 1 && new Set(alike.map(({ family }) => family)).size === 1;
    return {
      exposure,
      members: alike,
      severity: severityOf({ members: alike, findings }, report),
      findings: alike.flatMap((member) => findings.get(member) ?? []),
      onlyFamily:
        alone && !namesItsFamily(exposure) ? (exposure.family === 'ipv4' ? 'IPv4' : 'IPv6') : undefined,
    };
  });
}

/** Exposures of one likeness have one such place. */
function placeOf({ direction, protocol, ports }: Exposure): string {
  return `${direction} ${protocol} ${ports?.from} ${ports?.to}`;
}

/** Exposures that differ in nothing but family, sources, conditions and rules have the same. */
function likeness(exposure: Exposure): string {
  const { direction, protocol, protocols, ports, certainty, scope, policy, scrutiny, translation } = exposure;
  return JSON.stringify([
    direction,
    protocol,
    protocols,
    ports,
    certainty,
    scope,
    policy?.verdict,
    policy?.entry,
    scrutiny.reasons,
    translation?.to,
  ]);
}

/** An address in the row, or the protocol, shows the family already. */
function namesItsFamily(exposure: Exposure): boolean {
  if (exposure.protocol.startsWith('icmp')) return true;
  // Of the longest rows the table shows no destinations, nor lists their sources. Those of others are listed in any case.
  return isOutlined(exposure)
    ? !outlineOf(exposure).anySource
    : exposure.from.every(({ sources, destinations }) => sources !== undefined || destinations !== undefined);
}
