import { expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';

/** A run of ports that the same packets may reach named what its first port hangs on, and kept quiet about the others. */
test('a possible row names the conditions of all its ports', async () => {
  const text = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --name knocked --rsource -j ACCEPT
-A INPUT -p tcp -m tcp --dport 23 -m limit --limit 5/min -j ACCEPT
-A INPUT -p tcp -m tcp --dport 24 -m limit --limit 5/min -j ACCEPT
-A INPUT -p tcp -m tcp --dport 26 -m limit --limit 7/min -j ACCEPT
COMMIT
`;
  const { exposures } = await audit([{ id: 0, path: 'rules.v4', text, encoding: 'utf-8' }]);
  expect(
    exposures.map(({ ports, conditions }) => [
      ports?.from,
      ports?.to,
      conditions.map(({ text: says, rule }) => `${says.split(/[ :]/)[0]} of line ${rule?.line}`),
    ]),
  ).toEqual([
    [22, 24, ['recent of line 5', 'limit of line 6', 'limit of line 7']],
    [26, 26, ['limit of line 8']],
  ]);
});
