/** A line of iptables-save as the tools print it, before its options are read. */
export type PlainLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'table'; readonly name: string }
  | { readonly kind: 'commit' }
  | { readonly kind: 'chain'; readonly name: string; readonly policy: string | undefined }
  /** An item is an option with the words behind it: the unit that the reader of options remembers, since most come many times. */
  | { readonly kind: 'command'; readonly items: readonly string[] };

/** `! --opt value "quoted value"`: an option and the words up to the next option. */
export const itemPattern =
  /(?:![ \t]+)?-[^ \t"]+(?:[ \t]+(?:[^ \t"!-][^ \t"]*(?=[ \t]|$)|"[^"\\]*(?:\\[^][^"\\]*)*"(?=[ \t]|$)))*(?=[ \t]|$)/;

const tableLine = /^\*([^ \t]+)[ \t]*$/;
const chainLine = /^:([^ \t]+)[ \t]+([A-Z]+|-)(?:[ \t]+\[\d+:\d+\])?[ \t]*$/;

const blank: PlainLine = { kind: 'blank' };
const commit: PlainLine = { kind: 'commit' };

/**
 * Recognises a line, without its line end and no comment, that is written as iptables-save writes it. `undefined`: it is not, and the
 * grammar (`readLine`) says what it is.
 *
 * Nearly every line that is ever read is such a line, its first character says which, and it has no nesting; loading and building the
 * grammar for it would take a third of the time of auditing a small file. Whatever is recognised here the grammar reads alike.
 */
export function plainLine(line: string): PlainLine | undefined {
  if (line === '') return blank;
  switch (line[0]) {
    case '*': {
      const found = tableLine.exec(line);
      return found === null ? undefined : { kind: 'table', name: found[1]! };
    }
    case ':': {
      const found = chainLine.exec(line);
      return found === null ? undefined : { kind: 'chain', name: found[1]!, policy: found[2]! };
    }
    case 'C':
      return line === 'COMMIT' ? commit : undefined;
    case '[': {
      const counters = countersEnd(line, 0, line.length);
      return counters < 0 ? undefined : plainCommand(line, counters);
    }
    default:
      return plainCommand(line, 0);
  }
}

/** Whether `plainLine` recognises a line, or it is a comment. */
export function isPlain(line: string): boolean {
  return line.charCodeAt(0) === 35 || plainLine(line) !== undefined;
}

/** Items and nothing else. */
function plainCommand(line: string, start: number): PlainLine | undefined {
  const items: string[] = [];
  for (let at = afterBlanks(line, start, line.length); at < line.length;) {
    const end = itemEnd(line, at);
    if (end < 0) return undefined;
    items.push(line.slice(at, end));
    at = afterBlanks(line, end, line.length);
  }
  return items.length === 0 ? undefined : { kind: 'command', items };
}

/** Where the item that begins at `at` ends, -1 if none does: `itemPattern` by hand, since nearly every line is cut with it. */
function itemEnd(line: string, at: number): number {
  let option = at;
  if (line.charCodeAt(at) === NEGATION) {
    option = afterBlanks(line, at + 1, line.length);
    if (option === at + 1) return -1;
  }
  if (line.charCodeAt(option) !== DASH) return -1;
  let end = wordEnd(line, option, line.length);
  if (end < option + 2) return -1;
  for (;;) {
    const word = afterBlanks(line, end, line.length);
    if (word === line.length || beginsItem(line.charCodeAt(word))) return end;
    const stop = wordEnd(line, word, line.length);
    if (stop < 0) return end;
    end = stop;
  }
}

const QUOTE = 34;
const NEGATION = 33;
const DASH = 45;
const BACKSLASH = 92;

/** Whether a word that begins so is the first of an item. */
export function beginsItem(code: number): boolean {
  return code === DASH || code === NEGATION;
}

/** The first character from `at` on that is no blank, or `end`. */
export function afterBlanks(text: string, at: number, end: number): number {
  while (at < end && isBlank(text.charCodeAt(at))) at++;
  return at;
}

/**
 * Where the word that begins at `at` ends, which is at a blank or at `end`: one with no quote, or one that is quoted as a whole.
 * -1 for other words.
 */
export function wordEnd(text: string, at: number, end: number): number {
  let to = at;
  if (text.charCodeAt(at) === QUOTE) {
    for (to++; to < end; to++) {
      const code = text.charCodeAt(to);
      if (code === QUOTE) return to + 1 === end || isBlank(text.charCodeAt(to + 1)) ? to + 1 : -1;
      if (code === BACKSLASH) to++;
    }
    return -1;
  }
  for (; to < end; to++) {
    const code = text.charCodeAt(to);
    if (isBlank(code)) return to;
    if (code === QUOTE) return -1;
  }
  return to;
}

/** Where `[packets:bytes]` ends, -1 if it is nothing of the kind. */
export function countersEnd(text: string, at: number, end: number): number {
  const colon = digitsEnd(text, at + 1, end);
  if (colon === at + 1 || text.charCodeAt(colon) !== 58) return -1;
  const bracket = digitsEnd(text, colon + 1, end);
  return bracket > colon + 1 && bracket < end && text.charCodeAt(bracket) === 93 ? bracket + 1 : -1;
}

function digitsEnd(text: string, at: number, end: number): number {
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) break;
  }
  return at;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}
