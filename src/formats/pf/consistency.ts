import type { FilterRule } from '../../../grammars/pf/syntax.ts';
import { NumberToken } from '../../../grammars/pf/tokens.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';
import type { LoweredOptions } from './filter-options.ts';
import { checkPool } from './pools.ts';
import { isFreeBsd } from './option-limits.ts';
import { olderSystems, refuse, spanOf, unlessFreeBsd } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';
import { timeoutNames } from './timeouts.ts';

/** What pfctl checks between the parts of a rule (`pfrule` and `filter_consistent` of parse.y), beyond what lowering meets. */
export function checkFilterRule(
  rule: FilterRule,
  options: LoweredOptions,
  stateful: boolean,
  notes: RuleNotes,
): void {
  const action = rule.action.image;
  const { words, state } = options;
  const complain = (token: PfToken | undefined, message: string): void => refuse(notes, token, message);
  if (options.flags !== undefined && options.flags !== null && rule.protocols !== undefined) {
    if (!rule.protocols.some(({ image }) => image === 'tcp' || image === '6'))
      complain(words.get('flags'), 'flags only apply to tcp');
  }
  if (rule.response?.image === 'return-rst') {
    if (
      rule.protocols === undefined ||
      rule.protocols.some(({ image }) => image !== 'tcp' && image !== '6')
    ) {
      complain(rule.response, 'return-rst can only be applied to tcp rules');
    }
  }
  if (action !== 'pass' && state !== undefined && state.mode !== 'no') {
    complain(state.token, 'keep state is only for pass rules');
  }
  if (words.has('allow-opts') && action !== 'pass')
    complain(words.get('allow-opts'), 'allow-opts is only for pass rules');
  if (options.fragment !== undefined) {
    const ports = rule.from?.ports ?? rule.to?.ports;
    if (
      ports !== undefined ||
      options.icmp !== undefined ||
      (options.flags !== undefined && options.flags !== null)
    ) {
      complain(options.fragment, 'fragments can be filtered only on IP header fields');
    }
  }
  // Most rules have no such options, and rules are many.
  if (words.size > 0) checkWays(rule, options, stateful, notes);
  if (state !== undefined) checkState(state.words, state.mode, complain);
  for (const redirection of options.redirections) checkPool(redirection, notes);
}

/** Options that send packets elsewhere, or their answers. */
function checkWays(rule: FilterRule, options: LoweredOptions, stateful: boolean, notes: RuleNotes): void {
  const action = rule.action.image;
  const { words } = options;
  const direction = rule.direction?.image;
  const complain = (token: PfToken | undefined, message: string): void => refuse(notes, token, message);
  for (const word of ['route-to', 'reply-to', 'dup-to']) {
    const token = words.get(word);
    if (token === undefined) continue;
    const renewed = notes.context.evidence.generation === 'new';
    if (direction === undefined && !(renewed && word === 'dup-to'))
      complain(token, `${word} needs a direction`);
    if (action === 'match') complain(token, `${word} must not be used on match rules`);
    if (action === 'block') blockRoute(token, notes);
    if (action === 'pass' && !stateful && renewed) complain(token, `${word} requires keep state`);
  }
  for (const word of ['nat-to', 'rdr-to', 'binat-to', 'af-to']) {
    const token = words.get(word);
    if (token === undefined) continue;
    if (word === 'binat-to') {
      if (direction !== undefined) complain(token, 'binat-to cannot be specified with a direction');
      checkBinatTo(rule, options, token, complain);
    } else if (direction === undefined) complain(token, `${word} requires a direction`);
    if (action !== 'match' && !stateful) complain(token, `${word} requires keep state`);
  }
  if (direction === 'out' && words.has('divert-to') && !isFreeBsd(notes)) {
    const help = unlessFreeBsd(notes);
    refuse(notes, words.get('divert-to'), 'divert-to cannot be used with outgoing rules', help);
  }
  if (direction === 'in' && words.has('divert-reply'))
    complain(words.get('divert-reply'), 'divert-reply cannot be used with incoming rules');
  if (action === 'match') {
    for (const word of ['divert-to', 'divert-reply', 'divert-packet', 'af-to']) {
      if (words.has(word)) complain(words.get(word), `${word} is not supported on match rules`);
    }
  }
}

/** OpenBSD and FreeBSD 15 refuse what older systems take and have no use for: a blocked packet is sent nowhere. */
function blockRoute(token: PfToken, notes: RuleNotes): void {
  const what = `${token.image} is not supported on block rules`;
  if (notes.context.evidence.generation !== 'old') refuse(notes, token, what, olderSystems);
  else
    notes.context.report(
      'FW1303',
      'warning',
      spanOf(token, notes),
      `${what} since OpenBSD 4.7 and FreeBSD 15, which refuse it; older systems ignore it`,
    );
}

/** One address on each side, and no table (expand_rule). */
function checkBinatTo(
  rule: FilterRule,
  { redirections }: LoweredOptions,
  token: PfToken,
  complain: (token: PfToken | undefined, message: string) => void,
): void {
  const outer = redirections.find(({ keyword }) => keyword.image === 'binat-to')?.hosts ?? [];
  const inner = rule.from?.hosts?.filter(({ kind }) => kind !== 'any') ?? [];
  if (inner.length === 0) complain(token, 'binat-to requires a specified source and redirect address');
  for (const host of [...inner, ...outer]) {
    if (host.kind === 'table')
      complain(host.token, `invalid use of table <${host.token.image}> in a binat-to rule`);
  }
}

/** State options and, with a dot, the timeouts that a rule may set (state_opt_item; pf_timeouts of pfctl_parser.c). */
const flagOptions = new Set([
  'no-sync',
  'sloppy',
  'pflow',
  'if-bound',
  'group-bound',
  'floating',
  'allow-related',
  'source-track',
]);
const numberOptions = new Set([
  'max',
  'max-src-states',
  'max-src-nodes',
  'max-src-conn',
  'max-src-conn-rate',
]);
/** PF_THRESHOLD_MAX: what is counted a thousandfold in 32 bits. */
const highestRate = Math.floor(0xffffffff / 1000);

const single = new Set([
  'max',
  'max-src-states',
  'max-src-conn',
  'max-src-conn-rate',
  'max-src-nodes',
  'no-sync',
  'overload',
]);

function checkState(
  words: readonly PfToken[],
  mode: string,
  complain: (token: PfToken | undefined, message: string) => void,
): void {
  if (words.length === 0) return;
  const seen = new Map<string, PfToken>();
  let tracking: string | undefined;
  checkStateWords(words, complain);
  for (const [index, token] of words.entries()) {
    const next = words[index + 1];
    if (single.has(token.image)) {
      if (seen.has(token.image)) complain(token, `state option '${token.image}' is defined twice`);
      if (/^max-src/.test(token.image) && next?.image === '0')
        complain(token, `'${token.image}' must be > 0`);
    } else if (token.image === 'source-track') {
      if (tracking !== undefined) complain(token, "state option 'source-track' is defined twice");
      tracking = next?.image === 'global' || next?.image === 'rule' ? next.image : '';
    }
    seen.set(token.image, token);
  }
  if (tracking === 'global') {
    for (const word of ['max-src-nodes', 'max-src-conn', 'max-src-conn-rate']) {
      if (seen.has(word)) complain(seen.get(word), `'${word}' is incompatible with 'source-track global'`);
    }
  }
  if (seen.has('overload') && !seen.has('max-src-conn') && !seen.has('max-src-conn-rate')) {
    complain(seen.get('overload'), "'overload' requires 'max-src-conn' or 'max-src-conn-rate'");
  }
  if (seen.has('sloppy') && (mode === 'modulate' || mode === 'synproxy')) {
    complain(
      seen.get('sloppy'),
      'sloppy state matching cannot be used with synproxy state or modulate state',
    );
  }
}

/** Each word of the parentheses must be an option that pfctl knows, with what belongs to it. */
export function checkStateWords(
  words: readonly PfToken[],
  complain: (token: PfToken | undefined, message: string) => void,
): void {
  let index = 0;
  const number = (owner: PfToken): number | undefined => {
    const value = words[index];
    if (value?.tokenType === NumberToken) {
      index++;
      return Number(value.image);
    }
    complain(value ?? owner, `'${owner.image}' needs a number`);
    return undefined;
  };
  while (index < words.length) {
    const word = words[index++]!;
    const { image } = word;
    if (image === ',') continue;
    if (image === 'source-track') {
      const scope = words[index]?.image;
      if (scope === 'rule' || scope === 'global') index++;
    } else if (image === 'overload') {
      const [open, name, close] = words.slice(index, index + 3);
      if (open?.image !== '<' || name === undefined || close?.image !== '>') {
        complain(open ?? word, "'overload' needs a <table>");
        return;
      }
      index += 3;
      if (words[index]?.image === 'flush') index += words[index + 1]?.image === 'global' ? 2 : 1;
    } else if (numberOptions.has(image)) {
      const value = number(word);
      if (value === undefined) return;
      if (image !== 'max-src-conn-rate') continue;
      const slash = words[index++];
      if (slash?.image !== '/') {
        complain(slash ?? word, "'max-src-conn-rate' needs number/seconds");
        return;
      }
      if (number(word) === 0 || value === 0) complain(word, "'max-src-conn-rate' values must be > 0");
      if (value > highestRate) complain(word, `'max-src-conn-rate' must be at most ${highestRate}`);
    } else if (timeoutNames.has(image) && (image.includes('.') || image === 'interval')) {
      if (number(word) === undefined) return;
    } else if (!flagOptions.has(image)) {
      complain(word, `pfctl knows no state option '${image}'`);
      return;
    }
  }
}

/** The tables that `overload <t>` fills. */
export function overloadedTables(rule: FilterRule): string[] {
  const found: string[] = [];
  for (const option of rule.options) {
    if (option.kind !== 'state') continue;
    for (const [index, token] of option.words.entries()) {
      if (token.image === 'overload' && option.words[index + 1]?.image === '<') {
        const name = option.words[index + 2];
        if (name !== undefined) found.push(name.image.replace(/:[0-9]+$|:\*$/, ''));
      }
    }
  }
  return found;
}
