import { describe, expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';
import { joinListeners } from '../../src/listeners/join-listeners.ts';
import { readListeners } from '../../src/listeners/read-listeners.ts';
import type { Exposure, Finding, Report, Severity } from '../../src/report/report.ts';
import type { Source } from '../../src/source/source.ts';

function source(text: string, path: string): Source {
  return { id: 0, path, text, encoding: 'utf-8' };
}

async function joined(
  rules: string,
  list: string,
  severities?: ReadonlyMap<string, Severity>,
): Promise<{ report: Report; at: (port: number) => Exposure | undefined; of: (name: string) => Finding[] }> {
  const text = `*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules}\nCOMMIT\n`;
  const before = await audit([source(text, 'rules.v4')], { loopback: rules.includes('-i lo') });
  const { listeners } = readListeners([source(list, 'ss.txt')]);
  const report = joinListeners(before, listeners, severities);
  return {
    report,
    at: (port) =>
      report.exposures.find(({ ports }) => ports !== null && ports.from <= port && port <= ports.to),
    of: (name) => report.findings.filter((finding) => finding.name === name),
  };
}

const open = (port: number | string, more = '', protocol = 'tcp'): string =>
  `-A INPUT -p ${protocol} ${more} --dport ${port} -j ACCEPT`;
const ss = (address: string, process?: string, netid = 'tcp', pid = 7): string =>
  `${netid} ${netid === 'tcp' ? 'LISTEN' : 'UNCONN'} 0 5 ${address} 0.0.0.0:*${process === undefined ? '' : ` users:(("${process}",pid=${pid},fd=3))`}`;

describe('who listens', () => {
  test('is said of each open port, with process, number and address', async () => {
    const { at, report } = await joined(open(22), ss('0.0.0.0:22', 'sshd'));
    expect(at(22)?.listeners).toEqual([
      { protocol: 'tcp', address: '0.0.0.0', port: 22, process: 'sshd', pid: 7 },
    ]);
    expect(report.findings.filter(({ code }) => code >= 'FW2030')).toEqual([]);
  });

  test('nobody: an empty list and a finding', async () => {
    const { at, of } = await joined(open(22), ss('0.0.0.0:80', 'nginx'));
    expect(at(22)?.listeners).toEqual([]);
    expect(of('open-without-listener')).toMatchObject([
      {
        severity: 'low',
        message: '22/tcp is open to anywhere, and nobody listens',
        location: { path: 'rules.v4', line: 5 },
      },
    ]);
  });

  test.each([
    ['loopback', '127.0.0.1:22'],
    ['the loopback interface', '192.168.0.1%lo:22'],
    ['another family', '[::]:22'],
    ['another port', '0.0.0.0:2222'],
  ])('bound to %s: not reachable', async (_, address) => {
    const { at, of } = await joined(open(22), ss(address, 'sshd'));
    expect(at(22)?.listeners).toEqual([]);
    expect(of('open-without-listener')).toHaveLength(1);
  });

  test.each([
    ['a dual-stack socket', '*:22'],
    ['one address', '192.0.2.7:22'],
  ])('bound to %s: reachable', async (_, address) => {
    expect((await joined(open(22), ss(address, 'sshd'))).at(22)?.listeners).toHaveLength(1);
  });

  test('the other transport is another port', async () => {
    const { at } = await joined(open(53, '', 'udp'), ss('0.0.0.0:53', 'named'));
    expect(at(53)?.listeners).toEqual([]);
  });

  test('a rule for one destination reaches only who is bound to it', async () => {
    const rule = open(22, '-d 192.0.2.1/32');
    expect((await joined(rule, ss('192.0.2.7:22', 'sshd'))).at(22)?.listeners).toEqual([]);
    expect((await joined(rule, ss('192.0.2.1:22', 'sshd'))).at(22)?.listeners).toHaveLength(1);
    expect((await joined(rule, ss('0.0.0.0:22', 'sshd'))).at(22)?.listeners).toHaveLength(1);
  });

  test('a range has the listeners of all its ports, in order', async () => {
    const { at } = await joined(
      open('8000:8100'),
      [
        ss('0.0.0.0:8100', 'c'),
        ss('0.0.0.0:8000', 'a'),
        ss('0.0.0.0:8101', 'd'),
        ss('0.0.0.0:8050', 'b'),
      ].join('\n'),
    );
    expect(at(8000)?.listeners?.map(({ process }) => process)).toEqual(['a', 'b', 'c']);
  });

  test('loopback rows have loopback listeners', async () => {
    const { report } = await joined(
      '-A INPUT -i lo -p tcp --dport 5432 -j ACCEPT',
      ss('127.0.0.1:5432', 'postgres'),
    );
    expect(report.exposures.find(({ ports }) => ports?.from === 5432)?.listeners).toHaveLength(1);
  });
});

describe('findings', () => {
  test('a listener that no rule lets anybody reach is a note, unless it is bound to loopback', async () => {
    const { of } = await joined(
      open(22),
      [ss('0.0.0.0:22', 'sshd'), ss('0.0.0.0:3306', 'mysqld'), ss('127.0.0.1:6379', 'redis')].join('\n'),
    );
    expect(of('listener-not-reachable')).toMatchObject([
      {
        severity: 'note',
        message: 'mysqld listens on 3306/tcp (0.0.0.0), and the rules let nobody reach it over IPv4',
        location: { path: 'ss.txt', line: 2 },
      },
    ]);
  });

  test('nothing is said of a family that the rules do not cover', async () => {
    const { of } = await joined(open(22), [ss('0.0.0.0:22', 'sshd'), ss('[::]:3306', 'mysqld')].join('\n'));
    expect(of('listener-not-reachable')).toEqual([]);
  });

  test.each([
    ['without a name', undefined, 3092, 1],
    ['an interpreter', 'python3', 3092, 1],
    ['a relay', 'nc.openbsd', 3092, 1],
    ['a program with a name', 'meterd', 3092, 0],
    ['without a name, on a de-assigned port', undefined, 2682, 1],
    ['without a name, on an assigned port', undefined, 443, 0],
    ['an interpreter, on a port of known software', 'java', 25565, 0],
  ])('%s', async (_, process, port, count) => {
    const { of } = await joined(open(port), ss(`0.0.0.0:${port}`, process));
    const found = of('listener-unknown-process');
    expect(found).toHaveLength(count);
    for (const finding of found)
      expect(finding).toMatchObject({ severity: 'high', exposure: 0, location: { line: 5 } });
  });

  test('in a range, only unclaimed ports count', async () => {
    const { of } = await joined(
      open('3090:3093'),
      [ss('0.0.0.0:3091', 'python3', 'tcp', 1), ss('0.0.0.0:3092', 'python3', 'tcp', 2)].join('\n'),
    );
    expect(of('listener-unknown-process').map(({ message }) => message)).toEqual([
      expect.stringContaining('3092/tcp'),
    ]);
  });

  test('are sorted in, counted, and each has a fingerprint of its own', async () => {
    const { report } = await joined(
      [open(22), open(3092), open(8080)].join('\n'),
      [ss('0.0.0.0:3092'), ss('0.0.0.0:9', 'x')].join('\n'),
    );
    const order = ['none', 'note', 'low', 'medium', 'high'];
    const ranks = report.findings.map(({ severity }) => order.indexOf(severity));
    expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
    expect(new Set(report.findings.map(({ fingerprint }) => fingerprint)).size).toBe(report.findings.length);
    for (const severity of ['note', 'low', 'medium', 'high'] as const) {
      expect(report.summary.findings[severity]).toBe(
        report.findings.filter((one) => one.severity === severity).length,
      );
    }
  });

  test('what a policy of ACCEPT leaves open is not told port by port', async () => {
    const text = '*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n';
    const report = joinListeners(await audit([source(text, 'rules.v4')]), []);
    expect(report.exposures.some(({ listeners }) => listeners?.length === 0)).toBe(true);
    expect(report.findings.filter(({ code }) => code === 'FW2030')).toEqual([]);
  });

  test('a policy may change their severity or switch them off', async () => {
    const severities = new Map<string, Severity>([
      ['open-without-listener', 'high'],
      ['listener-not-reachable', 'none'],
    ]);
    const { of } = await joined(open(22), ss('0.0.0.0:3306', 'mysqld'), severities);
    expect(of('open-without-listener')).toMatchObject([{ severity: 'high' }]);
    expect(of('listener-not-reachable')).toEqual([]);
  });
});

describe('ports that are answered elsewhere', () => {
  const docker = `*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -d 172.17.0.2/32 -p tcp --dport 80 -j ACCEPT
COMMIT
`;

  test('a published container port has its container, and without one no word is said', async () => {
    const before = await audit([source(docker, 'rules.v4')]);
    const row = before.exposures.findIndex(({ ports }) => ports?.from === 8080);
    expect(before.exposures[row]).toMatchObject({
      direction: 'forward',
      translation: { to: '172.17.0.2:80' },
    });
    const list =
      'CONTAINER ID   IMAGE   COMMAND   CREATED   STATUS   PORTS   NAMES\n0123456789ab   nginx   "x"   1 day ago   Up   0.0.0.0:8080->80/tcp   web\n';
    const report = joinListeners(before, readListeners([source(list, 'docker')]).listeners);
    expect(report.exposures[row]!.listeners).toMatchObject([
      { process: 'container web (nginx)', port: 8080 },
    ]);
    const silent = joinListeners(before, []);
    expect(silent.exposures[row]).not.toHaveProperty('listeners');
    expect(silent.findings.some(({ code }) => code >= 'FW2030')).toBe(false);
  });

  test.each([
    ['rdr-to', 'block in\npass in inet proto tcp to port 80 rdr-to 127.0.0.1 port 8080\n'],
    ['divert-to', 'block in\npass in inet proto tcp to port 80 divert-to 127.0.0.1 port 8080\n'],
    [
      'match and pass',
      'block in\nmatch in inet proto tcp to port 80 rdr-to 127.0.0.1 port 8080\npass in inet proto tcp to 127.0.0.1 port 8080\n',
    ],
    [
      'rdr',
      'rdr on em0 inet proto tcp to port 80 -> 127.0.0.1 port 8080\nblock in\npass in on em0 inet proto tcp to 127.0.0.1 port 8080\n',
    ],
  ])('issue: a translation to loopback is about who listens there: %s', async (_name, rules) => {
    const before = await audit([source(rules, 'pf.conf')], {
      inputFormat: 'pf',
      dialect: rules.startsWith('rdr') ? 'freebsd' : 'openbsd',
    });
    const join = (...lines: readonly string[]): Report =>
      joinListeners(before, readListeners([source(lines.join('\n'), 'ss.txt')]).listeners);
    const listening = ({ exposures }: Report): (string | undefined)[] =>
      exposures.flatMap(({ listeners }) => listeners ?? []).map(({ process }) => process);
    const served = join(ss('127.0.0.1:8080', 'nginx'), ss('0.0.0.0:80', 'httpd'));
    expect(new Set(listening(served))).toEqual(new Set(['nginx']));
    expect(served.findings.filter(({ name }) => name === 'open-without-listener')).toEqual([]);
    const nobody = join(ss('0.0.0.0:80', 'httpd'));
    expect(nobody.findings.some(({ name }) => name === 'open-without-listener')).toBe(true);
  });

  test('a translation to another host is nobody here, unless the address is one of this host', async () => {
    const rules = 'block in\npass in inet proto tcp to port 80 rdr-to 10.0.0.9 port 8080\n';
    const before = await audit([source(rules, 'pf.conf')], { inputFormat: 'pf' });
    const join = (line: string): Report =>
      joinListeners(before, readListeners([source(line, 'ss.txt')]).listeners);
    const elsewhere = join(ss('0.0.0.0:8080', 'nginx'));
    expect(elsewhere.exposures[0]).not.toHaveProperty('listeners');
    expect(elsewhere.findings.filter(({ name }) => name === 'open-without-listener')).toEqual([]);
    expect(join(ss('10.0.0.9:8080', 'nginx')).exposures[0]?.listeners).toMatchObject([{ process: 'nginx' }]);
  });

  test('several hosts: no join, and a diagnostic that says why', async () => {
    const one = { ...source(`*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n`, 'a.rules') };
    const report = await audit([one, { ...one, id: 1, path: 'b.rules' }]);
    const result = joinListeners(report, readListeners([source(ss('0.0.0.0:22', 'sshd'), 'l')]).listeners);
    expect(result.exposures).toEqual(report.exposures);
    expect(result.diagnostics.at(-1)).toMatchObject({ code: 'FW1504', severity: 'error' });
  });
});
