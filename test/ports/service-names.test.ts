import { expect, test } from 'vitest';
import { nameByPort, portByName } from '../../src/ports/service-names.ts';

test.each([
  ['ssh', 'tcp', 22],
  ['http', 'tcp', 80],
  ['www', 'tcp', 80],
  ['https', 'tcp', 443],
  ['domain', 'udp', 53],
  ['ntp', 'udp', 123],
  ['imaps', 'tcp', 993],
  ['syslog', 'udp', 514],
  ['shell', 'tcp', 514],
  ['smtps', 'tcp', 465],
  ['webcache', 'tcp', 8080],
  ['http-alt', 'tcp', 8080],
  ['ircd', 'tcp', 6667],
  ['x11', 'tcp', 6000],
  ['rpcbind', 'udp', 111],
] as const)('%s/%s is %i', (name, protocol, port) => {
  expect(portByName(name, protocol)).toBe(port);
});

test('a name is exact, and an unknown one is nobody', () => {
  expect(portByName('SSH', 'tcp')).toBeUndefined();
  expect(portByName('ss', 'tcp')).toBeUndefined();
  expect(portByName('__proto__', 'tcp')).toBeUndefined();
  expect(portByName('', 'tcp')).toBeUndefined();
});

test('one name may mean one port on TCP and another on UDP', () => {
  expect([portByName('who', 'udp'), portByName('login', 'tcp')]).toEqual([513, 513]);
  expect([portByName('exec', 'tcp'), portByName('biff', 'udp')]).toEqual([512, 512]);
});

test('names of ports', () => {
  expect(nameByPort(22, 'tcp')).toBe('ssh');
  expect(nameByPort(3092, 'tcp')).toBeUndefined();
});
