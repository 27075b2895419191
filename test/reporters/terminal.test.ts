import { describe, expect, it } from 'vitest';
import { textWidth } from '../../src/diagnostics/text-width.ts';
import type { RenderOptions } from '../../src/reporters/reporter.ts';
import { prefixesOf } from '../../src/packets/address-text.ts';
import { setOutline } from '../../src/report/row-outline.ts';
import { terminal } from '../../src/reporters/terminal.ts';
import type { Report } from '../../src/report/report.ts';
import { exposure, report, rule, webServer } from './sample-report.ts';

const plain: RenderOptions = { columns: 100, color: false, unicode: true, quiet: false, verbose: false };

function render(about: Report, over: Partial<RenderOptions> = {}): string {
  return terminal.render(about, { ...plain, ...over });
}

const router = report({
  inputs: [
    {
      path: 'r.nft',
      format: 'nftables',
      dialect: 'nft',
      families: ['ipv4', 'ipv6'],
      rules: 31,
      understood: 30,
      host: 0,
    },
    {
      path: 'b.rules',
      format: 'iptables',
      dialect: 'iptables-save',
      families: ['ipv4'],
      rules: 1,
      understood: 1,
      host: 1,
    },
  ],
  exposures: [
    exposure({
      ports: { from: 22, to: 22 },
      assignment: { status: 'assigned', service: 'ssh' },
      rules: [rule(5, 'tcp dport 22 accept', 'r.nft')],
    }),
    exposure({
      family: 'ipv6',
      ports: { from: 22, to: 22 },
      assignment: { status: 'assigned', service: 'ssh' },
      rules: [rule(5, 'tcp dport 22 accept', 'r.nft')],
    }),
    exposure({ family: 'ipv6', rules: [rule(6, 'ip6 … tcp dport 80 accept', 'r.nft')] }),
    exposure({
      certainty: 'possible',
      conditions: [{ text: 'limit: 5/minute' }],
      ports: { from: 8443, to: 8443 },
      range: 'registered',
      assignment: { status: 'assigned', service: 'pcsync-https' },
      rules: [rule(9, 'limit rate 5/minute accept', 'r.nft')],
    }),
    exposure({
      direction: 'forward',
      ports: { from: 8080, to: 8080 },
      range: 'registered',
      assignment: { status: 'assigned', service: 'http-alt' },
      from: [{ inInterfaces: ['eth0'], destinations: ['192.0.2.1'], outInterfaces: ['docker0'] }],
      translation: { to: '172.17.0.2:80', rule: rule(14, 'dnat to 172.17.0.2:80', 'r.nft') },
      rules: [rule(20, 'oifname "docker0" accept', 'r.nft')],
    }),
    exposure({
      protocol: 'icmp',
      ports: null,
      range: null,
      assignment: null,
      from: [{ icmpTypes: [{ type: { from: 8, to: 8 } }] }],
      rules: [rule(3, 'icmp type echo-request accept', 'r.nft')],
    }),
    exposure({
      input: 1,
      ports: { from: 1024, to: 49151 },
      range: 'registered',
      assignment: { status: 'mixed', counts: { assigned: 5466, unassigned: 42000, reserved: 662 } },
      scrutiny: { flag: true, level: 'high', reasons: ['wide-range', 'unassigned'] },
      rules: [rule(3, ':INPUT ACCEPT [0:0]', 'b.rules')],
    }),
  ],
  diagnostics: [
    {
      code: 'FW1004',
      severity: 'error',
      message: 'the expression "xt match \u001b[2Jfoo" is not known',
      help: 'The rule is kept and may match or not.',
      location: { path: 'r.nft', line: 12, column: 3, endLine: 12, endColumn: 15 },
    },
    { code: 'FW1011', severity: 'note', message: 'read as Windows-1252' },
  ],
  summary: {
    openPorts: 48131,
    possiblePorts: 1,
    openToInternet: 48131,
    openToPrivate: 0,
    deserveALook: 48128,
    rules: 32,
    understood: 31,
    findings: { note: 0, low: 0, medium: 0, high: 1 },
  },
});

const lineAt = (path: string, line: number): string | undefined =>
  path === 'r.nft' && line === 12 ? '  xt match foo accept' : undefined;

describe('the terminal report', () => {
  it.each([60, 80, 100, 140])('of a web server at %i columns', async (columns) => {
    await expect(render(webServer(), { columns })).toMatchFileSnapshot(`goldens/web-server-${columns}.txt`);
  });

  it.each([80, 120])('of two hosts at %i columns', async (columns) => {
    await expect(render(router, { columns, lineAt })).toMatchFileSnapshot(`goldens/two-hosts-${columns}.txt`);
  });

  it('in full, and in ASCII', async () => {
    await expect(render(router, { verbose: true, unicode: false, lineAt })).toMatchFileSnapshot(
      'goldens/two-hosts-verbose-ascii.txt',
    );
    expect(render(router, { verbose: true, unicode: false, lineAt })).toMatch(/^[\n -~]*$/);
  });

  it('in colours says the same as without', () => {
    const colored = render(webServer(), { color: true });
    expect(colored).toContain('\u001b[');
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(render(webServer()));
  });

  it('fits the width', () => {
    for (const columns of [60, 72, 80, 100, 120, 200]) {
      const table = render(webServer(), { columns }).split('\n').slice(2, -4);
      for (const line of table) expect(textWidth(line), line).toBeLessThanOrEqual(columns);
    }
  });

  it('escapes what an input could smuggle in', () => {
    const text = render(
      report({
        inputs: [{ ...webServer().inputs[0]!, path: 'a\u001b[2J\u202eb' }],
        exposures: [exposure({ from: [{ inInterfaces: ['eth\u0007'] }], rules: [rule(1, 'x\u009b2J')] })],
        assumptions: ['chain \u001b]0;x'],
      }),
      { verbose: true },
    );
    expect(text).not.toMatch(/[^\P{Control}\n]|\p{Bidi_Control}/u);
  });

  it('is silent when quiet and nothing asks for action', () => {
    expect(render(report({ exposures: [exposure()] }), { quiet: true })).toBe('');
    expect(render(webServer(), { quiet: true })).toContain('3092/tcp');
    expect(render(webServer(), { quiet: true })).not.toContain('443/tcp');
  });

  it('does not call an input closed that it could not read', () => {
    expect(render(report())).toContain('Nothing is open.');
    const broken = report({
      diagnostics: [{ code: 'FW1004', severity: 'error', message: 'what?' }],
    });
    expect(render(broken)).toContain('No open port was found in what could be read.');
  });

  it('shows findings that belong to no row, and counts suppressed ones', () => {
    const text = render(
      report({
        findings: [
          {
            code: 'FW2014',
            name: 'required-port-closed',
            severity: 'high',
            message: '22/tcp must be open and is not',
            help: 'Open it.',
            fingerprint: 'a',
          },
          {
            code: 'FW2001',
            name: 'unassigned-port',
            severity: 'medium',
            message: 'hidden',
            fingerprint: 'b',
            suppressed: { by: 'comment', reason: 'known' },
          },
        ],
      }),
    );
    expect(text).toContain(' !!  22/tcp must be open and is not\n       Open it.');
    expect(text).toContain('1 finding suppressed by comment or baseline');
    expect(text).not.toContain('hidden');
  });

  it('shows the worst 200 of a thousand rows, and says so', () => {
    const many = report({
      exposures: Array.from({ length: 1000 }, (_, i) =>
        exposure({
          direction: i < 500 ? 'in' : 'forward',
          ports: { from: 2 * i + 1, to: 2 * i + 1 },
          ...(i % 300 === 299 ? { scrutiny: { flag: true, level: 'high', reasons: ['unassigned'] } } : {}),
        }),
      ),
    });
    const text = render(many);
    expect(text.match(/\/tcp/g)).toHaveLength(200);
    expect(text.match(/ !! +\d+\/tcp/g)!.map((row) => row.replace(/\D/g, ''))).toEqual([
      '599',
      '1199',
      '1799',
    ]);
    expect(text).toContain('… and 800 more rows; --verbose shows all, -f json holds them\n');
    expect(render(many, { verbose: true }).match(/^.{5}\d+\/tcp/gm)).toHaveLength(1000);
    expect(render(many, { quiet: true }).match(/\/tcp/g)).toHaveLength(3);
    expect(render(many, { quiet: true })).not.toContain('more row');
  });

  it('asks only the rows that it shows for their sources, rules and conditions', () => {
    const inputs = [{ ...webServer().inputs[0]!, families: ['ipv4', 'ipv6'] as const }];
    const asked = new Set<number>();
    const exposures = Array.from({ length: 1000 }, (_, i) => {
      const family = i % 2 === 0 ? ('ipv4' as const) : ('ipv6' as const);
      const port = 1 + (i >> 1);
      const row = exposure({ family, ports: { from: port, to: port } });
      setOutline(row, {
        anySource: true,
        prefixes: 0,
        paths: 0,
        firstPrefixes: [],
        inward: false,
        toSome: false,
        leadsByPacket: true,
        leadingRule: undefined,
        lastRule: undefined,
        short: true,
      });
      for (const key of ['from', 'rules', 'conditions'] as const) {
        const value = row[key];
        Object.defineProperty(row, key, { get: () => (asked.add(i), value) });
      }
      return row;
    });
    const text = render(report({ inputs, exposures }));
    // Each line is both families.
    expect(text.match(/\/tcp/g)).toHaveLength(200);
    expect(text).toContain('… and about 300 more rows; ');
    expect(asked.size).toBe(400);
  });

  it('outlines a row of thousands of prefixes without working them out', () => {
    const row = exposure({ family: 'ipv6', ports: { from: 80, to: 80 } });
    const outline = {
      anySource: false,
      prefixes: 4000,
      paths: 5000,
      firstPrefixes: ['10.0.0.0/9', '10.128.0.0/10', '192.0.2.1'],
      inward: false,
      toSome: true,
      leadsByPacket: true,
      leadingRule: undefined,
      lastRule: undefined,
      short: false,
    };
    setOutline(row, outline);
    let asked = false;
    Object.defineProperty(row, 'from', { get: () => ((asked = true), []) });
    const inputs = [{ ...webServer().inputs[0]!, families: ['ipv4', 'ipv6'] as const }];
    const show = (): string => render(report({ inputs, exposures: [row] }), { columns: 200 });
    expect(show()).toContain('10.0.0.0/9, 10.128.0.0/10 and 3998 more → some addresses\n');
    setOutline(row, { ...outline, anySource: true, toSome: false });
    expect(show()).toContain('anywhere (IPv6)');
    expect(asked).toBe(false);
  });

  it('calls a set that lacks one or two prefixes by these', () => {
    const from = (sources: readonly string[]): string =>
      / {2}(\S.*?) {2,}\d+$/m.exec(
        render(report({ exposures: [exposure({ from: [{ sources }] })] }), { columns: 200 })
          .split('\n')
          .find((line) => line.includes('80/tcp'))!
          .replace('80/tcp  http', ''),
      )![1]!;
    const gap = (left: bigint, right: bigint): string[] =>
      [
        [0n, left - 1n],
        [right + 1n, 2n ** 32n - 1n],
      ].flatMap((range) => prefixesOf(range as [bigint, bigint], 'ipv4'));
    const one = 0xcb007142n;
    expect(from(gap(one, one))).toBe('anywhere but 203.0.113.66');
    expect(from(gap(one, one).reverse())).toBe('anywhere but 203.0.113.66');
    expect(from(gap(one - 1n, one))).toBe('anywhere but 203.0.113.65 and 203.0.113.66');
    expect(from(gap(10n << 24n, (11n << 24n) - 1n))).toBe('anywhere but 10.0.0.0/8');
    // Three prefixes, a few sources, and names that are no addresses stay as they are.
    expect(from(gap(one - 1n, one + 2n))).toMatch(/^0\.0\.0\.0\/1, 128\.0\.0\.0\/2 and \d+ more$/);
    expect(from(['0.0.0.0/1', '128.0.0.0/2'])).toBe('0.0.0.0/1, 128.0.0.0/2');
    expect(from(['a', 'b', 'c', 'd', 'e'])).toBe('a, b and 3 more');
  });
});
