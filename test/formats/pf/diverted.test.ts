import { expect, it } from 'vitest';
import { ask, packetOf, told } from './probe.ts';

async function verdicts(text: string, dialect?: string): Promise<string[]> {
  const query = await ask(text, dialect === undefined ? {} : { dialect });
  return ['192.0.2.1', '2001:db8::1'].map(
    (from) => query.query(packetOf(`tcp 21 from ${from} in em1`.split(' '))).verdict,
  );
}

it("issue: the family of divert-to's address is the rule's", async () => {
  const text = 'block\npass in on em1 proto tcp to port 21 divert-to 127.0.0.1 port 8021\n';
  expect(await verdicts(text, 'openbsd')).toEqual(['allow', 'deny']);
  expect(await verdicts(text.replace('127.0.0.1', '::1'), 'openbsd')).toEqual(['deny', 'allow']);
  expect(await verdicts(text, 'freebsd')).toEqual(['allow', 'allow']);
  expect(await verdicts(text)).toEqual(['allow', 'conditional']);
  expect(told(text)).toEqual([
    'warning FW1303 2:37 the family of its address limits a divert-to rule, but not on FreeBSD',
  ]);
  expect(told(text.replace('proto', 'inet proto'))).toEqual([]);
});
