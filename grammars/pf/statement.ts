import type { Span } from '../../src/source/source.ts';
import type { PfParser } from './parser.ts';
import type { FilterOption, Problem, Statement } from './syntax.ts';
import { Equal, keyword as keywordType, NumberToken, OpenQuote, Text, UndefinedMacro } from './tokens.ts';
import type { PfToken } from './tokens.ts';

const noOptions: FilterOption[] = [];
const Limiter = keywordType('limiter');

/** Reads the tokens of one statement (at least one; without an anchor's braces). */
export function readStatement(tokens: PfToken[], source: number, parser: PfParser): Statement {
  const first = tokens[0]!;
  const last = tokens[tokens.length - 1]!;
  const span: Span = { source, start: first.startOffset, end: Math.max(last.endOffset, first.endOffset) + 1 };
  const broken = last.tokenType === UndefinedMacro || last.tokenType === OpenQuote ? last : undefined;
  if (broken !== undefined) tokens.pop();
  const problem = broken === undefined ? undefined : brokenToken(broken);
  if (tokens.length === 0) return { kind: 'unread', span, problem: problem! };
  if (tokens[1]?.tokenType === Equal && (first.tokenType === Text || first.tokenType === Limiter))
    return macro(tokens, span, problem);
  const statement = first.quoted ? undefined : dispatch(tokens, span, parser);
  if (statement === undefined) {
    return { kind: 'unread', span, problem: problem ?? { token: first, expected: 'a pf statement' } };
  }
  if (problem !== undefined && statement.kind !== 'tokens' && statement.kind !== 'include') {
    (statement as { problem?: Problem }).problem = problem;
  }
  return statement;
}

function brokenToken(token: PfToken): Problem {
  return token.tokenType === OpenQuote
    ? { token, expected: 'the closing quote' }
    : { token, expected: `a macro that is defined (${token.image} is not)` };
}

function dispatch(tokens: PfToken[], span: Span, parser: PfParser): Statement | undefined {
  const keyword = tokens[0]!;
  const begin = <T extends Statement>(statement: T, run: (draft: T) => void): T => {
    parser.input = tokens;
    run(statement);
    if ('options' in statement && statement.kind !== 'scrub') {
      (statement as { options: FilterOption[] }).options = parser.takeOptions();
    }
    const error = parser.errors[0];
    if (error !== undefined) {
      const at = error.token as PfToken;
      (statement as { problem?: Problem }).problem = {
        token: at.startOffset >= 0 ? at : undefined,
        expected: error.message,
      };
    }
    return statement;
  };
  switch (keyword.image) {
    case 'pass':
    case 'block':
    case 'match':
      return begin({ kind: 'filter', span, action: keyword, options: noOptions }, (draft) =>
        parser.filterRule(draft),
      );
    case 'anchor':
      return begin({ kind: 'anchor', span, keyword, options: noOptions }, (draft) => parser.anchor(draft));
    case 'nat-anchor':
    case 'rdr-anchor':
    case 'binat-anchor':
    case 'scrub-anchor':
    case 'dummynet-anchor':
    case 'fwd-anchor':
      return begin({ kind: 'translation-anchor', span, keyword, options: noOptions }, (draft) =>
        parser.translationAnchor(draft),
      );
    case 'nat':
    case 'rdr':
    case 'binat':
      return begin({ kind: 'translation', span, action: keyword, options: noOptions }, (draft) =>
        parser.translation(draft),
      );
    case 'no':
      return tokens[1]?.image === 'scrub'
        ? begin({ kind: 'scrub', span, action: tokens[1], options: [] }, (draft) => parser.scrub(draft))
        : begin({ kind: 'translation', span, action: tokens[1] ?? keyword, options: noOptions }, (draft) =>
            parser.translation(draft),
          );
    case 'scrub':
      return begin({ kind: 'scrub', span, action: keyword, options: [] }, (draft) => parser.scrub(draft));
    case 'antispoof':
      return begin({ kind: 'antispoof', span, keyword, targets: [], options: noOptions }, (draft) =>
        parser.antispoof(draft),
      );
    case 'table':
      return begin({ kind: 'table', span, flags: [], files: [] }, (draft) => parser.tableDefinition(draft));
    case 'load':
      return begin({ kind: 'load-anchor', span }, (draft) => parser.loadAnchor(draft));
    case 'include': {
      const file = tokens[1];
      if (tokens.length !== 2 || file?.tokenType !== Text) {
        return { kind: 'unread', span, problem: { token: tokens[2] ?? file, expected: 'one file name' } };
      }
      return { kind: 'include', span, file };
    }
    case 'set':
    case 'altq':
    case 'queue':
    case 'ether':
    case 'dummynet':
      return { kind: 'tokens', span, tokens };
    // FreeBSD 16, OpenBSD 7.9.
    case 'state':
    case 'source':
      return tokens[1]?.tokenType === Limiter ? { kind: 'tokens', span, tokens } : undefined;
    default:
      return undefined;
  }
}

/** `name = value`: the value is words and numbers, joined by single spaces; numbers lose leading zeros (varset, numberstring). */
function macro(tokens: readonly PfToken[], span: Span, broken: Problem | undefined): Statement {
  const values = tokens.slice(2);
  const wrong = values.find(({ tokenType }) => tokenType !== Text && tokenType !== NumberToken);
  const problem =
    broken ??
    (wrong !== undefined
      ? { token: wrong, expected: 'words, numbers or one quoted string (braces need quotes in a macro)' }
      : values.length === 0
        ? { token: undefined, expected: 'a value' }
        : undefined);
  const value = values
    .map(({ tokenType, image }) => (tokenType === NumberToken ? image.replace(/^0+(?=[0-9])/, '') : image))
    .join(' ');
  return { kind: 'macro', span, name: tokens[0]!, value, ...(problem === undefined ? {} : { problem }) };
}
