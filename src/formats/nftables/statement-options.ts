import type { Statement } from '../../../grammars/nftables/syntax.ts';
import type { LoweringContext } from './lowering-context.ts';

/** In the words of nft, which has "warn" where others say "warning" (parser_bison.y, level_type). */
const levels: readonly string[] = [
  'emerg',
  'alert',
  'crit',
  'err',
  'warn',
  'notice',
  'info',
  'debug',
  'audit',
];

/** Groups of logging and numbers of queues are of 16 bits. */
const topOf16 = 0xffff;

interface Word {
  readonly text: string;
  readonly at: number;
}

/** Refuses what nft refuses of the options of statements that decide nothing, or leave it to a program. */
export function checkOptions(statement: Statement, context: LoweringContext): void {
  if (statement.kind === 'effectless' && statement.what === 'log') checkLog(wordsOf(statement), context);
  else if (statement.kind === 'queue') checkQueue(wordsOf(statement), context);
}

function wordsOf({ text, at }: { readonly text: string; readonly at: number }): readonly Word[] {
  return [...text.matchAll(/"[^"]*"|\S+/g)].map((found) => ({
    text: found[0].replaceAll('"', ''),
    at: at + found.index,
  }));
}

function checkLog(words: readonly Word[], context: LoweringContext): void {
  let level: Word | undefined;
  let group: Word | undefined;
  for (let i = 0; i < words.length; i++) {
    const value = words[i + 1];
    if (value === undefined || value.text.startsWith('$')) continue;
    switch (words[i]!.text) {
      case 'prefix':
        i++;
        break;
      case 'level':
        level = value;
        if (!levels.includes(value.text))
          context.refuse(`read level "${value.text}", expected ${levels.join(', ')}`, value.at);
        break;
      case 'group':
        group = value;
        if (Number(value.text) > topOf16)
          context.refuse(`read group ${value.text}, expected at most ${topOf16}`, value.at);
        break;
    }
  }
  if (level !== undefined && group !== undefined)
    context.refuse('a log statement has a level or a group, not both', Math.max(level.at, group.at));
}

function checkQueue(words: readonly Word[], context: LoweringContext): void {
  const at = words.findIndex(({ text }) => text === 'num' || text === 'to') + 1;
  const numbers = at === 0 ? undefined : words[at];
  const found = numbers === undefined ? null : /^(\d+)(?:-(\d+))?$/.exec(numbers.text);
  if (found === null) return;
  const from = Number(found[1]);
  const to = Number(found[2] ?? from);
  if (Math.max(from, to) > topOf16)
    context.refuse(`read queue ${numbers!.text}, expected at most ${topOf16}`, numbers!.at);
  else if (from > to) context.refuse(`the range ${numbers!.text} runs backwards`, numbers!.at);
  else if (found[2] === undefined && words.some(({ text }) => /\bfanout\b/.test(text)))
    context.refuse('"fanout" needs a range of queues', numbers!.at);
}
