import { fc } from '../../property-testing.ts';

/** A rule as the test's own, naive pf understands it; `text` prints it as pf.conf. */
export interface RandomRule {
  readonly kind: 'rule';
  readonly action: 'pass' | 'block' | 'match';
  readonly direction: '' | 'in' | 'out';
  readonly quick: boolean;
  readonly iface: readonly string[];
  readonly family: '' | 'inet' | 'inet6';
  readonly protocols: readonly ('tcp' | 'udp' | 'icmp')[];
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly ports: readonly string[];
  readonly tag: string;
  readonly tagged: string;
  readonly state: boolean;
  readonly extra: Extra;
}

export type Extra =
  | ''
  | 'user'
  | 'probability'
  | 'once'
  | 'received-on em1'
  | '! received-on em1'
  | 'rdr-to'
  | 'rdr-to port'
  | 'nat-to'
  | 'af-to';

export interface RandomAnchor {
  readonly kind: 'anchor';
  readonly quick: boolean;
  readonly iface: readonly string[];
  readonly body: readonly RandomStatement[];
}

export interface RandomAntispoof {
  readonly kind: 'antispoof';
  readonly quick: boolean;
  readonly target: 'em0' | 'em1' | 'lo0';
}

/** A translation rule of the old grammar. */
export interface RandomTranslation {
  readonly kind: 'rdr' | 'nat' | 'binat';
  readonly no: boolean;
  readonly pass: boolean;
  readonly iface: string;
  readonly tcp: boolean;
  /** Only with tcp, and not of binat. */
  readonly port: string;
  readonly moves: boolean;
}

export type RandomStatement = RandomRule | RandomAnchor | RandomAntispoof;

export interface RandomPolicy {
  readonly dialect: 'openbsd' | 'freebsd';
  readonly skip: string;
  readonly translations: readonly RandomTranslation[];
  readonly statements: readonly RandomStatement[];
}

export interface RandomPacket {
  readonly direction: 'in' | 'out';
  readonly iface: string;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly source: string;
  readonly destination: string;
  readonly port: number;
}

/** Where translations lead, and what they are asked of. */
export const places = {
  outside: '192.0.2.99',
  inside: '10.9.9.9',
  insidePort: 8080,
  natted: '203.0.113.50',
} as const;

const iface = fc.subarray(['em0', '! em0', 'em1'], { maxLength: 2 });
const tag = fc.constantFrom('', '', '', 'A', 'B');
const hosts = ['10.0.0.0/8', '! 10.0.0.0/8', '10.1.0.0/16', '192.0.2.1', '<t>', '! <t>', '2001:db8::/32'];

const extras: readonly Extra[] = [
  ...([
    '',
    '',
    '',
    '',
    '',
    '',
    'user',
    'probability',
    'once',
    'received-on em1',
    '! received-on em1',
  ] as const),
  ...(['rdr-to', 'rdr-to port', 'nat-to', 'af-to'] as const),
];

const anyRule: fc.Arbitrary<RandomRule> = fc.record({
  kind: fc.constant('rule' as const),
  action: fc.constantFrom('pass', 'pass', 'block', 'block', 'match'),
  direction: fc.constantFrom('', 'in', 'out'),
  quick: fc.boolean(),
  iface,
  family: fc.constantFrom('', '', '', 'inet', 'inet6'),
  protocols: fc.subarray(['tcp', 'udp', 'icmp'] as const),
  from: fc.subarray([...hosts, '! 2001:db8:1::/48'], { maxLength: 2 }),
  to: fc.subarray(['192.0.2.99', '10.9.9.9', '! 192.0.2.99', '2001:db8:9::9', '<t>'], { maxLength: 2 }),
  ports: fc.subarray(['22', '= 80', '!= 22', '80:90', '22 >< 81', '22 <> 81', '<= 22', '> 80'], {
    maxLength: 2,
  }),
  tag,
  tagged: fc.constantFrom('', '', '', 'A', '! A', 'B'),
  state: fc.boolean(),
  extra: fc.constantFrom(...extras),
});

/** 4 and 6 for addresses of a family, 0 for what has none of its own. */
export function familyOf(item: string): 0 | 4 | 6 {
  return item.includes('<') ? 0 : item.includes(':') ? 6 : 4;
}

function fits(a: number, b: number): boolean {
  return a === 0 || b === 0 || a === b;
}

/** The pairs of source and destination that pfctl makes rules of, with the family of each (expand_rule). */
export function pairsOf(one: RandomRule): { from: string; to: string; family: number }[] {
  const written = one.family === 'inet' ? 4 : one.family === 'inet6' ? 6 : 0;
  const items = (list: readonly string[]): readonly string[] => (list.length === 0 ? ['<any>'] : list);
  return items(one.from).flatMap((from) =>
    items(one.to).flatMap((to) => {
      const families = [familyOf(from), familyOf(to), written];
      const whole = families.every((a) => families.every((b) => fits(a, b)));
      return whole ? [{ from, to, family: Math.max(...families) }] : [];
    }),
  );
}

/** What pfctl would refuse is taken out of a rule. */
function loadable(one: RandomRule, dialect: RandomPolicy['dialect']): RandomRule {
  const { extra } = one;
  let rule = one;
  const set = (change: Partial<RandomRule>): void => {
    rule = { ...rule, ...change };
  };
  const isNew = !['', 'user', 'probability'].includes(extra);
  if (isNew && dialect !== 'openbsd') set({ extra: '' });
  if (rule.extra === 'once' && rule.action === 'match') set({ extra: '' });
  if (/-to/.test(rule.extra)) {
    const action = rule.extra === 'af-to' || rule.action === 'block' ? 'pass' : rule.action;
    set({ action, state: true, direction: rule.extra === 'nat-to' ? 'out' : 'in' });
    set({ family: rule.extra === 'af-to' ? 'inet6' : 'inet' });
  }
  if (rule.ports.length > 0 || rule.extra === 'user' || rule.extra === 'rdr-to port') {
    const ported = rule.protocols.filter((protocol) => protocol !== 'icmp');
    set({ protocols: ported.length === 0 ? ['tcp', 'udp'] : ported });
  }
  if (pairsOf(rule).length === 0) set({ to: [] });
  if (pairsOf(rule).length === 0) set({ from: [] });
  if (pairsOf(rule).some(({ family }) => family === 6) && rule.protocols.includes('icmp')) {
    const rest = rule.protocols.filter((protocol) => protocol !== 'icmp');
    set({ protocols: rest.length === 0 ? ['tcp'] : rest });
  }
  return rule;
}

const antispoof: fc.Arbitrary<RandomAntispoof> = fc.record({
  kind: fc.constant('antispoof' as const),
  quick: fc.boolean(),
  target: fc.constantFrom('em0', 'em1', 'lo0'),
});

const { statement } = fc.letrec<{ statement: RandomRule | RandomAnchor; anchor: RandomAnchor }>((tie) => ({
  statement: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    anyRule,
    anyRule,
    anyRule,
    tie('anchor'),
  ),
  anchor: fc.record({
    kind: fc.constant('anchor' as const),
    quick: fc.boolean(),
    iface,
    body: fc.array(tie('statement'), { maxLength: 4 }),
  }),
}));

const translation: fc.Arbitrary<RandomTranslation> = fc
  .record({
    kind: fc.constantFrom('rdr' as const, 'rdr' as const, 'nat' as const, 'binat' as const),
    no: fc.nat(5).map((value) => value === 0),
    pass: fc.boolean(),
    iface: fc.constantFrom('em0', 'em1'),
    tcp: fc.boolean(),
    port: fc.constantFrom('', '80', '22'),
    moves: fc.boolean(),
  })
  .map((one) => {
    const port = one.tcp && one.kind !== 'binat' ? one.port : '';
    return { ...one, port, pass: one.pass && !one.no, moves: one.moves && one.kind === 'rdr' && one.tcp };
  });

export const randomPolicy: fc.Arbitrary<RandomPolicy> = fc
  .record({
    dialect: fc.constantFrom('openbsd' as const, 'freebsd' as const),
    skip: fc.constantFrom('', '', '', 'em2'),
    translations: fc.array(translation, { maxLength: 3 }),
    statements: fc.array(fc.oneof({ weight: 9, arbitrary: statement }, { weight: 1, arbitrary: antispoof }), {
      maxLength: 9,
    }),
  })
  .map((policy) => {
    let once = false;
    const clean = (statements: readonly RandomStatement[]): RandomStatement[] =>
      statements.map((one) => {
        if (one.kind === 'antispoof') return one;
        if (one.kind === 'anchor') return { ...one, body: clean(one.body) };
        // Two of them could not be told apart by what they ask.
        const rule = loadable(one.extra === 'once' && once ? { ...one, extra: '' } : one, policy.dialect);
        once ||= rule.extra === 'once';
        return rule;
      });
    return {
      ...policy,
      translations: policy.dialect === 'openbsd' ? [] : policy.translations,
      statements: clean(policy.statements),
    };
  });

const addresses4 = ['10.0.0.1', '10.1.2.3', '192.0.2.1', '198.51.100.1', '203.0.113.10', '203.0.113.77'];
const addresses6 = ['2001:db8::1', '2001:db8:1::1', '2001:db9::1'];

export const randomPacket: fc.Arbitrary<RandomPacket> = fc
  .record({
    direction: fc.constantFrom('in' as const, 'out' as const),
    iface: fc.constantFrom('em0', 'em1', 'em2'),
    protocol: fc.constantFrom('tcp' as const, 'udp' as const, 'icmp' as const),
    sixth: fc.nat(3).map((value) => value === 0),
    source4: fc.constantFrom(...addresses4, places.inside),
    source6: fc.constantFrom(...addresses6),
    destination4: fc.constantFrom('192.0.2.99', '192.0.2.99', '10.9.9.9', '10.1.2.3', places.natted),
    destination6: fc.constantFrom('2001:db8:9::9', '2001:db8::2'),
    port: fc.constantFrom(0, 21, 22, 23, 79, 80, 81, 90, 91, 8080, 65535),
  })
  .map(({ sixth, source4, source6, destination4, destination6, protocol, ...packet }) => ({
    ...packet,
    // ICMP of IPv6 is another protocol.
    protocol: sixth && protocol === 'icmp' ? 'udp' : protocol,
    source: sixth ? source6 : source4,
    destination: sixth ? destination6 : destination4,
  }));
