import { createToken, Lexer } from 'chevrotain';

/*
 * Lines of iptables-save. A token is a whole option with the words behind it, since that is the unit the reader of options
 * remembers: most options of a large file are written many times. What an option does with its words is decided there.
 */

export const Blank = createToken({
  name: 'Blank',
  pattern: /[ \t]+/,
  group: Lexer.SKIPPED,
  line_breaks: false,
  start_chars_hint: [' ', '\t'],
});

/** `! --opt value "quoted value"`: an option and the words up to the next option. */
export const Item = createToken({
  name: 'Item',
  pattern:
    /(?:![ \t]+)?-[^ \t"]+(?:[ \t]+(?:[^ \t"!-][^ \t"]*(?=[ \t]|$)|"(?:[^"\\]|\\[^])*"(?=[ \t]|$)))*(?=[ \t]|$)/,
  line_breaks: false,
  start_chars_hint: ['!', '-'],
});

/** `[packets:bytes]`, before a rule (`iptables-save -c`) or after a policy. */
export const Counters = createToken({
  name: 'Counters',
  pattern: /\[\d+:\d+\]/,
  line_breaks: false,
  start_chars_hint: ['['],
});

export const TableName = createToken({
  name: 'TableName',
  pattern: /\*[^ \t]+/,
  line_breaks: false,
  start_chars_hint: ['*'],
});

export const ChainName = createToken({
  name: 'ChainName',
  pattern: /:[^ \t]+/,
  line_breaks: false,
  start_chars_hint: [':'],
});

/**
 * Anything else. Chevrotain dispatches on first characters, in blocks of 255 above Latin-1, and cannot work them out from a negated
 * class; without the hint the whole lexer would try every token at every place.
 */
export const Word = createToken({
  name: 'Word',
  pattern: /[^ \t]+/,
  line_breaks: false,
  start_chars_hint: [
    ...Array.from({ length: 256 }, (_, code) => code).filter((code) => code !== 9 && code !== 32),
    ...Array.from({ length: 512 }, (_, block) => 256 + block * 128).filter((code) => code < 65536),
  ],
});

export const restoreTokens = [Blank, Item, Counters, TableName, ChainName, Word];
