import { fc } from '../../property-testing.ts';

/** A rule as the test's own, naive pf understands it; `text` prints it as pf.conf. */
export interface RandomRule {
  readonly kind: 'rule';
  readonly action: 'pass' | 'block' | 'match';
  readonly direction: '' | 'in' | 'out';
  readonly quick: boolean;
  readonly iface: readonly string[];
  readonly protocols: readonly ('tcp' | 'udp' | 'icmp')[];
  readonly from: readonly string[];
  readonly ports: readonly string[];
  readonly tag: string;
  readonly tagged: string;
  readonly state: boolean;
}

export interface RandomAnchor {
  readonly kind: 'anchor';
  readonly quick: boolean;
  readonly iface: readonly string[];
  readonly body: readonly RandomStatement[];
}

export type RandomStatement = RandomRule | RandomAnchor;

export interface RandomPacket {
  readonly direction: 'in' | 'out';
  readonly iface: string;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly source: string;
  readonly port: number;
}

const iface = fc.subarray(['em0', '! em0', 'em1'], { maxLength: 2 });
const tag = fc.constantFrom('', '', '', 'A', 'B');

const rule: fc.Arbitrary<RandomRule> = fc.record({
  kind: fc.constant('rule' as const),
  action: fc.constantFrom('pass', 'pass', 'block', 'block', 'match'),
  direction: fc.constantFrom('', 'in', 'out'),
  quick: fc.boolean().map((value) => value),
  iface,
  protocols: fc.subarray(['tcp', 'udp', 'icmp'] as const),
  from: fc.subarray(['10.0.0.0/8', '! 10.0.0.0/8', '10.1.0.0/16', '192.0.2.1', '<t>', '! <t>'], {
    maxLength: 2,
  }),
  ports: fc.subarray(['22', '= 80', '!= 22', '80:90', '22 >< 81', '22 <> 81', '<= 22', '> 80'], {
    maxLength: 2,
  }),
  tag,
  tagged: fc.constantFrom('', '', '', 'A', '! A', 'B'),
  state: fc.boolean(),
});

const { statement } = fc.letrec<{ statement: RandomStatement; anchor: RandomAnchor }>((tie) => ({
  statement: fc.oneof({ depthSize: 'small', withCrossShrink: true }, rule, rule, rule, tie('anchor')),
  anchor: fc.record({
    kind: fc.constant('anchor' as const),
    quick: fc.boolean(),
    iface,
    body: fc.array(tie('statement'), { maxLength: 4 }),
  }),
}));

export const randomRules = fc.array(statement, { maxLength: 9 });

export const randomPacket: fc.Arbitrary<RandomPacket> = fc.record({
  direction: fc.constantFrom('in', 'out'),
  iface: fc.constantFrom('em0', 'em1', 'em2'),
  protocol: fc.constantFrom('tcp', 'udp', 'icmp'),
  source: fc.constantFrom('10.0.0.1', '10.1.2.3', '192.0.2.1', '198.51.100.1'),
  port: fc.constantFrom(0, 21, 22, 23, 79, 80, 81, 90, 91, 65535),
});

function list(items: readonly string[]): string {
  return items.length === 1 ? items[0]! : `{ ${items.join(', ')} }`;
}

/** Ports only go with tcp and udp; the other protocols of the rule are left out then. */
function protocolsOf(one: RandomRule): readonly string[] {
  if (one.ports.length === 0) return one.protocols;
  const kept = one.protocols.filter((protocol) => protocol !== 'icmp');
  return kept.length === 0 ? ['tcp', 'udp'] : kept;
}

export function print(statements: readonly RandomStatement[], indent = ''): string {
  return statements
    .map((one) => {
      const on = one.iface.length === 0 ? '' : ` on ${list(one.iface)}`;
      const quick = one.quick ? ' quick' : '';
      if (one.kind === 'anchor')
        return `${indent}anchor${quick}${on} {\n${print(one.body, `${indent}  `)}${indent}}\n`;
      const protocols = protocolsOf(one);
      return `${indent}${[
        one.action,
        one.direction,
        one.quick ? 'quick' : '',
        on.trim(),
        protocols.length === 0 ? '' : `proto ${list(protocols)}`,
        one.from.length === 0 ? '' : `from ${list(one.from)}`,
        one.ports.length === 0 ? '' : `to any port ${list(one.ports)}`,
        one.tagged === ''
          ? ''
          : one.tagged.startsWith('!')
            ? `! tagged ${one.tagged.slice(2)}`
            : `tagged ${one.tagged}`,
        one.tag === '' ? '' : `tag ${one.tag}`,
        one.action === 'pass' && !one.state ? 'no state' : '',
      ]
        .filter((word) => word !== '')
        .join(' ')}\n`;
    })
    .join('');
}

export const tableLine = 'table <t> const { 192.0.2.0/24, 10.1.0.0/16, !192.0.2.1 }\n';

function inTable(source: string): boolean {
  return source === '10.1.2.3';
}

function sourceFits(item: string, source: string): boolean {
  const negated = item.startsWith('! ');
  const bare = item.replace(/^! /, '');
  const inside =
    bare === '<t>'
      ? inTable(source)
      : bare === '10.0.0.0/8'
        ? source.startsWith('10.')
        : bare === '10.1.0.0/16'
          ? source.startsWith('10.1.')
          : source === bare;
  return inside !== negated;
}

function portFits(item: string, port: number): boolean {
  switch (item) {
    case '22':
      return port === 22;
    case '= 80':
      return port === 80;
    case '!= 22':
      return port !== 22;
    case '80:90':
      return port >= 80 && port <= 90;
    case '22 >< 81':
      return port > 22 && port < 81;
    case '22 <> 81':
      return port < 22 || port > 81;
    case '<= 22':
      return port <= 22;
    default:
      return port > 80;
  }
}

function ifaceFits(items: readonly string[], iface: string): boolean {
  return (
    items.length === 0 ||
    items.some((item) => (item.startsWith('! ') ? item.slice(2) !== iface : item === iface))
  );
}

interface State {
  verdict: 'pass' | 'block';
  tag: string;
  /** How many pass and block rules have matched. */
  matched: number;
}

/** pf's algorithm word for word: top to bottom, the last match wins, quick ends it, tags stick (pf.conf(5)). */
export function naive(statements: readonly RandomStatement[], packet: RandomPacket): 'allow' | 'deny' {
  const state: State = { verdict: 'pass', tag: '', matched: 0 };
  walk(statements, packet, state);
  return state.verdict === 'pass' ? 'allow' : 'deny';
}

/** True once the evaluation has ended. */
function walk(statements: readonly RandomStatement[], packet: RandomPacket, state: State): boolean {
  for (const one of statements) {
    if (!ifaceFits(one.iface, packet.iface)) continue;
    if (one.kind === 'anchor') {
      const before = state.matched;
      if (walk(one.body, packet, state)) return true;
      if (one.quick && state.matched > before) return true;
      continue;
    }
    const protocols = protocolsOf(one);
    if (one.direction !== '' && one.direction !== packet.direction) continue;
    if (protocols.length > 0 && !protocols.includes(packet.protocol)) continue;
    if (one.from.length > 0 && !one.from.some((item) => sourceFits(item, packet.source))) continue;
    if (one.ports.length > 0 && !one.ports.some((item) => portFits(item, packet.port))) continue;
    if (
      one.tagged.startsWith('!')
        ? state.tag === one.tagged.slice(2)
        : one.tagged !== '' && state.tag !== one.tagged
    )
      continue;
    if (one.tag !== '') state.tag = one.tag;
    if (one.action !== 'match') {
      state.verdict = one.action;
      state.matched++;
    }
    if (one.quick) return true;
  }
  return false;
}
