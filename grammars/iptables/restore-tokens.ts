import { createToken, Lexer, type TokenType } from 'chevrotain';
import { itemPattern } from './line-shape.ts';

/*
 * Lines of iptables-save. What stands first decides how the rest is cut: behind `*`, `:` and COMMIT into words at blanks (strtok in
 * iptables-restore.c), everywhere else into the words of a command (add_param_to_argv in xshared.c), where only `"` groups, a
 * backslash inside it takes the next character as it is, a closing quote ends the word, and an open one takes the rest.
 */

function token(name: string, pattern: RegExp, mode: { push_mode?: 'names' | 'command' } = {}): TokenType {
  return createToken({ name, pattern, line_breaks: false, ...mode });
}

const Blank = createToken({ name: 'Blank', pattern: /[ \t]+/, group: Lexer.SKIPPED, line_breaks: false });

export const TableMark = token('TableMark', /\*/, { push_mode: 'names' });
export const ChainMark = token('ChainMark', /:/, { push_mode: 'names' });
export const Commit = token('Commit', /COMMIT(?=[ \t]|$)/, { push_mode: 'names' });

/** `[packets:bytes]` before a rule (`iptables-save -c`). Without `-c` iptables-restore asks for the brackets and the colon only. */
export const Counters = token('Counters', /\[[^\]:]*:[^\]]*\]/, { push_mode: 'command' });

/** Counters that are none: iptables-restore looks for them as soon as a line begins with `[`. */
export const BrokenCounters = token('BrokenCounters', /\[[^ \t"]*/, { push_mode: 'command' });

/**
 * `! --opt value "quoted value"`: a whole option with the words behind it, since that is the unit the reader of options remembers: most
 * options of a large file are written many times. What an option does with its words is decided there.
 */
export const Item = token('Item', itemPattern, { push_mode: 'command' });

/** `!` that stands before no option, as older releases wrote it before values. */
export const Negation = token('Negation', /!(?=[ \t]|$)/, { push_mode: 'command' });

/** An option with quotes in or around it. */
export const Option = token(
  'Option',
  /-[^ \t"]+(?=[ \t]|$)|-[^ \t"]*"[^"\\]*(?:\\[^][^"\\]*)*"|"-(?:[^"\\]|\\[^])+"/,
  { push_mode: 'command' },
);

export const Word = token('Word', /[^ \t"]+(?=[ \t]|$)|[^ \t"]*"[^"\\]*(?:\\[^][^"\\]*)*"/, {
  push_mode: 'command',
});

/** A word whose quote is not closed: the rest of the line. */
export const OpenWord = token('OpenWord', /[^ \t"]*"[^]*/, { push_mode: 'command' });

/** A word behind `*`, `:` or COMMIT. */
export const Name = token('Name', /[^ \t]+/);

/** No policy; everywhere else a word like any other. */
export const ChainCounters = token('ChainCounters', /\[\d+:\d+\](?=[ \t]|$)/);

const command: TokenType[] = [Blank, Item, Negation, Option, Word, OpenWord];

export const lineModes = {
  defaultMode: 'line',
  modes: {
    line: [Blank, TableMark, ChainMark, Commit, Counters, BrokenCounters, ...command.slice(1)],
    names: [Blank, ChainCounters, Name],
    command,
  },
};
