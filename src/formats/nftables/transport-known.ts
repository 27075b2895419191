import type { Expression, Statement } from '../../../grammars/nftables/syntax.ts';
import type { LoweringContext } from './lowering-context.ts';

/** Headers of no transport protocol of their own; `th` is whichever it is. */
const otherHeaders: ReadonlySet<string> = new Set(['ether', 'vlan', 'arp', 'ip', 'ip6', 'th']);

/** Refuses ports in address translation where no test before says what protocol they are of (nft's evaluate.c, nat_evaluate_transport). */
export function checkTranslatedPorts(statements: readonly Statement[], context: LoweringContext): void {
  statements.forEach((statement, i) => {
    if (statement.kind !== 'nat' || statement.port === undefined) return;
    // A map's key may be the test; newer versions of nft take it for one.
    if (statement.port.kind === 'map') return;
    if (statements.slice(0, i).some(mayTellProtocol)) return;
    context.refuse(
      `a port of ${statement.type} needs a test before it that says of which protocol, such as "meta l4proto tcp"`,
      statement.port.at,
    );
  });
}

/** Refuses a transparent proxy for packets of no certain protocol (nft's evaluate.c, stmt_evaluate_tproxy). */
export function checkProxies(statements: readonly Statement[], context: LoweringContext): void {
  statements.forEach((statement, i) => {
    if (statement.kind !== 'tproxy' || statements.slice(0, i).some(mayTellProtocol)) return;
    context.refuse(
      'tproxy needs a test before it that says of which protocol, such as "meta l4proto tcp"',
      statement.at,
    );
  });
}

/** Refuses numbers for ports of the connection where nothing before says of which protocol (nft's ct.c, ct_expr_update_type). */
export function checkConnectionPorts(statements: readonly Statement[], context: LoweringContext): void {
  statements.forEach((statement, i) => {
    if (!asksConnectionPort(statement) || statement.right.kind === 'named-set') return;
    const { key } = statement.left;
    if (statements.slice(0, i).some((before) => !asksOfConnection(before) && mayTellProtocol(before))) return;
    context.refuse(
      `"ct ${key}" needs a test before it that says of which protocol, such as "meta l4proto tcp"`,
      statement.left.at,
    );
  });
}

export function asksConnectionPort(
  statement: Statement,
): statement is Statement & { kind: 'match'; left: { kind: 'ct' } } {
  if (statement.kind !== 'match' || statement.left.kind !== 'ct') return false;
  return statement.left.key === 'proto-src' || statement.left.key === 'proto-dst';
}

/** `ct protocol tcp` tells nft nothing, nor do the ports themselves. */
function asksOfConnection(statement: Statement): boolean {
  return statement.kind === 'match' && statement.left.kind === 'ct';
}

/** In doubt true: which comparisons tell nft the protocol differs from version to version. */
function mayTellProtocol(statement: Statement): boolean {
  switch (statement.kind) {
    case 'match':
      return asksForProtocol(statement.left);
    case 'effectless':
    case 'notrack':
      return false;
    default:
      return true;
  }
}

function asksForProtocol(expression: Expression): boolean {
  switch (expression.kind) {
    case 'payload':
      return (
        expression.inner !== undefined ||
        !otherHeaders.has(expression.header) ||
        expression.field === 'protocol' ||
        expression.field === 'nexthdr'
      );
    case 'meta':
      return expression.key === 'l4proto';
    case 'ct':
      return expression.key.startsWith('proto');
    case 'raw':
      return expression.base !== 'th';
    case 'concat':
      return expression.of.some(asksForProtocol);
    case 'binary':
      return asksForProtocol(expression.left);
    case 'fib':
    case 'word':
    case 'string':
      return false;
    default:
      return true;
  }
}
