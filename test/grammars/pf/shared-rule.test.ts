import { expect, it } from 'vitest';
import { parsePf } from '../../../grammars/pf/document.ts';
import type { PfDocument } from '../../../grammars/pf/document.ts';
import { SharedRule } from '../../../grammars/pf/shared-rule.ts';
import type { Criteria, FilterRule, Statement } from '../../../grammars/pf/syntax.ts';
import { read } from '../../formats/pf/probe.ts';
import { fc } from '../../property-testing.ts';

function parse(text: string): PfDocument {
  return parsePf({ id: 0, path: 'pf.conf', text, encoding: 'utf-8' }, () => 'not here');
}

/** The same lines as nobody shares words in: each is joined to an empty one. */
function joined(text: string): string {
  return text
    .split('\n')
    .map((line) => `\\\n${line}`)
    .join('\n');
}

/** The offset in `text` of an offset in `joined(text)`. */
function offsetBefore(text: string, offset: number): number {
  const newlines = joined(text).slice(0, offset).split('\n').length - 1;
  return offset - 2 * Math.ceil(newlines / 2);
}

/** A value without the places of its words. */
function placeless(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) => {
      if (typeof inner !== 'object' || inner === null || !('tokenType' in inner)) return inner;
      const { tokenType, image, quoted, expanded } = inner as unknown as Record<string, unknown>;
      return { type: (tokenType as { name: string }).name, image, quoted, expanded };
    }),
  );
}

/** What a rule says; the label that a shared rule holds apart is put among the options of neither. */
function content(rule: FilterRule): unknown {
  const peer = ({ hosts, ports }: NonNullable<Criteria['from']> = {}): unknown => ({ hosts, ports });
  const { action, response, direction, quick, interfaces, family, protocols, from, to, systems } = rule;
  const labels = rule.options.filter((option) => option.kind === 'word' && option.keyword.image === 'label');
  const [first] = labels;
  return placeless({
    criteria: { action, response, direction, quick, interfaces, family, protocols, systems },
    peers: [from !== undefined, to !== undefined, peer(from), peer(to)],
    label: rule.label ?? (first?.kind === 'word' ? first.words[0]?.image : undefined),
    options: rule.options.filter((option) => !(rule.label === undefined && option === first)),
  });
}

const word = fc.constantFrom(
  ...[
    'pass',
    'block',
    'match',
    'drop',
    'return',
    'in',
    'out',
    'log',
    'log (all, to pflog1)',
    'quick',
    'on em0',
  ],
  ...[
    'on { em0, ! em1 }',
    'inet',
    'inet6',
    'proto tcp',
    'proto { tcp udp }',
    'proto icmp',
    'all',
    'from',
    'to',
  ],
  ...[
    'any',
    '10.0.0.1',
    '10/8',
    '10.1.0.0/16',
    '192.0.2.1 - 192.0.2.9',
    '! 10.0.0.0/8',
    '<t>',
    '! <t>',
    '(em0)',
  ],
  ...[
    '{ 10.0.0.1, 10.0.0.2/31 }',
    '{ any { 10.0.0.1 } }',
    '2001:db8::1',
    '1.2.3',
    '1.2.3.4/',
    '/24',
    'self',
    '!',
  ],
  ...[
    'port 22',
    'port { 22 80:90 }',
    'port != 22',
    'port 1 >< 5',
    'port',
    'port 70000',
    'os Linux',
    '$if',
    '$p',
  ],
  ...[
    '$net',
    '$none',
    '$two',
    '$quote',
    '$comment',
    '$blank',
    '-> 10.0.0.1',
    '{',
    '}',
    '(',
    ')',
    ',',
    '"x"',
    "'x'",
  ],
  ...[
    'keep state',
    'keep state (max 10)',
    'no state',
    'flags S/SA',
    'flags any',
    'label "a label"',
    'label "b"',
  ],
  ...[
    'label plain',
    "label 'x y'",
    'label',
    'label "open',
    'tag A',
    'tag A b',
    'tagged A',
    '! tagged A',
    'queue q',
  ],
  ...[
    'icmp-type echoreq',
    'user root',
    'probability 50%',
    'rdr-to 10.0.0.1',
    'route-to (em0 10.0.0.1)',
    'once',
  ],
  ...[
    'rtable 300',
    'ridentifier 7',
    '# comment',
    '# from \\',
    'allow-opts',
    'received-on em1',
    'reply-to',
    '\\',
    '\r',
  ],
);
const ordered = fc
  .record({
    action: fc.constantFrom('pass', 'block', 'block return', 'match', 'block drop'),
    direction: fc.constantFrom('', 'in', 'out'),
    quick: fc.constantFrom('', 'quick', 'log quick'),
    iface: fc.constantFrom('', 'on em0', 'on { em0 em1 }', 'on $if'),
    family: fc.constantFrom('', 'inet', 'inet6'),
    protocol: fc.constantFrom('', 'proto tcp', 'proto { tcp udp }', 'proto 6', 'proto esp'),
    from: fc.constantFrom(
      '',
      'all',
      'from any',
      'from 10.0.0.1',
      'from 10/8 port 53',
      'from <t>',
      'from port 9',
      'from $net',
    ),
    to: fc.constantFrom(
      '',
      '',
      'to any',
      'to any port 22',
      'to 10.0.0.0/8 port { 22, 80 }',
      'to port $p',
      'to $two',
      'to (em0)',
    ),
    options: fc.array(
      fc.constantFrom(
        'keep state',
        'no state',
        'label "x # y"',
        'label "z"',
        'tag A',
        '! tagged A',
        'flags S/SA',
        'prio 9',
      ),
      { maxLength: 3 },
    ),
    end: fc.constantFrom('', '', '', ' ', '\r', ' # why', ' $blank', ' }', ' \\'),
  })
  .map(
    ({ options, end, ...parts }) =>
      [...Object.values(parts), ...options].filter((part) => part !== '').join(' ') + end,
  );
const line = fc.oneof(
  { weight: 3, arbitrary: ordered },
  { weight: 2, arbitrary: fc.array(word, { minLength: 1, maxLength: 7 }).map((words) => words.join(' ')) },
  { weight: 1, arbitrary: fc.tuple(ordered, word).map(([rule, more]) => `${rule} ${more}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'if = "em1"',
      'p = "80"',
      'net = "{ 10/8 }"',
      '',
      '}',
      'anchor "a" {',
      'table <t> { 10/8 }',
    ),
  },
);
const texts = fc
  .array(line, { minLength: 1, maxLength: 8 })
  .map(
    (lines) =>
      `if = "em0"\np = "{ 22, 80 }"\nnet = "10.0.0.0/8"\ntwo = "any port 22"\nquote = "'"\ncomment = "em0 # x"\nblank = " "\n${lines.join('\n')}`,
  );

function walk(
  one: readonly Statement[],
  other: readonly Statement[],
  visit: (a: Statement, b: Statement) => void,
): void {
  expect(one.map(({ kind }) => kind)).toEqual(other.map(({ kind }) => kind));
  for (const [index, statement] of one.entries()) {
    const twin = other[index]!;
    visit(statement, twin);
    if ('body' in statement && statement.body !== undefined)
      walk(statement.body, (twin as { body?: readonly Statement[] }).body ?? [], visit);
  }
}

it('rules that share their words say what they say when they are read as a whole', () => {
  let shared = 0;
  fc.assert(
    fc.property(texts, (text) => {
      walk(parse(text).statements, parse(joined(text)).statements, (statement, twin) => {
        expect([offsetBefore(text, twin.span.start), offsetBefore(text, twin.span.end)]).toEqual([
          statement.span.start,
          statement.span.end,
        ]);
        if (!(statement instanceof SharedRule) || twin.kind !== 'filter') return;
        shared++;
        expect(twin.problem).toBeUndefined();
        expect(content(statement)).toEqual(content(twin));
        expect(content(statement.placed())).toEqual(content(twin));
        expect(statement.placed().span).toEqual(statement.span);
      });
    }),
    { numRuns: 300 },
  );
  // Or the test says nothing.
  expect(shared).toBeGreaterThan(100);
});

it('what is made of them is the same, and so is all that is told', () => {
  fc.assert(
    fc.property(texts, fc.constantFrom('openbsd', 'freebsd', undefined), (text, dialect) => {
      const options = dialect === undefined ? {} : { dialect };
      const mine = read(text, options);
      const whole = read(joined(text), options);
      const span = ({ source, start, end }: { source: number; start: number; end: number }): unknown => ({
        source,
        start: offsetBefore(text, start),
        end: offsetBefore(text, end),
      });
      const plain = (value: unknown, place: (at: never) => unknown): unknown =>
        JSON.parse(
          JSON.stringify(value, (key, inner: unknown) =>
            typeof inner === 'bigint'
              ? String(inner)
              : inner instanceof Map
                ? [...(inner as Map<unknown, unknown>)]
                : key === 'span' && inner !== undefined
                  ? place(inner as never)
                  : inner,
          ).replace(/(#| of [0-9]+:)[0-9]+/g, '$1'),
        );
      const same = (at: unknown): unknown => at;
      expect(plain(mine.diagnostics, same)).toEqual(plain(whole.diagnostics, span as (at: never) => unknown));
      expect(plain(mine.firewall.chains, same)).toEqual(
        plain(whole.firewall.chains, span as (at: never) => unknown),
      );
      expect(plain(mine.firewall.sets, same)).toEqual(
        plain(whole.firewall.sets, span as (at: never) => unknown),
      );
      expect([mine.rules, mine.understood, mine.firewall.dialect]).toEqual([
        whole.rules,
        whole.understood,
        whole.firewall.dialect,
      ]);
    }),
    { numRuns: 300 },
  );
});
