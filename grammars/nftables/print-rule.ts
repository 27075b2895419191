import { printExpression } from './print.ts';
import type { NatStatement, Statement, VerdictSyntax } from './syntax.ts';

/** The statements of a rule much as `nft list` would print them: what a report shows for a rule that was JSON. */
export function printRule(statements: readonly Statement[]): string {
  return statements.map(printStatement).join(' ');
}

function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'match': {
      const relation =
        statement.relation === 'implicit' || statement.relation === '==' ? '' : `${statement.relation} `;
      return `${printExpression(statement.left)} ${relation}${printExpression(statement.right)}`;
    }
    case 'verdict':
      return printVerdict(statement.verdict);
    case 'vmap':
      return `${printExpression(statement.key)} vmap ${printExpression(statement.data)}`;
    case 'effectless':
    case 'condition':
    case 'queue':
    case 'synproxy':
    case 'forward':
    case 'unknown':
      return statement.text;
    case 'reject':
      return statement.type === undefined
        ? 'reject'
        : `reject with ${statement.type} ${statement.with ?? ''}`.trim();
    case 'notrack':
      return 'notrack';
    case 'tproxy':
      return `tproxy to ${target(statement)}`;
    case 'nat':
      return printNat(statement);
    case 'assign':
      return `${printExpression(statement.target)} set ${printExpression(statement.value)}`;
    case 'update-set':
      return `${statement.operation} @${statement.set} { ${[printExpression(statement.key), ...statement.statements.map(printStatement)].join(' ')} }`;
    case 'xt':
      return `xt ${statement.type} "${statement.name}"`;
  }
}

function printVerdict(verdict: VerdictSyntax): string {
  if ('chain' in verdict) return `${verdict.kind} ${printExpression(verdict.chain)}`;
  return 'block' in verdict ? `${verdict.kind} { … }` : verdict.kind;
}

function printNat(statement: NatStatement): string {
  const to = target(statement);
  const words = [statement.type, statement.family, to === '' ? undefined : `to ${to}`];
  return words.filter((word) => word !== undefined).join(' ');
}

function target(statement: Pick<NatStatement, 'address' | 'port'>): string {
  const address = statement.address === undefined ? '' : printExpression(statement.address);
  return statement.port === undefined ? address : `${address}:${printExpression(statement.port)}`;
}
