import { parsePf } from '../../../grammars/pf/document.ts';
import type { Statement } from '../../../grammars/pf/syntax.ts';
import type { Source } from '../../source/source.ts';
import type { DetectedSource, ReadOptions } from '../format.ts';
import { formOf } from './detect.ts';
import { onlyRules, withoutMessages } from './printed.ts';

/** One input as the grammar reads it. */
export interface WrittenInput {
  readonly source: Source;
  /** `pf.conf`, or which output of pfctl it is. */
  readonly form: string;
  readonly printed: boolean;
  readonly document: ReturnType<typeof parsePf>;
  /** The first translation rule or anchor. */
  readonly translation: Statement | undefined;
  readonly hasFilter: boolean;
}

export function writtenInput({ source, detection }: DetectedSource, options: ReadOptions): WrittenInput {
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
  return {
    source,
    form,
    printed,
    document,
    translation: statements.find(isTranslation),
    hasFilter: statements.some(({ kind }) => kind === 'filter' || kind === 'anchor'),
  };
}

/** pfctl prints no comments: a file with some is a pf.conf, and one without a filter passes everything. */
export function translatesOnly({ source, form, printed, translation, hasFilter }: WrittenInput): boolean {
  return (
    printed &&
    form !== 'pfctl-sa' &&
    translation !== undefined &&
    !hasFilter &&
    !/^[ \t]*#(?!.*pfctl)/m.test(source.text)
  );
}

/** What `pfctl -sr` prints where `pfctl -sn` prints the rest. */
function filtersOnly({ form, printed, translation, hasFilter }: WrittenInput): boolean {
  return printed && form !== 'pfctl-sa' && translation === undefined && hasFilter;
}

/** Inputs that are read as one: the two halves of what pf has loaded; any other is read alone. */
export function halvesTogether(inputs: readonly WrittenInput[]): readonly (readonly WrittenInput[])[] {
  const filters = inputs.filter(filtersOnly);
  const translations = inputs.filter(translatesOnly);
  if (filters.length !== 1 || translations.length !== 1) return inputs.map((input) => [input]);
  const halves = [...translations, ...filters];
  return [halves, ...inputs.filter((input) => !halves.includes(input)).map((input) => [input])];
}

/** `nat`, `rdr`, `binat` and their anchors. */
function isTranslation(statement: Statement): boolean {
  return (
    statement.kind === 'translation' ||
    (statement.kind === 'translation-anchor' && /^(nat|rdr|binat)/.test(statement.keyword.image))
  );
}
