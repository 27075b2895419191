import type { DiagnosticCode } from '../../diagnostics/codes.ts';
import type { Diagnostic, DiagnosticSeverity } from '../../diagnostics/diagnostic.ts';
import type { Source, Span } from '../../source/source.ts';
import type { DetectedSource, Detection, ReadOptions, Reading } from '../format.ts';
import { AnchorBook } from './anchors.ts';
import { assumptionsOf } from './assumptions.ts';
import { findDialect } from './dialect.ts';
import { interfaceReading, isInterfaceList, skippedIn } from './interface-list.ts';
import { namesLoopbackGroup } from './loopback-group.ts';
import { ModelBuilder } from './lower.ts';
import type { PfContext } from './pf-context.ts';
import { statusIn } from './printed.ts';
import type { SkippedInterface } from './settings.ts';
import { survey } from './survey.ts';
import { TableBook } from './tables.ts';
import { TagBook } from './tags.ts';
import { halvesTogether, translatesOnly, writtenInput } from './written-input.ts';
import type { WrittenInput } from './written-input.ts';

/** Reads pf.conf(5) or pfctl(8) output into the model. */
export function readPf(source: Source, detection: Detection, options: ReadOptions): Reading {
  return readPfTogether([{ source, detection }], options)[0]!;
}

/** Inputs of one host: `pfctl -sn` and `pfctl -sr` are halves of one rule set, and `pfctl -sI` says which interfaces it is not asked about. */
export function readPfTogether(inputs: readonly DetectedSource[], options: ReadOptions): readonly Reading[] {
  const isList = ({ detection }: DetectedSource): boolean => isInterfaceList(detection);
  const lists = inputs.filter(isList);
  const skipped = lists.length === 0 ? undefined : lists.flatMap(({ source }) => skippedIn(source));
  const written = inputs.filter((input) => !isList(input)).map((input) => writtenInput(input, options));
  const readings = new Map<Source, Reading>();
  for (const group of halvesTogether(written))
    readRules(group, skipped, options).forEach((reading, i) => readings.set(group[i]!.source, reading));
  return inputs.map(({ source }) => readings.get(source) ?? interfaceReading(source, written.length > 0));
}

/** One rule set, written in one input or in two. Gives a reading an input; the first one's firewall is that of all. */
function readRules(
  parts: readonly WrittenInput[],
  skipped: readonly SkippedInterface[] | undefined,
  options: ReadOptions,
): Reading[] {
  const [first] = parts as [WrittenInput];
  const { source, form, printed } = first;
  const statements =
    parts.length === 1
      ? first.document.statements
      : parts.flatMap(({ document }) => [...document.statements]);
  const evidence = findDialect(statements, options.dialect);
  const diagnostics = new Diagnostics();
  const context: PfContext = {
    options,
    evidence,
    printed,
    loaded: printed && parts.some((part) => part.form !== 'pfctl-sr'),
    tables: new TableBook(options.tables),
    tags: new TagBook(statements, {
      // `pfctl -sr` shows neither translation nor Ethernet rules.
      rulesAlone: !printed && (evidence.dialect === 'freebsd' || evidence.dialect === 'pfsense'),
      emptyAnchors: options.emptyAnchors === true,
    }),
    report: diagnostics.report,
  };
  for (const { document } of parts) {
    const { stopped, swallowed } = document;
    for (const span of swallowed)
      diagnostics.report(
        'FW1313',
        'warning',
        span,
        'this line is part of the comment above it, which ends in a backslash',
        'pf reads it as no rule; end the comment without the backslash, or begin this line with #',
      );
    if (stopped !== undefined)
      diagnostics.report('FW1006', 'error', stopped.span, `${stopped.reason}; nothing behind it was read`);
  }
  const anchors = new AnchorBook();
  const found = survey(statements, context, anchors);
  const status = form === 'pfctl-sa' ? statusIn(source.text) : undefined;
  if (status?.enabled === false) {
    const span = { source: source.id, start: status.start, end: status.end };
    found.settings.disabled = span;
    diagnostics.report(
      'FW1311',
      'warning',
      span,
      'pf is disabled: no rule is in force and everything passes',
      'pfctl -e switches it on',
    );
  }
  const noFilter = parts.length === 1 && translatesOnly(first);
  if (noFilter) {
    diagnostics.report(
      'FW1312',
      'warning',
      first.translation!.span,
      'only translation rules are in the input: a filter without rules passes everything',
      'pfctl -sn shows no filter rules; give both, as (pfctl -sn; pfctl -sr) > rules.txt or as two files with --host',
    );
  }
  found.settings.skipped.push(...(skipped ?? []));
  const builder = new ModelBuilder(context, found.settings, anchors, found.policies);
  const entries = builder.build(statements);
  for (const statement of found.obscure) builder.obscure.add(statement);
  if (found.rules === 0 && found.settings.skipped.length === 0) {
    const severity = statements.length === 0 ? 'error' : 'warning';
    const span = { source: source.id, start: 0, end: 0 };
    diagnostics.report('FW1005', severity, span, 'no rule was found; pf without rules passes everything');
  }
  const assumptions = assumptionsOf({
    parts,
    diagnostics: diagnostics.all,
    settings: found.settings,
    knowsStatus: status !== undefined,
    knowsInterfaces: skipped !== undefined,
    noFilter,
    namesLoopbackGroup: namesLoopbackGroup(statements, found.settings.skipped),
    generation: evidence.generation,
    anchors,
  });
  const dialect = evidence.dialect ?? form;
  const { chains } = builder;
  const firewall = {
    format: 'pf',
    dialect,
    entries,
    chains,
    sets: context.tables.sets(),
    assumptions,
  } as const;
  const nothing = { ...firewall, entries: [], chains: new Map(), sets: new Map(), assumptions: [] } as const;
  const isOf = ({ source: { id } }: WrittenInput, span: Span): boolean =>
    parts.length === 1 || span.source === id;
  return parts.map((part, index): Reading => {
    const rules = parts.length === 1 ? found.rules : (found.rulesOf.get(part.source.id) ?? 0);
    const obscure = [...builder.obscure].filter(({ span }) => isOf(part, span)).length;
    return {
      firewall: index === 0 ? firewall : nothing,
      diagnostics: index === 0 ? diagnostics.all : [],
      rules,
      understood: rules - obscure,
      families: ['ipv4', 'ipv6'],
    };
  });
}

/** Collects diagnostics; the same thing at the same place is said once, though both directions meet it. */
class Diagnostics {
  readonly all: Diagnostic[] = [];
  private readonly seen = new Set<string>();

  readonly report = (
    code: DiagnosticCode,
    severity: DiagnosticSeverity,
    span: Span,
    message: string,
    help?: string,
  ): void => {
    const key = `${code} ${span.source} ${span.start} ${message}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.all.push({ code, severity, message, span, ...(help === undefined ? {} : { help }) });
  };
}
