import type { Statement } from '../../../grammars/nftables/syntax.ts';
import type { LoweringContext } from './lowering-context.ts';

type Hooks = readonly string[];

/** The hooks that the kernel takes statements on, of chains and of those that they call (the `validate` of nft_nat.c, nft_reject.c …). */
const natHooks: Readonly<Record<'snat' | 'dnat' | 'redirect' | 'masquerade', Hooks>> = {
  snat: ['postrouting', 'input'],
  dnat: ['prerouting', 'output'],
  redirect: ['prerouting', 'output'],
  masquerade: ['postrouting'],
};
const otherHooks: ReadonlyMap<string, Hooks> = new Map([
  ['reject', ['ingress', 'prerouting', 'input', 'forward', 'output']],
  ['synproxy', ['input', 'forward']],
  ['tproxy', ['prerouting']],
]);

/** `dup` and `fwd` by the families that nft has them for (netlink_linearize.c, netlink_gen_dup_stmt). */
const families: ReadonlyMap<string, readonly string[]> = new Map([
  ['dup', ['ip', 'ip6', 'netdev']],
  ['forward', ['netdev']],
]);
const ofIp: readonly string[] = ['ip', 'ip6', 'inet'];

/** Refuses statements where they have no place: a `masquerade` in a chain of type filter, a `dup` in a table of family inet. */
export function checkPlace(statement: Statement, context: LoweringContext): void {
  const { family, hook, chainType } = context;
  const takers = families.get(statement.kind === 'effectless' ? statement.what : statement.kind);
  if (takers?.includes(family) === false)
    context.refuse(
      `read "${statement.kind === 'forward' ? 'fwd' : 'dup'}" in a table of family ${family}, expected one of family ${takers.join(', ')}`,
      statement.at,
    );
  if (!ofIp.includes(family)) return;
  const name = statement.kind === 'nat' ? statement.type : statement.kind;
  if (statement.kind === 'nat' && chainType !== undefined && chainType !== 'nat') {
    context.refuse(
      `read "${name}" in a chain of type ${chainType}, expected a chain of type nat`,
      statement.at,
    );
    return;
  }
  const hooks = statement.kind === 'nat' ? natHooks[statement.type] : otherHooks.get(statement.kind);
  if (hook !== undefined && hooks?.includes(hook) === false)
    context.refuse(
      `read "${name}" where packets come from hook ${hook}, expected hook ${hooks.join(' or ')}`,
      statement.at,
    );
}
