import type { FilterRule } from '../../../grammars/pf/syntax.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';
import type { LoweredOptions } from './filter-options.ts';
import { refuse } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';

/** What pfctl checks between the parts of a rule (`pfrule` and `filter_consistent` of parse.y), beyond what lowering meets. */
export function checkFilterRule(
  rule: FilterRule,
  options: LoweredOptions,
  stateful: boolean,
  notes: RuleNotes,
): void {
  const action = rule.action.image;
  const { words, state } = options;
  const direction = rule.direction?.image;
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
  for (const word of ['route-to', 'reply-to', 'dup-to']) {
    const token = words.get(word);
    if (token === undefined) continue;
    if (direction === undefined) complain(token, `${word} needs a direction`);
    if (action === 'match') complain(token, `${word} must not be used on match rules`);
  }
  for (const word of ['nat-to', 'rdr-to', 'binat-to']) {
    const token = words.get(word);
    if (token === undefined) continue;
    if (direction === undefined && word !== 'binat-to')
      complain(token, 'nat-to and rdr-to require a direction');
    if (action !== 'match' && !stateful) complain(token, 'nat-to and rdr-to require keep state');
  }
  if (action === 'match') {
    for (const word of ['divert-to', 'divert-reply', 'divert-packet', 'af-to']) {
      if (words.has(word)) complain(words.get(word), `${word} is not supported on match rules`);
    }
  }
  if (state !== undefined) checkState(state.words, state.mode, complain);
}

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
  const seen = new Map<string, PfToken>();
  let tracking: string | undefined;
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
