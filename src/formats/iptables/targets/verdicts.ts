import type { Action } from '../../../model/action.ts';
import { optionNamed, type ModuleUse, type RuleContext } from '../lowering.ts';

const accept: Action = { kind: 'accept' };
const drop: Action = { kind: 'drop' };
const back: Action = { kind: 'return' };
const go: Action = { kind: 'continue' };

export function lowerAccept(): Action {
  return accept;
}

/** DROP is refused in the nat table, rule and policy alike. */
export function lowerDrop(_use: ModuleUse, context: RuleContext): Action {
  if (context.table === 'nat')
    context.refuse('the nat table is not for filtering; iptables refuses DROP there', 'DROP');
  return drop;
}

export function lowerReturn(): Action {
  return back;
}

/** Logging, marking of other things, counting: no effect on whether the packet passes. */
export function lowerContinue(): Action {
  return go;
}

/** Targets that take the packet off the normal way and never deliver it: TARPIT, DELUDE, CHAOS, STEAL. */
export function lowerTrap(): Action {
  return drop;
}

const rejections4: ReadonlyMap<string, string> = new Map([
  ['net-unreach', 'icmp-net-unreachable'],
  ['host-unreach', 'icmp-host-unreachable'],
  ['proto-unreach', 'icmp-proto-unreachable'],
  ['port-unreach', 'icmp-port-unreachable'],
  ['net-prohib', 'icmp-net-prohibited'],
  ['host-prohib', 'icmp-host-prohibited'],
  ['admin-prohib', 'icmp-admin-prohibited'],
  ['tcp-rst', 'tcp-reset'],
]);

const rejections6: ReadonlyMap<string, string> = new Map([
  ['no-route', 'icmp6-no-route'],
  ['adm-prohibited', 'icmp6-adm-prohibited'],
  ['addr-unreach', 'icmp6-addr-unreachable'],
  ['port-unreach', 'icmp6-port-unreachable'],
  ['policy-fail', 'icmp6-policy-fail'],
  ['reject-route', 'icmp6-reject-route'],
]);

/** `-j REJECT [--reject-with answer]`; names may be cut short or given by their old spelling. */
export function lowerReject(use: ModuleUse, context: RuleContext): Action {
  const answer = optionNamed(use, 'reject-with')?.values[0];
  const aliases = context.family === 'ipv4' ? rejections4 : rejections6;
  if (answer === undefined)
    return {
      kind: 'reject',
      with: context.family === 'ipv4' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable',
    };
  const wanted = answer.toLowerCase();
  // The first whose name or old spelling begins like it (REJECT_parse of libipt_REJECT.c).
  const names = [...aliases, ['tcp-rst', 'tcp-reset'] as const];
  const name =
    aliases.get(wanted) ??
    names.find((known) => wanted !== '' && known.some((text) => text.startsWith(wanted)))?.[1];
  if (name === undefined) context.refuse('an ICMP answer or tcp-reset was expected', answer);
  if (name === 'tcp-reset' && (context.protocol.number !== 6 || context.protocol.negated))
    context.refuse('--reject-with tcp-reset needs -p tcp', answer);
  return { kind: 'reject', with: name ?? answer };
}

/** A program decides (NFQUEUE, QUEUE): what it will say is in no file. */
export function lowerQueue(use: ModuleUse): Action {
  const queue = optionNamed(use, 'queue-num') ?? optionNamed(use, 'queue-balance');
  return {
    kind: 'unknown',
    outcomes: ['accept', 'drop'],
    reason: `${use.name}${queue === undefined ? '' : ` ${queue.values[0] ?? ''}`}: a program on the host decides`,
  };
}

export function lowerSynproxy(): Action {
  return { kind: 'unknown', outcomes: ['accept', 'drop'], reason: 'SYNPROXY answers the handshake itself' };
}

export function lowerTproxy(use: ModuleUse): Action {
  const port = optionNamed(use, 'on-port')?.values[0] ?? '0';
  return {
    kind: 'unknown',
    outcomes: ['accept', 'drop'],
    reason: `TPROXY delivers to a local socket on port ${port} if there is one`,
  };
}

export function lowerClusterip(): Action {
  return {
    kind: 'unknown',
    outcomes: ['continue', 'drop'],
    reason: 'CLUSTERIP: another node of the cluster may be in charge',
  };
}
