import {
  parseChainItems,
  parseNftables,
  parseTableItems,
} from '../../../grammars/nftables/command-parser.ts';
import { printExpression } from '../../../grammars/nftables/print.ts';
import type {
  ChainItem,
  ChainSyntax,
  Command,
  ObjectSyntax,
  RuleSyntax,
  SyntaxProblem,
  TableItem,
  TableReference,
} from '../../../grammars/nftables/syntax.ts';
import type { Source, Span } from '../../source/source.ts';
import type { ReadOptions } from '../format.ts';
import { Definitions } from './definitions.ts';
import { Includes } from './includes.ts';
import type { Reporter } from './reporter.ts';
import {
  type ChainState,
  dormancy,
  type MissingInclude,
  RulesetState,
  tableKey,
  type TableState,
} from './ruleset-state.ts';
import { renameChain, type Renaming } from './rename-chain.ts';
import { checkObject, objectKey } from './replay-objects.ts';
import { applyRuleCommand } from './replay-rules.ts';
import { SetCommands } from './replay-sets.ts';
import { Scope } from './variables.ts';

/** Applies commands in order, as the kernel would hold the result of one transaction. */
export class Replay {
  readonly state = new RulesetState();
  /** Whether a command beyond plain blocks was seen: then the input is a script, and an empty set is meant to be empty. */
  isScript = false;
  /** Whether the script began from nothing: `flush ruleset` before anything else. */
  startsClean = false;
  /** Rules written in the input, whether they stay or not. */
  rules = 0;
  /** Of those, the ones that could not even be kept. */
  broken = 0;
  private readonly renamings: Renaming[] = [];
  private chainsMade = 0;
  private readonly definitions: Definitions;
  private readonly includes: Includes;
  private readonly reporter: Reporter;
  private readonly sets: SetCommands;
  private readonly apart: boolean;

  /** `apart`: each command is given to nft by itself, so one that fails leaves the others alone. */
  constructor(source: Source, options: ReadOptions, reporter: Reporter, apart = false) {
    this.reporter = reporter;
    this.apart = apart;
    this.definitions = new Definitions(options.definitions, reporter, apart);
    this.includes = new Includes(source, options.include, reporter);
    this.sets = new SetCommands(reporter);
  }

  /** Reads and applies the input, with the variables of the command line in the scope of the file. */
  run(source: Source): void {
    const scope = new Scope();
    this.definitions.ofCommandLine(source, scope);
    this.text(source, scope);
    this.commit();
  }

  /** Does what waits for the end of the transaction. */
  private commit(): void {
    for (const renaming of this.renamings) renameChain(renaming, this.reporter);
  }

  /** Applies a whole text. */
  private text(source: Source, scope: Scope): void {
    const { commands, problems } = parseNftables(source.id, source.text);
    this.problems(problems);
    this.all(commands, scope);
  }

  /** Applies commands of JSON. */
  runCommands(commands: readonly Command[]): void {
    this.all(commands, new Scope());
    this.commit();
  }

  private all(commands: readonly Command[], scope: Scope): void {
    for (const command of commands) this.apply(command, scope);
  }

  private problems(problems: readonly SyntaxProblem[]): void {
    for (const { message, span } of problems) this.reporter.refuse(message, span);
  }

  private apply(command: Command, scope: Scope): void {
    switch (command.kind) {
      case 'define':
      case 'redefine':
      case 'undefine':
        this.isScript = true;
        this.definitions.define(command, scope);
        return;
      case 'include':
        this.isScript = true;
        this.outside(
          this.includes.read(command, (source) => {
            this.text(source, scope);
          }),
        );
        return;
      case 'flush-ruleset':
        this.isScript = true;
        if (this.state.tables.size === 0 && command.family === undefined) this.startsClean = true;
        for (const [key, table] of this.state.tables)
          if (command.family === undefined || command.family === table.family) this.state.tables.delete(key);
        return;
      case 'table':
        this.table(command, scope);
        return;
      case 'query':
        return;
      case 'broken':
        this.rules++;
        this.broken++;
        return;
      default:
        this.isScript = true;
        this.inTable(command, scope);
    }
  }

  // --- tables -------------------------------------------------------------------------------------------------------------------

  private table(command: Command & { kind: 'table' }, scope: Scope): void {
    const key = tableKey(command.at);
    switch (command.operation) {
      case 'delete':
      case 'destroy': {
        this.isScript = true;
        const found = command.at.table === '' ? this.byHandle(command) : key;
        if (found === undefined || !this.state.tables.delete(found)) {
          if (command.operation === 'delete') this.missing(`table ${key}`, command.span, 'clears');
        }
        return;
      }
      case 'flush': {
        this.isScript = true;
        const table = this.state.tables.get(key);
        if (table === undefined) this.missing(`table ${key}`, command.span, 'clears');
        else for (const chain of table.chains.values()) chain.rules = [];
        return;
      }
      default:
        break;
    }
    if (command.operation === 'create' && this.state.tables.has(key))
      this.reporter.refuse(`table ${key} exists already`, command.span);
    const table = this.obtainTable(command.at, command.span);
    table.handle ??= command.handle;
    const inner = new Scope(scope);
    // Chains may be used before they are written; nft adds all of a block's chains first.
    for (const item of command.items) this.tableItem(item, table, inner);
  }

  private byHandle(command: Command & { kind: 'table' }): string | undefined {
    for (const [key, table] of this.state.tables)
      if (table.family === command.at.family && table.handle === command.handle) return key;
    this.reporter.add(
      'FW1208',
      'warning',
      `no table with handle ${command.handle ?? ''} is in this input`,
      command.span,
    );
    return undefined;
  }

  private obtainTable(at: TableReference, span: Span): TableState {
    const key = tableKey(at);
    let table = this.state.tables.get(key);
    if (table === undefined) {
      table = {
        family: at.family,
        name: at.table,
        chains: new Map(),
        sets: new Map(),
        objects: new Map(),
        dormant: false,
        handle: undefined,
        span,
      };
      this.state.tables.set(key, table);
    }
    return table;
  }

  private tableItem(item: TableItem, table: TableState, scope: Scope): void {
    switch (item.kind) {
      case 'chain':
        this.chain(item, table, scope);
        return;
      case 'set':
      case 'map':
        this.sets.add(item, table, this.definitions.substitution(scope, item.span));
        return;
      case 'object':
        this.object(item, table, scope);
        return;
      case 'define':
      case 'redefine':
      case 'undefine':
        this.isScript = true;
        this.definitions.define(item, scope);
        return;
      case 'include':
        this.isScript = true;
        this.outside(
          this.includes.read(item, (source) => {
            const { items, problems } = parseTableItems(source.id, source.text);
            this.problems(problems);
            for (const inner of items) this.tableItem(inner, table, scope);
          }),
        );
        return;
      case 'flags':
        table.dormant = dormancy(item.flags);
        return;
      case 'note':
        return;
    }
  }

  // --- chains and rules ---------------------------------------------------------------------------------------------------------

  private obtainChain(table: TableState, name: string, span: Span, handle?: number): ChainState {
    let chain = table.chains.get(name);
    if (chain === undefined) {
      chain = {
        name,
        hook: undefined,
        policy: undefined,
        rules: [],
        handle,
        span,
        registered: this.chainsMade++,
      };
      table.chains.set(name, chain);
    }
    return chain;
  }

  private chain(syntax: ChainSyntax, table: TableState, scope: Scope): void {
    const chain = this.obtainChain(table, syntax.name, syntax.span, syntax.handle);
    const inner = new Scope(scope);
    for (const item of syntax.items) this.chainItem(item, chain, inner);
  }

  private chainItem(item: ChainItem, chain: ChainState, scope: Scope): void {
    switch (item.kind) {
      case 'hook': {
        const substitution = this.definitions.substitution(scope, item.span);
        const { priority } = item;
        chain.hook = {
          ...item,
          devices: item.devices.map((device) => substitution.expression(device)),
          priority:
            priority.base === undefined
              ? priority
              : { ...priority, base: substitution.expression(priority.base) },
        };
        return;
      }
      case 'policy': {
        const value = this.definitions.substitution(scope, item.span).expression(item.policy);
        const text = printExpression(value).replaceAll('"', '');
        if (text !== 'accept' && text !== 'drop' && value.kind !== 'variable')
          this.reporter.refuse(`read policy "${text}", expected "accept" or "drop"`, item.span);
        chain.policy = { verdict: text === 'accept' || text === 'drop' ? text : 'unknown', span: item.span };
        return;
      }
      case 'rule':
        chain.rules.push(this.rule(item, scope));
        return;
      case 'define':
      case 'redefine':
      case 'undefine':
        this.isScript = true;
        this.definitions.define(item, scope);
        return;
      case 'include': {
        this.isScript = true;
        const missing = this.includes.read(item, (source) => {
          const { items, problems } = parseChainItems(source.id, source.text);
          this.problems(problems);
          for (const inner of items) this.chainItem(inner, chain, scope);
        });
        if (missing !== undefined) chain.rules.push(missing);
        return;
      }
      case 'note':
        return;
    }
  }

  private rule(rule: RuleSyntax, scope: Scope): RuleSyntax {
    this.rules++;
    return rule.variables ? this.definitions.substitution(scope, rule.span).rule(rule) : rule;
  }

  private ruleCommand(command: Command & { kind: 'rule' }, table: TableState, scope: Scope): void {
    const chain = table.chains.get(command.chain);
    if (chain === undefined) {
      this.missing(
        `chain ${command.chain} in table ${tableKey(command.at)}`,
        command.span,
        command.operation === 'delete' ? 'clears' : 'adds',
      );
      return;
    }
    const rule = command.rule === undefined ? undefined : this.rule(command.rule, scope);
    applyRuleCommand(command, chain, rule, this.reporter);
  }

  private chainCommand(command: Command & { kind: 'chain' }, table: TableState, scope: Scope): void {
    const { chain: syntax } = command;
    const chain = table.chains.get(syntax.name);
    switch (command.operation) {
      case 'add':
      case 'create':
        if (command.operation === 'create' && chain !== undefined)
          this.reporter.refuse(`chain ${syntax.name} exists already`, command.span);
        this.chain(syntax, table, scope);
        return;
      case 'delete':
      case 'destroy':
        if (chain !== undefined) table.chains.delete(syntax.name);
        else if (command.operation === 'delete') this.missing(`chain ${syntax.name}`, command.span, 'clears');
        return;
      case 'flush':
        if (chain === undefined) this.missing(`chain ${syntax.name}`, command.span, 'clears');
        else chain.rules = [];
        return;
      case 'rename':
        if (chain === undefined || command.newName === undefined)
          this.missing(`chain ${syntax.name}`, command.span);
        else {
          // nft knows a chain that is to be renamed by the handle that it has in the kernel (mnl.c, mnl_nft_chain_rename).
          if (chain.handle === undefined && !this.apart)
            this.reporter.refuse(
              `chain "${syntax.name}" is made in this file, and nft renames only chains that were loaded before`,
              command.span,
            );
          this.renamings.push({ table, from: syntax.name, to: command.newName, span: command.span });
        }
        return;
      default:
        return;
    }
  }

  // --- the rest -----------------------------------------------------------------------------------------------------------------

  private inTable(
    command: Command & { kind: 'chain' | 'rule' | 'set' | 'element' | 'object' },
    scope: Scope,
  ): void {
    const table = this.state.tables.get(tableKey(command.at));
    if (table === undefined) {
      if (command.kind === 'rule') this.rules++;
      if (command.operation !== 'destroy')
        this.missing(
          `table ${tableKey(command.at)}`,
          command.span,
          command.operation === 'delete' || command.operation === 'flush' ? 'clears' : 'adds',
        );
      return;
    }
    switch (command.kind) {
      case 'chain':
        this.chainCommand(command, table, scope);
        return;
      case 'rule':
        this.ruleCommand(command, table, scope);
        return;
      case 'element':
        this.sets.elements(command, table, this.definitions.substitution(scope, command.span));
        return;
      case 'set':
        this.sets.command(command, table, this.definitions.substitution(scope, command.span));
        return;
      case 'object': {
        const key = objectKey(command.object);
        if (command.operation === 'delete' || command.operation === 'destroy') table.objects.delete(key);
        else this.object(command.object, table, scope);
        return;
      }
    }
  }

  private object(object: ObjectSyntax, table: TableState, scope: Scope): void {
    checkObject(object, table, scope, this.reporter);
    table.objects.set(objectKey(object), object);
  }

  /** A command by itself is for what may have been there before, unless everything was flushed. */
  private missing(what: string, span: Span, how: 'clears' | 'adds' | 'renames' = 'renames'): void {
    if (!this.apart || how === 'renames' || (how === 'adds' && this.startsClean))
      this.reporter.refuse(`there is no ${what}`, span);
    else if (how === 'clears')
      this.reporter.add(
        'FW1209',
        'note',
        `the input makes no ${what} before this; if there is none, the command fails and changes nothing`,
        span,
      );
    else {
      this.reporter.add(
        'FW1209',
        'warning',
        `the input makes no ${what}: what else it holds is not known, and it may drop packets`,
        span,
        'Audit the loaded rules with "nft list ruleset"',
      );
      this.state.earlier.push({ kind: 'missing-include', path: `the ${what} from before`, span });
    }
  }

  /** A missing file outside of chains may hold chains and rules for any of them. */
  private outside(missing: MissingInclude | undefined): void {
    if (missing !== undefined) this.state.missingIncludes.push(missing);
  }
}
