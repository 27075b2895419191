import type { CommandSyntax, OptionSyntax, Problem } from '../../../grammars/iptables/syntax.ts';
import { matchModuleName, matchModules, targetModules } from '../../../grammars/iptables/modules.ts';
import type { Action, Change } from '../../model/action.ts';
import { all, none, not, type Match } from '../../model/match.ts';
import type { Family } from '../../packets/fields.ts';
import type { LocalAddress } from '../format.ts';
import { addressMatch, parseMaskedAddress, parsePlainPrefix } from './addresses.ts';
import {
  isUnresolved,
  packetUnknown,
  readable,
  ruleUnknown,
  type ModuleUse,
  type ProtocolTest,
  type Remark,
  type RuleContext,
} from './lowering.ts';
import { parseProtocol } from './protocols.ts';
import type { ServiceLookup } from './service-ports.ts';
import { matchSupport, optionSupport, targetSupport } from './support.ts';
import type { Variant } from './targets/nat-variants.ts';

/** Where a rule goes: a verdict or change, or another chain by name. */
export type LoweredTarget =
  | { readonly kind: 'action'; readonly action: Action; readonly variants?: readonly Variant[] }
  | { readonly kind: 'chain'; readonly name: string; readonly goto: boolean };

/** A rule in the model's terms. Comma lists of addresses make several rules, one after the other. */
export interface LoweredRule {
  readonly matches: readonly Match[];
  readonly target: LoweredTarget;
  readonly comment: string | undefined;
  readonly understood: boolean;
  readonly remarks: readonly Remark[];
  /** The set that the rule's target adds to or deletes from. */
  readonly changedSet: { readonly name: string; readonly deletes: boolean } | undefined;
}

/** Where a rule stands. */
export interface RulePlace {
  readonly table: string;
  /** The built-in chain it stands in, undefined for user chains. */
  readonly hook: string | undefined;
  /** Whether a chain of that name exists in the table; it wins over a target's name. */
  readonly hasChain: (name: string) => boolean;
}

const noProtocol: ProtocolTest = { number: 0, negated: false };
const noTarget: LoweredTarget = { kind: 'action', action: { kind: 'continue' } };
const noRemarks: readonly Remark[] = [];
/** More pairs of addresses than this stay one rule. */
const mostPairs = 4096;
const rememberedAddresses = 4096;

/**
 * IPv6 extension headers given as `-p` never match: the kernel looks for the first header that is none (ip6_tables.c, ip6_packet_match).
 */
const extensionHeaders = [43, 44, 60];

/** Turns the options of rules of one family into matches and actions, remembering what equal options became. */
export class RuleLowerer implements RuleContext {
  readonly family: Family;
  readonly localAddresses: readonly LocalAddress[];
  readonly lookup: ServiceLookup;
  protocol: ProtocolTest = noProtocol;
  table = '';
  hook: string | undefined = undefined;

  private remarks: Remark[] = [];
  private understood = true;
  private refused = false;
  /** Conditions that stand for words of a script nobody could resolve. */
  private readonly stray: Match[] = [];
  /** By option, for options of the command itself. */
  private readonly core = new Map<OptionSyntax, Match>();
  /** By value, for addresses; emptied when it grows too large, since most addresses do not come again. */
  private readonly addresses = new Map<string, Match>();
  /** By option, for matches with a single option; one map for each protocol test, since ports hang on it. */
  private readonly modules = new Map<number, Map<OptionSyntax | string, Match>>();
  private readonly targets = new Map<string, LoweredTarget>();

  constructor(family: Family, localAddresses: readonly LocalAddress[], lookup: ServiceLookup) {
    this.family = family;
    this.localAddresses = localAddresses;
    this.lookup = lookup;
  }

  readonly refuse = (message: string, word?: string): void => {
    this.refused = true;
    this.understood = false;
    this.remark({
      code: 'FW1101',
      severity: 'error',
      message: `iptables refuses this line: ${message}`,
      help: 'iptables-restore would load nothing of this table; correct the line.',
      ...(word === undefined ? {} : { word }),
    });
  };

  readonly remark = (remark: Remark): void => {
    this.remarks.push(remark);
  };

  readonly misunderstood = (message: string, word?: string): void => {
    this.understood = false;
    this.remark({
      code: 'FW1004',
      severity: 'error',
      message,
      help: 'The rule is kept as one that may match or not.',
      ...(word === undefined ? {} : { word }),
    });
  };

  /** Lowers one rule. Never fails: what is refused or unknown becomes an unknown match with a remark. */
  lower(command: CommandSyntax, place: RulePlace): LoweredRule {
    const { options } = command;
    this.remarks = [];
    this.understood = true;
    this.refused = false;
    this.table = place.table;
    this.hook = place.hook;
    this.protocol = this.protocolOf(options);
    this.stray.length = 0;
    for (const problem of command.problems) this.report(problem);

    const parts: Match[] = [...this.stray];
    const uses: { name: string; options: OptionSyntax[] }[] = [];
    let sources: readonly Match[] | undefined;
    let destinations: readonly Match[] | undefined;
    let jump: OptionSyntax | undefined;
    let targetOptions: OptionSyntax[] | undefined;
    let comment: string | undefined;

    for (const option of options) {
      if (option.values.some(isUnresolved) && this.unresolved(option, parts)) continue;
      if (option.owner === 'match') {
        if (option.module === 'comment') comment = option.values[0];
        const use = uses.findLast((candidate) => candidate.name === option.module);
        if (use === undefined) uses.push({ name: option.module, options: [option] });
        else use.options.push(option);
      } else if (option.owner === 'target') {
        (targetOptions ??= []).push(option);
      } else if (!option.known) {
        const owner = ownerOf(option.name);
        if (owner === undefined) this.misunderstood(`unknown option ${option.text}`, option.text);
        else this.refuse(`--${option.name} needs ${owner} before it`, option.text);
        parts.push(ruleUnknown(option.text));
      } else {
        switch (optionSupport.get(option.name)?.role) {
          case 'match':
            uses.push({ name: matchModuleName(option.values[0] ?? ''), options: [] });
            break;
          case 'target':
            if (jump !== undefined) this.refuse('one -j or -g a rule', option.text);
            jump = option;
            break;
          case 'address':
            if (option.name === 'source') {
              if (sources !== undefined) this.refuse('multiple -s flags are not allowed', option.text);
              sources = this.addressList(option);
            } else {
              if (destinations !== undefined) this.refuse('multiple -d flags are not allowed', option.text);
              destinations = this.addressList(option);
            }
            break;
          case 'condition':
            parts.push(this.coreMatch(option));
            break;
          case 'command':
          case 'none':
            break;
          case undefined:
            this.misunderstood(`unknown option ${option.text}`, option.text);
            parts.push(ruleUnknown(option.text));
        }
      }
    }
    for (const use of uses) parts.push(this.moduleMatch(use));
    const target = this.target(jump, targetOptions ?? [], place);
    if (this.refused) parts.push(ruleUnknown('iptables refuses this line'));
    return {
      matches: conjunctions(parts, sources, destinations),
      target,
      comment,
      understood: this.understood,
      remarks: this.remarks.length === 0 ? noRemarks : this.remarks,
      changedSet: jump?.values[0] === 'SET' ? changedSet(targetOptions) : undefined,
    };
  }

  /** An operand that a script computes: the condition is kept as one that may hold. Targets are dealt with elsewhere. */
  private unresolved(option: OptionSyntax, parts: Match[]): boolean {
    if (
      option.owner === 'target' ||
      option.name === 'jump' ||
      option.name === 'goto' ||
      option.module === 'comment'
    )
      return false;
    const text = readable(option.text);
    this.remark({
      code: 'FW1114',
      severity: 'warning',
      message: `the value of ${text} is not known`,
      help: 'Audit the loaded rules with iptables-save for an exact answer.',
      word: readable(option.values.find(isUnresolved) ?? ''),
    });
    const match = packetUnknown(text);
    parts.push(option.negated ? not(match) : match);
    return true;
  }

  private report(problem: Problem): void {
    if (isUnresolved(problem.word)) {
      this.remark({
        code: 'FW1114',
        severity: 'warning',
        message: `the value of ${readable(problem.word)} is not known; it may hold any option`,
        word: readable(problem.word),
      });
      this.stray.push(ruleUnknown(readable(problem.word)));
      return;
    }
    switch (problem.kind) {
      case 'unknown-option':
        // Reported with the option itself.
        return;
      case 'old-negation':
      case 'glued-option':
        this.remark({
          code: 'FW1107',
          severity: 'warning',
          message:
            problem.kind === 'old-negation'
              ? '"!" behind the option is refused by iptables since 1.8; older releases read it as "!" before the option'
              : `a value glued to its letter (${problem.word}) is read differently by some iptables releases`,
          word: problem.word,
        });
        return;
      case 'unterminated-quote':
        this.remark({
          code: 'FW1106',
          severity: 'warning',
          message: 'the quote is not closed, so iptables takes the rest of the line as one word',
          word: problem.word,
        });
        return;
      default:
        this.refuse(`expected ${problem.detail}, read ${JSON.stringify(problem.word)}`, problem.word);
    }
  }

  private protocolOf(options: readonly OptionSyntax[]): ProtocolTest {
    for (const option of options) {
      if (option.name === 'protocol' && option.owner === 'core') {
        // Which ports a rule may name hangs on a protocol that a script computes: TCP stands for one with ports.
        if (isUnresolved(option.values[0] ?? '')) return { number: 6, negated: false };
        const number = parseProtocol(option.values[0] ?? '') ?? -1;
        return { number, negated: option.negated };
      }
    }
    return noProtocol;
  }

  private addressList(option: OptionSyntax): readonly Match[] {
    const field = option.name === 'source' ? 'source' : 'destination';
    const value = option.values[0] ?? '';
    if (!value.includes(',')) return [this.addressOption(field, value.trim(), option.negated)];
    if (option.negated) this.refuse(`"!" is not allowed with several addresses`, value);
    return value.split(',').map((text) => this.addressOption(field, text.trim(), option.negated));
  }

  private addressOption(field: 'source' | 'destination', text: string, negated: boolean): Match {
    const key = field === 'source' ? text : `>${text}`;
    let match = this.addresses.get(key);
    if (match === undefined) {
      const range = this.family === 'ipv4' ? parsePlainPrefix(text) : undefined;
      if (range !== undefined) match = { kind: 'address', field, family: 'ipv4', ranges: [range] };
      else {
        const address = parseMaskedAddress(text, this.family);
        if (address !== undefined) match = addressMatch(field, this.family, address);
      }
      if (match === undefined) match = this.unknownAddress(field, text);
      else {
        if (this.addresses.size >= rememberedAddresses) this.addresses.clear();
        this.addresses.set(key, match);
      }
    }
    return negated ? not(match) : match;
  }

  private unknownAddress(field: string, text: string): Match {
    const slash = text.lastIndexOf('/');
    const host = slash < 0 ? text : text.slice(0, slash);
    const looksNumeric = /^[0-9.]+$/.test(host) || host.includes(':') || !/^[A-Za-z0-9_.-]+$/.test(host);
    if (
      looksNumeric ||
      parseMaskedAddress(
        `${this.family === 'ipv4' ? '0.0.0.0' : '::'}${text.slice(host.length)}`,
        this.family,
      ) === undefined
    )
      this.refuse(`an ${this.family === 'ipv4' ? 'IPv4' : 'IPv6'} address was expected`, text);
    else
      this.remark({
        code: 'FW1110',
        severity: 'warning',
        message: `the host name ${JSON.stringify(host)} is looked up when the rule is loaded; fw-audit never asks a name server`,
        help: 'Export the loaded rules with iptables-save, which prints addresses.',
        word: host,
      });
    return packetUnknown(`${field} is ${text}`);
  }

  private coreMatch(option: OptionSyntax): Match {
    // Whether an interface may be named depends on the chain, so those two are not remembered where that could matter.
    const hook = this.hook;
    const direction =
      option.name === 'in-interface' ? 'in' : option.name === 'out-interface' ? 'out' : undefined;
    if (direction === 'in' && (hook === 'OUTPUT' || hook === 'POSTROUTING'))
      this.refuse(`-i cannot be used in ${hook}`, option.text);
    if (direction === 'out' && (hook === 'INPUT' || hook === 'PREROUTING'))
      this.refuse(`-o cannot be used in ${hook}`, option.text);
    const known = this.core.get(option);
    if (known !== undefined) return known;
    const before = this.remarks.length;
    const match = this.newCoreMatch(option);
    if (this.remarks.length === before) this.core.set(option, match);
    return match;
  }

  private newCoreMatch(option: OptionSyntax): Match {
    const text = option.values[0] ?? '';
    let match: Match;
    switch (option.name) {
      case 'protocol':
        match = this.protocolMatch(text, option.negated);
        break;
      case 'fragments':
        if (this.family === 'ipv6') this.refuse('-f is for IPv4 only', option.text);
        match = { kind: 'number', field: 'fragment', values: [[1, 1]] };
        break;
      default:
        match = this.interfaceMatch(text, option.name === 'in-interface' ? 'inInterface' : 'outInterface');
    }
    return option.negated ? not(match) : match;
  }

  private protocolMatch(text: string, negated: boolean): Match {
    const number = parseProtocol(text);
    if (number === undefined) {
      this.refuse('a protocol name or a number up to 255 was expected', text);
      return packetUnknown(`protocol ${text}`);
    }
    if (number === 0) {
      if (negated) this.refuse('the rule would never match any protocol', text);
      return all;
    }
    if (this.family === 'ipv6' && extensionHeaders.includes(number)) {
      this.remark({
        code: 'FW1111',
        severity: 'warning',
        message: `-p ${text} never matches: extension headers are no upper protocol`,
        word: text,
      });
      return none;
    }
    return { kind: 'number', field: 'protocol', values: [[number, number]] };
  }

  private interfaceMatch(text: string, field: 'inInterface' | 'outInterface'): Match {
    if (text === '' || text.length > 15) {
      this.refuse('an interface name has 1 to 15 characters', text);
      return packetUnknown(`${field} ${text}`);
    }
    if (text.endsWith('+')) {
      const name = text.slice(0, -1);
      return name === '' ? all : { kind: 'name', field, name, prefix: true };
    }
    if (text.includes(':')) {
      this.remark({
        code: 'FW1111',
        severity: 'warning',
        message: `${JSON.stringify(text)} is an address label; no packet has it as its interface`,
        word: text,
      });
      return none;
    }
    return { kind: 'name', field, name: text, prefix: false };
  }

  /** A target with an operand that a script computes: what it changes becomes unknown, its verdict stays. */
  private unresolvedTarget(name: string, text: string): LoweredTarget {
    const reason = `${name} ${text}`;
    this.remark({
      code: 'FW1114',
      severity: 'warning',
      message: `the value of ${text} is not known`,
      word: text,
    });
    const fields =
      name === 'DNAT' || name === 'REDIRECT' || name === 'NETMAP'
        ? (['destination', 'destinationPort'] as const)
        : name === 'SNAT' || name === 'MASQUERADE'
          ? (['source', 'sourcePort'] as const)
          : name === 'MARK'
            ? (['mark'] as const)
            : undefined;
    if (fields === undefined) {
      const support = targetSupport.get(name);
      return { kind: 'action', action: support?.lower({ name, options: [] }, this) ?? { kind: 'continue' } };
    }
    return {
      kind: 'action',
      action: {
        kind: 'change',
        changes: [
          ...fields.map((field): Change => ({ kind: 'unknown', field, reason })),
          ...(fields[0] === 'destination'
            ? [{ kind: 'number', field: 'destinationTranslated', from: 1, to: 1 } as const]
            : []),
        ],
        then: name === 'MARK' ? 'continue' : 'accept',
      },
    };
  }

  private moduleMatch(use: ModuleUse): Match {
    const { number, negated } = this.protocol;
    const protocolKey = negated ? ~number : number;
    const key = use.options.length === 0 ? use.name : use.options.length === 1 ? use.options[0] : undefined;
    let known = this.modules.get(protocolKey);
    if (known === undefined) this.modules.set(protocolKey, (known = new Map()));
    if (key !== undefined) {
      const match = known.get(key);
      if (match !== undefined) return match;
    }
    const before = this.remarks.length;
    const match = this.newModuleMatch(use);
    if (key !== undefined && this.remarks.length === before && !changes(match)) known.set(key, match);
    return match;
  }

  private newModuleMatch(use: ModuleUse): Match {
    const support = matchSupport.get(use.name);
    if (support === undefined) {
      const text = ['-m', use.name, ...use.options.map((option) => option.text)].join(' ');
      this.misunderstood(`unknown match ${JSON.stringify(use.name)}`, use.name);
      return ruleUnknown(text);
    }
    return support.lower(use, this);
  }

  private target(
    jump: OptionSyntax | undefined,
    options: readonly OptionSyntax[],
    place: RulePlace,
  ): LoweredTarget {
    if (jump === undefined) return noTarget;
    const name = jump.values[0] ?? '';
    if (isUnresolved(name)) {
      this.misunderstood(`the target ${readable(name)} is not known`, readable(name));
      return {
        kind: 'action',
        action: {
          kind: 'unknown',
          outcomes: ['accept', 'drop', 'continue'],
          reason: `target ${readable(name)}`,
        },
      };
    }
    const unresolvedOption = options.find((candidate) => candidate.values.some(isUnresolved));
    if (unresolvedOption !== undefined) return this.unresolvedTarget(name, readable(unresolvedOption.text));
    if (jump.name === 'goto' || place.hasChain(name))
      return { kind: 'chain', name, goto: jump.name === 'goto' };
    const support = targetSupport.get(name);
    if (support === undefined) {
      if (options.length === 0) return { kind: 'chain', name, goto: false };
      const text = ['-j', name, ...options.map((option) => option.text)].join(' ');
      this.misunderstood(`unknown target ${JSON.stringify(name)}`, name);
      return {
        kind: 'action',
        action: { kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], reason: text },
      };
    }
    const key = options.length === 0 ? `${this.table} ${name}` : undefined;
    const known = key === undefined ? undefined : this.targets.get(key);
    if (known !== undefined) return known;
    const before = this.remarks.length;
    const use = { name, options };
    const action = support.lower(use, this);
    const variants = support.variants?.(use, this) ?? [];
    const target: LoweredTarget =
      variants.length === 0 ? { kind: 'action', action } : { kind: 'action', action, variants };
    if (key !== undefined && this.remarks.length === before) this.targets.set(key, target);
    return target;
  }
}

/** True when the match's answer may differ from one place to the next, so that two rules must not share it. */
function changes(match: Match): boolean {
  switch (match.kind) {
    case 'unknown':
      return match.scope === 'rule';
    case 'and':
    case 'or':
      return match.of.some(changes);
    case 'not':
      return changes(match.of);
    default:
      return false;
  }
}

/** Who would have to be loaded for an option: `-p tcp or -p udp` for `--dport`. */
function ownerOf(name: string): string | undefined {
  const matches = [...matchModules.values()].filter((module) => module.options.has(name));
  const targets = [...targetModules.values()].filter((module) => module.options.has(name));
  const owners = [
    ...matches.map((module) =>
      protocolMatches.has(module.name) ? `-p ${module.name}` : `-m ${module.name}`,
    ),
    ...targets.map((module) => `-j ${module.name}`),
  ];
  return owners.length === 0 ? undefined : owners.slice(0, 3).join(' or ');
}

const protocolMatches = new Set(['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'icmp']);

function changedSet(options: readonly OptionSyntax[] | undefined): LoweredRule['changedSet'] {
  const change = options?.find((option) => option.name === 'add-set' || option.name === 'del-set');
  return change === undefined
    ? undefined
    : { name: change.values[0] ?? '', deletes: change.name === 'del-set' };
}

function conjunction(parts: readonly Match[]): Match {
  const kept: Match[] = [];
  for (const part of parts) {
    if (part.kind === 'none') return none;
    if (part.kind === 'and') kept.push(...part.of);
    else if (part.kind !== 'all') kept.push(part);
  }
  if (kept.length < 2) return kept[0] ?? all;
  // A copy has room for its elements only; a list that was pushed to has room for 17, which is most of a large rule set's memory.
  return { kind: 'and', of: kept.slice() };
}

/** One match for each pair of a source and a destination, in the order the tool adds them. */
function conjunctions(
  parts: readonly Match[],
  sources: readonly Match[] = [all],
  destinations: readonly Match[] = [all],
): readonly Match[] {
  if (sources.length * destinations.length > mostPairs)
    return [conjunction([{ kind: 'or', of: sources }, { kind: 'or', of: destinations }, ...parts])];
  const matches: Match[] = [];
  for (const source of sources)
    for (const destination of destinations) matches.push(conjunction([source, destination, ...parts]));
  return matches;
}
