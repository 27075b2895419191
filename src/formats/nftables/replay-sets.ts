import { printExpression } from '../../../grammars/nftables/print.ts';
import type { Command, Expression, SetElementSyntax, SetSyntax } from '../../../grammars/nftables/syntax.ts';
import type { Span } from '../../source/source.ts';
import type { Reporter } from './reporter.ts';
import type { SetState, TableState } from './ruleset-state.ts';
import type { Substitution } from './variables.ts';

/** What commands do to sets, maps and their elements. */
export class SetCommands {
  private readonly reporter: Reporter;

  constructor(reporter: Reporter) {
    this.reporter = reporter;
  }

  add(syntax: SetSyntax, table: TableState, substitution: Substitution): void {
    const known = table.sets.get(syntax.name);
    const set: SetState = known ?? {
      syntax,
      elements: [],
      filled: false,
      updated: false,
      handle: syntax.handle,
    };
    if (known === undefined) {
      if (syntax.key === undefined)
        this.reporter.refuse(`${syntax.kind} "${syntax.name}" has no "type"`, syntax.span);
      table.sets.set(syntax.name, set);
    }
    set.filled ||= syntax.listed;
    this.addElements(set, syntax.elements, syntax.elementsFrom, syntax.span, substitution);
  }

  private addElements(
    set: SetState,
    elements: readonly SetElementSyntax[],
    from: Expression | undefined,
    span: Span,
    substitution: Substitution,
  ): void {
    let added: readonly SetElementSyntax[];
    if (from === undefined) added = elements;
    else {
      const value = substitution.expression(from);
      added = value.kind === 'set' ? value.elements : [{ key: value }];
    }
    if (added.some(holdsVariable)) added = substitution.elements(added);
    const { source } = span;
    for (const element of added) set.elements.push({ source, element });
  }

  elements(command: Command & { kind: 'element' }, table: TableState, substitution: Substitution): void {
    const set = table.sets.get(command.set);
    if (set === undefined) {
      this.missing(`set ${command.set} in table ${command.at.family} ${command.at.table}`, command.span);
      return;
    }
    set.filled = true;
    if (command.operation === 'delete' || command.operation === 'destroy') {
      const gone = new Set(substitution.elements(command.elements).map(({ key }) => printExpression(key)));
      set.elements = set.elements.filter(({ element }) => !gone.has(printExpression(element.key)));
      return;
    }
    this.addElements(set, command.elements, command.elementsFrom, command.span, substitution);
  }

  command(command: Command & { kind: 'set' }, table: TableState, substitution: Substitution): void {
    const { name } = command.set;
    switch (command.operation) {
      case 'delete':
      case 'destroy':
        if (!table.sets.delete(name) && command.operation === 'delete')
          this.missing(`set ${name}`, command.span);
        return;
      case 'flush': {
        const set = table.sets.get(name);
        if (set === undefined) this.missing(`set ${name}`, command.span);
        else {
          set.elements = [];
          set.filled = true;
        }
        return;
      }
      default:
        this.add(command.set, table, substitution);
    }
  }

  private missing(what: string, span: Span): void {
    this.reporter.refuse(`there is no ${what}`, span);
  }
}

/** Large sets hold none, and are not copied then. */
function holdsVariable({ key, data }: SetElementSyntax): boolean {
  const inside = (expression: Expression): boolean => {
    switch (expression.kind) {
      case 'variable':
      case 'set':
      case 'binary':
      case 'verdict':
        return true;
      case 'concat':
      case 'list':
        return expression.of.some(inside);
      case 'range':
        return inside(expression.from) || inside(expression.to);
      case 'prefix':
        return inside(expression.value) || inside(expression.length);
      default:
        return false;
    }
  };
  return inside(key) || (data !== undefined && inside(data));
}
