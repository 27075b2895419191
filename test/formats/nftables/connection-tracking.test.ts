import { describe, expect, it } from 'vitest';
import { ask, packetOf, textSource } from './probe.ts';

const natDrop = 'chain nat { type nat hook prerouting priority -100; policy drop; }';

async function verdicts(text: string): Promise<string[]> {
  const { query } = await ask(textSource(text));
  return ['192.0.2.9', '2001:db8::9'].map((source) => query(packetOf(['tcp', '22', 'from', source])).verdict);
}

// Each was asked of a kernel (6.18) on which nothing else tracked connections.
describe('a nat chain is asked only where connections are tracked', () => {
  it.each([
    ['nothing asks about connections', '', ['conditional', 'conditional']],
    [
      'a table of the other family does',
      'table ip6 u { chain x { ct state new counter; }; }',
      ['conditional', 'deny'],
    ],
    [
      'a table of the family does',
      'table ip u { chain x { ct state new counter; }; }',
      ['deny', 'conditional'],
    ],
    [
      'a table of both families does',
      'table inet u { chain x { ct state new counter; }; }',
      ['deny', 'deny'],
    ],
    [
      'a rule translates to an IPv4 address',
      'table inet u { chain x { type nat hook prerouting priority -90; ip daddr 1.2.3.4 dnat ip to 1.2.3.5; }; }',
      ['deny', 'conditional'],
    ],
    [
      'a rule masquerades both',
      'table inet u { chain x { type nat hook postrouting priority 90; ip daddr 1.2.3.4 masquerade; }; }',
      ['deny', 'deny'],
    ],
    [
      'a rule only takes packets out of tracking',
      'table inet u { chain x { notrack; }; }',
      ['conditional', 'conditional'],
    ],
    [
      'a rule adds what it asks of a connection to a set',
      'table inet u { set s { typeof ct mark; flags dynamic; size 10; }; chain x { add @s { ct mark }; }; }',
      ['deny', 'deny'],
    ],
    [
      'a helper waits to be given to connections',
      'table ip u {\n  ct helper f {\n    type "ftp" protocol tcp;\n  }\n}',
      ['deny', 'conditional'],
    ],
    [
      'the mark is taken from the connection',
      'table inet u { chain x { meta mark set ct mark; }; }',
      ['deny', 'deny'],
    ],
  ])('%s', async (_, other, expected) => {
    expect(await verdicts(`table inet t { ${natDrop}; }\n${other}\n`)).toEqual(expected);
  });
});

describe('the status of a connection whose first packet this is', () => {
  // Asked of a kernel, too.
  it.each([
    ['ct status assured,expected accept', 'deny'],
    ['ct status ! seen-reply accept', 'allow'],
    ['ct status confirmed,dnat accept', 'deny'],
  ])('%s', async (rule, expected) => {
    const text = `table inet t {\n chain c {\n type filter hook input priority 0; policy drop;\n ${rule}\n }\n}\n`;
    const { query } = await ask(textSource(text));
    expect(query(packetOf(['tcp', '22', 'from', '192.0.2.9'])).verdict).toBe(expected);
  });
});
