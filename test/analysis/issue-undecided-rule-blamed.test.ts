import { expect, test } from 'vitest';
import { createQuery, type QueryAnswer, type QueryPacket } from '../../src/query.ts';

const rules = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m set --match-set blacklist src -j DROP
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -j DROP
COMMIT
`;

async function ask(question: QueryPacket): Promise<QueryAnswer> {
  const { query } = await createQuery([{ id: 0, path: 'rules.v4', text: rules, encoding: 'utf-8' }]);
  return query(question);
}

const lines = ({ rules: path }: QueryAnswer): readonly number[] => path.map(({ line }) => line);

test('a packet that is denied in any case is denied by the rule that is sure to', async () => {
  const answer = await ask({ destinationPort: 999, source: '192.0.2.9' });
  expect([answer.verdict, lines(answer)]).toEqual(['deny', [7]]);
});

test('an answer that depends names the rule that lets the packet in, and the one that does not', async () => {
  const answer = await ask({ destinationPort: 22, source: '192.0.2.9' });
  expect([answer.verdict, lines(answer)]).toEqual(['conditional', [6, 5]]);
});

test('what the question leaves open is filled in for each of the two', async () => {
  const answer = await ask({ source: '192.0.2.9' });
  expect([answer.verdict, lines(answer)]).toEqual(['conditional', [6, 7]]);
});
