import type { PfToken } from '../../../grammars/pf/tokens.ts';
import { checkName } from './names.ts';
import { refuse } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';

/** IFQ_MAXPRIO and PF_PRIO_MAX. */
const highestPriority = 7;
/** RT_TABLEID_MAX of OpenBSD; FreeBSD has as many as its kernel was told, at most 65536. */
const highestTable = { openbsd: 255, other: 65535 } as const;

/** The values that parse.y takes for options with words. */
export function checkWord(keyword: PfToken, words: readonly PfToken[], notes: RuleNotes): void {
  const [first] = words;
  switch (keyword.image) {
    case 'prio':
      for (const word of words) checkRange(word, highestPriority, 'prio', notes);
      break;
    case 'rtable':
      checkRange(first, highestTableOf(notes), 'rtable', notes);
      break;
    case 'queue':
      for (const word of words) if (word.image !== ',') checkName('a queue name', word, notes);
      break;
    case 'set':
      checkSettings(words, notes);
      break;
    case 'divert-to':
      if (notes.context.evidence.generation === 'new' && words.length < 2)
        refuse(notes, keyword, 'divert-to needs an address and a port');
      break;
    case 'divert-reply':
      if (isFreeBsd(notes)) refuse(notes, keyword, 'divert-reply has no meaning in FreeBSD');
      break;
    default:
      break;
  }
}

export function highestTableOf(notes: RuleNotes): number {
  return notes.context.evidence.dialect === 'openbsd' ? highestTable.openbsd : highestTable.other;
}

export function isFreeBsd(notes: RuleNotes): boolean {
  const { dialect } = notes.context.evidence;
  return dialect === 'freebsd' || dialect === 'pfsense';
}

/** `set prio 3`, `set (prio (1, 2), queue q, tos lowdelay)`. */
function checkSettings(words: readonly PfToken[], notes: RuleNotes): void {
  let setting = '';
  for (const word of words) {
    if (/^(prio|queue|tos|delay)$/.test(word.image) && !word.quoted) setting = word.image;
    else if (word.image === ',') continue;
    else if (setting === 'prio') checkRange(word, highestPriority, 'prio', notes);
    else if (setting === 'delay') checkRange(word, 65535, 'delay', notes);
    else if (setting === 'queue') checkName('a queue name', word, notes);
  }
}

/** A number from 0 to `most`. */
export function checkRange(token: PfToken | undefined, most: number, what: string, notes: RuleNotes): void {
  if (token === undefined || token.image === ',') return;
  if (!/^[0-9]+$/.test(token.image) || Number(token.image) > most)
    refuse(notes, token, `${what} must be a number from 0 to ${most}`);
}
