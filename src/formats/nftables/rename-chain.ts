import type {
  Expression,
  RuleSyntax,
  SetElementSyntax,
  Statement,
  VerdictSyntax,
} from '../../../grammars/nftables/syntax.ts';
import type { Span } from '../../source/source.ts';
import type { Reporter } from './reporter.ts';
import type { TableState } from './ruleset-state.ts';

/** What a `rename chain` asks for. */
export interface Renaming {
  readonly table: TableState;
  readonly from: string;
  readonly to: string;
  readonly span: Span;
}

/**
 * Renames a chain as the kernel does: when the transaction is committed, until when the old name is in force (nf_tables_api.c,
 * nft_chain_commit_update), and for all rules and maps that call it, since these hold the chain and not its name.
 */
export function renameChain({ table, from, to, span }: Renaming, reporter: Reporter): void {
  const chain = table.chains.get(from);
  if (chain === undefined) return;
  if (table.chains.has(to)) {
    reporter.refuse(`there is a chain "${to}" already`, span);
    return;
  }
  const calls = new Calls(from, to, (source, at) => {
    reporter.refuse(`chain "${from}" has its new name "${to}" from the end of the file on only`, {
      source,
      start: at,
      end: at + to.length,
    });
  });
  for (const each of table.chains.values())
    each.rules = each.rules.map((rule) => (rule.kind === 'rule' ? calls.inRule(rule) : rule));
  for (const set of table.sets.values())
    if (set.syntax.kind === 'map')
      set.elements = set.elements.map(({ source, element }) => ({
        source,
        element: calls.inElement(element, source),
      }));
  table.chains.delete(from);
  chain.name = to;
  table.chains.set(to, chain);
}

/** Puts the new name in the place of the old one; what calls another chain stays as it is. */
class Calls {
  private readonly from: string;
  private readonly to: string;
  private readonly early: (source: number, at: number) => void;

  /** `early` is told where the new name stands already. */
  constructor(from: string, to: string, early: (source: number, at: number) => void) {
    this.from = from;
    this.to = to;
    this.early = early;
  }

  inRule(rule: RuleSyntax): RuleSyntax {
    const { kind, span, variables, comment, handle, broken } = rule;
    const before = rule.statements;
    const statements = before.map((statement) => this.inStatement(statement, span.source));
    if (statements.every((statement, i) => statement === before[i])) return rule;
    return {
      kind,
      span,
      variables,
      statements,
      ...(comment === undefined ? {} : { comment }),
      ...(handle === undefined ? {} : { handle }),
      ...(broken === undefined ? {} : { broken }),
    };
  }

  inElement(element: SetElementSyntax, source: number): SetElementSyntax {
    const data = element.data === undefined ? undefined : this.inExpression(element.data, source);
    return data === element.data ? element : { ...element, ...(data === undefined ? {} : { data }) };
  }

  private inStatement(statement: Statement, source: number): Statement {
    if (statement.kind === 'verdict') {
      const verdict = this.inVerdict(statement.verdict, source);
      return verdict === statement.verdict ? statement : { ...statement, verdict };
    }
    if (statement.kind !== 'vmap') return statement;
    const data = this.inExpression(statement.data, source);
    return data === statement.data ? statement : { ...statement, data };
  }

  private inExpression(expression: Expression, source: number): Expression {
    if (expression.kind === 'verdict') {
      const verdict = this.inVerdict(expression.verdict, source);
      return verdict === expression.verdict ? expression : { ...expression, verdict };
    }
    if (expression.kind !== 'set') return expression;
    const elements = expression.elements.map((element) => this.inElement(element, source));
    return elements.every((element, i) => element === expression.elements[i])
      ? expression
      : { ...expression, elements };
  }

  private inVerdict(verdict: VerdictSyntax, source: number): VerdictSyntax {
    if ('chain' in verdict) {
      const { chain } = verdict;
      if ('text' in chain && chain.text === this.to) this.early(source, chain.at);
      return 'text' in chain && chain.text === this.from
        ? { ...verdict, chain: { kind: 'word', text: this.to, at: chain.at } }
        : verdict;
    }
    if (!('block' in verdict)) return verdict;
    const block = verdict.block.map((rule) => this.inRule(rule));
    return block.every((rule, i) => rule === verdict.block[i]) ? verdict : { ...verdict, block };
  }
}
