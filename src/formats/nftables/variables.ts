import type {
  Expression,
  RuleSyntax,
  SetElementSyntax,
  Statement,
  VerdictSyntax,
} from '../../../grammars/nftables/syntax.ts';

/** The `define`s in force: one level a file, table block and chain block; an inner one is not seen outside (nft(8), "SYMBOLIC VARIABLES"). */
export class Scope {
  private readonly values = new Map<string, Expression>();
  private readonly sizes = new WeakMap<Expression, number>();
  private readonly outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.outer = outer;
  }

  find(name: string): Expression | undefined {
    return this.values.get(name) ?? this.outer?.find(name);
  }

  define(name: string, value: Expression): void {
    this.values.set(name, value);
  }

  /** How many parts a value of this scope or an outer one has. */
  sizeOf(value: Expression): number {
    return this.sizes.get(value) ?? this.outer?.sizeOf(value) ?? this.measured(value);
  }

  private measured(value: Expression): number {
    const size = partsOf(value);
    this.sizes.set(value, size);
    return size;
  }

  /** Whether the name was there to be removed. */
  undefine(name: string): boolean {
    return this.values.delete(name) || (this.outer?.undefine(name) ?? false);
  }
}

/** Parts that the variables of a file put in: values that name each other twice would double without end. */
const mostParts = 2_000_000;

/** How many they have put in. */
export interface Room {
  taken: number;
}

/** Operators count more: each is a step down for whoever reads the value. */
const partsOfOperator = 4000;

function partsOf(value: Expression): number {
  switch (value.kind) {
    case 'set':
      return value.elements.reduce((sum, { key }) => sum + partsOf(key), 1);
    case 'list':
    case 'concat':
      return value.of.reduce((sum, part) => sum + partsOf(part), 1);
    case 'binary':
      return partsOf(value.left) + partsOf(value.right) + partsOfOperator;
    default:
      return 1;
  }
}

/** Puts values in the place of variables; `missing` is told of each that has none, which then stays as it is. */
export class Substitution {
  private readonly scope: Scope;
  private readonly missing: (name: string, at: number, tooLarge?: boolean) => void;
  private readonly room: Room;

  constructor(scope: Scope, room: Room, missing: (name: string, at: number, tooLarge?: boolean) => void) {
    this.scope = scope;
    this.room = room;
    this.missing = missing;
  }

  rule(rule: RuleSyntax): RuleSyntax {
    return rule.variables
      ? { ...rule, statements: rule.statements.map((statement) => this.statement(statement)) }
      : rule;
  }

  elements(elements: readonly SetElementSyntax[]): SetElementSyntax[] {
    return elements.flatMap((element) => {
      const key = this.expression(element.key);
      // A set inside a set is taken apart (evaluate.c, expr_evaluate_set).
      if (key.kind === 'set' && element.key.kind === 'variable' && element.data === undefined)
        return [...key.elements];
      return [
        { ...element, key, ...(element.data === undefined ? {} : { data: this.expression(element.data) }) },
      ];
    });
  }

  expression(expression: Expression): Expression {
    switch (expression.kind) {
      case 'variable': {
        const value = this.scope.find(expression.name);
        if (value === undefined) {
          this.missing(expression.name, expression.at);
          return expression;
        }
        const size = this.scope.sizeOf(value);
        this.room.taken += size;
        if (this.room.taken > mostParts || size > mostParts / 4) {
          this.missing(expression.name, expression.at, true);
          return expression;
        }
        return this.placed(value, expression.at);
      }
      case 'range':
        return { ...expression, from: this.expression(expression.from), to: this.expression(expression.to) };
      case 'prefix':
        return {
          ...expression,
          value: this.expression(expression.value),
          length: this.expression(expression.length),
        };
      case 'list':
      case 'concat':
        return { ...expression, of: expression.of.map((part) => this.expression(part)) };
      case 'set':
        return { ...expression, elements: this.elements(expression.elements) };
      case 'binary':
        return {
          ...expression,
          left: this.expression(expression.left),
          right: this.expression(expression.right),
        };
      case 'map':
        return {
          ...expression,
          key: this.expression(expression.key),
          data: this.expression(expression.data),
        };
      case 'verdict':
        return { ...expression, verdict: this.verdict(expression.verdict) };
      case 'named-set': {
        if (!expression.name.startsWith('$')) return expression;
        return { ...expression, name: this.name(expression.name, expression.at) };
      }
      default:
        return expression;
    }
  }

  /** Points at where the variable is used, not at where it was defined, which may be another file. */
  private placed(value: Expression, at: number): Expression {
    switch (value.kind) {
      case 'set':
        return { ...value, at, elements: value.elements.map((e) => ({ ...e, key: this.placed(e.key, at) })) };
      case 'list':
      case 'concat':
        return { ...value, at, of: value.of.map((part) => this.placed(part, at)) };
      case 'prefix':
        return { ...value, at, value: this.placed(value.value, at), length: this.placed(value.length, at) };
      case 'range':
        return { ...value, at, from: this.placed(value.from, at), to: this.placed(value.to, at) };
      default:
        return { ...value, at };
    }
  }

  /** `@$name`. */
  private name(name: string, at: number): string {
    const value = this.scope.find(name.slice(1));
    if (value === undefined) this.missing(name.slice(1), at);
    return value !== undefined && 'text' in value ? value.text : name;
  }

  private verdict(verdict: VerdictSyntax): VerdictSyntax {
    if ('chain' in verdict) return { ...verdict, chain: this.expression(verdict.chain) };
    if ('block' in verdict) return { ...verdict, block: verdict.block.map((rule) => this.rule(rule)) };
    return verdict;
  }

  private statement(statement: Statement): Statement {
    switch (statement.kind) {
      case 'match':
        return {
          ...statement,
          left: this.expression(statement.left),
          right: this.expression(statement.right),
        };
      case 'verdict':
        return { ...statement, verdict: this.verdict(statement.verdict) };
      case 'vmap':
        return { ...statement, key: this.expression(statement.key), data: this.expression(statement.data) };
      case 'nat':
      case 'tproxy':
        return {
          ...statement,
          ...(statement.address === undefined ? {} : { address: this.expression(statement.address) }),
          ...(statement.port === undefined ? {} : { port: this.expression(statement.port) }),
        };
      case 'assign':
        return {
          ...statement,
          target: this.expression(statement.target),
          value: this.expression(statement.value),
        };
      case 'update-set':
        return {
          ...statement,
          set: statement.set.startsWith('$') ? this.name(statement.set, statement.at) : statement.set,
          key: this.expression(statement.key),
        };
      default:
        return statement;
    }
  }
}
