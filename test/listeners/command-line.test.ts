import { readFileSync } from 'node:fs';
import { fc } from '../property-testing.ts';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { readListeners } from '../../src/listeners/read-listeners.ts';
import { memoryIo } from '../cli/memory-io.ts';

const rules = `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp --dport 22 -j ACCEPT
-A INPUT -p tcp --dport 3092 -j ACCEPT
COMMIT
`;
const list = readFileSync('fixtures/listeners/ss.txt', 'utf8');

async function fwAudit(args: readonly string[], files: Record<string, string | Uint8Array>, input = '') {
  const io = memoryIo(files, { input });
  const exit = await run(args, io);
  return { exit, out: io.out(), err: io.err() };
}

describe('--listeners', () => {
  test('sets who listens beside what is open', async () => {
    const { exit, out } = await fwAudit(['rules', '--listeners', 'ss.txt', '--no-policy'], {
      rules,
      'ss.txt': list,
    });
    expect(exit).toBe(1);
    expect(out).toMatch(/22\/tcp .*sshd listens/);
    expect(out).toMatch(/3092\/tcp .*nobody listens/);
  });

  test('reads standard input, and what PowerShell wrote as UTF-16', async () => {
    const args = ['rules', '--listeners', '-', '--no-policy', '--format', 'json'];
    const piped = JSON.parse((await fwAudit(args, { rules }, list)).out) as {
      exposures: { listeners: object[] }[];
    };
    expect(piped.exposures[0]!.listeners).toMatchObject([{ process: 'sshd', pid: 801, address: '0.0.0.0' }]);
    const csv =
      '"LocalAddress","LocalPort","RemotePort","State","OwningProcess"\r\n"0.0.0.0","22","0","Listen","9"\r\n';
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(csv, 'utf16le')]);
    const wide = await fwAudit(['rules', '--listeners', 'l.csv', '--no-policy', '--format', 'json'], {
      rules,
      'l.csv': utf16,
    });
    expect((JSON.parse(wide.out) as typeof piped).exposures[0]!.listeners).toMatchObject([{ pid: 9 }]);
  });

  test('a file that is no list is an error, and no port is called unheard', async () => {
    const { exit, out } = await fwAudit(
      ['rules', '--listeners', 'rules', '--no-policy', '--format', 'json'],
      { rules },
    );
    expect(exit).toBe(3);
    const report = JSON.parse(out) as {
      diagnostics: { code: string }[];
      exposures: object[];
      findings: { code: string }[];
    };
    expect(report.diagnostics.map(({ code }) => code)).toContain('FW1502');
    expect(report.exposures[0]).not.toHaveProperty('listeners');
    expect(report.findings.some(({ code }) => code.startsWith('FW203'))).toBe(false);
  });

  test.each([
    [['rules', '--listeners', 'missing.txt'], /cannot read the listeners missing\.txt/],
    [['-', '--listeners', '-'], /both rules and listeners/],
    [['rules', '--listeners', 'ss.txt', '--direction', 'forward'], /needs the direction in/],
  ])('%s is a usage error', async (args, why) => {
    const { exit, err } = await fwAudit([...args, '--no-policy'], { rules, 'ss.txt': list }, rules);
    expect(exit).toBe(2);
    expect(err).toMatch(why);
  });

  test('its findings can be explained', async () => {
    const { out } = await fwAudit(['explain', 'FW2030', 'FW2031', 'FW2032', 'FW1502'], {});
    for (const name of [
      'open-without-listener',
      'listener-not-reachable',
      'listener-unknown-process',
      'listeners-not-recognised',
    ]) {
      expect(out).toContain(name);
    }
  });
});

test('any text is read without a throw, and every listener has a port and a place', () => {
  const word = fc.constantFrom(
    'tcp',
    'udp6',
    'TCP',
    'LISTEN',
    'UNCONN',
    '0',
    '0.0.0.0:22',
    '*:*',
    '[::]:80',
    ':::22',
    '*.22',
    '*.*',
    'fe80::1%lo:9',
    '::',
    '%',
    '-',
    'users:(("a",pid=1,fd=2))',
    '1/init',
    'IPv4',
    '(LISTEN)',
    '"1.2.3.4","5"',
    'LocalAddress,LocalPort',
    '{"Ports":"0.0.0.0:1->2/tcp"}',
    'Proto',
    'PID',
    'Active',
    'Netid State',
    '0123456789ab',
    '127.0.0.1:99999',
    '\t',
    '"',
    '0.0.0.0:1-70000->1/udp',
  );
  const line = fc.array(word, { maxLength: 9 }).map((words) => words.join(' '));
  const headings = list.split('\n')[0]!;
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.constant(headings), fc.string()), { maxLength: 20 }), (lines) => {
      const text = lines.join('\n');
      for (const one of readListeners([{ id: 0, path: 'x', text, encoding: 'utf-8' }]).listeners) {
        expect(one.port).toBeGreaterThan(0);
        expect(one.port).toBeLessThanOrEqual(65535);
        expect(one.families.length).toBeGreaterThan(0);
        expect(one.location.line).toBeLessThanOrEqual(text.split(/\r\n|[\r\n]/).length);
      }
    }),
    { numRuns: 2000 },
  );
});
