import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPlainYaml } from '../../src/policy/plain-yaml.ts';
import { readAnyYaml, readPolicyYaml } from '../../src/policy/policy-yaml.ts';
import { policySource } from './sample-row.ts';

/** The yaml package agrees on what a text that is read as plain says, and on the place of each item. */
function expectSame(text: string): void {
  const source = policySource(text);
  const own = readPolicyYaml(source);
  const full = readAnyYaml(source);
  expect(full.diagnostics, text).toEqual([]);
  expect(own.data, text).toEqual(full.data);
  // toEqual takes 1 and "1" for two, but not a missing key and undefined.
  expect(JSON.stringify(own.data), text).toBe(JSON.stringify(full.data));
  for (const [key, value] of Object.entries(own.data as object)) {
    expect(own.locate([key], 'key'), text).toEqual(full.locate([key], 'key'));
    if (!Array.isArray(value)) continue;
    for (const index of value.keys())
      expect(own.locate([key, index], 'value'), text).toEqual(full.locate([key, index], 'value'));
  }
}

const scalars = [
  ...['443/tcp', '8000-8100/tcp', '53', '0', '007', '1e3', '1.', '1.5', '0x1f', '0o17', '1e', '12345678901'],
  ...[
    '2027-06-30',
    '10.0.0.0/8',
    '2001:db8::/32',
    '::1',
    'hosts/edge-*',
    '*',
    '&a b',
    '!x',
    '- a',
    '?',
    '-1',
  ],
  ...[
    'null',
    'True',
    '~',
    'Yes',
    'on',
    '.5',
    '.inf',
    'a b',
    'a: b',
    'a:',
    'a:b',
    'a #b',
    'a# b',
    '#a',
    'é ß',
  ],
  ...[
    '"q"',
    '"q # r" # s',
    '"a\\n"',
    "'it'",
    "'it''s'",
    '"open',
    '"a" b',
    '[a, b]',
    '[ 1 ,"b, c" ] # d',
    '[a',
  ],
  ...[
    '[]',
    '[a,]',
    '[a: b]',
    '[a#b]',
    '[a #b]',
    '{}',
    '{a: 1, b: [x, y]}',
    '{a: 1, a: 2}',
    '{a:1}',
    '{a}',
    '[[a], {b: c}]',
  ],
  ...[
    '|',
    '>-',
    '@a',
    '%a',
    '`a',
    'a, b',
    'a]',
    '😀',
    '/etc/x',
    '(a)',
    '_',
    '---',
    '...',
    '<<',
    '[a]b',
    '[a]#b',
    '',
  ],
] as const;

const usual = [
  '443/tcp',
  '53',
  '2027-06-30',
  'a b-c',
  '[10.0.0.0/8, "::/0"]',
  "'q # r'",
  '{a: 1, b: [x]}',
] as const;
const value = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...usual) },
  { weight: 1, arbitrary: fc.constantFrom(...scalars) },
);
const tail = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('', ' ', ' # note') },
  { weight: 1, arbitrary: fc.constantFrom('#', '\t', '\r', ':', ' :', ' &') },
);
const key = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('a: ', 'b: ', 'key_2-x:  ', 'd: ', 'e: ') },
  { weight: 1, arbitrary: fc.constantFrom('', 'null: ', '"q": ', '1: ', '__proto__: ', '<<: ', 'f : ') },
);

/** Any lines at all, few of which make a plain file. */
const line = fc
  .tuple(fc.constantFrom(0, 0, 0, 2, 2, 3, 4), fc.constantFrom('', '', '- ', '-', '-   '), key, value, tail)
  .map(([indent, dash, name, text, end]) => `${' '.repeat(indent)}${dash}${name}${text}${end}`);

/** Shaped like a policy, so that most are plain, with a line of any kind here and there. */
const entry = fc
  .tuple(
    fc.uniqueArray(fc.tuple(fc.constantFrom('port', 'ports', 'from', 'reason', 'expires'), value, tail), {
      minLength: 1,
      selector: ([name]) => name,
    }),
    fc.option(line, { freq: 2 }),
    fc.integer({ min: 0, max: 15 }),
  )
  .map(([keys, extra, chance]) => [
    ...keys.map(([name, text, end], i) => `${i === 0 ? '- ' : '  '}${name}: ${text}${end}`),
    ...(extra !== null && chance === 0 ? [extra] : []),
  ]);

const list = fc
  .tuple(fc.array(entry, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '  ', '    '))
  .map(([entries, indent]) => entries.flat().map((text) => `${indent}${text}`));

const policy = fc
  .tuple(
    list,
    list,
    fc.constantFrom('\n', '\r\n'),
    fc.constantFrom('', '# and', '  ', ' # and'),
    fc.constantFrom([], ['']),
  )
  .map(([allow, deny, end, between, last]) =>
    ['version: 1', 'allow:', ...allow, between, 'deny: # never', ...deny, ...last].join(end),
  );

describe('plain YAML', () => {
  it.each([
    ['lines of all kinds', fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n'))],
    ['policies', policy],
  ])('is what the yaml package reads: %s', (_name, texts) => {
    let plain = 0;
    fc.assert(
      fc.property(texts, (text) => {
        if (readPlainYaml(text) === undefined) return;
        plain++;
        expectSame(text);
      }),
      { numRuns: 3000 },
    );
    expect(plain).toBeGreaterThan(20);
  });

  it('covers what policy init writes, and the policy of a repository', () => {
    for (const path of ['fixtures/policy/init.yaml', 'fixtures/repo/fw-audit.yaml']) {
      const text = readFileSync(path, 'utf8');
      expect(readPlainYaml(text), path).toBeDefined();
      expectSame(text);
    }
  });

  it.each([
    'allow:\n  - port: 1/tcp\n    reason: a\n      longer one\n',
    'allow:\n  - port: 1/tcp\n    reason: >-\n      folded\n',
    'a: &x 1\nb: *x\n',
    'a: 1\na: 2\n',
    'a:\nb: 1\n',
    '---\na: 1\n',
    'a: "two\n  lines"\n',
    'a: [b,\n  c]\n',
    'a:\n\t- b\n',
  ])('leaves %j to the yaml package', (text) => {
    expect(readPlainYaml(text)).toBeUndefined();
  });

  it('takes time in proportion to the text', () => {
    const entries = Array.from(
      { length: 50_000 },
      (_, i) => `  - port: ${i}/tcp\n    reason: service ${i}\n`,
    );
    const start = process.cpuUsage();
    expect(readPlainYaml(`allow:\n${entries.join('')}`)).toBeDefined();
    // A fiftieth of what a search to the end of the text from every line once took.
    expect(process.cpuUsage(start).user / 1e6).toBeLessThan(5);
  });

  it('ends on deeply nested text', () => {
    const deep = Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n');
    expect(readPlainYaml(deep)).toBeUndefined();
    expect(readPlainYaml(`a: ${'['.repeat(100_000)}`)).toBeUndefined();
  });
});
