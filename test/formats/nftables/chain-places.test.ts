import { describe, expect, it } from 'vitest';
import { ask, packetOf, textSource } from './probe.ts';

async function verdict(text: string, packet: string): Promise<string> {
  return (await ask(textSource(text))).query(packetOf(packet.split(' '))).verdict;
}

const input =
  'chain input { type filter hook input priority 0; policy drop; ct state untracked accept; tcp dport 1 accept; }';

describe('where a chain runs', () => {
  const prerouting = (priority: string): string =>
    `table inet t { chain p { type filter hook prerouting priority ${priority}; notrack; }; ${input}; }`;

  it.each([
    ['raw', 'allow'],
    ['-201', 'allow'],
    ['-199', 'deny'],
    ['mangle', 'deny'],
    // The chain and the look-up have one priority; which was registered first is not in the file.
    ['-200', 'conditional'],
  ])('decides what notrack at priority %s does to a new packet', async (priority, expected) => {
    expect(await verdict(prerouting(priority), 'tcp 22 from 192.0.2.9')).toBe(expected);
  });

  it('lets notrack take what is invalid behind the look-up', async () => {
    expect(await verdict(prerouting('mangle'), 'tcp 22 from 192.0.2.9 state invalid')).toBe('allow');
    expect(await verdict(prerouting('mangle'), 'tcp 22 from 192.0.2.9 state established')).toBe('deny');
  });

  it('follows jumps, verdict maps and named maps', async () => {
    const calls = [
      'jump a',
      'tcp dport vmap { 22 : goto a }',
      'tcp dport vmap @m',
      'tcp dport 22 jump { jump a; }',
    ];
    for (const call of calls) {
      const text = `table inet t {
  map m { type inet_service : verdict; elements = { 22 : jump a } }
  chain a { notrack; }
  chain p { type filter hook prerouting priority raw; ${call}; }
  ${input}
}`;
      expect([call, await verdict(text, 'tcp 22 from 192.0.2.9')]).toEqual([call, 'allow']);
    }
  });

  it('knows no single place of a chain that is called on both sides of the look-up', async () => {
    const text = `table inet t {
  chain a { notrack; }
  chain p { type filter hook prerouting priority raw; tcp dport 22 jump a; }
  chain q { type filter hook prerouting priority mangle; tcp dport 23 jump a; }
  ${input}
}`;
    expect(await verdict(text, 'tcp 23 from 192.0.2.9')).toBe('conditional');
    expect(await verdict(text, 'tcp 24 from 192.0.2.9')).toBe('deny');
    expect(await verdict(text, 'tcp 24 from 192.0.2.9 state untracked')).toBe('allow');
  });

  it('sees every packet in front of the look-up as invalid', async () => {
    const text = (rule: string): string =>
      `table inet t { chain p { type filter hook prerouting priority raw; ${rule} drop; }; ${input}; }`;
    expect(await verdict(text('ct state new'), 'tcp 1 from 192.0.2.9')).toBe('allow');
    expect(await verdict(text('ct state invalid'), 'tcp 1 from 192.0.2.9')).toBe('deny');
    expect(await verdict(text('ct state != invalid'), 'tcp 1 from 192.0.2.9')).toBe('allow');
    expect(await verdict(text('ct status dnat'), 'tcp 1 from 192.0.2.9')).toBe('allow');
    expect(await verdict(text('notrack ct state untracked'), 'tcp 1 from 192.0.2.9')).toBe('deny');
  });
});
