import { inWord } from './scanner.ts';

/** The sections of a rule in their order; each but the head may be missing. `rest` are the options behind a label. */
export const section = {
  head: 0,
  fromHosts: 1,
  fromPorts: 2,
  toHosts: 3,
  toPorts: 4,
  all: 5,
  options: 6,
  rest: 7,
} as const;

type Beginning = 'from' | 'to' | 'port' | 'all' | 'label' | 'option';

/** The words that begin a section, or end the one before as the first of the options. */
const beginnings: ReadonlyMap<string, Beginning> = new Map<string, Beginning>([
  ...(['from', 'to', 'port', 'all', 'label'] as const).map((word) => [word, word] as const),
  ...[
    'keep modulate synproxy no state fragment allow-opts once ridentifier probability tos rtable max-pkt-size max-pkt-rate prio',
    'flags user group icmp-type icmp6-type queue scrub dnpipe dnqueue set tag tagged received-on divert-to divert-reply',
    'divert-packet route-to reply-to dup-to',
  ].flatMap((words) => words.split(' ').map((word) => [word, 'option'] as const)),
]);

/** By first letter and length: most words are seen to begin nothing without being cut out of the text. */
const longest = 15;
const mayBegin = new Uint8Array(128 * (longest + 1));
for (const word of beginnings.keys()) mayBegin[word.charCodeAt(0) * (longest + 1) + word.length] = 1;

const newline = 10;
const carriageReturn = 13;
const hash = 35;
const bang = 33;
const backslash = 92;

function isBlank(c: number): boolean {
  return c === 32 || c === 9;
}

function isQuote(c: number): boolean {
  return c === 34 || c === 39;
}

/**
 * Cuts a `pass`, `block` or `match` rule that stands in one line into its sections. It gives up on lines that it cannot be sure of:
 * quotes other than a label's, backslashes, braces that stay open. It does not know whether a section is right: whoever reads it asks
 * the grammar for each section by itself, and what the grammar takes in pieces it takes in one, for it is LL(1).
 */
export class RuleCutter {
  /** From the first word to the last. */
  start = 0;
  end = 0;
  /** Behind the end of the line. */
  next = 0;
  /** The text between a label's quotes, which belongs to no section. */
  label: string | undefined = undefined;
  private text = '';
  private at: number = section.head;
  private pos = 0;
  private readonly starts = new Int32Array(section.rest + 1);
  /** -1: the section is missing. */
  private readonly ends = new Int32Array(section.rest + 1);

  /** The section's words without the one that begins it (`from`, `port`, `to`); undefined if it is missing. */
  sectionText(which: number): string | undefined {
    const end = this.ends[which]!;
    if (end < 0) return undefined;
    let start = this.starts[which]!;
    while (start < end && isBlank(this.text.charCodeAt(start))) start++;
    return this.text.slice(start, end);
  }

  cut(text: string, from: number): boolean {
    this.text = text;
    let pos = from;
    while (isBlank(text.charCodeAt(pos))) pos++;
    const first = text.charCodeAt(pos);
    // pass, block, match
    if (first !== 112 && first !== 98 && first !== 109) return false;
    this.ends.fill(-1);
    this.label = undefined;
    this.start = this.starts[section.head] = this.end = pos;
    this.at = section.head;
    let depth = 0;
    for (;;) {
      const c = text.charCodeAt(pos);
      if (isBlank(c)) pos++;
      else if (inWord[c] === 1) {
        this.pos = pos;
        const beginning = this.word(depth);
        if (this.at === section.all && beginning === undefined) return false;
        if (beginning !== undefined && !this.begin(beginning, pos)) return false;
        pos = this.end = this.pos;
        // A quote that is no label's: the word has ended before it.
        if (isQuote(text.charCodeAt(pos))) return false;
      } else if (c === newline || c === carriageReturn || c === hash || pos >= text.length) {
        return depth === 0 && this.close() && this.endLine(pos);
      } else {
        if (c === 123 || c === 40) depth++;
        else if (c === 125 || c === 41) depth--;
        // Deeper lists are rare, and the statement's own reader knows where too deep begins.
        if (depth < 0 || depth > 3 || c === backslash || (this.at === section.all && c !== bang))
          return false;
        this.end = ++pos;
      }
    }
  }

  /** Goes to the end of the word, or to a quote in it; returns what it begins. */
  private word(depth: number): Beginning | undefined {
    const { text, pos: start } = this;
    let pos = start;
    let c = text.charCodeAt(pos);
    while (inWord[c] === 1 && !isQuote(c)) c = text.charCodeAt(++pos);
    this.pos = pos;
    const length = pos - start;
    if (depth > 0 || length > longest || mayBegin[text.charCodeAt(start) * (longest + 1) + length] !== 1)
      return undefined;
    const beginning = beginnings.get(text.slice(start, pos));
    // Options have words of their own that are spelled so.
    return this.at >= section.options && beginning !== 'label' ? undefined : beginning;
  }

  /** `pos` has reached the end of the word that begins at `start`. */
  private begin(beginning: Beginning, start: number): boolean {
    const { at } = this;
    switch (beginning) {
      case 'from':
        return at === section.head && this.open(section.fromHosts, this.pos);
      case 'to':
        return at <= section.fromPorts && this.open(section.toHosts, this.pos);
      case 'port':
        return (at === section.fromHosts || at === section.toHosts) && this.open(at + 1, this.pos);
      case 'all':
        return at === section.head && this.open(section.all, this.pos);
      case 'option':
        return this.open(section.options, this.takeBang(start));
      case 'label':
        return this.takeLabel() && this.open(section.rest, this.pos);
    }
  }

  private open(next: number, start: number): boolean {
    if (!this.close()) return false;
    this.at = next;
    this.starts[next] = start;
    return true;
  }

  private close(): boolean {
    this.ends[this.at] = this.end;
    // Behind `all` a `!` must belong to an option.
    return this.at !== section.all || this.text.charCodeAt(this.end - 1) !== bang;
  }

  /** `! tagged`: the mark belongs to the option. Returns where the option starts. */
  private takeBang(start: number): number {
    const mark = this.end - 1;
    if (this.text.charCodeAt(mark) !== bang) return start;
    this.end = mark;
    while (isBlank(this.text.charCodeAt(this.end - 1))) this.end--;
    return mark;
  }

  private takeLabel(): boolean {
    if (this.label !== undefined) return false;
    const { text } = this;
    let { pos } = this;
    while (isBlank(text.charCodeAt(pos))) pos++;
    const quote = text.charCodeAt(pos);
    if (!isQuote(quote)) return false;
    const start = ++pos;
    for (let c = text.charCodeAt(pos); c !== quote; c = text.charCodeAt(++pos))
      if (c === backslash || c === newline || c === carriageReturn || pos >= text.length) return false;
    this.label = text.slice(start, pos);
    this.pos = pos + 1;
    return true;
  }

  /** To the line's end, over a comment that does not go on behind it. */
  private endLine(from: number): boolean {
    const { text } = this;
    let pos = from;
    if (text.charCodeAt(pos) === hash) {
      for (; pos < text.length && text.charCodeAt(pos) !== newline; pos++)
        if (text.charCodeAt(pos) === backslash) return false;
    } else if (text.charCodeAt(pos) === carriageReturn) pos++;
    if (pos < text.length && text.charCodeAt(pos) !== newline) return false;
    this.next = Math.min(pos + 1, text.length);
    return true;
  }
}
