import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';
import { joinListeners } from '../../src/listeners/join-listeners.ts';
import type { HostListener } from '../../src/listeners/host-listener.ts';
import { readListeners } from '../../src/listeners/read-listeners.ts';

/**
 * Real sockets in a network namespace of the test's own, listed by the real tools. Needs root for `ip netns`.
 */
const namespace = `fwa-listen-${process.pid}`;

function run(command: readonly string[]): { readonly ok: boolean; readonly out: string } {
  const [program = '', ...args] = command;
  const result = spawnSync(program, args, { encoding: 'utf8' });
  return { ok: result.status === 0, out: result.stdout };
}

function missing(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces need Linux';
  if (process.getuid?.() !== 0) return 'ip netns needs root';
  if (!run(['ip', 'netns', 'add', namespace]).ok) return 'ip netns add does not work here';
  run(['ip', 'netns', 'del', namespace]);
  return undefined;
}

const reason = missing();
if (reason !== undefined) {
  if (process.env['FW_AUDIT_REQUIRE_ALL'] === '1') throw new Error(reason);
  console.warn(`skipped: ${reason}`);
}

/** Every kind of binding: wildcard and loopback, both families, dual-stack and not, TCP and UDP, and a connection. */
const program = `
const net = require('node:net'), dgram = require('node:dgram');
const tcp = (port, host, ipv6Only) => new Promise((done) => net.createServer().listen({ port, host, ipv6Only }, done));
const udp = (port, host, type) => new Promise((done) => dgram.createSocket({ type, ipv6Only: type === 'udp6' }).bind(port, host, done));
(async () => {
  await tcp(2688, '0.0.0.0'); await tcp(3092, '127.0.0.1'); await tcp(8080, '::', true); await tcp(8443, '::', false);
  await tcp(5432, '::1'); await udp(5353, '0.0.0.0', 'udp4'); await udp(53, '127.0.0.53', 'udp4'); await udp(5355, '::', 'udp6');
  net.connect(2688, '127.0.0.1', () => console.log('ready'));
})();
setTimeout(() => process.exit(), 120000);
`;

/** What any list must say; `families` where the tool tells. */
const bound = [
  { protocol: 'tcp', port: 2688, family: 'ipv4', loopback: false },
  { protocol: 'tcp', port: 3092, family: 'ipv4', loopback: true },
  { protocol: 'tcp', port: 8080, family: 'ipv6', loopback: false },
  { protocol: 'tcp', port: 8443, family: 'ipv6', loopback: false },
  { protocol: 'tcp', port: 5432, family: 'ipv6', loopback: true },
  { protocol: 'udp', port: 5353, family: 'ipv4', loopback: false },
  { protocol: 'udp', port: 53, family: 'ipv4', loopback: true },
  { protocol: 'udp', port: 5355, family: 'ipv6', loopback: false },
] as const;

describe.skipIf(reason !== undefined)('real sockets', () => {
  let holder: ChildProcess | undefined;

  beforeAll(async () => {
    run(['ip', 'netns', 'add', namespace]);
    run(['ip', 'netns', 'exec', namespace, 'ip', 'link', 'set', 'lo', 'up']);
    holder = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout!, 'data');
  });

  afterAll(() => {
    holder?.kill('SIGKILL');
    run(['ip', 'netns', 'del', namespace]);
  });

  const list = (command: readonly string[]): readonly HostListener[] => {
    const { out } = run(['ip', 'netns', 'exec', namespace, ...command]);
    const { listeners, diagnostics } = readListeners([{ id: 0, path: 'list', text: out, encoding: 'utf-8' }]);
    expect(diagnostics).toEqual([]);
    return listeners;
  };

  const commands: readonly (readonly string[])[] = [
    ['ss', '-tulpn'],
    ['ss', '-H', '-lntup'],
    ['ss', '-tunap'],
    ['ss', '-tulpnemi'],
    ['netstat', '-tulpn'],
    ['netstat', '-tulpen'],
    ['netstat', '-anp', '--inet', '--inet6'],
    ['lsof', '-nP', '-i'],
    ['lsof', '+c0', '-nP', '-i'],
  ];

  test.each(commands.map((command) => [command.join(' '), command] as const))('%s', (_, command) => {
    if (spawnSync('which', [command[0]!]).status !== 0) {
      if (process.env['FW_AUDIT_REQUIRE_ALL'] === '1') throw new Error(`${command[0]!} is not installed`);
      console.warn(`skipped: ${command[0]!} is not installed`);
      return;
    }
    const listeners = list(command);
    const found = listeners.map(
      ({ protocol, port, loopback }) => `${port}/${protocol} ${loopback ? 'loopback' : 'reachable'}`,
    );
    const expected = bound.map(
      ({ protocol, port, loopback }) => `${port}/${protocol} ${loopback ? 'loopback' : 'reachable'}`,
    );
    expect(found.sort()).toEqual(expected.sort());
    for (const { protocol, port, family } of bound) {
      const one = listeners.find((other) => other.port === port && other.protocol === protocol)!;
      expect(one.families).toContain(family);
      expect(one.process).toMatch(/^(node|MainThread|node-MainThread)/);
      expect(one.pid).toBeGreaterThan(0);
    }
  });

  test('ss tells a socket for both families from one for IPv6 only', () => {
    const listeners = list(['ss', '-tulpn']);
    expect(listeners.find(({ port }) => port === 8443)?.families).toEqual(['ipv4', 'ipv6']);
    expect(listeners.find(({ port }) => port === 8080)?.families).toEqual(['ipv6']);
  });

  test('rules and sockets meet', async () => {
    const text = `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m multiport --dports 22,2688,3092,8080,8443 -j ACCEPT
-A INPUT -p udp --dport 5353 -j ACCEPT
COMMIT
`;
    const report = joinListeners(
      await audit([{ id: 0, path: 'rules.v4', text, encoding: 'utf-8' }]),
      list(['ss', '-tulpn']),
    );
    const heard = report.exposures
      .filter(({ direction, ports }) => direction === 'in' && ports !== null)
      .flatMap(({ protocol, ports, listeners }) => [
        [`${ports!.from}/${protocol}`, listeners?.length] as const,
      ]);
    expect(new Map(heard)).toEqual(
      new Map([
        ['22/tcp', 0],
        ['2688/tcp', 1],
        ['3092/tcp', 0], // bound to loopback
        ['8080/tcp', 0], // bound to IPv6 only
        ['8443/tcp', 1],
        ['5353/udp', 1],
      ]),
    );
  });
});
