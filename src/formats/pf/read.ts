import { parsePf } from '../../../grammars/pf/document.ts';
import type { Statement } from '../../../grammars/pf/syntax.ts';
import type { DiagnosticCode } from '../../diagnostics/codes.ts';
import type { Diagnostic, DiagnosticSeverity } from '../../diagnostics/diagnostic.ts';
import type { Source, Span } from '../../source/source.ts';
import { positionAt } from '../../source/source.ts';
import type { Detection, ReadOptions, Reading } from '../format.ts';
import { AnchorBook } from './anchors.ts';
import { formOf } from './detect.ts';
import { findDialect } from './dialect.ts';
import { onlyLoopback } from './interfaces.ts';
import { ModelBuilder } from './lower.ts';
import type { PfContext } from './pf-context.ts';
import { onlyRules, statusIn, withoutMessages } from './printed.ts';
import { survey } from './survey.ts';
import { TableBook } from './tables.ts';
import { TagBook } from './tags.ts';

/** Reads pf.conf(5) or pfctl(8) output into the model. */
export function readPf(source: Source, detection: Detection, options: ReadOptions): Reading {
  // A forced format comes without a detection of its own.
  const form =
    detection.dialect.startsWith('pf') && detection.dialect !== 'pf' ? detection.dialect : formOf(source);
  const printed = form.startsWith('pfctl');
  const text = (printed ? onlyRules : withoutMessages)(source.text);
  const document = parsePf(
    text === source.text ? source : { ...source, text },
    options.include,
    options.definitions,
  );
  const { statements } = document;
  const evidence = findDialect(statements, options.dialect);
  const diagnostics = new Diagnostics();
  const context: PfContext = {
    options,
    evidence,
    printed,
    loaded: printed && form !== 'pfctl-sr',
    tables: new TableBook(options.tables),
    tags: new TagBook(statements),
    report: diagnostics.report,
  };
  if (document.stopped !== undefined) {
    diagnostics.report(
      'FW1006',
      'error',
      document.stopped.span,
      `${document.stopped.reason}; nothing behind it was read`,
    );
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
  const translation = statements.find(isTranslation);
  const filters = statements.some(({ kind }) => kind === 'filter' || kind === 'anchor');
  // pfctl prints no comments: a file with some is a pf.conf, and one without a filter passes everything.
  const translatesOnly =
    printed &&
    form !== 'pfctl-sa' &&
    translation !== undefined &&
    !filters &&
    !/^[ \t]*#(?!.*pfctl)/m.test(source.text);
  if (translatesOnly) {
    diagnostics.report(
      'FW1312',
      'warning',
      translation.span,
      'only translation rules are in the input: a filter without rules passes everything',
      'pfctl -sn shows no filter rules; give both: (pfctl -sn; pfctl -sr) > rules.txt',
    );
  }
  const builder = new ModelBuilder(context, found.settings, anchors, found.policies);
  const entries = builder.build(statements);
  for (const statement of found.obscure) builder.obscure.add(statement);
  if (found.rules === 0 && found.settings.skipped.length === 0) {
    const severity = statements.length === 0 ? 'error' : 'warning';
    const span = { source: source.id, start: 0, end: 0 };
    diagnostics.report('FW1005', severity, span, 'no rule was found; pf without rules passes everything');
  }
  const refused = diagnostics.all.find(
    ({ code, severity }) => (code === 'FW1301' || code === 'FW1004') && severity === 'error',
  );
  // Of a pf that is off, nothing needs to be assumed.
  const assumptions =
    found.settings.disabled !== undefined
      ? []
      : [
          ...(refused === undefined ? [] : [refusal(refused, source)]),
          ...(status === undefined ? ['pf is enabled (the input cannot tell; pfctl -s info can)'] : []),
          'a packet that no rule matches passes (FreeBSD kernels can be built or tuned to drop it)',
          ...anchors.assumptions(),
          ...(translatesOnly
            ? ['the filter has no rules (pfctl -sn does not show them; pfctl -sr does, where there are any)']
            : []),
          ...(/\bon\b[^#\n]*\blo\b(?![0-9])/.test(source.text) ? [onlyLoopback] : []),
          ...(printed && form !== 'pfctl-sa' && translation === undefined && evidence.generation !== 'new'
            ? [
                'no packet is translated (pfctl -sr does not show rules with ->; pfctl -sn does, where there are any)',
              ]
            : []),
          ...(printed && found.settings.skipped.length === 0
            ? ["no interface is skipped (set skip is not part of pfctl's output; pfctl -sI -vv shows it)"]
            : []),
        ];
  return {
    firewall: {
      format: 'pf',
      dialect: evidence.dialect ?? form,
      entries,
      chains: builder.chains,
      sets: context.tables.sets(),
      assumptions,
    },
    diagnostics: diagnostics.all,
    rules: found.rules,
    understood: found.rules - builder.obscure.size,
    families: ['ipv4', 'ipv6'],
  };
}

/** `nat`, `rdr`, `binat` and their anchors. */
function isTranslation(statement: Statement): boolean {
  return (
    statement.kind === 'translation' ||
    (statement.kind === 'translation-anchor' && /^(nat|rdr|binat)/.test(statement.keyword.image))
  );
}

function refusal(diagnostic: Diagnostic, source: Source): string {
  const where =
    diagnostic.span?.source === source.id ? ` (line ${positionAt(source, diagnostic.span.start).line})` : '';
  return `pfctl would refuse this file${where} and load nothing of it; this is what the file says, not what is in force`;
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
