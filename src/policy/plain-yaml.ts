/** What a plainly written YAML file says. */
export interface PlainYaml {
  readonly data: Readonly<Record<string, unknown>>;
  /** For each key of the file whose value is a list: the offset at which each item that is a group of keys begins; -1 for other items. */
  readonly itemStarts: ReadonlyMap<string, readonly number[]>;
}

/**
 * Reads YAML as policies are usually written, some ten times as fast as the yaml package: groups of keys and lists by indentation, each
 * value on its key's line, lists and groups in brackets on one line, plain words, whole numbers, quotes without escapes, comments.
 * Undefined for all else, mistakes among it: what stands there is for the yaml package to say. Tests compare the two.
 */
export function readPlainYaml(text: string): PlainYaml | undefined {
  if (beyondPlain.test(text)) return undefined;
  const reader = new PlainReader(text);
  try {
    return { data: reader.file(), itemStarts: reader.itemStarts };
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

/** Control characters, tabs among them, line ends of other kinds, and byte order marks. */
const beyondPlain = /[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff]|\r(?!\n)/;

/** A construct that this reader leaves to the yaml package. */
class NotPlain extends Error {}

/** Keys that YAML 1.2 (section 10.3.2) reads as something else than text are left to the yaml package with all else. */
const key = /([A-Za-z][A-Za-z0-9_-]{0,99}):(?: +|(?=\r?\n|$))/y;
const dash = /- +/y;
const quoted = /"([^"\\\r\n]*)"|'([^'\r\n]*)'(?!')/y;
/** Characters that begin no other construct (YAML 1.2, section 7.3.3). */
const plainStart = /^[A-Za-z0-9/_(\u00c0-\u024f]/;
const notText = /^(?:null|true|false)$/i;
const number = /^(?:0o[0-7]+|0x[0-9a-f]+|[0-9]+(?:\.[0-9]*)?(?:e[-+]?[0-9]+)?)$/i;
const simpleNumber = /^(?:0|[1-9][0-9]{0,8})$/;
const deepest = 8;

class PlainReader {
  readonly itemStarts = new Map<string, number[]>();
  private readonly text: string;
  /** The offset of the line after the current one. */
  private next = 0;
  /** The column at which the current line begins, -1 at the end of the text. */
  private indent = -1;
  /** The current line without indentation and line end. */
  private start = 0;
  private end = 0;

  constructor(text: string) {
    this.text = text;
  }

  file(): Readonly<Record<string, unknown>> {
    this.advance();
    // Every line that is not part of it is refused on the way, an indented first one too.
    const data = this.map(0, 0);
    if (Object.keys(data).length === 0) throw new NotPlain();
    return data;
  }

  /** To the next line that is neither blank nor a comment. */
  private advance(): void {
    const { text } = this;
    while (this.next < text.length) {
      const from = this.next;
      let end = text.indexOf('\n', from);
      if (end < 0) end = text.length;
      this.next = end + 1;
      if (text[end - 1] === '\r') end--;
      let start = from;
      while (start < end && text[start] === ' ') start++;
      if (start >= end || text[start] === '#') continue;
      while (text[end - 1] === ' ') end--;
      this.indent = start - from;
      this.start = start;
      this.end = end;
      return;
    }
    this.indent = -1;
  }

  private map(indent: number, depth: number): Record<string, unknown> {
    if (depth > deepest) throw new NotPlain();
    const map: Record<string, unknown> = {};
    while (this.indent === indent) {
      const name = this.keyAt(this.start, map);
      const at = key.lastIndex;
      if (at < this.end && this.text[at] !== '#') {
        map[name] = this.value(at);
        this.advance();
      } else {
        this.advance();
        map[name] = this.below(name, indent, depth);
      }
    }
    if (this.indent > indent) throw new NotPlain();
    return map;
  }

  /** The lines below a key. */
  private below(name: string, indent: number, depth: number): unknown {
    const isList = this.dashAt();
    if (isList && this.indent >= indent)
      return this.list(this.indent, depth + 1, depth === 0 ? name : undefined);
    if (!isList && this.indent > indent) return this.map(this.indent, depth + 1);
    throw new NotPlain();
  }

  private list(indent: number, depth: number, name: string | undefined): unknown[] {
    if (depth > deepest) throw new NotPlain();
    const items: unknown[] = [];
    const starts: number[] = [];
    while (this.indent === indent && this.dashAt()) {
      const at = dash.lastIndex;
      key.lastIndex = at;
      if (key.test(this.text)) {
        // The item's first key stands on the line of the dash, the others below that key.
        this.indent += at - this.start;
        this.start = at;
        items.push(this.map(this.indent, depth + 1));
        starts.push(at);
      } else {
        items.push(this.value(at));
        starts.push(-1);
        this.advance();
      }
    }
    if (this.indent > indent) throw new NotPlain();
    if (name !== undefined) this.itemStarts.set(name, starts);
    return items;
  }

  private dashAt(): boolean {
    dash.lastIndex = this.start;
    return this.indent >= 0 && dash.test(this.text) && dash.lastIndex <= this.end;
  }

  /** The key that stands there; `key.lastIndex` is then behind it. */
  private keyAt(at: number, map: Readonly<Record<string, unknown>>): string {
    key.lastIndex = at;
    const name = key.exec(this.text)?.[1];
    if (name === undefined || notText.test(name) || Object.hasOwn(map, name)) throw new NotPlain();
    return name;
  }

  /** The value that takes the rest of the line, up to a comment. */
  private value(at: number): unknown {
    const first = this.text[at]!;
    if (first !== '[' && first !== '{' && first !== '"' && first !== "'") {
      const rest = this.text.slice(at, this.end);
      const comment = rest.indexOf(' #');
      return scalar(comment < 0 ? rest : rest.slice(0, comment).trimEnd());
    }
    const { value, end } = this.flow(at, 0);
    let rest = end;
    while (rest < this.end && this.text[rest] === ' ') rest++;
    if (rest < this.end && (rest === end || this.text[rest] !== '#')) throw new NotPlain();
    return value;
  }

  /** A quoted text, or a list or group in brackets, that ends on this line. */
  private flow(at: number, depth: number): { readonly value: unknown; readonly end: number } {
    if (depth > deepest) throw new NotPlain();
    const first = this.text[at];
    if (first === '[') return this.flowList(at + 1, depth);
    if (first === '{') return this.flowMap(at + 1, depth);
    if (first === '"' || first === "'") {
      quoted.lastIndex = at;
      const match = quoted.exec(this.text);
      if (match === null) throw new NotPlain();
      return { value: match[1] ?? match[2], end: quoted.lastIndex };
    }
    let end = at;
    while (end < this.end && !',[]{}'.includes(this.text[end]!)) end++;
    const plain = this.text.slice(at, end).trimEnd();
    if (plain.includes('#')) throw new NotPlain();
    return { value: scalar(plain), end };
  }

  private flowList(from: number, depth: number): { readonly value: unknown; readonly end: number } {
    const items: unknown[] = [];
    let at = this.spaces(from);
    if (this.text[at] === ']') return { value: items, end: at + 1 };
    for (;;) {
      const { value, end } = this.flow(at, depth + 1);
      items.push(value);
      at = this.spaces(end);
      if (at < this.end && this.text[at] === ']') return { value: items, end: at + 1 };
      if (at >= this.end || this.text[at] !== ',') throw new NotPlain();
      at = this.spaces(at + 1);
    }
  }

  private flowMap(from: number, depth: number): { readonly value: unknown; readonly end: number } {
    const map: Record<string, unknown> = {};
    let at = this.spaces(from);
    if (this.text[at] === '}') return { value: map, end: at + 1 };
    for (;;) {
      const name = this.keyAt(at, map);
      const { value, end } = this.flow(key.lastIndex, depth + 1);
      map[name] = value;
      at = this.spaces(end);
      if (at < this.end && this.text[at] === '}') return { value: map, end: at + 1 };
      if (at >= this.end || this.text[at] !== ',') throw new NotPlain();
      at = this.spaces(at + 1);
    }
  }

  private spaces(at: number): number {
    let next = at;
    while (next < this.end && this.text[next] === ' ') next++;
    return next;
  }
}

/** A plain scalar of YAML 1.2's core schema: text, or a whole number. */
function scalar(text: string): string | number {
  if (!plainStart.test(text) || notText.test(text) || text.includes(': ') || text.endsWith(':'))
    throw new NotPlain();
  if (!number.test(text)) return text;
  if (!simpleNumber.test(text)) throw new NotPlain();
  return Number(text);
}
