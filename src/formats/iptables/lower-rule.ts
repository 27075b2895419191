import type { CommandSyntax, OptionSyntax, Problem } from '../../../grammars/iptables/syntax.ts';
import { matchModuleName } from '../../../grammars/iptables/modules.ts';
import { NetworkTest, not, type Match } from '../../model/match.ts';
import type { Family } from '../../packets/fields.ts';
import type { LocalAddress } from '../format.ts';
import { plainNetwork } from '../../packets/plain-network.ts';
import { addressMatch, parseMaskedAddress } from './addresses.ts';
import { changes, conjunctions } from './conjunctions.ts';
import { lowerCondition, unknownAddress } from './core-conditions.ts';
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
import {
  changedSet,
  type Effect,
  type LoweredRule,
  type LoweredTarget,
  type QuietParts,
  type RuleParts,
  type RulePlace,
} from './lowered-rule.ts';
import { ownerOf } from './option-owners.ts';
import { checkOptions } from './option-rules.ts';
import { checkValues } from './option-values.ts';
import { checkPlace } from './place-rules.ts';
import { parseProtocol } from './protocols.ts';
import type { ServiceLookup } from './service-ports.ts';
import { reportProblem } from './report-problem.ts';
import { matchSupport, optionSupport, targetSupport, type TargetSupport } from './support.ts';
import { unresolvedTarget } from './targets/unresolved.ts';

const noProtocol: ProtocolTest = { number: 0, negated: false };
const noTarget: LoweredTarget = { kind: 'action', action: { kind: 'continue' } };
const noRemarks: readonly Remark[] = [];
const rememberedAddresses = 4096;

/** Turns the options of rules of one family into matches and actions, remembering what equal options became. */
export class RuleLowerer implements RuleContext {
  readonly family: Family;
  readonly localAddresses: readonly LocalAddress[];
  readonly lookup: ServiceLookup;
  protocol: ProtocolTest = noProtocol;
  /** True when rules come from a script, whose operands may be unresolved. */
  scripted = false;
  /** False for rows of listings, which hold what the tools print of a rule and not its options. */
  wholeOptions = true;
  nftRelease: RuleContext['nftRelease'] = undefined;
  table = '';
  hook: string | undefined = undefined;

  private remarks: Remark[] = [];
  private understood = true;
  private refused = false;
  /** Whether options that are missing or too many are told. */
  private checked = true;
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
    this.begin(this.protocolOf(command.options), place);
    this.checked &&= !(this.scripted && mentionsUnresolved(command));
    this.stray.length = 0;
    for (const problem of command.problems) this.report(problem);
    return this.assemble(this.partsOf(command.options), place);
  }

  /** What a rule with these options comes to, if there is nothing to say about them. */
  quietParts(options: readonly OptionSyntax[], place: RulePlace): QuietParts | undefined {
    this.begin(this.protocolOf(options), place);
    this.stray.length = 0;
    const parts = this.partsOf(options);
    const { target, changedSet } = this.assemble(parts, place);
    return this.remarks.length > 0 ? undefined : { ...parts, protocol: this.protocol, target, changedSet };
  }

  /** The test of a match in a rule whose other options have been looked at; undefined if there is something to say about it. */
  quietMatch(use: ModuleUse, protocol: ProtocolTest, place: RulePlace): Match | undefined {
    this.begin(protocol, place);
    const match = this.newModuleMatch(use);
    return this.remarks.length > 0 ? undefined : match;
  }

  /** The same of its target. */
  quietTarget(
    jump: OptionSyntax | undefined,
    options: readonly OptionSyntax[],
    protocol: ProtocolTest,
    place: RulePlace,
  ): LoweredTarget | undefined {
    this.begin(protocol, place);
    const target = this.target(jump, options, place);
    return this.remarks.length > 0 ? undefined : target;
  }

  /** The same of one address. */
  quietAddress(field: 'source' | 'destination', text: string): Match | undefined {
    this.remarks = [];
    const match = this.addressOption(field, text, false);
    return this.remarks.length > 0 ? undefined : match;
  }

  private begin(protocol: ProtocolTest, place: RulePlace): void {
    this.remarks = [];
    this.understood = true;
    this.refused = false;
    this.checked = this.wholeOptions;
    this.table = place.table;
    this.hook = place.hook;
    this.protocol = protocol;
  }

  /** What the options are for. Conditions of the command itself are lowered at once, matches and target once all are known. */
  private partsOf(options: readonly OptionSyntax[]): RuleParts {
    const conditions: Match[] = [...this.stray];
    const uses: { name: string; options: OptionSyntax[] }[] = [];
    let sources: readonly Match[] | undefined;
    let destinations: readonly Match[] | undefined;
    let jump: OptionSyntax | undefined;
    let targetOptions: OptionSyntax[] | undefined;
    let comment: string | undefined;
    const given: string[] = [];

    for (const option of options) {
      if (this.scripted && option.values.some(isUnresolved) && this.unresolved(option, conditions)) continue;
      if (option.owner === 'match') {
        if (option.module === 'comment') comment = option.values[0];
        const use = uses.findLast((candidate) => candidate.name === option.module);
        if (use === undefined) uses.push({ name: option.module, options: [option] });
        else use.options.push(option);
      } else if (option.owner === 'target') {
        (targetOptions ??= []).push(option);
      } else if (!option.known) {
        // A word of a listing is no option, even if it is spelled like one.
        const owner = /^(?:! )?-/.test(option.text) ? ownerOf(option.name) : undefined;
        if (owner === undefined) this.misunderstood(`unknown option ${option.text}`, option.text);
        else this.refuse(`--${option.name} needs ${owner} before it`, option.text);
        conditions.push(ruleUnknown(option.text));
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
            if (given.includes(option.name))
              this.refuse(`multiple --${option.name} flags are not allowed`, option.text);
            given.push(option.name);
            conditions.push(this.coreMatch(option));
            break;
          case 'command':
          case 'none':
            break;
          case undefined:
            this.misunderstood(`unknown option ${option.text}`, option.text);
            conditions.push(ruleUnknown(option.text));
        }
      }
    }
    return { conditions, uses, sources, destinations, jump, targetOptions, comment };
  }

  private assemble(rule: RuleParts, place: RulePlace): LoweredRule {
    const { conditions, uses, sources, destinations, jump, targetOptions, comment } = rule;
    const parts = [...conditions];
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
    reportProblem(problem, this);
  }

  private protocolOf(options: readonly OptionSyntax[]): ProtocolTest {
    for (const option of options) {
      if (option.name === 'protocol' && option.owner === 'core') {
        // Which ports a rule may name hangs on a protocol that a script computes: TCP stands for one with ports.
        if (this.scripted && isUnresolved(option.values[0] ?? '')) return { number: 6, negated: false };
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
      const network = this.family === 'ipv4' ? plainNetwork(text) : -1;
      if (network >= 0) match = NetworkTest.of(field, network);
      else {
        const address = parseMaskedAddress(text, this.family);
        if (address !== undefined) match = addressMatch(field, this.family, address);
      }
      if (match === undefined) match = unknownAddress(field, text, this);
      else {
        if (this.addresses.size >= rememberedAddresses) this.addresses.clear();
        this.addresses.set(key, match);
      }
    }
    return negated ? not(match) : match;
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
    const match = lowerCondition(option, this);
    if (this.remarks.length === before) this.core.set(option, match);
    return match;
  }

  private moduleMatch(use: ModuleUse): Match {
    // Chains differ, so this is not remembered.
    if (this.checked) checkPlace('match', use.name, this);
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
    if (this.checked) {
      checkOptions('match', use, this);
      checkValues(use, this);
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
    const unresolvedOption = this.scripted
      ? options.find((candidate) => candidate.values.some(isUnresolved))
      : undefined;
    if (unresolvedOption !== undefined) return unresolvedTarget(name, readable(unresolvedOption.text), this);
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
    if (this.checked) checkPlace('target', name, this);
    const key = options.length === 0 ? `${this.table} ${name}` : undefined;
    const known = key === undefined ? undefined : this.targets.get(key);
    if (known !== undefined) return known;
    const before = this.remarks.length;
    const use = { name, options };
    if (this.checked) {
      checkOptions('target', use, this);
      checkValues(use, this);
    }
    const target: LoweredTarget = {
      kind: 'action',
      ...this.effect(support, use, this),
      ...(support.hangsOnHook === true && this.hook === undefined
        ? {
            sides: {
              incoming: this.effect(support, use, { ...this.quiet(), hook: 'PREROUTING' }),
              outgoing: this.effect(support, use, { ...this.quiet(), hook: 'POSTROUTING' }),
            },
          }
        : {}),
    };
    if (key !== undefined && this.remarks.length === before) this.targets.set(key, target);
    return target;
  }

  private effect(support: TargetSupport, use: ModuleUse, context: RuleContext): Effect {
    const action = support.lower(use, context);
    const variants = support.variants?.(use, context) ?? [];
    return variants.length === 0 ? { action } : { action, variants };
  }

  /** This context for a second look at something: what is wrong with it has been said. */
  private quiet(): RuleContext {
    const { family, protocol, table, hook, localAddresses, nftRelease, lookup } = this;
    const silent = (): void => undefined;
    return {
      ...{ family, protocol, table, hook, localAddresses, nftRelease, lookup },
      ...{ refuse: silent, remark: silent, misunderstood: silent },
    };
  }
}

function mentionsUnresolved({ options, problems }: CommandSyntax): boolean {
  return (
    options.some(({ values }) => values.some(isUnresolved)) || problems.some(({ word }) => isUnresolved(word))
  );
}
