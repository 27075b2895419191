import { InternedText } from '../shared/interned-text.ts';
import { LineEnds } from '../shared/line-ends.ts';
import { netshFields, type NetshField, type NetshLanguage, type NetshSetting } from './netsh-language.ts';

/** One labelled line: `LocalPort:    80`, with the lines that continue it (an ICMP table, a wrapped description). */
export interface NetshFieldLine {
  readonly field: NetshField;
  readonly value: string;
  /** Offset of the value. */
  readonly at: number;
  /** Following lines that carry no label that is known, as they are written. */
  readonly more: readonly string[];
}

/** One rule as `show rule` prints it. */
export interface NetshBlock {
  readonly kind: 'rule';
  readonly start: number;
  readonly end: number;
  readonly name: string;
  /** False when the line of dashes under the name is missing. */
  readonly ruled: boolean;
  readonly fields: readonly NetshFieldLine[];
}

/** One profile's part of `show allprofiles`. */
export interface NetshProfile {
  readonly kind: 'profile';
  readonly profile: 'domain' | 'private' | 'public';
  readonly start: number;
  readonly end: number;
  readonly settings: readonly NetshProfileSetting[];
}

export interface NetshProfileSetting {
  readonly setting: NetshSetting;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

export interface NetshLine {
  readonly kind: 'line';
  readonly text: string;
  readonly start: number;
}

export type NetshPart = NetshBlock | NetshProfile | NetshLine;

/** Values start at column 38; a text that was pasted together by hand may have them anywhere. */
const paddedColumn = 30;
const longestLabel = 60;
const longestSetting = 200;

/** A language's words, by what is written. */
interface NetshWords {
  readonly fields: ReadonlyMap<string, NetshField>;
  readonly headings: ReadonlyMap<string, NetshProfile['profile']>;
  readonly settings: ReadonlyMap<string, NetshSetting>;
}

function wordsOf(language: NetshLanguage): NetshWords {
  const fields = new Map<string, NetshField>();
  for (const field of netshFields) for (const label of language.labels[field]) fields.set(label, field);
  const headings = new Map<string, NetshProfile['profile']>();
  for (const profile of ['domain', 'private', 'public'] as const) {
    for (const heading of language.headings[profile]) headings.set(heading, profile);
  }
  const settings = new Map<string, NetshSetting>();
  for (const setting of ['state', 'policy', 'localRules'] as const) {
    for (const label of language.settings[setting]) settings.set(label, setting);
  }
  return { fields, headings, settings };
}

/** A console gives letters of East Asia two columns (wide and fullwidth ones lie above U+1100). */
function columnsBetween(text: string, start: number, end: number): number {
  let columns = end - start;
  if (columns >= paddedColumn) return columns;
  for (let i = start; i < end; i++) if (text.charCodeAt(i) >= 0x1100) columns++;
  return columns;
}

/** The label of a line with its value at netsh's column, known or not. */
export function netshLabelOf(line: string): string | undefined {
  const label = /^[^\s:：][^:：]{0,58}(?=[:：])/.exec(line)?.[0];
  if (label === undefined) return undefined;
  let value = label.length + 1;
  while (value < line.length && isBlank(line.charCodeAt(value))) value++;
  return value < line.length &&
    isBlank(line.charCodeAt(value - 1)) &&
    columnsBetween(line, 0, value) >= paddedColumn
    ? label.trimEnd()
    : undefined;
}

function isBlank(c: number): boolean {
  return c === 32 || c === 9 || c === 0xa0 || c === 0x3000;
}

const nothing: string[] = [];

/** Tells lines by their form and words. Listings have no nesting: a line says what it is, and what it belongs to stands above it. */
class NetshLines {
  readonly #text: string;
  readonly #words: NetshWords;
  readonly #pieces: InternedText;
  readonly #padded: boolean;

  constructor(text: string, language: NetshLanguage) {
    this.#text = text;
    this.#words = wordsOf(language);
    this.#pieces = new InternedText(text);
    this.#padded = isPadded(text, language);
  }

  /** The line as one of a rule, `Label:  value`. */
  field(start: number, end: number): OpenField | undefined {
    const text = this.#text;
    const limit = Math.min(end, start + longestLabel);
    let colon = start;
    for (; colon < limit; colon++) {
      const c = text.charCodeAt(colon);
      if (c === 58 || c === 0xff1a) break;
    }
    if (colon >= limit) return undefined;
    let labelEnd = colon;
    while (labelEnd > start && isBlank(text.charCodeAt(labelEnd - 1))) labelEnd--;
    const field = this.#words.fields.get(this.#pieces.of(start, labelEnd));
    if (field === undefined) return undefined;
    let at = colon + 1;
    while (at < end && isBlank(text.charCodeAt(at))) at++;
    return { field, value: this.#value(field, at, end), at, more: nothing };
  }

  #value(field: NetshField, at: number, end: number): string {
    const last = end > at ? this.#text.charCodeAt(end - 1) : 0;
    const valueEnd = last > 32 && last < 127 ? end : at + this.#text.slice(at, end).trimEnd().length;
    // Names and descriptions rarely recur.
    return field === 'name' || field === 'description'
      ? this.#text.slice(at, valueEnd)
      : this.#pieces.of(at, valueEnd);
  }

  /** A description may imitate a line (`Action: Allow`), but netsh pads its own to a column. */
  isImitated({ value, at }: NetshFieldLine, start: number): boolean {
    return this.#padded && value !== '' && columnsBetween(this.#text, start, at) < paddedColumn;
  }

  isRuler(start: number, end: number): boolean {
    return this.#text.charCodeAt(start) === 45 && /^-{10,}[ \t]*$/.test(this.#text.slice(start, end));
  }

  heading(start: number, end: number): NetshProfile['profile'] | undefined {
    if (end - start > longestLabel) return undefined;
    return this.#words.headings.get(this.#text.slice(start, end).replace(/[\s:：]+$/, ''));
  }

  setting(start: number, end: number): NetshProfileSetting | undefined {
    if (end - start > longestSetting) return undefined;
    const line = this.#text.slice(start, end);
    const gap = line.indexOf('  ');
    if (gap < 0) return undefined;
    const setting = this.#words.settings.get(line.slice(0, gap));
    return setting === undefined ? undefined : { setting, value: line.slice(gap).trim(), start, end };
  }
}

/** What the lines read so far belong to. */
type OpenPart = OpenBlock | (NetshProfile & { end: number; readonly settings: NetshProfileSetting[] });

interface OpenBlock extends NetshBlock {
  end: number;
  ruled: boolean;
  readonly nameEnd: number;
  readonly fields: OpenField[];
}

interface OpenField extends NetshFieldLine {
  more: string[];
}

/** Reads a listing part by part, so that a large export never stands in memory in pieces. Every line belongs to exactly one part. */
export function* parseNetshText(text: string, language: NetshLanguage): Generator<NetshPart> {
  const lines = new NetshLines(text, language);
  const ends = new LineEnds(text);
  let open: OpenPart | undefined;
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = ends.after(start);
    if (end === start) continue;
    const ruler = lines.isRuler(start, end);
    const field = ruler ? undefined : lines.field(start, end);
    const heading = ruler || field !== undefined ? undefined : lines.heading(start, end);
    if (field?.field === 'name') {
      if (open !== undefined) yield open;
      const name = field.value;
      open = { kind: 'rule', start, end, nameEnd: end, name, ruled: false, fields: [] };
    } else if (heading !== undefined) {
      if (open !== undefined) yield open;
      open = { kind: 'profile', profile: heading, start, end, settings: [] };
    } else if (open?.kind === 'rule') {
      if (ruler && open.end === open.nameEnd) open.ruled = true;
      else if (field === undefined || lines.isImitated(field, start)) addMore(open, text.slice(start, end));
      else open.fields.push(field);
      open.end = end;
    } else if (open !== undefined && field === undefined) {
      const setting = lines.setting(start, end);
      if (setting !== undefined) open.settings.push(setting);
      open.end = end;
    } else {
      if (open !== undefined) yield open;
      open = undefined;
      yield { kind: 'line', text: text.slice(start, end), start };
    }
  }
  if (open !== undefined) yield open;
}

function addMore({ fields }: OpenBlock, line: string): void {
  const last = fields.at(-1);
  if (last === undefined) return;
  if (last.more === nothing) last.more = [line];
  else last.more.push(line);
}

function isPadded(text: string, language: NetshLanguage): boolean {
  for (const label of language.labels.name) {
    const at = text.startsWith(label) ? 0 : text.indexOf(`\n${label}`) + 1;
    if (at === 0 && !text.startsWith(label)) continue;
    const end = new LineEnds(text).after(at);
    const colon = text.indexOf(':', at);
    if (colon < 0 || colon > end) continue;
    let value = colon + 1;
    while (value < end && isBlank(text.charCodeAt(value))) value++;
    return columnsBetween(text, at, value) >= paddedColumn;
  }
  return false;
}
