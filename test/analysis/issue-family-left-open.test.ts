import { expect, test } from 'vitest';
import { createQuery, type QueryAnswer, type QueryPacket } from '../../src/query.ts';

const rules = `block in
block return in proto tcp to port 25
pass in inet proto tcp to port 22
pass in proto tcp to port 80
pass in inet6 proto tcp to port 443
`;

async function ask(question: QueryPacket): Promise<QueryAnswer> {
  const { query } = await createQuery([{ id: 0, path: 'pf.conf', text: rules, encoding: 'utf-8' }]);
  return query(question);
}

test('a question without an address is about both families, and hangs on the family where they differ', async () => {
  const answer = await ask({ destinationPort: 22 });
  expect(answer.verdict).toBe('conditional');
  expect(answer.rules.map(({ line }) => line)).toEqual([3, 1]);
  expect(answer.conditions).toEqual(['what the question leaves open: family']);
  expect((await ask({ destinationPort: 443 })).rules.map(({ line }) => line)).toEqual([5, 1]);
});

test('where both families give one answer, it is that', async () => {
  expect(await ask({ destinationPort: 80 })).toMatchObject({ verdict: 'allow', conditions: [] });
  expect(await ask({ destinationPort: 25 })).toMatchObject({
    verdict: 'deny',
    action: 'reject',
    conditions: [],
  });
});

test('an address says which family is meant', async () => {
  expect((await ask({ destinationPort: 22, source: '192.0.2.1' })).verdict).toBe('allow');
  expect((await ask({ destinationPort: 22, destination: '2001:db8::1' })).verdict).toBe('deny');
});

test('a family that the input does not cover leaves nothing open', async () => {
  const text = '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n';
  const { query } = await createQuery([{ id: 0, path: 'rules.v4', text, encoding: 'utf-8' }]);
  expect(query({ destinationPort: 22 }).verdict).toBe('allow');
});
