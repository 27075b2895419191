import type { Statement } from '../../../grammars/nftables/syntax.ts';
import { dataTypes } from './datatypes.ts';

/** nft lets nothing follow these (statement.c, STMT_F_TERMINAL). */
export function isTerminal(statement: Statement): boolean {
  switch (statement.kind) {
    case 'verdict':
      return statement.verdict.kind !== 'continue';
    case 'reject':
    case 'nat':
    case 'queue':
      return true;
    default:
      return false;
  }
}

/** `nft describe icmp_code`, `icmpv6_code`, `icmpx_code`. */
const rejectCodes: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['tcp', new Set(['reset'])],
  ['icmp', new Set(dataTypes.icmp_code.symbols?.keys())],
  ['icmpv6', new Set(dataTypes.icmpv6_code.symbols?.keys())],
  ['icmpx', new Set(['port-unreachable', 'admin-prohibited', 'no-route', 'host-unreachable'])],
]);

/** Whether nft knows the answer by this name for that type. */
export function isRejectCode(type: string, code: string): boolean {
  return (
    rejectCodes.get(type)?.has(code) === true || /^\d+$/.test(code) || code.startsWith('$') || code === ''
  );
}

/** Whether the statement is a test, which still holds where the rest of a rule could not be read. */
export function isTest(statement: Statement): boolean {
  return statement.kind === 'match' || statement.kind === 'condition';
}

/** Whether the statement may leave the chain by another way than a jump. */
export function leavesChain(statement: Statement): boolean {
  return (
    statement.kind === 'vmap' ||
    (statement.kind === 'verdict' &&
      (statement.verdict.kind === 'goto' || statement.verdict.kind === 'return'))
  );
}
