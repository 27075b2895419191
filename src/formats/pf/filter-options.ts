import type { FilterOption, OwnerTerm, Redirection } from '../../../grammars/pf/syntax.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';
import { all, and, not, or } from '../../model/match.ts';
import type { Match } from '../../model/match.ts';
import { tcpFlagBits } from '../../packets/fields.ts';
import { normalize } from '../../packets/interval.ts';
import { lowerIcmp } from './icmp.ts';
import type { IcmpKeyword } from './icmp.ts';
import { interfaceNamed } from './interfaces.ts';
import { checkName } from './names.ts';
import { checkWord } from './option-limits.ts';
import { refuse, unknownChance, unknownFact } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';
import type { Ports } from './ports.ts';

/** What the options of a rule say, sorted by what they do. */
export interface LoweredOptions {
  /** Conditions that hold for every protocol. */
  readonly conditions: readonly Match[];
  /** Who owns the socket; TCP and UDP packets have one. */
  readonly owners: Owners | undefined;
  /** `flags`: mask and value of the TCP flags; undefined if not written, null for `flags any`. */
  readonly flags: { readonly mask: number; readonly value: number } | null | undefined;
  readonly icmp:
    { readonly keyword: IcmpKeyword; readonly ports: Ports; readonly token: PfToken } | undefined;
  readonly tag: string | undefined;
  readonly state:
    { readonly mode: string; readonly token: PfToken; readonly words: readonly PfToken[] } | undefined;
  readonly redirections: readonly Redirection[];
  readonly fragment: PfToken | undefined;
  /** `divert-to`: address and port; on FreeBSD the address may be missing. */
  readonly divertTo: readonly PfToken[] | undefined;
  readonly label: string | undefined;
  /** Keywords seen, for the checks between options. */
  readonly words: ReadonlyMap<string, PfToken>;
}

export interface Owners {
  readonly match: Match;
  /** Whether a packet without a socket, whose owner is `unknown`, fits (pf_match_uid). */
  readonly fitsUnknown: boolean;
  readonly token: PfToken;
}

const noWords: ReadonlyMap<string, PfToken> = new Map();

const flagLetters = new Map([
  ['F', tcpFlagBits.fin],
  ['S', tcpFlagBits.syn],
  ['R', tcpFlagBits.rst],
  ['P', tcpFlagBits.psh],
  ['A', tcpFlagBits.ack],
  ['U', tcpFlagBits.urg],
  ['E', tcpFlagBits.ece],
  ['W', tcpFlagBits.cwr],
]);

/** The options of a filter rule or anchor (`filter_opts`). */
export function lowerOptions(
  options: readonly FilterOption[],
  direction: 'in' | 'out',
  notes: RuleNotes,
): LoweredOptions {
  // Who may have set a tag before depends on the place of the rule.
  const known = options.some(({ kind }) => kind === 'tagged')
    ? undefined
    : notes.context.memory?.options[direction];
  let lowered = known?.get(options);
  if (lowered === undefined) {
    lowered = optionsOf(options, direction, notes);
    known?.set(options, lowered);
  }
  return lowered;
}

function optionsOf(
  options: readonly FilterOption[],
  direction: 'in' | 'out',
  notes: RuleNotes,
): LoweredOptions {
  const conditions: Match[] = [];
  let owners: Owners | undefined;
  const redirections: Redirection[] = [];
  let words: Map<string, PfToken> | undefined;
  let flags: LoweredOptions['flags'];
  let icmp: LoweredOptions['icmp'];
  let tag: string | undefined;
  let state: LoweredOptions['state'];
  let fragment: PfToken | undefined;
  let divertTo: readonly PfToken[] | undefined;
  let label: string | undefined;
  const see = (token: PfToken): void => {
    (words ??= new Map()).set(token.image, token);
  };
  const once = (token: PfToken): void => {
    if (words?.has(token.image) === true) refuse(notes, token, `'${token.image}' is given twice`);
    see(token);
  };
  for (const option of options) {
    switch (option.kind) {
      case 'owner': {
        const who = option.terms.map((term) => ownerText(term, option.keyword.image)).join(', ');
        const what = option.keyword.image;
        const match = unknownFact(`${what} ${who}`, `the socket belongs to ${what} ${who}`);
        const fitsUnknown = option.terms.some(ownerFitsUnknown) && owners?.fitsUnknown !== false;
        owners = {
          match: owners === undefined ? match : and(owners.match, match),
          fitsUnknown,
          token: option.keyword,
        };
        break;
      }
      case 'flags':
        once(option.keyword);
        flags = option.of === undefined ? null : lowerFlags(option.set, option.of, option.keyword, notes);
        break;
      case 'icmp': {
        once(option.keyword);
        const keyword = option.keyword.image as IcmpKeyword;
        icmp = { keyword, ports: lowerIcmp(keyword, option.terms, notes), token: option.keyword };
        break;
      }
      case 'state':
        if (state !== undefined) refuse(notes, option.keyword, 'modulate or keep cannot be redefined');
        state = { mode: option.keyword.image, token: option.keyword, words: option.words };
        break;
      case 'tag':
        checkName('a tag', option.name, notes);
        tag = option.name.image;
        break;
      case 'tagged': {
        checkName('a tag', option.name, notes);
        const test = notes.context.tags.tagged(option.name.image);
        conditions.push(option.negated ? not(test) : test);
        break;
      }
      case 'received-on': {
        const { image } = option.name;
        checkName('an interface name', option.name, notes);
        // A packet that comes in was received on the interface it comes in by; one that goes out may have been made here.
        const test =
          direction === 'in'
            ? image === 'any'
              ? all
              : interfaceNamed(image, 'inInterface')
            : unknownFact(`received-on ${image}`, `the packet was received on ${image}`);
        conditions.push(option.negated ? not(test) : test);
        break;
      }
      case 'redirection':
        redirections.push(option.redirection);
        see(option.redirection.keyword);
        break;
      case 'word': {
        const { keyword } = option;
        if (keyword.image === 'label') {
          const [text] = option.words;
          if (text !== undefined) checkName('a label', text, notes);
          label ??= text?.image;
        } else see(keyword);
        checkWord(keyword, option.words, notes);
        if (keyword.image === 'divert-to') divertTo = option.words;
        if (keyword.image === 'fragment') fragment = keyword;
        else conditions.push(lowerWord(keyword, option.words, notes));
        break;
      }
    }
  }
  return {
    conditions,
    owners,
    flags,
    icmp,
    tag,
    state,
    redirections,
    fragment,
    divertTo,
    label,
    words: words ?? noWords,
  };
}

/** An item of `user` or `group`; number 0 and its name are the same on every BSD, and pfctl prints the number. */
function ownerText({ token, operator, to }: OwnerTerm, keyword: string): string {
  const name = (image: string): string => (image === '0' ? (keyword === 'user' ? 'root' : 'wheel') : image);
  if (to !== undefined) return `${token.image} ${operator?.image ?? ''} ${to.image}`;
  return operator === undefined || operator.image === '='
    ? name(token.image)
    : `${operator.image} ${name(token.image)}`;
}

/** `unknown` itself and `!= root`; no other comparison holds for it. */
function ownerFitsUnknown({ token, operator, to }: OwnerTerm): boolean {
  if (to !== undefined) return false;
  const unknown = token.image === 'unknown';
  return operator?.image === '!=' ? !unknown : unknown && (operator === undefined || operator.image === '=');
}

/** Options with words; all that are not named here leave permission alone (queues, labels, logging, routing, dummynet). */
function lowerWord(keyword: PfToken, words: readonly PfToken[], notes: RuleNotes): Match {
  const text = words.map(({ image }) => image).join(' ');
  switch (keyword.image) {
    case 'probability':
      return probability(text, words[0], notes);
    case 'tos':
      return unknownFact(`tos ${text}`, `the packet's type of service is ${text}`);
    case 'prio':
      return unknownFact(`prio ${text}`, `the packet's priority is ${text}`);
    case 'once':
      return unknownChance('once', 'the rule has not matched yet (once)');
    case 'max-pkt-size':
      return unknownFact(`max-pkt-size ${text}`, `the packet has at most ${text} bytes`);
    default:
      return all;
  }
}

function probability(text: string, token: PfToken | undefined, notes: RuleNotes): Match {
  const percent = /^([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(%?)$/.exec(text);
  const value = percent === null ? Number.NaN : Number(percent[1]) * (percent[2] === '%' ? 0.01 : 1);
  if (!(value >= 0 && value <= 1)) refuse(notes, token, `invalid probability ${text}`);
  return value === 1 ? all : unknownChance(`probability ${text}`, `probability ${text}`);
}

function lowerFlags(
  set: PfToken | undefined,
  of: PfToken,
  keyword: PfToken,
  notes: RuleNotes,
): { mask: number; value: number } {
  const read = (token: PfToken | undefined): number => {
    let bits = 0;
    for (const letter of token?.image ?? '') {
      const bit = flagLetters.get(letter);
      if (bit === undefined) {
        refuse(
          notes,
          token,
          `bad flags '${token!.image}': the letters are ${[...flagLetters.keys()].join('')}`,
        );
        notes.obscure = true;
      } else bits |= bit;
    }
    return bits;
  };
  const value = read(set);
  const mask = read(of);
  if ((value & mask) !== value) refuse(notes, keyword, 'flags that can never be set (flags always false)');
  return { mask, value };
}

/** `p` where the protocol is one of `numbers`, everything elsewhere. */
export function onlyFor(numbers: readonly number[], p: Match): Match {
  return p.kind === 'all' ? all : or(not(protocolIs(numbers)), p);
}

const protocolTests = new Map<number | string, Match>();

export function protocolIs(numbers: readonly number[]): Match {
  const key = numbers.length === 1 ? numbers[0]! : numbers.join(' ');
  let test = protocolTests.get(key);
  if (test === undefined) {
    const values = normalize(numbers.map((number) => [number, number] as const));
    test = { kind: 'number', field: 'protocol', values };
    protocolTests.set(key, test);
  }
  return test;
}
