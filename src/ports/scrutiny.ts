import type { Direction } from '../packets/fields.ts';
import type { Scope, Scrutiny } from '../report/report.ts';
import type { RiskClass } from './port-notes.ts';
import type { PortRange, PortStatus } from './port-types.ts';
import type { ScrutinyReason } from './reasons.ts';
import { scrutinyReasons } from './reasons.ts';

export type ScrutinyLevel = Scrutiny['level'];

/** What the level of a row hangs on, gathered by `describe.ts`. */
export interface ScrutinyQuestion {
  readonly direction: Direction;
  readonly scope: Scope;
  readonly ports: PortRange;
  /** Runs of one kind that cover `ports`: the status, and whether a curated use of the port is known. */
  readonly kinds: readonly PortKind[];
  readonly risks: readonly {
    readonly ports: PortRange;
    readonly class: RiskClass;
    readonly cap?: ScrutinyLevel;
  }[];
  /** Assigned ports whose assignment tells nothing. */
  readonly obscure: readonly PortRange[];
}

export interface PortKind extends PortRange {
  readonly status: PortStatus;
  readonly knownUse: boolean;
}

/** Of equal level, reasons are told in this order. */
const order = Object.keys(scrutinyReasons);
const levels: readonly ScrutinyLevel[] = ['none', 'note', 'low', 'medium', 'high'];

/** A row of more ports than this is wide; of more than `veryWide`, very. */
export const wide = 100;
export const veryWide = 1000;

/**
 * The level of each reason by who can reach the port: internet, private networks, single addresses. Of several reasons the highest
 * counts. rulesets/ports/README.md shows the table to people, and a test compares the two. Most registered ports are unassigned (88 %), so that alone is never `high`; what the port is known to carry is.
 */
export const scrutinyTable: Readonly<
  Record<ScrutinyReason, readonly [ScrutinyLevel, ScrutinyLevel, ScrutinyLevel]>
> = {
  'wide-range': ['high', 'medium', 'low'], // of at most `veryWide` ports: one level less
  debugger: ['high', 'high', 'medium'],
  'management-api': ['high', 'medium', 'low'],
  industrial: ['high', 'medium', 'low'],
  'clear-text': ['high', 'medium', 'low'],
  'remote-admin': ['high', 'low', 'note'],
  'file-sharing': ['high', 'low', 'note'],
  database: ['high', 'low', 'note'],
  unassigned: ['medium', 'low', 'note'],
  reserved: ['medium', 'low', 'note'],
  'de-assigned': ['medium', 'low', 'note'],
  'not-listed': ['medium', 'low', 'note'],
  dynamic: ['medium', 'low', 'note'],
  'ephemeral-range': ['medium', 'low', 'note'],
  'obscure-assignment': ['medium', 'low', 'note'],
  'udp-reflection': ['medium', 'note', 'none'],
  'assigned-other-transport': ['low', 'low', 'note'],
  'assigned-private-use': ['low', 'low', 'note'],
  'known-unofficial-use': ['low', 'note', 'note'],
};

/** Where Linux, FreeBSD and others begin to hand out ephemeral ports in the registered range (rulesets/ports/ephemeral.yaml). */
const ephemeralFrom = 32768;

/**
 * Whether a row deserves a look, how much, and why. Malware listings are no part of the question: they never raise the flag.
 *
 * Outgoing rows are judged mildly (at most `low`): their ports belong to somebody else's host, and dynamic ports and wide ranges
 * are usual there. What only the host itself can reach is not flagged.
 */
export function scrutinise(question: ScrutinyQuestion): Scrutiny {
  const { direction, scope, ports } = question;
  const column = scope === 'internet' ? 0 : scope === 'private' ? 1 : 2;
  const found: { readonly reason: ScrutinyReason; level: number }[] = [];
  const flagged: PortRange[] = [];
  const add = (reason: ScrutinyReason, at: PortRange, cap: ScrutinyLevel = 'high', less = 0): void => {
    // A cap holds for the internet and moves the other columns down with it.
    const lower = Math.max(less, levels.indexOf(scrutinyTable[reason][0]) - levels.indexOf(cap));
    let level = Math.max(levels.indexOf(scrutinyTable[reason][column]) - lower, 0);
    if (direction === 'out') level = Math.min(level, levels.indexOf('low'));
    if (scope === 'loopback' || level === 0) return;
    const known = found.find((one) => one.reason === reason);
    if (known === undefined) found.push({ reason, level });
    else known.level = Math.max(known.level, level);
    flagged.push(at);
  };
  const breadth = ports.to - ports.from + 1;
  if (breadth > wide && direction !== 'out') {
    add('wide-range', ports, 'high', breadth > veryWide ? 0 : 1);
    if (ports.from >= ephemeralFrom) add('ephemeral-range', ports);
  }
  for (const kind of question.kinds) {
    if (kind.status === 'assigned') continue;
    if (kind.status === 'dynamic') {
      if (direction === 'out') continue;
      if (kind.knownUse) {
        add('dynamic', kind, 'low');
        add('known-unofficial-use', kind);
      } else add('dynamic', kind);
      continue;
    }
    const softened = kind.knownUse && (kind.status === 'unassigned' || kind.status === 'not-listed');
    add(softened ? 'known-unofficial-use' : kind.status, kind);
  }
  for (const at of question.obscure) add('obscure-assignment', at);
  for (const risk of question.risks) add(risk.class, risk.ports, risk.cap);
  if (found.length === 0) return { flag: false, level: 'none', reasons: [] };
  found.sort((a, b) => b.level - a.level || order.indexOf(a.reason) - order.indexOf(b.reason));
  const reasons = found.map(({ reason }) => reason);
  const level = levels[found[0]!.level]!;
  return { flag: true, level, reasons, ...(breadth > 1 && { ports: mergeWithin(flagged, ports) }) };
}

/** The union of the ranges, cut to `within`, ascending. */
function mergeWithin(ranges: readonly PortRange[], within: PortRange): PortRange[] {
  if (ranges.some(({ from, to }) => from <= within.from && to >= within.to))
    return [{ from: within.from, to: within.to }];
  const sorted = ranges
    .map(({ from, to }) => ({ from: Math.max(from, within.from), to: Math.min(to, within.to) }))
    .sort((a, b) => a.from - b.from);
  const merged: { from: number; to: number }[] = [];
  for (const { from, to } of sorted) {
    const last = merged[merged.length - 1];
    if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}
