import type { Action } from '../../model/action.ts';
import type { Chain, Rule } from '../../model/firewall.ts';
import { and, type Match } from '../../model/match.ts';
import type { Family } from '../../packets/fields.ts';
import type { Span } from '../../source/source.ts';

export const tableNames = ['raw', 'mangle', 'nat', 'filter', 'security'] as const;
export type TableName = (typeof tableNames)[number];

/** The built-in chains of each table, in the order packets meet them. */
export const builtinChains: Readonly<Record<TableName, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

export function isTableName(name: string): name is TableName {
  return (tableNames as readonly string[]).includes(name);
}

/**
 * The rules that one written rule makes in the model, by where packets come to its chain from: nat chains on the way in (PREROUTING,
 * OUTPUT) translate the destination, those on the way out (INPUT, POSTROUTING) the source (xt_NETMAP.c). `either`: both, or nobody knows.
 */
export interface Expansion {
  readonly incoming: readonly Rule[];
  readonly outgoing: readonly Rule[];
  readonly either: readonly Rule[];
}
export type ChainSide = keyof Expansion;

/** A jump that follows its chain when the chain is renamed. */
interface ChainAction {
  readonly kind: 'jump' | 'goto';
  chain: string;
}

/** A chain while commands are being replayed. */
export class ChainState {
  name: string;
  readonly builtin: boolean;
  rules: Rule[] = [];
  policy: Action | undefined;
  policySpan: Span | undefined;
  span: Span | undefined;
  /** How many rules jump or go here; a chain in use is not deleted. */
  references = 0;
  readonly jump: ChainAction;
  readonly goto: ChainAction;
  private readonly prefix: string;

  constructor(prefix: string, name: string, builtin: boolean) {
    this.prefix = prefix;
    this.name = name;
    this.builtin = builtin;
    this.jump = { kind: 'jump', chain: this.id };
    this.goto = { kind: 'goto', chain: this.id };
  }

  get id(): string {
    return this.prefix + this.name;
  }

  rename(name: string): void {
    this.name = name;
    this.jump.chain = this.id;
    this.goto.chain = this.id;
  }

  /** The chain in the model, with the rules that make several or hang on the side of the chain put in their place. */
  toChain(expansions: WeakMap<Rule, Expansion>, side: ChainSide): Chain {
    return {
      id: this.id,
      name: this.name,
      order: 'first-match',
      rules: this.rules.some((rule) => expansions.has(rule))
        ? this.rules.flatMap((rule) => expansions.get(rule)?.[side] ?? [rule])
        : this.rules,
      fallthrough: this.builtin ? (this.policy ?? { kind: 'accept' }) : { kind: 'return' },
      ...(this.policySpan === undefined ? {} : { fallthroughSpan: this.policySpan }),
      ...(this.span === undefined ? {} : { span: this.span }),
    };
  }
}

/** One table while commands are being replayed. */
export class TableState {
  readonly family: Family;
  readonly name: TableName;
  readonly chains = new Map<string, ChainState>();
  /** Another number whenever other names are chains than before. */
  version = 0;

  constructor(family: Family, name: TableName) {
    this.family = family;
    this.name = name;
    for (const chain of builtinChains[name]) this.addChain(chain);
  }

  addChain(name: string): ChainState {
    const chain = new ChainState(
      `${this.family}/${this.name}/`,
      name,
      builtinChains[this.name].includes(name),
    );
    this.chains.set(name, chain);
    this.version++;
    return chain;
  }

  removeChain(chain: ChainState): void {
    this.chains.delete(chain.name);
    this.version++;
  }

  renameChain(chain: ChainState, name: string): void {
    this.removeChain(chain);
    chain.rename(name);
    this.chains.set(name, chain);
  }

  /** Remembers the table as it is; the result makes it so again. */
  remember(): () => void {
    const chains = [...this.chains.values()].map((chain) => {
      const { name, rules, policy, policySpan, span, references } = chain;
      return { chain, state: { rules: [...rules], policy, policySpan, span, references }, name };
    });
    return () => {
      this.chains.clear();
      for (const { chain, state, name } of chains) {
        chain.rename(name);
        Object.assign(chain, state);
        this.chains.set(name, chain);
      }
      this.version++;
    };
  }

  /** The chain that an action leads to, if it is one of this table. */
  chainOf(action: Action): ChainState | undefined {
    if (action.kind !== 'jump' && action.kind !== 'goto') return undefined;
    return this.chains.get(action.chain.slice(this.family.length + this.name.length + 2));
  }
}

export type TableKey = `${Family}/${TableName}`;

/** The tables of both families as far as the input has set them. */
export class Ruleset {
  readonly tables = new Map<TableKey, TableState>();
  /** What rules make in the model that are not simply themselves; in the chain they count as the one rule that was written. */
  readonly expansions = new WeakMap<Rule, Expansion>();
  /** By family, the rule that stands for tables of nft on the same hooks, which were not read: it may drop any packet. */
  readonly unreadTables = new Map<Family, Rule>();
  private lastRule = 0;

  nextRuleId(): number {
    return this.lastRule++;
  }

  /** The rule where the condition holds as well. */
  narrowed(rule: Rule, condition: Match): Rule {
    const narrow = (each: Rule): Rule => ({ ...each, match: and(each.match, condition) });
    const result = narrow(rule);
    const expansion = this.expansions.get(rule);
    if (expansion !== undefined)
      this.expansions.set(result, {
        incoming: expansion.incoming.map(narrow),
        outgoing: expansion.outgoing.map(narrow),
        either: expansion.either.map(narrow),
      });
    return result;
  }

  table(family: Family, name: TableName): TableState {
    const key: TableKey = `${family}/${name}`;
    let table = this.tables.get(key);
    if (table === undefined) {
      table = new TableState(family, name);
      this.tables.set(key, table);
    }
    return table;
  }
}
