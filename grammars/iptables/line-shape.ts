/** What a line of iptables-save is, before its options are read. */
export type LineShape =
  | { readonly kind: 'blank' }
  | { readonly kind: 'table'; readonly name: string }
  | { readonly kind: 'commit' }
  | { readonly kind: 'chain'; readonly name: string; readonly policy: string | undefined }
  /** An item is an option with the words behind it: the unit that the reader of options remembers, since most come many times. */
  | { readonly kind: 'command'; readonly items: readonly string[] }
  /** One word that is none of these. */
  | { readonly kind: 'unknown' }
  /** Quotes in unusual places, or words where an option or nothing should be. */
  | { readonly kind: 'irregular' };

/** `! --opt value "quoted value"`: an option and the words up to the next option. */
const itemPattern =
  /(?:![ \t]+)?-[^ \t"]+(?:[ \t]+(?:[^ \t"!-][^ \t"]*(?=[ \t]|$)|"(?:[^"\\]|\\[^])*"(?=[ \t]|$)))*(?=[ \t]|$)/y;

/** `[packets:bytes]`, before a rule (`iptables-save -c`) or after a policy. */
const countersPattern = /\[\d+:\d+\]/y;

const wordPattern = /[^ \t]+/y;

const blank: LineShape = { kind: 'blank' };
const commit: LineShape = { kind: 'commit' };
const unknown: LineShape = { kind: 'unknown' };
const irregular: LineShape = { kind: 'irregular' };

/**
 * The shape of one line, which is not a comment, without its line end.
 *
 * Read by hand: the language of a line has no nesting, its first character says what it is, and building a Chevrotain lexer and parser
 * for it took a third of the time of auditing a small file. The tests compare it with that grammar.
 */
export function lineShape(line: string): LineShape {
  const start = afterBlanks(line, 0);
  if (start === line.length) return blank;
  switch (line[start]) {
    case '-':
    case '!':
    case '[':
      return commandShape(line, start);
    case '*':
      return tableShape(line, start);
    case ':':
      return chainShape(line, start);
    default:
      return loneShape(line, start);
  }
}

/** Counters, if any, and items. */
function commandShape(line: string, start: number): LineShape {
  const counters = endOf(countersPattern, line, start);
  let at = counters === undefined ? start : afterBlanks(line, counters);
  const items: string[] = [];
  while (at < line.length) {
    const end = endOf(itemPattern, line, at);
    if (end === undefined) return items.length === 0 && at === start ? loneShape(line, start) : irregular;
    items.push(line.slice(at, end));
    at = afterBlanks(line, end);
  }
  return items.length === 0 ? irregular : { kind: 'command', items };
}

/** `*name` and nothing more. */
function tableShape(line: string, start: number): LineShape {
  const end = endOf(wordPattern, line, start)!;
  if (end === start + 1) return loneShape(line, start);
  return afterBlanks(line, end) === line.length
    ? { kind: 'table', name: line.slice(start + 1, end) }
    : irregular;
}

/** `:name policy [packets:bytes]`. Counters, or whatever stands in their place: iptables-restore looks at them only for built-in chains. */
function chainShape(line: string, start: number): LineShape {
  const end = endOf(wordPattern, line, start)!;
  if (end === start + 1) return loneShape(line, start);
  const name = line.slice(start + 1, end);
  let policy: string | undefined;
  let at = afterBlanks(line, end);
  if (at < line.length && endOf(countersPattern, line, at) === undefined) {
    const policyEnd = endOf(itemPattern, line, at) ?? plainWordEnd(line, at);
    if (policyEnd === undefined) return irregular;
    policy = line.slice(at, policyEnd);
    at = afterBlanks(line, policyEnd);
  }
  while (at < line.length) {
    const next =
      endOf(countersPattern, line, at) ??
      (endOf(itemPattern, line, at) === undefined ? plainWordEnd(line, at) : undefined);
    if (next === undefined) return irregular;
    at = afterBlanks(line, next);
  }
  return { kind: 'chain', name, policy };
}

/** One word and nothing more. */
function loneShape(line: string, start: number): LineShape {
  const end = endOf(wordPattern, line, start)!;
  if (afterBlanks(line, end) !== line.length) return irregular;
  return line.slice(start, end) === 'COMMIT' ? commit : unknown;
}

/** The end of a word that does not look like a table or a chain. */
function plainWordEnd(line: string, at: number): number | undefined {
  const end = endOf(wordPattern, line, at)!;
  return end > at + 1 && (line[at] === '*' || line[at] === ':') ? undefined : end;
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
