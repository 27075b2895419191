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

const itemHere = new RegExp(itemPattern, 'y');
const countersHere = /\[\d+:\d+\]/y;
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
      const counters = endOf(countersHere, line, 0);
      return counters === undefined ? undefined : plainCommand(line, counters);
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
  for (let at = afterBlanks(line, start); at < line.length;) {
    const end = endOf(itemHere, line, at);
    if (end === undefined) return undefined;
    items.push(line.slice(at, end));
    at = afterBlanks(line, end);
  }
  return items.length === 0 ? undefined : { kind: 'command', items };
}

function afterBlanks(line: string, at: number): number {
  let end = at;
  for (let code = line.charCodeAt(end); code === 32 || code === 9; code = line.charCodeAt(++end));
  return end;
}

function endOf(pattern: RegExp, line: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(line) ? pattern.lastIndex : undefined;
}
