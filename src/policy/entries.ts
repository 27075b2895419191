import { normalize } from '../packets/interval.ts';
import type { Interval } from '../packets/interval.ts';
import type { AddressRange, Direction, Family } from '../packets/fields.ts';
import type { Source } from '../source/source.ts';
import { parseRangeText } from '../packets/range-text.ts';
import { maskedRanges } from './source-text.ts';
import { normalizeRanges } from './address-set.ts';
import { parsePortSpec } from './port-spec.ts';
import type { AllowEntry, PolicyDiagnostic } from './policy-types.ts';
import type { PolicyYaml } from './policy-yaml.ts';

/** An entry as the schema lets it through. */
export interface EntryData {
  readonly port?: string | number;
  readonly ports?: readonly (string | number)[];
  readonly from?: readonly string[];
  readonly direction?: Direction;
  readonly inputs?: readonly string[];
  readonly reason: string;
  readonly owner?: string;
  readonly ticket?: string;
  readonly expires?: string;
}

export interface LoweredEntries {
  readonly entries: readonly AllowEntry[];
  readonly diagnostics: readonly PolicyDiagnostic[];
}

/** Entries to sets. An entry with any mistake is left out; `broken` holds the `list/index` of those whose shape is wrong. */
export function lowerEntries(
  data: readonly EntryData[],
  list: 'allow' | 'deny' | 'require',
  source: Source,
  yaml: PolicyYaml,
  broken: ReadonlySet<string>,
): LoweredEntries {
  const entries: AllowEntry[] = [];
  const diagnostics: PolicyDiagnostic[] = [];
  for (const [index, entry] of data.entries()) {
    if (broken.has(`${list}/${index}`)) continue;
    const problems: PolicyDiagnostic[] = [];
    const lowered = lowerEntry(entry, [list, index], source, yaml, problems);
    if (problems.every((problem) => problem.severity !== 'error')) entries.push(lowered);
    diagnostics.push(...problems);
  }
  return { entries, diagnostics };
}

function lowerEntry(
  entry: EntryData,
  path: readonly (string | number)[],
  source: Source,
  yaml: PolicyYaml,
  problems: PolicyDiagnostic[],
): AllowEntry {
  const report = (
    code: PolicyDiagnostic['code'],
    at: readonly (string | number)[],
    message: string,
    help: string,
  ): void => {
    problems.push({
      code,
      severity: 'error',
      message,
      help,
      location: yaml.locate([...path, ...at], 'value'),
    });
  };

  const axis: Interval[] = [];
  const specs: [string | number, readonly (string | number)[]][] = [];
  if (entry.port !== undefined) specs.push([entry.port, ['port']]);
  for (const [index, spec] of (entry.ports ?? []).entries()) specs.push([spec, ['ports', index]]);
  for (const [spec, at] of specs) {
    const parsed = parsePortSpec(spec);
    if (parsed.ok) axis.push(...parsed.axis);
    else report('FW3006', at, parsed.problem, parsed.help);
  }

  const from: Record<Family, AddressRange[]> = { ipv4: [], ipv6: [] };
  for (const [index, text] of (entry.from ?? []).entries()) {
    const parsed = parseRangeText(text);
    const masked = parsed === undefined ? maskedRanges(text) : undefined;
    if (masked !== undefined) from[masked.family].push(...masked.ranges);
    else if (parsed === undefined)
      report(
        'FW3007',
        ['from', index],
        `“${text}” is not an address`,
        'Write 192.0.2.1, 10.0.0.0/8, 2001:db8::/32 or 192.0.2.1-192.0.2.9.',
      );
    else if (parsed.hostBits !== undefined)
      report(
        'FW3007',
        ['from', index],
        `“${text}” has bits beyond its prefix`,
        `Write ${parsed.hostBits} for the network, or leave the /length out for the one address.`,
      );
    else from[parsed.family].push(parsed.range);
  }

  const reason = entry.reason.trim();
  if (reason === '' || /^(todo|fixme|tbd|xxx)\b/i.test(reason))
    report(
      'FW3009',
      ['reason'],
      reason === '' ? 'the reason is empty' : `the reason is still “${reason}”`,
      'Write why this is so, in words that the next reader understands.',
    );
  if (entry.expires !== undefined && !isDate(entry.expires))
    report(
      'FW3008',
      ['expires'],
      `“${entry.expires}” is not a day of the calendar`,
      'Write it as YYYY-MM-DD: 2027-06-30.',
    );

  const location = yaml.locate(path, 'value');
  const lowered: { -readonly [Key in keyof AllowEntry]: AllowEntry[Key] } = {
    axis: axis.length === 1 ? axis : normalize(axis),
    portsText: specs.map(([spec]) => String(spec)).join(', '),
    direction: entry.direction ?? 'in',
    reason,
    place: `${source.path}:${location.line}`,
    file: source.path,
    location,
  };
  if (entry.from !== undefined) {
    lowered.from = { ipv4: normalizeRanges(from.ipv4), ipv6: normalizeRanges(from.ipv6) };
    lowered.fromText = entry.from;
  }
  if (entry.inputs !== undefined) lowered.inputs = entry.inputs;
  if (entry.owner !== undefined) lowered.owner = entry.owner;
  if (entry.ticket !== undefined) lowered.ticket = entry.ticket;
  if (entry.expires !== undefined) lowered.expires = entry.expires;
  return lowered;
}

/** `YYYY-MM-DD` and a real day. */
export function isDate(text: string): boolean {
  const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  if (match === null) return false;
  const date = new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])));
  return date.toISOString().slice(0, 10) === text;
}
