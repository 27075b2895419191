import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { positionAt } from '../../source/source.ts';
import type { AnchorBook } from './anchors.ts';
import type { DialectEvidence } from './dialect.ts';
import { onlyLoopback } from './loopback-group.ts';
import type { Settings } from './settings.ts';
import type { WrittenInput } from './written-input.ts';

/** What was read, as far as it says what has to be assumed. */
export interface ReadRules {
  readonly parts: readonly WrittenInput[];
  readonly diagnostics: readonly Diagnostic[];
  readonly settings: Settings;
  /** The input says that pf is on. */
  readonly knowsStatus: boolean;
  /** An input says which interfaces are skipped. */
  readonly knowsInterfaces: boolean;
  readonly noFilter: boolean;
  readonly namesLoopbackGroup: boolean;
  readonly generation: DialectEvidence['generation'];
  readonly anchors: AnchorBook;
}

/** What has to be taken for granted of the rules. */
export function assumptionsOf(read: ReadRules): readonly string[] {
  const { parts, settings } = read;
  // Of a pf that is off, nothing needs to be assumed.
  if (settings.disabled !== undefined) return [];
  const refused = read.diagnostics.find(
    ({ code, severity }) => (code === 'FW1301' || code === 'FW1004') && severity === 'error',
  );
  const { printed, form } = parts[0]!;
  const noTranslation =
    printed &&
    form !== 'pfctl-sa' &&
    parts.every(({ translation }) => translation === undefined) &&
    read.generation !== 'new';
  const unknownSkips = printed && settings.skipped.length === 0 && !read.knowsInterfaces;
  return [
    ...(refused === undefined ? [] : [refusal(refused, parts)]),
    ...(read.knowsStatus ? [] : ['pf is enabled (the input cannot tell; pfctl -s info can)']),
    'a packet that no rule matches passes (FreeBSD kernels can be built or tuned to drop it)',
    ...read.anchors.assumptions(),
    ...(read.noFilter
      ? ['the filter has no rules (pfctl -sn does not show them; pfctl -sr does, where there are any)']
      : []),
    ...(read.namesLoopbackGroup ? [onlyLoopback] : []),
    ...(noTranslation
      ? [
          'no packet is translated (pfctl -sr does not show rules with ->; pfctl -sn does, where there are any)',
        ]
      : []),
    ...(unknownSkips
      ? [
          "no interface is skipped (set skip is not part of pfctl's output; pfctl -sI -v shows it: give it beside the rules with --host)",
        ]
      : []),
  ];
}

function refusal({ span }: Diagnostic, parts: readonly WrittenInput[]): string {
  const source = parts.find(({ source: { id } }) => id === span?.source)?.source;
  const where =
    source === undefined || span === undefined ? '' : ` (line ${positionAt(source, span.start).line})`;
  return `pfctl would refuse this file${where} and load nothing of it; this is what the file says, not what is in force`;
}
