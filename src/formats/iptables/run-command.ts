import type { CommandSyntax, OptionSyntax } from '../../../grammars/iptables/syntax.ts';
import type { Action } from '../../model/action.ts';
import type { Rule } from '../../model/firewall.ts';
import type { Span } from '../../source/source.ts';
import { and, not, type Match } from '../../model/match.ts';
import type { RuleLowerer } from './lower-rule.ts';
import type { Effect, LoweredRule, LoweredTarget } from './lowered-rule.ts';
import { parseNumber } from './numbers.ts';
import type { Reporter } from './reporter.ts';
import { ruleKeyOf } from './rule-key.ts';
import type { ChainState, Ruleset, TableState } from './ruleset.ts';

const verbs = new Set([
  'append',
  'insert',
  'replace',
  'delete',
  'check',
  'policy',
  'new-chain',
  'delete-chain',
  'rename-chain',
  'flush',
  'zero',
  'list',
  'list-rules',
]);

/** The option that says what the command does. */
export function verbOf(command: CommandSyntax): OptionSyntax | undefined {
  const [first] = command.options;
  if (first !== undefined && first.owner === 'core' && verbs.has(first.name)) return first;
  return command.options.find((option) => option.owner === 'core' && verbs.has(option.name));
}

/** Carries out iptables commands on a rule set, as the tool does, and counts the rules it read. */
export class CommandRunner {
  /** Rules written in the input, and those of them whose every part is modelled. */
  rules = 0;
  understood = 0;
  /** Commands that failed. */
  failures = 0;
  /** Whether the tool goes on behind a command that fails; iptables-restore ends there, and `ended` says that it has. */
  onFailure: 'goes on' | 'ends' | 'ended' = 'goes on';
  /** Sets that some rule adds to, and sets that some rule deletes from. */
  readonly grownSets = new Set<string>();
  readonly shrunkSets = new Set<string>();
  private readonly ruleset: Ruleset;
  private readonly reporter: Reporter;
  private readonly keys = new WeakMap<Rule, string>();

  constructor(ruleset: Ruleset, reporter: Reporter) {
    this.ruleset = ruleset;
    this.reporter = reporter;
  }

  /** Runs one command on a table. `span` is the whole command; `extra` is one more condition that hangs over it. */
  run(command: CommandSyntax, table: TableState, lowerer: RuleLowerer, span: Span, extra?: Match): void {
    const verb = verbOf(command);
    if (verb === undefined) {
      this.refuse(span, 'a command such as -A, -I or -P was expected');
      return;
    }
    const [first = '', second = ''] = verb.values;
    switch (verb.name) {
      case 'append':
        this.addRule(command, table, lowerer, span, first, undefined, extra);
        break;
      case 'insert':
        this.addRule(command, table, lowerer, span, first, second === '' ? '1' : second, extra);
        break;
      case 'replace':
        this.replaceRule(command, table, lowerer, span, verb, extra);
        break;
      case 'delete':
        this.deleteRule(command, table, lowerer, span, verb, extra);
        break;
      case 'policy':
        this.setPolicy(table, span, first, second, extra);
        break;
      case 'new-chain':
        this.reporter.checkChainName(first, span);
        if (table.chains.has(first)) this.fail(span, `the chain ${first} exists already`, first);
        else table.addChain(first).span = span;
        break;
      case 'delete-chain':
        if (extra === undefined) this.deleteChains(table, span, first);
        break;
      case 'rename-chain':
        this.renameChain(table, span, first, second);
        break;
      case 'flush':
        this.flush(table, span, first, extra);
        break;
      case 'check':
        if (this.onFailure === 'ends' && !this.has(command, table, lowerer))
          this.fail(span, `chain ${first} has no such rule`);
        break;
      default:
        // -Z, -L and -S change no rule.
        break;
    }
  }

  private refuse(span: Span, message: string, word?: string): void {
    this.reporter.add(
      {
        code: 'FW1101',
        severity: 'error',
        message: `iptables refuses this line: ${message}`,
        ...(word === undefined ? {} : { word }),
      },
      span,
    );
  }

  fail(span: Span, message: string, word?: string): void {
    this.failures++;
    if (this.onFailure === 'ended') return;
    this.reporter.add(
      {
        code: 'FW1112',
        ...(this.onFailure === 'ends'
          ? {
              severity: 'error' as const,
              message: `iptables-restore fails here and loads nothing of the table, nor what comes after it: ${message}`,
              help: 'Correct the line, or remove it.',
            }
          : { severity: 'warning' as const, message: `the command fails and changes nothing: ${message}` }),
        ...(word === undefined ? {} : { word }),
      },
      span,
    );
  }

  /** The chain a rule is added to; one that is not there is made, so that no rule is lost. */
  private chainFor(table: TableState, span: Span, name: string): ChainState {
    const chain = table.chains.get(name);
    if (chain !== undefined) return chain;
    this.reporter.add(
      {
        code: 'FW1009',
        severity: 'error',
        message: `the chain ${JSON.stringify(name)} is not defined in table ${table.name}`,
        help: 'The rule is kept in a chain that nothing leads to.',
        word: name,
      },
      span,
    );
    return table.addChain(name);
  }

  private lower(
    command: CommandSyntax,
    table: TableState,
    lowerer: RuleLowerer,
    chain: ChainState | undefined,
  ): LoweredRule {
    return lowerer.lower(command, {
      table: table.name,
      hook: chain?.builtin === true ? chain.name : undefined,
      hasChain: (name) => table.chains.has(name),
    });
  }

  /** Adds a rule to the end of a chain. `span` is the whole command; `extra` is one more condition that hangs over it. */
  append(lowered: LoweredRule, chain: ChainState, table: TableState, span: Span, extra?: Match): void {
    this.rules++;
    for (const rule of this.makeRules(lowered, table, span, extra)) chain.rules.push(rule);
  }

  private addRule(
    command: CommandSyntax,
    table: TableState,
    lowerer: RuleLowerer,
    span: Span,
    chainName: string,
    position: string | undefined,
    extra: Match | undefined,
  ): void {
    const chain = this.chainFor(table, span, chainName);
    const lowered = this.lower(command, table, lowerer, chain);
    if (position === undefined) {
      this.append(lowered, chain, table, span, extra);
      return;
    }
    this.rules++;
    const rules = this.makeRules(lowered, table, span, extra);
    const at = parseNumber(position, 0x7fffffff);
    if (at === undefined || at < 1) {
      this.refuse(span, 'a rule number from 1 was expected', position);
      chain.rules.push(...rules);
    } else if (at > chain.rules.length + 1) {
      this.fail(span, `chain ${chain.name} has ${chain.rules.length} rules`, position);
    } else {
      // Each pair of a comma list is inserted at the same place, so the last comes first.
      chain.rules.splice(at - 1, 0, ...rules.reverse());
    }
  }

  private makeRules(lowered: LoweredRule, table: TableState, span: Span, extra: Match | undefined): Rule[] {
    let { understood } = lowered;
    let action: Action;
    if (lowered.target.kind === 'action') {
      action = lowered.target.action;
    } else {
      const callee = table.chains.get(lowered.target.name);
      if (callee === undefined || callee.builtin) {
        understood = false;
        action = this.missingChain(lowered.target.name, table, span);
      } else {
        callee.references += lowered.matches.length;
        action = lowered.target.goto ? callee.goto : callee.jump;
      }
    }
    if (understood) this.understood++;
    for (const remark of lowered.remarks) this.reporter.add(remark, span);
    const { changedSet } = lowered;
    if (changedSet !== undefined)
      (changedSet.deletes ? this.shrunkSets : this.grownSets).add(changedSet.name);
    const { comment, target } = lowered;
    const rules: Rule[] = [];
    for (const match of lowered.matches) {
      const condition = extra === undefined ? match : and(match, extra);
      rules.push(
        target.kind !== 'action' || (target.variants === undefined && target.sides === undefined)
          ? this.makeRule(condition, action, span, comment)
          : this.expanded(condition, target, span, comment),
      );
    }
    return rules;
  }

  private makeRule(match: Match, action: Action, span: Span, comment: string | undefined): Rule {
    const id = this.ruleset.nextRuleId();
    return comment === undefined
      ? { id, span, match, action, enabled: true }
      : { id, span, match, action, enabled: true, comment };
  }

  /** The rule that stands in the chain for all that it makes in the model. */
  private expanded(
    condition: Match,
    target: LoweredTarget & { readonly kind: 'action' },
    span: Span,
    comment: string | undefined,
  ): Rule {
    const expand = ({ action, variants = [] }: Effect): readonly Rule[] => [
      ...variants.map((variant) =>
        this.makeRule(and(condition, variant.match), variant.action, span, comment),
      ),
      this.makeRule(condition, action, span, comment),
    ];
    const { incoming, outgoing } = target.sides ?? {};
    const either = expand(target);
    const rule = either.at(-1)!;
    this.ruleset.expansions.set(rule, {
      either,
      incoming: incoming === undefined ? either : expand(incoming),
      outgoing: outgoing === undefined ? either : expand(outgoing),
    });
    return rule;
  }

  private missingChain(name: string, table: TableState, span: Span): Action {
    this.reporter.add(
      {
        code: 'FW1009',
        severity: 'error',
        message: `${JSON.stringify(name)} is no target that fw-audit knows, and no chain of that name is defined in table ${table.name}`,
        help: 'What it would do is unknown: packets that match may be accepted, dropped, or go on.',
        word: name,
      },
      span,
    );
    return {
      kind: 'unknown',
      outcomes: ['accept', 'drop', 'continue'],
      reason: `the chain or target ${name} is not defined in this input`,
    };
  }

  private replaceRule(
    command: CommandSyntax,
    table: TableState,
    lowerer: RuleLowerer,
    span: Span,
    verb: OptionSyntax,
    extra: Match | undefined,
  ): void {
    const [chainName = '', position = ''] = verb.values;
    const chain = this.chainFor(table, span, chainName);
    const rules = this.makeRules(this.lower(command, table, lowerer, chain), table, span, extra);
    this.rules++;
    const at = parseNumber(position, 0x7fffffff);
    const old = at === undefined ? undefined : chain.rules[at - 1];
    if (at === undefined || old === undefined)
      this.fail(span, `chain ${chainName} has no rule ${position}`, position);
    else {
      if (extra === undefined) {
        this.dropReference(table, old);
        chain.rules.splice(at - 1, 1, ...rules);
      } else chain.rules.splice(at - 1, 1, ...rules, this.ruleset.narrowed(old, not(extra)));
    }
  }

  private deleteRule(
    command: CommandSyntax,
    table: TableState,
    lowerer: RuleLowerer,
    span: Span,
    verb: OptionSyntax,
    extra: Match | undefined,
  ): void {
    const [chainName = '', position] = verb.values;
    const chain = table.chains.get(chainName);
    if (chain === undefined) {
      this.fail(span, `there is no chain ${chainName}`, chainName);
      return;
    }
    if (position !== undefined) {
      const at = parseNumber(position, 0x7fffffff);
      if (at === undefined || at < 1 || at > chain.rules.length)
        this.fail(span, `chain ${chainName} has no rule ${position}`, position);
      else this.removeAt(chain, table, at - 1, extra);
      return;
    }
    const lowered = this.lower(command, table, lowerer, chain);
    for (const match of lowered.matches) {
      const wanted = ruleKeyOf({ match, action: this.actionOf(lowered, table), comment: lowered.comment });
      const at = chain.rules.findIndex((rule) => this.ruleKey(rule) === wanted);
      if (at < 0) this.fail(span, `chain ${chainName} has no such rule`);
      else this.removeAt(chain, table, at, extra);
    }
  }

  /** Takes a rule away; if the command may not run, the rule stays where it does not. */
  private removeAt(chain: ChainState, table: TableState, at: number, extra: Match | undefined): void {
    const rule = chain.rules[at];
    if (rule === undefined) return;
    if (extra !== undefined) {
      chain.rules[at] = this.ruleset.narrowed(rule, not(extra));
      return;
    }
    chain.rules.splice(at, 1);
    this.dropReference(table, rule);
  }

  /** Whether the rule that a `-C` describes is there. */
  has(command: CommandSyntax, table: TableState, lowerer: RuleLowerer): boolean {
    const chain = table.chains.get(verbOf(command)?.values[0] ?? '');
    if (chain === undefined) return false;
    const lowered = this.lower(command, table, lowerer, chain);
    const action = this.actionOf(lowered, table);
    return lowered.matches.every((match) => {
      const wanted = ruleKeyOf({ match, action, comment: lowered.comment });
      return chain.rules.some((rule) => this.ruleKey(rule) === wanted);
    });
  }

  private actionOf(lowered: LoweredRule, table: TableState): Action {
    if (lowered.target.kind === 'action') return lowered.target.action;
    const callee = table.chains.get(lowered.target.name);
    if (callee !== undefined) return lowered.target.goto ? callee.goto : callee.jump;
    return {
      kind: 'unknown',
      outcomes: ['accept', 'drop', 'continue'],
      reason: `the chain or target ${lowered.target.name} is not defined in this input`,
    };
  }

  private ruleKey(rule: Rule): string {
    let key = this.keys.get(rule);
    if (key === undefined) this.keys.set(rule, (key = ruleKeyOf(rule)));
    return key;
  }

  private dropReference(table: TableState, rule: Rule): void {
    const callee = table.chainOf(rule.action);
    if (callee !== undefined) callee.references--;
  }

  /** Sets a policy: ACCEPT or DROP, and only of a built-in chain. */
  setPolicy(table: TableState, span: Span, chainName: string, policy: string, extra?: Match): void {
    const chain = table.chains.get(chainName);
    if (chain?.builtin !== true) {
      this.refuse(
        span,
        `${chainName} is no built-in chain of table ${table.name}, so it has no policy`,
        chainName,
      );
      return;
    }
    if (policy !== 'ACCEPT' && policy !== 'DROP')
      return this.refuse(span, 'a policy is ACCEPT or DROP', policy);
    if (table.name === 'nat' && policy === 'DROP')
      this.refuse(span, 'the nat table is not for filtering; iptables refuses DROP there', policy);
    const wanted: Action = { kind: policy === 'ACCEPT' ? 'accept' : 'drop' };
    chain.policy =
      extra === undefined || (chain.policy ?? { kind: 'accept' }).kind === wanted.kind
        ? wanted
        : {
            kind: 'unknown',
            outcomes: ['accept', 'drop'],
            reason: `the policy of ${chainName} is set under a condition`,
          };
    chain.policySpan = span;
  }

  private deleteChains(table: TableState, span: Span, name: string): void {
    const wanted = name === '' ? [...table.chains.values()] : [table.chains.get(name)];
    for (const chain of wanted) {
      if (chain === undefined) this.fail(span, `there is no chain ${name}`, name);
      else if (chain.builtin || chain.rules.length > 0 || chain.references > 0) {
        if (name !== '') this.fail(span, `the chain ${name} is built in, not empty or in use`, name);
      } else table.removeChain(chain);
    }
  }

  private renameChain(table: TableState, span: Span, from: string, to: string): void {
    const chain = table.chains.get(from);
    if (chain === undefined || chain.builtin) this.fail(span, `there is no user chain ${from}`, from);
    else if (table.chains.has(to)) this.fail(span, `the chain ${to} exists already`, to);
    else table.renameChain(chain, to);
  }

  private flush(table: TableState, span: Span, name: string, extra: Match | undefined): void {
    const wanted = name === '' ? [...table.chains.values()] : [table.chains.get(name)];
    for (const chain of wanted) {
      if (chain === undefined) {
        this.fail(span, `there is no chain ${name}`, name);
        continue;
      }
      if (extra !== undefined) {
        chain.rules = chain.rules.map((rule) => this.ruleset.narrowed(rule, not(extra)));
        continue;
      }
      for (const rule of chain.rules) this.dropReference(table, rule);
      chain.rules = [];
    }
  }
}
