import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { runPorts } from '../../src/cli/commands/ports.ts';
import type { PortsArguments } from '../../src/cli/command-arguments.ts';
import { builtInRegistry } from '../../src/ports/registry.ts';
import { commandIo } from './command-io.ts';

const registry = builtInRegistry();

interface Run {
  from: number;
  to: number;
  transports: Record<'tcp' | 'udp', { status: string; service?: string }>;
}

async function ports(args: Partial<PortsArguments>) {
  const { io, out, err } = commandIo();
  const exit = await runPorts(
    { range: undefined, unassigned: false, stats: false, format: 'json', ...args },
    io,
  );
  return { exit, out: out(), err: err() };
}

async function runs(args: Partial<PortsArguments>): Promise<Run[]> {
  return (JSON.parse((await ports(args)).out) as { ports: Run[] }).ports;
}

describe('the list', () => {
  test('covers every port once, in runs, with the registry status of each', async () => {
    let next = 0;
    for (const { from, to, transports } of await runs({})) {
      expect(from).toBe(next);
      next = to + 1;
      for (const transport of ['tcp', 'udp'] as const) {
        for (const port of [from, to]) {
          const { status, service } = registry.statusOf(port, transport);
          expect(transports[transport]).toMatchObject({ status, ...(service !== undefined && { service }) });
        }
      }
    }
    expect(next).toBe(65_536);
  });

  test('the example of the contract', async () => {
    expect(await runs({ range: '3092' })).toEqual([
      {
        from: 3092,
        to: 3092,
        range: 'registered',
        transports: { tcp: { status: 'unassigned' }, udp: { status: 'unassigned' } },
      },
    ]);
  });

  test('by status', async () => {
    const found = await runs({ status: 'de-assigned', range: '1024-3000' });
    expect(found.map(({ from }) => from)).toContain(2682);
    for (const { transports } of found) {
      expect([transports.tcp.status, transports.udp.status]).toContain('de-assigned');
    }
  });

  test('by word: names, descriptions and known uses', async () => {
    expect((await runs({ search: 'kubelet' })).map(({ from }) => from)).toEqual([10250, 10255]);
    expect((await runs({ search: 'SECURE SHELL' })).map(({ from }) => from)).toContain(22);
    expect(await runs({ search: 'no such word in it' })).toEqual([]);
  });

  test('on a terminal, within its width', async () => {
    const { io, out } = commandIo({ columns: 60 });
    const args = { range: '10240-10260', unassigned: false, stats: false, format: 'terminal' } as const;
    expect(await runPorts(args, io)).toBe(0);
    expect(out().split('\n')[0]).toMatch(/^PORT +TCP +UDP +KNOWN USE$/);
    for (const line of out().split('\n').slice(0, -2)) expect(line.length).toBeLessThanOrEqual(60);
    expect(out()).toContain('10250');
  });

  test('as CSV that parses back', async () => {
    const { out } = await ports({ range: '10250-10260', format: 'csv' });
    const records = parse(out, { columns: true }) as Record<string, string>[];
    expect(records[0]).toMatchObject({ from: '10250', tcp: 'unassigned', uses: 'Kubernetes kubelet API' });
  });

  test('what is no range or status is said, exit 2', async () => {
    expect(await ports({ range: '9-3' })).toMatchObject({
      exit: 2,
      out: '',
      err: 'fw-audit: 9-3: the range is reversed; write 3-9\n',
    });
    expect((await ports({ range: '65536' })).exit).toBe(2);
    expect((await ports({ range: 'x' })).exit).toBe(2);
    expect((await ports({ status: 'free' })).err).toContain('one of assigned, ');
    expect((await ports({ suggest: 0 })).exit).toBe(2);
  });
});

describe('counts', () => {
  test('of each range and transport', async () => {
    const { out } = await ports({ stats: true });
    const { stats } = JSON.parse(out) as {
      stats: { range: string; ports: number; transports: Record<string, object> }[];
    };
    expect(stats.map(({ range, ports: count }) => [range, count])).toEqual([
      ['well-known', 1024],
      ['registered', 48_128],
      ['ephemeral', 16_384],
    ]);
    expect(stats[1]!.transports['tcp']).toMatchObject({ assigned: 5466, unassigned: 42_439 });
    const terminal = await ports({ stats: true, format: 'terminal' });
    expect(terminal.out).toContain('registered 1024-49151, 48,128 ports');
    expect(terminal.out).toContain('5,466 assigned');
  });
});

describe('free ports', () => {
  test('are unassigned on TCP and UDP, and neither in use by known software nor ephemeral', async () => {
    const found = await runs({ unassigned: true });
    expect(found.length).toBeGreaterThan(100);
    const free = new Set<number>();
    for (const { from, to, transports } of found) {
      expect([transports.tcp.status, transports.udp.status]).toEqual(['unassigned', 'unassigned']);
      for (let port = from; port <= to; port++) free.add(port);
    }
    for (const port of [3092, 3126, 4196]) expect(free.has(port), String(port)).toBe(true);
    for (const port of [10250, 25565, 2693, 30500, 40_000, 27374, 22])
      expect(free.has(port), String(port)).toBe(false);
  });

  test('are suggested, the same ones each time, as many as asked', async () => {
    const once = (await runs({ unassigned: true, suggest: 3 })).map(({ from }) => from);
    expect(once).toHaveLength(3);
    expect(new Set(once).size).toBe(3);
    expect((await runs({ suggest: 3, unassigned: true })).map(({ from }) => from)).toEqual(once);
    const all = await runs({ range: '3085-3130', unassigned: true, suggest: 50 });
    expect(all.map(({ from }) => from)).toEqual([3092, 3126]);
  });

  test('none is an answer too', async () => {
    const { exit, out } = await ports({ range: '20-25', unassigned: true, format: 'terminal' });
    expect(exit).toBe(0);
    expect(out).toContain('0 free on TCP and UDP');
  });
});

test('JSON fits the published schema', async () => {
  const schema: object = JSON.parse(
    readFileSync('rulesets/schema/ports-output.schema.json', 'utf8'),
  ) as object;
  const validate = new Ajv2020({ allErrors: true }).compile(schema);
  for (const args of [{}, { stats: true }, { unassigned: true }, { suggest: 5 }, { range: '8000-8100' }]) {
    expect(validate(JSON.parse((await ports(args)).out)), JSON.stringify(validate.errors)).toBe(true);
  }
});
