import type { Command, CommandWord } from '../../../grammars/windows/netsh-commands.ts';

/** `for %%p in (80 443) do …` of a batch file: its body runs once for each item. */
export interface BatchLoop {
  readonly head: Command;
  /** `%%p`; cmd.exe tells `%%p` from `%%P`. */
  readonly variable: string;
  /** What stands in the brackets. */
  readonly items: readonly CommandWord[];
  /** The words of the head that belong to the body. */
  readonly body: readonly CommandWord[];
  /** Where the body begins and ends. */
  readonly from: number;
  readonly to: number;
}

/** Of more items no rule is made for each: files are small, and what they make must be. */
const mostItems = 256;

/** The loops over words. Those over files, numbers and the output of commands (`/f`, `/l` …) are none of them. */
export function loopsOf(text: string, commands: readonly Command[]): readonly BatchLoop[] {
  const loops: BatchLoop[] = [];
  for (const head of commands) {
    // A loop in a loop has items of its own for each of the outer ones.
    if (head.start < (loops.at(-1)?.to ?? 0)) continue;
    const words = head.words.map((word) => word.text);
    const close = words.findIndex((word, i) => i >= 3 && word.endsWith(')'));
    if (words[0]!.replace(/^@/, '').toLowerCase() !== 'for' || !/^%%?[a-z]$/i.test(words[1] ?? '')) continue;
    if (words[2]?.toLowerCase() !== 'in' || words[3]?.startsWith('(') !== true) continue;
    const body = head.words.slice(close + 2);
    if (close < 0 || words[close + 1]?.toLowerCase() !== 'do' || body.length === 0) continue;
    const from = body[0]!.at;
    const to = text[from] === '(' ? closingBracket(text, from) : endOfLine(text, from);
    loops.push({ head, variable: words[1]!, items: head.words.slice(3, close + 1), body, from, to });
  }
  return loops;
}

/** Tells the loop that a command stands in; to be asked of each command in turn. */
export function loopFinder(loops: readonly BatchLoop[]): (command: Command) => BatchLoop | undefined {
  let next = 0;
  return (command) => {
    while (next < loops.length && loops[next]!.to <= command.start) next++;
    const loop = loops[next];
    if (loop === undefined) return undefined;
    return command === loop.head || loop.from <= command.start ? loop : undefined;
  };
}

/**
 * The command with its variables put in, once for each item of its loop. What deletes and changes rules hangs on the order of the whole
 * body, so it is left to a run; a rule that is added does not.
 */
export function asRun(
  command: Command,
  loop: BatchLoop | undefined,
  inWords: (words: readonly CommandWord[]) => readonly CommandWord[],
): readonly { readonly command: Command; readonly guarded: boolean }[] {
  const whole = { ...command, words: inWords(command.words) };
  if (loop === undefined) return [{ command: whole, guarded: false }];
  const words = loop.head === command ? inWords(loop.body) : whole.words;
  const items = itemsOf(inWords(loop.items));
  if (items === undefined || items.length > mostItems || !addsRule(words))
    return [{ command: whole, guarded: true }];
  return items.map((item) => ({
    command: { ...command, words: wordsFor(words, loop.variable, item) },
    guarded: false,
  }));
}

function addsRule(words: readonly CommandWord[]): boolean {
  return /\bnetsh\S* advfirewall firewall add rule /i.test(words.map(({ text }) => text).join(' '));
}

/** The items of a loop as words; undefined where only a run tells them. */
function itemsOf(written: readonly CommandWord[]): readonly string[] | undefined {
  const list = written
    .map(({ text }) => text)
    .join(' ')
    .replace(/^\(|\)$/g, '');
  // Of `*` and `?` cmd.exe makes the names of files.
  return /[*?%!()]/.test(list) ? undefined : list.split(/[\s,;=]+/).filter((item) => item !== '');
}

/** The words of a command as they are for one item. */
function wordsFor(words: readonly CommandWord[], variable: string, item: string): readonly CommandWord[] {
  return words.map(({ text, at }) => ({ text: text.replaceAll(variable, item), at }));
}

function closingBracket(text: string, open: number): number {
  let depth = 0;
  let quoted = false;
  for (let i = open; i < text.length; i++) {
    const c = text[i];
    if (c === '"') quoted = !quoted;
    else if (c === '\n') quoted = false;
    else if (!quoted && c === '(') depth++;
    else if (!quoted && c === ')' && --depth === 0) return i;
  }
  return text.length;
}

/** `^` at the end of a line goes on with the next. */
function endOfLine(text: string, from: number): number {
  for (let end = text.indexOf('\n', from); end >= 0; end = text.indexOf('\n', end + 1)) {
    let last = end - 1;
    while (last > from && /[ \t\r]/.test(text[last]!)) last--;
    if (text[last] !== '^') return end;
  }
  return text.length;
}
