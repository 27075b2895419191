import { outlineOf } from '../../report/row-outline.ts';
import type { Exposure, Finding, Report, Severity } from '../../report/report.ts';

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

/** The rows of one host, worst first; rows of equal weight keep the report's order. */
export function hostRows(report: Report, inputs: ReadonlySet<number>): Row[] {
  const findings = new Map<number, Finding[]>();
  for (const finding of report.findings) {
    if (finding.exposure === undefined || finding.suppressed !== undefined) continue;
    const list = findings.get(finding.exposure);
    if (list === undefined) findings.set(finding.exposure, [finding]);
    else list.push(finding);
  }
  const families = new Set([...inputs].flatMap((index) => report.inputs[index]?.families ?? []));
  const groups = new Map<string, { members: Exposure[]; findings: Finding[] }>();
  report.exposures.forEach((exposure, index) => {
    if (!inputs.has(exposure.input)) return;
    // Rows of one family are rows of their own; so are those that name sources, which belong to one family.
    const mayMerge = families.size > 1 && outlineOf(exposure).anySource;
    const key = mayMerge ? sameLine(exposure) : String(index);
    const own = findings.get(index) ?? [];
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { members: [exposure], findings: [...own] });
    else {
      group.members.push(exposure);
      group.findings.push(...own);
    }
  });
  const rows = [...groups.values()].map(({ members, findings: about }): Row => {
    const exposure = members[0]!;
    const alone = families.size > 1 && new Set(members.map(({ family }) => family)).size === 1;
    return {
      exposure,
      members,
      severity:
        report.findings.length > 0 ? worst(about.map(({ severity }) => severity)) : exposure.scrutiny.level,
      findings: about,
      onlyFamily:
        alone && !namesItsFamily(exposure) ? (exposure.family === 'ipv4' ? 'IPv4' : 'IPv6') : undefined,
    };
  });
  return [...ladder].reverse().flatMap((severity) => rows.filter((row) => row.severity === severity));
}

/** Exposures that differ in nothing but family and rules read the same. */
function sameLine(exposure: Exposure): string {
  const { direction, protocol, protocols, ports, certainty, conditions, from, scope, policy, scrutiny } =
    exposure;
  const hangs = conditions.map(({ text }) => text);
  const to = exposure.translation?.to;
  return JSON.stringify([
    direction,
    protocol,
    protocols,
    ports,
    certainty,
    hangs,
    from,
    scope,
    policy?.verdict,
    policy?.entry,
    scrutiny.reasons,
    to,
  ]);
}

/** An address in the row, or the protocol, shows the family already. */
function namesItsFamily({ protocol, from }: Exposure): boolean {
  return (
    protocol.startsWith('icmp') ||
    from.every(({ sources, destinations }) => sources !== undefined || destinations !== undefined)
  );
}
