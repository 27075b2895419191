import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { HostListener } from '../../src/listeners/host-listener.ts';
import { readListeners } from '../../src/listeners/read-listeners.ts';
import { decode } from '../../src/source/decode.ts';
import type { Source } from '../../src/source/source.ts';

function source(text: string, path = 'listeners.txt'): Source {
  return { id: 0, path, text, encoding: 'utf-8' };
}

function line(one: HostListener): string {
  const who = [
    one.process ?? '-',
    one.pid === undefined ? '' : `pid ${one.pid}`,
    one.user === undefined ? '' : `user ${one.user}`,
  ];
  const flags = [one.families.join('+'), one.loopback ? 'loopback' : '', one.wildcard ? 'wildcard' : ''];
  const text = `${one.location.line}: ${one.protocol} ${one.address} ${one.port} ${flags.filter(Boolean).join(' ')} ${who.filter(Boolean).join(' ')}`;
  return text;
}

describe('forms', () => {
  const files = readdirSync('fixtures/listeners').filter((name) => !name.endsWith('.golden'));
  test('there is a fixture for each', () => {
    expect(files.length).toBeGreaterThanOrEqual(18);
  });

  test.each(files)('%s', async (name) => {
    const decoded = decode(readFileSync(`fixtures/listeners/${name}`), name, 0);
    if (decoded.kind !== 'text') throw new Error(decoded.diagnostic.message);
    const { listeners, diagnostics, commands } = readListeners([decoded.source]);
    const text = [
      ...commands,
      ...listeners.map(line),
      ...diagnostics.map(({ code, severity, message }) => `${code} ${severity}: ${message}`),
    ];
    await expect(`${text.join('\n')}\n`).toMatchFileSnapshot(`../../fixtures/listeners/${name}.golden`);
    expect(diagnostics.filter(({ code }) => code !== 'FW1503')).toEqual([]);
  });
});

describe('several lists', () => {
  test('in one file, one below the other', () => {
    const text = ['ss.txt', 'netstat-windows.txt', 'lsof.txt', 'docker-ps.txt', 'powershell-tcp.csv']
      .map((name) => readFileSync(`fixtures/listeners/${name}`, 'utf8'))
      .join('\n');
    const { listeners, commands, diagnostics } = readListeners([source(text)]);
    expect(commands).toEqual([
      'ss -tulpn',
      'netstat -ano',
      'tasklist /svc /fo csv',
      'lsof -nP -i',
      'docker ps',
      'Get-NetTCPConnection | Export-Csv',
    ]);
    expect(diagnostics.filter(({ code }) => code === 'FW1501')).toEqual([]);
    expect(listeners.length).toBeGreaterThan(30);
  });

  test('names of tasklist reach the rows of another file', () => {
    const rows = source('  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       1044\n', 'a');
    const names = { ...source('"svchost.exe","1044","RpcEptMapper,RpcSs"\n', 'b'), id: 1 };
    expect(readListeners([rows, names]).listeners).toMatchObject([
      { process: 'svchost.exe (RpcEptMapper, RpcSs)', pid: 1044 },
    ]);
  });
});

describe('what cannot be read', () => {
  test.each([
    ['nothing', ''],
    ['prose', 'The quick brown fox\njumps over the lazy dog\n'],
    ['rules', '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n'],
    ['JSON', '{"a": [1, 2]}'],
    ['an endless line', `tcp ${'LISTEN 0 '.repeat(50_000)}`],
  ])('%s is no list', (_, text) => {
    const { listeners, diagnostics } = readListeners([source(text)]);
    expect(listeners).toEqual([]);
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([['FW1502', 'error']]);
  });

  test('a heading alone is an empty list', () => {
    const { listeners, diagnostics } = readListeners([
      source('Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n'),
    ]);
    expect([listeners, diagnostics]).toEqual([[], []]);
  });

  test('a strange line is named, with its place, and loses nothing else', () => {
    const text = readFileSync('fixtures/listeners/ss.txt', 'utf8');
    const whole = readListeners([source(text)]).listeners;
    const lines = text.split('\n');
    lines.splice(
      3,
      0,
      'tcp   LISTEN 0      128',
      '### something else entirely ###',
      'tcp   LISTEN 0  1  0.0.0.0:99999 0.0.0.0:*',
    );
    const { listeners, diagnostics } = readListeners([source(lines.join('\n'))]);
    expect(listeners.map(({ port }) => port)).toEqual(whole.map(({ port }) => port));
    const places = diagnostics
      .filter(({ code }) => code === 'FW1501')
      .map(({ span }) => lines.join('\n').slice(span!.start, span!.end));
    expect(places).toEqual([
      'tcp   LISTEN 0      128',
      '### something else entirely ###',
      'tcp   LISTEN 0  1  0.0.0.0:99999 0.0.0.0:*',
    ]);
  });

  test('many strange lines are counted', () => {
    const text = readFileSync('fixtures/listeners/ss.txt', 'utf8') + 'x y z !\n'.repeat(1000);
    const warnings = readListeners([source(text)]).diagnostics.filter(({ code }) => code === 'FW1501');
    expect(warnings).toHaveLength(21);
    expect(warnings[20]!.message).toContain('980 more');
  });

  test('a PowerShell selection that cannot tell TCP from UDP says so', () => {
    const csv = '"LocalAddress","LocalPort","OwningProcess"\n"0.0.0.0","2688","5120"\n';
    const { listeners, diagnostics } = readListeners([source(csv)]);
    expect(listeners).toEqual([]);
    expect(diagnostics).toMatchObject([
      { code: 'FW1501', message: expect.stringContaining('TCP from UDP') as string },
    ]);
  });

  test('any cut of a list is read without a throw, in linear time', () => {
    for (const name of readdirSync('fixtures/listeners')) {
      const text = readFileSync(`fixtures/listeners/${name}`, 'utf8');
      for (let at = 0; at < text.length; at += 97)
        readListeners([source(text.slice(at)), source(text.slice(0, at))]);
    }
    const long = source(
      `tcp LISTEN 0 128 0.0.0.0:2688 0.0.0.0:* users:(${'("a",pid=1,fd=1),'.repeat(1000)})\n`.repeat(20),
    );
    const start = performance.now();
    readListeners([long]);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
