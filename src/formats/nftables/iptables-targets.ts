import type { Action, Change } from '../../model/action.ts';

type Target = (unknown: (field: Field) => Change, hook: string | undefined) => Action | readonly Change[];
type Field = (Change & { kind: 'unknown' })['field'];

const go: Action = { kind: 'continue' };
const translated: Change = { kind: 'number', field: 'destinationTranslated', from: 1, to: 1 };
const toDestination: readonly Change[] = [{ kind: 'bind', side: 'destination' }, translated];
const toSource: Change = { kind: 'bind', side: 'source' };

/** Targets that change the packet: what, as far as the name tells (iptables-extensions(8)). */
const targets = new Map<string, Target>([
  ['DNAT', (unknown) => [...toDestination, unknown('destination'), unknown('destinationPort')]],
  ['REDIRECT', (unknown) => [...toDestination, { kind: 'to-host' }, unknown('destinationPort')]],
  ['SNAT', (unknown) => [toSource, unknown('source'), unknown('sourcePort')]],
  ['MASQUERADE', (unknown) => [toSource, { kind: 'from-host' }, unknown('sourcePort')]],
  [
    'NETMAP',
    (unknown, hook) =>
      hook === 'postrouting' || hook === 'input'
        ? [toSource, unknown('source')]
        : [...toDestination, unknown('destination')],
  ],
  ...['MARK', 'CONNMARK', 'HMARK'].map((name): [string, Target] => [
    name,
    (unknown) => ({ kind: 'change', changes: [unknown('mark')], then: 'continue' }),
  ]),
  ...['CT', 'NOTRACK'].map((name): [string, Target] => [
    name,
    (unknown) => ({ kind: 'change', changes: [unknown('state')], then: 'continue' }),
  ]),
]);

/** Targets after which the next rule follows, whatever their options are, and that change nothing which a rule of the model asks for. */
const goesOn: ReadonlySet<string> = new Set(
  'LOG NFLOG AUDIT TRACE CLASSIFY TCPMSS TCPOPTSTRIP TTL HL DSCP TOS ECN CHECKSUM TEE SECMARK CONNSECMARK IDLETIMER LED RATEEST'.split(
    ' ',
  ),
);

/** What a target does where its name alone tells: the options of LOG and REJECT say what is logged and answered. */
export function actionByName(name: string): Action | undefined {
  if (name === 'REJECT') return { kind: 'reject' };
  return goesOn.has(name) ? go : undefined;
}

/**
 * What a target of iptables may do whose parameters nft does not print, as in all of its JSON. `pending`: changes that come before it. A
 * mark or a translation is not known, but is there.
 */
export function targetAction(name: string, pending: readonly Change[], hook: string | undefined): Action {
  const reason = `xt target ${name}`;
  const target = targets.get(name);
  if (target === undefined) return { kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], reason };
  const action = target((field) => ({ kind: 'unknown', field, reason }), hook);
  if (!('kind' in action)) return { kind: 'change', changes: [...pending, ...action], then: 'accept' };
  return action.kind === 'change' ? { ...action, changes: [...pending, ...action.changes] } : action;
}
