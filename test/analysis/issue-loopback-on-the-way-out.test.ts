import { expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';

const rules = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
-A OUTPUT -o lo -j ACCEPT
-A OUTPUT -p tcp -m tcp --dport 443 -j ACCEPT
COMMIT
`;

test.each([
  [false, [[443, [{}]]]],
  [true, [[443, [{}]]]],
])('what a host sends to itself is no way out: --loopback %s', async (loopback, expected) => {
  const sources = [{ id: 0, path: 'rules.v4', text: rules, encoding: 'utf-8' }] as const;
  const { exposures } = await audit([...sources], { directions: ['out'], loopback });
  const one = exposures.filter(({ ports }) => ports?.from === 443);
  expect(one.map(({ ports, from }) => [ports?.from, from])).toEqual(expected);
  expect(exposures.length > 1).toBe(loopback);
});
