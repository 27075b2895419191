import type { FilterRule } from '../../../grammars/pf/syntax.ts';
import { placeNeeded } from '../../../grammars/pf/tokens.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';
import type { Action, Change } from '../../model/action.ts';
import { all, and } from '../../model/match.ts';
import type { Match } from '../../model/match.ts';
import type { Span } from '../../source/source.ts';
import { checkFilterRule } from './consistency.ts';
import { divertTarget, lowerCriteria, startsConnection } from './criteria.ts';
import { lowerOptions } from './filter-options.ts';
import type { LoweredOptions } from './filter-options.ts';
import { isShort } from './names.ts';
import { spanOf, unknownChance, unknownFact } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';
import { readPort } from './ports.ts';
import type { Translation } from './redirection.ts';
import { inDirection, translationsOf } from './rule-translations.ts';

/** A rule of the model without its number. */
export interface Piece {
  readonly match: Match;
  readonly action: Action;
  readonly quick?: boolean;
  readonly comment?: string;
}

const noChange: readonly Change[] = [];
const accept: Action = { kind: 'accept' };
const goOn: Action = { kind: 'continue' };
const drop: Action = { kind: 'drop' };
const asItIs: Translation = { match: all, changes: noChange };

/**
 * Like `lowerFilterRule`, of a rule that shares its words with others. Undefined: there is something to say about a place in it, so
 * it must be lowered with words of its own.
 */
export function lowerSharedRule(
  rule: FilterRule,
  direction: 'in' | 'out',
  blockPolicy: 'drop' | 'return',
  notes: RuleNotes,
): Piece[] | undefined {
  if (rule.label !== undefined && !isShort('a label', rule.label)) return undefined;
  try {
    const pieces = lowerFilterRule(rule, direction, blockPolicy, notes);
    return notes.obscure ? undefined : pieces;
  } catch (error) {
    if (error === placeNeeded) return undefined;
    throw error;
  }
}

/** A `pass`, `block` or `match` rule for packets of one direction. */
export function lowerFilterRule(
  rule: FilterRule,
  direction: 'in' | 'out',
  blockPolicy: 'drop' | 'return',
  notes: RuleNotes,
): Piece[] {
  const options = lowerOptions(rule.options, direction, notes);
  const action = rule.action.image;
  const asked = inDirection(rule, options.redirections, direction);
  const stateful = action === 'pass' && options.state?.mode !== 'no';
  if (action === 'pass' && options.state?.mode === 'no')
    notes.context.report(
      'FW1310',
      'note',
      spanOf(options.state.token, notes),
      'the rule keeps no state: answers to what it passes need a rule of their own that passes them',
    );
  const flags =
    options.flags === undefined
      ? stateful && options.fragment === undefined
        ? startsConnection
        : undefined
      : options.flags;
  const how = { direction, options, flags: flags ?? undefined, redirections: asked.redirections };
  let match = lowerCriteria(asked.criteria, how, notes);
  if (rule.problem === undefined) checkFilterRule(rule, options, stateful, notes);
  else {
    notes.obscure = true;
    match = and(match, unknownChance('unread', 'a part of the rule is not understood'));
  }
  const quick = rule.quick !== undefined;
  // A rule of the main rule set is asked once, and its dice thrown once, though it may become two rules here.
  if (options.tag !== undefined && action !== 'match' && !quick && notes.anchor === '')
    match = thrownOnce(match, rule.span);
  const comment = rule.label ?? options.label;
  const tag: readonly Change[] =
    options.tag === undefined ? noChange : [{ kind: 'name', field: 'tag', name: options.tag }];
  if (options.tag !== undefined) notes.context.tags.set(options.tag);
  const translations = translationsOf(rule, options.redirections, direction, notes);
  const diverted = action === 'pass' ? divertedTo(options, notes) : undefined;
  const ways =
    diverted !== undefined
      ? [{ match: all, changes: diverted }]
      : translations.length === 0
        ? [asItIs]
        : translations;
  if (action === 'match') {
    return ways.map((way) =>
      pieceOf(and(match, way.match), changing([...tag, ...way.changes], 'continue'), quick, comment),
    );
  }
  // A packet that this rule lets in for good brings its tag to the rules of the way out.
  const last = quick ? tag : noChange;
  const pieces =
    action === 'block'
      ? [pieceOf(match, blocking(rule.response, blockPolicy), quick, comment)]
      : ways.map((way) =>
          pieceOf(and(match, way.match), changing([...last, ...way.changes], 'accept'), quick, comment),
        );
  // The tag sticks even if a later rule wins; it is set behind the verdict, so that the rule's own `tagged` still sees the old one.
  if (tag.length > 0 && !quick) pieces.push(pieceOf(match, changing(tag, 'continue'), false, comment));
  return pieces;
}

/** `divert-to` hands a connection to the socket at that address, as it is; on FreeBSD to one of its own kind, at no address. */
function divertedTo(options: LoweredOptions, notes: RuleNotes): readonly Change[] | undefined {
  const target = divertTarget(options, notes);
  if (target === undefined) return undefined;
  const { address, port } = target;
  const number = readPort(port.image, port, notes);
  if (address === undefined || number === undefined) return undefined;
  return [
    { kind: 'address', field: 'destination', ...address },
    { kind: 'number', field: 'destinationPort', from: number, to: number },
  ];
}

/** The same match, with dice that fall the same wherever this rule's are looked at. */
function thrownOnce(match: Match, span: Span): Match {
  switch (match.kind) {
    case 'unknown':
      return match.scope === 'rule'
        ? unknownFact(`${match.key} of ${span.source}:${span.start}`, match.reason)
        : match;
    case 'and':
    case 'or':
      return { kind: match.kind, of: match.of.map((part) => thrownOnce(part, span)) };
    case 'not':
      return { kind: 'not', of: thrownOnce(match.of, span) };
    default:
      return match;
  }
}

/** Rules are many, so only the properties that are needed are there, and no object is spread into another. */
function pieceOf(match: Match, action: Action, quick: boolean, comment: string | undefined): Piece {
  if (comment === undefined) return quick ? { match, action, quick } : { match, action };
  return quick ? { match, action, quick, comment } : { match, action, comment };
}

function changing(changes: readonly Change[], then: 'continue' | 'accept'): Action {
  if (changes.length === 0) return then === 'accept' ? accept : goOn;
  return { kind: 'change', changes, then };
}

export function blocking(response: PfToken | undefined, policy: 'drop' | 'return'): Action {
  const how = response?.image ?? policy;
  return how === 'drop' ? drop : { kind: 'reject', with: how };
}
