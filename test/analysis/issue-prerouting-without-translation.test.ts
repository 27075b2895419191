import { expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';

/** A chain before routing that sends nothing elsewhere used to add a row "possible, if the address it is translated to is …". */
test('a chain before routing opens nothing by itself', async () => {
  const text = `*mangle
:PREROUTING ACCEPT [0:0]
-A PREROUTING -s 192.0.2.1/32 -j DROP
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
`;
  const { exposures } = await audit([{ id: 0, path: 'rules.v4', text, encoding: 'utf-8' }]);
  expect(exposures.map(({ certainty, conditions }) => [certainty, conditions])).toEqual([['certain', []]]);
});
