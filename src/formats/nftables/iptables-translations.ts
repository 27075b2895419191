import { ShapedRule } from '../../../grammars/nftables/shaped-rule.ts';
import type { Expression, RuleSyntax, Statement } from '../../../grammars/nftables/syntax.ts';
import type { TableState } from './ruleset-state.ts';

const tableNames: ReadonlySet<string> = new Set(['filter', 'nat', 'mangle', 'raw', 'security']);
const builtInChains: ReadonlySet<string> = new Set([
  'PREROUTING',
  'INPUT',
  'FORWARD',
  'OUTPUT',
  'POSTROUTING',
]);

/** Whether the table may be one of iptables-nft's, whose extensions nft prints as statements of its own where it can. */
export function mayBeOfIptables(table: TableState): boolean {
  if ((table.family !== 'ip' && table.family !== 'ip6') || !tableNames.has(table.name)) return false;
  const bases = [...table.chains.values()].filter(({ hook }) => hook !== undefined);
  return bases.length > 0 && bases.every(({ name }) => builtInChains.has(name));
}

/**
 * The rule with matches of iptables in place of what nft prints alike for different ones (`_xlate` of the extensions in iptables 1.8.9):
 * `multiport --ports` and `icmp --icmp-type any` lose their "!", the former its ranges, too; `conntrack --ctstate` with DNAT or SNAT loses
 * its "!" and its other states; and to `addrtype` of IPv6, which looks like nft's, local addresses are unicast ones (xt_addrtype.c).
 */
export function withoutFalseTranslations(rule: RuleSyntax): RuleSyntax {
  if (rule instanceof ShapedRule && !mayHaveExtension(rule.shape.statements)) return rule;
  const written = rule.shared ?? rule.statements;
  if (!mayHaveExtension(written)) return rule;
  if (!written.some((statement, i) => extensionBehind(statement, written[i - 1]) !== undefined)) return rule;
  const { span, comment, handle, label, broken, variables } = rule;
  return {
    kind: 'rule',
    span,
    statements: rule.statements.map((statement, i): Statement => {
      const name = extensionBehind(statement, rule.statements[i - 1]);
      return name === undefined
        ? statement
        : { kind: 'xt', type: 'match', name, isTranslated: true, at: statement.at };
    }),
    variables,
    ...(comment === undefined ? {} : { comment }),
    ...(handle === undefined ? {} : { handle }),
    ...(label === undefined ? {} : { label }),
    ...(broken === undefined ? {} : { broken }),
  };
}

/** As far as all but the values tell, which are others in rules of the same shape. */
function mayHaveExtension(statements: readonly Statement[]): boolean {
  // iptables-nft counts with every rule.
  return (
    statements.some((one) => one.kind === 'effectless' && one.what === 'counter') &&
    statements.some((one) => one.kind === 'match' && mayBeExtension(one.left))
  );
}

function mayBeExtension(left: Expression): boolean {
  switch (left.kind) {
    case 'ct':
      return left.key === 'status';
    case 'payload':
      return left.field === 'protocol';
    case 'fib':
      return left.result === 'type';
    case 'concat':
      return left.of.length === 2 && left.of[0]?.kind === 'payload' && left.of[0].field === 'sport';
    default:
      return false;
  }
}

function extensionBehind(statement: Statement, before: Statement | undefined): string | undefined {
  if (statement.kind !== 'match' || statement.relation !== 'implicit' || !mayBeExtension(statement.left))
    return undefined;
  const { left, right } = statement;
  switch (left.kind) {
    case 'ct':
      return isOneOf(right, ['dnat', 'snat', '32', '0x20', '16', '0x10']) ? 'conntrack' : undefined;
    case 'fib':
      return isOneOf(right, ['unicast', '1']) ? 'addrtype' : undefined;
    case 'concat':
      return 'multiport';
    case 'payload':
      // The second test of the protocol is the extension's.
      return isIcmp(statement) && before !== undefined && isIcmp(before) ? 'icmp' : undefined;
    default:
      return undefined;
  }
}

function isIcmp(statement: Statement): boolean {
  if (statement.kind !== 'match' || !isOneOf(statement.right, ['icmp', '1'])) return false;
  const { left } = statement;
  return left.kind === 'meta' ? left.key === 'l4proto' : left.kind === 'payload' && left.field === 'protocol';
}

function isOneOf(value: Expression, texts: readonly string[]): boolean {
  return 'text' in value && texts.includes(value.text);
}
