import type { TokenStatement } from '../../../grammars/pf/syntax.ts';
import { Comma, LBrace, NumberToken, RBrace, Text } from '../../../grammars/pf/tokens.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';
import type { Span } from '../../source/source.ts';
import { checkStateWords } from './consistency.ts';
import { refuse } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';
import { limitNames, timeoutNames } from './timeouts.ts';

/** An interface or group that pf skips, and where that is written. */
export interface SkippedInterface {
  readonly name: string;
  readonly span: Span;
}

/** What `set` says that changes an answer. */
export interface Settings {
  blockPolicy: 'drop' | 'return';
  /** Old grammar: statements must come in order (options, scrub, queues, translation, filter). */
  requireOrder: boolean;
  readonly skipped: SkippedInterface[];
  /** Where the input says that pf is switched off, so that no rule is in force. */
  disabled?: Span;
}

const oneWord = new Set(
  'optimization ruleset-optimization loginterface hostid fail-policy fingerprints state-policy debug require-order block-policy'.split(
    ' ',
  ),
);

const values: ReadonlyMap<string, readonly string[]> = new Map([
  ['block-policy', ['drop', 'return']],
  ['fail-policy', ['drop', 'return']],
  ['require-order', ['yes', 'no']],
  ['state-policy', ['if-bound', 'floating']],
  ['ruleset-optimization', ['none', 'basic', 'profile', 'yes', 'no', 'minimal']],
  ['optimization', ['normal', 'default', 'satellite', 'high-latency', 'conservative', 'aggressive']],
]);

/** Reads a `set` statement into `settings`; returns false for an option that is not known. */
export function readSetting(statement: TokenStatement, settings: Settings, notes: RuleNotes): boolean {
  const [, option, ...words] = statement.tokens;
  const name = option?.image ?? '';
  const first = words[0];
  if (option === undefined) {
    refuse(notes, undefined, "'set' needs an option");
    return true;
  }
  if (oneWord.has(name)) {
    const allowed = values.get(name);
    if (first === undefined || words.length > 1)
      refuse(notes, words[1] ?? option, `'set ${name}' takes one value`);
    else if (allowed !== undefined && !allowed.includes(first.image)) {
      refuse(notes, first, `'${first.image}' is no value of '${name}', expected ${allowed.join(' or ')}`);
    } else if (name === 'block-policy') settings.blockPolicy = first.image === 'return' ? 'return' : 'drop';
    else if (name === 'require-order') settings.requireOrder = first.image === 'yes';
    return true;
  }
  switch (name) {
    case 'skip':
      readSkip(statement, words, settings, notes);
      return true;
    case 'timeout':
    case 'limit':
      readPairs(words, option, name === 'timeout' ? timeoutNames : limitNames, notes);
      return true;
    case 'reassemble':
      if (first === undefined || !['yes', 'no'].includes(first.image))
        refuse(notes, first ?? option, "expected 'yes' or 'no'");
      else if (words.length > 2 || (words[1] !== undefined && words[1].image !== 'no-df'))
        refuse(notes, words[1], "expected 'no-df' or nothing");
      return true;
    case 'state-defaults':
      if (first === undefined) refuse(notes, option, "'set state-defaults' needs state options");
      checkStateWords(words, (token, message) => refuse(notes, token, message));
      return true;
    case 'keepcounters':
      if (first !== undefined) refuse(notes, first, "'set keepcounters' takes no value");
      return true;
    case 'syncookies':
      if (first === undefined || !['never', 'always', 'adaptive'].includes(first.image))
        refuse(notes, first ?? option, "expected 'never', 'always' or 'adaptive'");
      return true;
    default:
      return false;
  }
}

function readSkip(
  statement: TokenStatement,
  words: readonly PfToken[],
  settings: Settings,
  notes: RuleNotes,
): void {
  const names = listed(words[0]?.image === 'on' ? words.slice(1) : []);
  if (words[0]?.image !== 'on' || names === undefined || names.length === 0) {
    refuse(notes, words[0], "expected 'set skip on' and interfaces");
    return;
  }
  // A list needs braces (`interface` of parse.y); what its author meant is read all the same.
  const [first] = names;
  const second = words[first?.image === '!' ? 3 : 2];
  if (words[1]?.tokenType !== LBrace && second !== undefined)
    refuse(notes, second, 'several interfaces need braces: set skip on { lo0 em1 }');
  for (const [index, token] of names.entries()) {
    if (token.image === '!' && !token.quoted) refuse(notes, token, 'skip on ! <interface> is not supported');
    else if (token.tokenType !== Text) refuse(notes, token, `'${token.image}' is no interface`);
    else if (names[index - 1]?.image !== '!' && !(names.length === 1 && token.image === 'none')) {
      settings.skipped.push({ name: token.image, span: statement.span });
    }
  }
}

/** `tcp.first 60` or `{ tcp.first 60, tcp.closing 5 }`. */
function readPairs(
  words: readonly PfToken[],
  option: PfToken,
  known: ReadonlySet<string>,
  notes: RuleNotes,
): void {
  const list = listed(words);
  const single = words[0]?.tokenType !== LBrace;
  if (list === undefined || list.length === 0) {
    refuse(notes, words[0] ?? option, `'set ${option.image}' needs a name and a number`);
    return;
  }
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i]!;
    const value = list[i + 1];
    if (!known.has(name.image)) refuse(notes, name, `unknown ${option.image} '${name.image}'`);
    if (value?.tokenType !== NumberToken) {
      refuse(notes, value ?? list[i], 'expected a name and a number');
      return;
    }
  }
  if (single && (words.length > 2 || words.some(({ tokenType }) => tokenType === Comma))) {
    refuse(notes, words[2], 'several values need braces: { name number, name number }');
  }
}

/** The words of `{ a, b }` or the one word there is; undefined if the braces do not fit. */
function listed(words: readonly PfToken[]): PfToken[] | undefined {
  const [first] = words;
  if (first?.tokenType !== LBrace) return words.filter(({ tokenType }) => tokenType !== Comma);
  if (words.at(-1)?.tokenType !== RBrace) return undefined;
  return words.slice(1, -1).filter(({ tokenType }) => tokenType !== Comma);
}
