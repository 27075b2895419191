import { fc } from '../../property-testing.ts';

const address = fc.oneof(
  fc.constantFrom('10.0.0.1', '10.0.0.0/8', '192.168.1.7-192.168.1.9', '010.1.2.3', '1.2.3.4.5', '10.0.0'),
  fc.ipV4(),
);
const address6 = fc.oneof(
  fc.constantFrom('fe80::/10', '::1', '2001:db8::1.2.3.4', '::', 'a::b/64', '1:2:3:4:5:6:7:8', '1:2:3:4:5:6'),
  fc.ipV6(),
);
const port = fc.oneof(
  fc.constantFrom(
    '22',
    '80-90',
    '0x16',
    '022',
    '22-',
    '70000',
    '1-2-3',
    '5s',
    '22/8',
    'ssh',
    '{ 22 }',
    '{22,80 }',
  ),
  fc.nat(70_000).map(String),
);
const group = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(value, { minLength: 1, maxLength: 3 }).map((values) => `{ ${values.join(', ')} }`);
const some = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: group(value) });
const after = (words: readonly string[], value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...words), value).map((pair) => pair.join(' '));

/** Statements as they are printed, and some that are nearly so. */
export const statement = fc.oneof(
  {
    weight: 4,
    arbitrary: after(
      ['ip saddr', 'ip daddr', 'ip saddr !=', 'ip daddr ==', 'ip saddr & 255.0.0.0 =='],
      some(address),
    ),
  },
  { weight: 2, arbitrary: after(['ip6 saddr', 'ip6 daddr', 'ip6 saddr !='], some(address6)) },
  {
    weight: 4,
    arbitrary: after(
      ['tcp dport', 'udp sport', 'th dport', 'tcp dport >=', 'tcp dport !=', 'tcp dport !'],
      some(port),
    ),
  },
  {
    weight: 3,
    arbitrary: after(
      ['ip protocol', 'meta l4proto', 'ip6 nexthdr', 'ip protocol !=', 'ct protocol'],
      some(fc.constantFrom('tcp', 'udp', 'icmp', 'ipv6-icmp', '6', 'sctp', 'vxlan', '300')),
    ),
  },
  {
    weight: 3,
    arbitrary: after(
      ['ct state', 'ct state !=', 'ct status', 'tcp flags', 'tcp flags &'],
      fc.constantFrom(
        'new',
        'established,related',
        '{ new, invalid }',
        'dnat',
        'syn',
        'syn / fin,syn',
        '(fin | syn) == syn',
        '0x2',
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: after(
      [
        'iifname',
        'oif',
        'meta iifname',
        'meta mark',
        'mark',
        'ct mark',
        'ip ttl',
        'ct original proto-dst',
        'ct original ip saddr',
      ],
      fc.constantFrom('"eth0"', 'eth*', '"a b"', 'lo', '1', '0x10', '80', '10.0.0.1', '300'),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...[
        'counter',
        'counter packets 0 bytes 0',
        'counter packets 17 bytes 4711',
        'counter name "n"',
        'counter packets',
      ],
      ...[
        'log',
        'log prefix "a: "',
        'log prefix "accept" level warn',
        'log level',
        'log flags tcp options flags skuid',
      ],
      ...[
        'limit rate 5/minute',
        'limit rate over 10 mbytes/second burst 5 kbytes',
        'limit rate 10',
        'quota over 5 mbytes',
      ],
      ...[
        'ct count over 5',
        'last',
        'last used 1h',
        'icmp type echo-request',
        'icmp code 3',
        'icmpv6 type 134',
      ],
      ...[
        'fib daddr type local',
        'fib saddr . iif oif missing',
        'ip saddr . tcp dport { 10.0.0.1 . 22 }',
        'ip saddr @s',
      ],
      ...[
        'tcp option maxseg size 1-500',
        'tcp option 3 exists',
        'vxlan ip saddr 10.0.0.1',
        'meta priority 1:2',
      ],
      ...[
        'vxlan',
        'ip',
        'meta',
        'ct',
        'meta mark set 1',
        'ct state vmap { new : accept }',
        'numgen inc mod 2 0',
      ],
    ),
  },
);

const ending = fc.constantFrom(
  ...[
    'accept',
    'drop',
    'return',
    'continue',
    'jump other',
    'goto other',
    'jump c',
    'jump counter',
    'jump nowhere',
    '',
  ],
  ...[
    'reject',
    'reject with icmp port-unreachable',
    'reject with icmp type admin-prohibited',
    'reject with tcp reset',
  ],
  ...['dnat to 10.0.0.1', 'notrack', 'jump { accept }', 'queue num 1', 'accept drop', 'reject with icmp'],
);

const remark = fc.constantFrom(
  '',
  '',
  ' comment "x"',
  ' comment "a; b" # handle 12',
  ' # handle 3',
  ' # remark',
  ';',
  ' comment ssh',
);

export const ruleLine = fc
  .tuple(fc.array(statement, { maxLength: 4 }), ending, remark, fc.constantFrom(' ', ' ', ' ', '  ', '\t'))
  .map(
    ([statements, end, rest, blank]) => [...statements, end].filter((word) => word !== '').join(blank) + rest,
  );

/** So few different ones that most statements come several times. */
export const linesOfRules = fc
  .tuple(fc.array(ruleLine, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(), { maxLength: 4 }))
  .map(([lines, again]) => [...lines, ...again.map((n) => lines[n % lines.length]!)]);

/** Statements and ends of rules, with a letter wherever lines that are otherwise alike differ. */
const template = fc.constantFrom(
  ...[
    'ip saddr A',
    'ip daddr A',
    'ip saddr != A',
    'ip  daddr A',
    'ip saddr & 255.255.0.0 == A',
    'ip saddr >= A',
  ],
  ...[
    'ip6 saddr V',
    'ip6 daddr != V',
    'tcp dport P',
    'udp sport P',
    'th dport P',
    'tcp dport != P',
    'tcp dport < P',
  ],
  ...[
    'ip protocol N',
    'meta mark N',
    'ct mark N',
    'ip ttl N',
    'ct original proto-dst P',
    'ct state N',
    'icmp type N',
  ],
  ...[
    'meta l4proto tcp',
    'ct state new',
    'tcp flags & (fin | syn) == syn',
    'meta nfproto ipv4',
    'iifname "eth0"',
  ],
  ...[
    'counter packets N bytes N',
    'counter',
    'log prefix S',
    'log prefix S level warn',
    'limit rate N/minute',
  ],
);
const lastWords = fc.constantFrom(
  'accept',
  'drop',
  'jump other',
  'reject',
  'continue',
  'return',
  'dnat to A',
  '',
);
const remarkOfShape = fc.constantFrom('', '', ' comment S', ' comment S # handle N', ' # handle N', ' # N');
const fillings = fc.record({
  A: fc.array(some(address), { minLength: 2, maxLength: 2 }),
  V: fc.array(some(address6), { minLength: 2, maxLength: 2 }),
  P: fc.array(some(port), { minLength: 2, maxLength: 2 }),
  N: fc.array(fc.oneof(fc.nat(300).map(String), fc.constantFrom('6', '0x10', '99999999999', 'x')), {
    minLength: 2,
    maxLength: 2,
  }),
  S: fc.array(
    fc.constantFrom('"a"', '"b: c"', '"; #"', '""', 'word', '"accept"', '"level" level info', '"x"y'),
    {
      minLength: 2,
      maxLength: 2,
    },
  ),
});

/** Lines of which several are alike but for values. */
export const linesOfShapes = fc
  .tuple(
    fc.array(fc.tuple(fc.array(template, { maxLength: 4 }), lastWords, remarkOfShape), {
      minLength: 1,
      maxLength: 2,
    }),
    fc.array(fillings, { minLength: 2, maxLength: 4 }),
    fc.constantFrom(' ', ' ', '\t', '  '),
  )
  .map(([shapes, values, blank]) =>
    values.flatMap((value) =>
      shapes.map(([statements, last, rest]) => {
        const taken = { A: 0, V: 0, P: 0, N: 0, S: 0 };
        const line = [...statements, last].filter((part) => part !== '').join(blank) + rest;
        return line.replaceAll(/\b[AVPNS]\b/g, (hole) => {
          const kind = hole as keyof typeof taken;
          return value[kind][taken[kind]++ % 2]!;
        });
      }),
    ),
  );

/** Nearly a rule: its pieces in any order. */
export const lineOfPieces = fc
  .array(
    fc.constantFrom(
      ...[
        'ip',
        'saddr',
        'tcp',
        'dport',
        'meta',
        'ct',
        'state',
        'mark',
        'accept',
        'drop',
        'jump',
        'counter',
        'comment',
      ],
      ...[
        'limit',
        'rate',
        '10',
        '10/second',
        'packets',
        'log',
        'prefix',
        'reject',
        'with',
        'icmp',
        'type',
        'protocol',
      ],
      ...[
        '22',
        '22-80',
        '10.0.0.1',
        '10.0.0.0/8',
        'fe80::1',
        '::',
        'new',
        'eth0',
        '"x"',
        '"',
        '{',
        '}',
        '{ 22 }',
        ',',
      ],
      ...[
        '!=',
        '==',
        '&',
        '|',
        '/',
        '-',
        '.',
        ':',
        '@',
        '$',
        ';',
        '#',
        '# handle 4',
        '\\',
        '(',
        ')',
        '*',
        '!',
        'é',
        '\r',
      ],
    ),
    { maxLength: 9 },
  )
  .chain((pieces) => fc.constantFrom(' ', ' ', ' ', '', '\t').map((blank) => pieces.join(blank)))
  // An open string would join lines, and so does the backslash.
  .filter((line) => line.split('"').length % 2 === 1 && !/\\\r?$/.test(line));
