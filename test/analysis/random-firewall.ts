import { fc } from '../property-testing.ts';
import type { Action, Change } from '../../src/model/action.ts';
import type { Chain, EntryPoint, Firewall, Rule, Stage } from '../../src/model/firewall.ts';
import { all, and, type Match, not, or } from '../../src/model/match.ts';
import type { NamedSet } from '../../src/model/named-set.ts';
import type { Packet } from '../../src/analysis/packet.ts';
import { connectionStates } from '../../src/packets/fields.ts';

/** Values on the edges of the intervals and prefixes that the random rules use. */
const ports = [0, 21, 22, 23, 79, 80, 81, 1023, 1024, 8080, 65535];
const addresses = [
  0x0a000000n,
  0x0a000001n,
  0x0a0000ffn,
  0x0a000100n,
  0xc0a80101n,
  0xcb007107n,
  0n,
  0xffffffffn,
];
const interfaces = ['eth0', 'eth1', 'wlan0', 'tun7'];

const port = fc.constantFrom(...ports);
const address = fc.constantFrom(...addresses);

const simple: fc.Arbitrary<Match> = fc.oneof(
  fc.constant<Match>(all),
  fc.constantFrom(6, 17, 1).map((p): Match => ({ kind: 'number', field: 'protocol', values: [[p, p]] })),
  fc
    .tuple(
      fc.constantFrom(
        'destinationPort' as const,
        'sourcePort' as const,
        'originalDestinationPort' as const,
        'originalSourcePort' as const,
      ),
      port,
      port,
    )
    .map(([field, a, b]): Match => ({ kind: 'number', field, values: [[Math.min(a, b), Math.max(a, b)]] })),
  fc
    .tuple(
      fc.constantFrom('source' as const, 'destination' as const, 'originalSource' as const),
      address,
      fc.constantFrom(0, 8, 24, 31, 32),
    )
    .map(([field, a, length]): Match => {
      const free = BigInt(32 - length);
      const from = (a >> free) << free;
      return { kind: 'address', field, family: 'ipv4', ranges: [[from, from + (1n << free) - 1n]] };
    }),
  fc.constantFrom('source' as const, 'destination' as const).map((field): Match => ({
    kind: 'address-bits',
    field,
    family: 'ipv4',
    mask: 0xff0000ffn,
    value: 0x0a000001n,
  })),
  fc.tuple(fc.constantFrom('eth0', 'eth1', 'eth', 'tun', ''), fc.boolean()).map(([name, prefix]): Match => ({
    kind: 'name',
    field: 'inInterface',
    name,
    prefix: prefix || name.length < 4,
  })),
  fc.constantFrom(0, 1, 2, 3, 4).map((s): Match => ({ kind: 'number', field: 'state', values: [[s, s]] })),
  fc.constantFrom(0, 1, 2, 3).map((m): Match => ({ kind: 'bits', field: 'mark', mask: 3, value: m })),
  fc.constantFrom('', 'WEB').map((name): Match => ({ kind: 'name', field: 'tag', name, prefix: false })),
  fc.constant<Match>({ kind: 'number', field: 'destinationTranslated', values: [[1, 1]] }),
  fc
    .constantFrom('p', 'q')
    .map((key): Match => ({ kind: 'unknown', scope: 'packet', key, reason: `property ${key}` })),
  fc.constant<Match>({ kind: 'unknown', scope: 'rule', key: 'limit', reason: 'limit' }),
  fc.constant<Match>({ kind: 'family', family: 'ipv6' }),
  fc
    .constantFrom('nets', 'pairs', 'list', 'gone')
    .map((set): Match => ({ kind: 'in-set', set, keys: [{ side: 'source' }, { side: 'destination' }] })),
);

const match: fc.Arbitrary<Match> = fc.oneof(
  { weight: 4, arbitrary: fc.array(simple, { minLength: 1, maxLength: 3 }).map((parts) => and(...parts)) },
  { weight: 1, arbitrary: simple.map((part) => not(part)) },
  { weight: 1, arbitrary: fc.tuple(simple, simple).map(([a, b]) => or(a, not(b))) },
);

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.constantFrom(0, 1, 2, 3).map((v): Change => ({ kind: 'bits', field: 'mark', and: ~3 >>> 0, xor: v })),
  fc.constant<Change>({ kind: 'bits', field: 'mark', and: 0xffffffff, xor: 1 }),
  fc.constant<Change>({ kind: 'number', field: 'state', from: 4, to: 4 }),
  fc.constant<Change>({ kind: 'name', field: 'tag', name: 'WEB' }),
  fc
    .constantFrom(80, 8080)
    .map((p): Change => ({ kind: 'number', field: 'destinationPort', from: p, to: p })),
  fc.constant<Change>({ kind: 'add', field: 'destinationPort', by: 1 }),
  fc.constant<Change>({ kind: 'number', field: 'destinationPort', from: 22, to: 24 }),
);

const bindDestination: Change = { kind: 'bind', side: 'destination' };
const bindSource: Change = { kind: 'bind', side: 'source' };

const translation: fc.Arbitrary<readonly Change[]> = fc.oneof(
  // To what it was already: nothing changes, but the connection is settled.
  fc.constantFrom<readonly Change[]>([bindDestination], [bindSource]),
  fc.constant<readonly Change[]>([
    bindDestination,
    { kind: 'number', field: 'destinationPort', from: 22, to: 22 },
    { kind: 'number', field: 'destinationTranslated', from: 1, to: 1 },
  ]),
  fc.constant<readonly Change[]>([
    bindSource,
    { kind: 'address', field: 'source', family: 'ipv4', range: [0x0a0000ffn, 0x0a0000ffn] },
  ]),
  fc.constant<readonly Change[]>([bindSource, { kind: 'from-host' }]),
  fc.constant<readonly Change[]>([bindSource, { kind: 'number', field: 'sourcePort', from: 443, to: 443 }]),
  fc.constant<readonly Change[]>([
    { kind: 'to-host' },
    { kind: 'number', field: 'destinationPort', from: 8080, to: 8080 },
  ]),
  fc.constant<readonly Change[]>([
    { kind: 'address', field: 'destination', family: 'ipv4', range: [0x0a000001n, 0x0a000001n] },
    { kind: 'number', field: 'destinationTranslated', from: 1, to: 1 },
  ]),
  fc.constant<readonly Change[]>([
    { kind: 'address-bits', field: 'destination', family: 'ipv4', and: 0xffn, xor: 0x0a000000n },
    { kind: 'number', field: 'destinationTranslated', from: 1, to: 1 },
  ]),
  fc.constant<readonly Change[]>([
    { kind: 'address', field: 'destination', family: 'ipv4', range: [0x7f000001n, 0x7f000001n] },
  ]),
  fc.constant<readonly Change[]>([
    { kind: 'unknown', field: 'destination', reason: 'target' },
    { kind: 'unknown', field: 'destinationPort', reason: 'target' },
  ]),
);

/** Chains only call chains of a higher number, so that there is no circle. */
function action(callees: readonly string[]): fc.Arbitrary<Action> {
  const plain: fc.Arbitrary<Action>[] = [
    fc.constant<Action>({ kind: 'accept' }),
    fc.constant<Action>({ kind: 'drop' }),
    fc.constant<Action>({ kind: 'reject' }),
    fc.constant<Action>({ kind: 'return' }),
    fc.constant<Action>({ kind: 'continue' }),
    change.map((c): Action => ({ kind: 'change', changes: [c], then: 'continue' })),
    translation.map((changes): Action => ({ kind: 'change', changes, then: 'accept' })),
    fc.constant<Action>({ kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], reason: 'queue' }),
  ];
  if (callees.length > 0) {
    const to = fc.constantFrom(...callees);
    plain.push(
      to.map((chain): Action => ({ kind: 'jump', chain })),
      to.map((chain): Action => ({ kind: 'jump', chain })),
    );
    plain.push(to.map((chain): Action => ({ kind: 'goto', chain })));
  }
  return fc.oneof(...plain);
}

type RuleShape = Pick<Rule, 'match' | 'action' | 'quick' | 'bypass' | 'enabled'>;

function rules(callees: readonly string[], maxLength: number): fc.Arbitrary<readonly RuleShape[]> {
  const rule = fc.record({
    match,
    action: action(callees),
    quick: fc.boolean(),
    bypass: fc.constant(false),
    enabled: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  });
  return fc.array(rule, { maxLength });
}

const sets: ReadonlyMap<string, NamedSet> = new Map([
  [
    'nets',
    {
      name: 'nets',
      type: 'hash:net',
      dimensions: 1,
      closed: true,
      elements: [
        { parts: [{ kind: 'address', family: 'ipv4', range: [0x0a000000n, 0x0affffffn] }], certain: true },
        {
          parts: [{ kind: 'address', family: 'ipv4', range: [0x0a000000n, 0x0a0000ffn] }],
          certain: true,
          exception: true,
        },
        { parts: [{ kind: 'address', family: 'ipv4', range: [0x0a000001n, 0x0a000001n] }], certain: true },
        { parts: [{ kind: 'address', family: 'ipv4', range: [0xc0a80101n, 0xc0a80101n] }], certain: false },
      ],
    },
  ],
  [
    'pairs',
    {
      name: 'pairs',
      type: 'hash:ip,port',
      dimensions: 2,
      closed: false,
      elements: [
        {
          parts: [
            { kind: 'address', family: 'ipv4', range: [0x0a000001n, 0x0a000001n] },
            { kind: 'port', protocols: [6], ports: [22, 80] },
          ],
          certain: true,
        },
        { parts: [{ kind: 'any' }, { kind: 'port', protocols: [1], ports: [0x800, 0x8ff] }], certain: true },
      ],
    },
  ],
  [
    'list',
    {
      name: 'list',
      type: 'list:set',
      dimensions: 1,
      closed: true,
      elements: [],
      members: ['nets', 'pairs', 'gone'],
    },
  ],
]);

/** A firewall with several stages, user chains and every construct of the model. Last-match and block-wins chains included. */
export const randomFirewall: fc.Arbitrary<{ readonly firewall: Firewall; readonly entry: EntryPoint }> = fc
  .record({
    shapes: fc.tuple(rules(['c1', 'c2'], 6), rules(['c2'], 5), rules([], 5)),
    stageRules: fc.tuple(
      rules(['c1', 'c2'], 4),
      rules(['c1'], 5),
      rules(['c1', 'c2'], 8),
      rules(['c1'], 4),
      rules(['c1'], 4),
      rules(['c2'], 4),
    ),
    policies: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean()),
    /** How many nat stages there are beside the first one. */
    furtherNat: fc.integer({ min: 0, max: 3 }),
    order: fc.constantFrom(
      'first-match' as const,
      'first-match' as const,
      'last-match' as const,
      'block-wins' as const,
    ),
    direction: fc.constantFrom('in' as const, 'forward' as const),
  })
  .map(({ shapes, stageRules, policies, order, direction, furtherNat }) => {
    let id = 0;
    const span = { source: 0, start: 0, end: 0 };
    const chain = (
      name: string,
      list: readonly RuleShape[],
      fallthrough: Action,
      how: Chain['order'],
    ): Chain => ({
      id: name,
      name,
      order: how,
      // In a block-wins chain only verdicts make sense.
      rules: list
        .map((rule) => ({
          ...rule,
          id: id++,
          span,
          bypass: how === 'block-wins' && rule.quick === true && rule.action.kind === 'accept',
        }))
        .filter((rule) => how !== 'block-wins' || ['accept', 'drop', 'reject'].includes(rule.action.kind)),
      fallthrough,
    });
    const inner = order === 'last-match' ? 'last-match' : 'first-match';
    const chains = [
      ...shapes.map((list, i) => chain(`c${i}`, list, { kind: 'return' }, inner)),
      ...stageRules.map((list, i) =>
        chain(`s${i}`, list, policies[i] ? { kind: 'accept' } : { kind: 'drop' }, i === 2 ? order : inner),
      ),
    ];
    const stages: Stage[] = [
      { name: 'early', hook: 'prerouting', priority: -300, chain: 's0', kind: 'filter' },
      { name: 'nat', hook: 'prerouting', priority: -100, chain: 's1', kind: 'nat' },
      {
        name: 'filter',
        hook: direction === 'in' ? 'input' : 'forward',
        priority: 0,
        chain: 's2',
        kind: 'filter',
      },
      ...(
        [
          { name: 'nat 2', hook: 'prerouting', priority: -100, natPriority: -110, chain: 's3', kind: 'nat' },
          {
            name: 'source nat',
            hook: direction === 'in' ? 'input' : 'postrouting',
            priority: 100,
            chain: 's4',
            kind: 'nat',
          },
          {
            name: 'source nat 2',
            hook: direction === 'in' ? 'input' : 'postrouting',
            priority: 100,
            natPriority: 110,
            chain: 's5',
            kind: 'nat',
          },
        ] as const
      ).slice(0, furtherNat),
      ...(furtherNat === 3
        ? ([
            {
              name: 'last',
              hook: direction === 'in' ? 'input' : 'postrouting',
              priority: 200,
              chain: 's2',
              kind: 'filter',
            },
          ] as const)
        : []),
    ];
    const entry: EntryPoint = { direction, family: 'ipv4', stages };
    const firewall: Firewall = {
      format: 'iptables',
      dialect: 'test',
      entries: [entry],
      chains: new Map(chains.map((c) => [c.id, c])),
      sets,
      assumptions: [],
    };
    return { firewall, entry };
  });

/** A packet with values on the edges of what the rules test. */
export const randomPacket: fc.Arbitrary<Packet> = fc.record({
  family: fc.constant('ipv4' as const),
  protocol: fc.constantFrom(6, 17, 1, 132),
  source: address,
  destination: address,
  sourcePort: fc.oneof(port, fc.constant(0x800)),
  destinationPort: port,
  tcpFlags: fc.constant(2),
  state: fc.constantFrom(...connectionStates),
  names: fc.constantFrom(...interfaces).map((inInterface) => ({ inInterface, outInterface: 'eth9' })),
});
