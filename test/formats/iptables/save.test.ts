import { describe, expect, test } from 'vitest';
import { codesOf, readRules, readText, rulesOf } from './read-text.ts';

const filter = ['*filter', ':INPUT DROP [0:0]', ':FORWARD DROP [0:0]', ':OUTPUT ACCEPT [0:0]'];

function file(...lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

describe('files for iptables-restore, as it would load them', () => {
  test('entry points name the stages that a packet passes, in order', () => {
    const reading = readText(
      file(
        '*raw',
        'COMMIT',
        '*nat',
        'COMMIT',
        '*mangle',
        'COMMIT',
        ...filter,
        'COMMIT',
        '*security',
        'COMMIT',
      ),
      { path: 'rules.v4' },
    );
    const stages = (direction: string): unknown =>
      reading.firewall.entries
        .find((entry) => entry.direction === direction)
        ?.stages.map((stage) => `${stage.name} ${stage.priority}`);
    expect(stages('in')).toEqual([
      'raw PREROUTING -300',
      'mangle PREROUTING -150',
      'nat PREROUTING -100',
      'mangle INPUT -150',
      'filter INPUT 0',
      'security INPUT 50',
      'nat INPUT 100',
    ]);
    expect(stages('forward')).toEqual([
      'raw PREROUTING -300',
      'mangle PREROUTING -150',
      'nat PREROUTING -100',
      'mangle FORWARD -150',
      'filter FORWARD 0',
      'security FORWARD 50',
      'mangle POSTROUTING -150',
      'nat POSTROUTING 100',
    ]);
    expect(stages('out')).toEqual([
      'raw OUTPUT -300',
      'mangle OUTPUT -150',
      'nat OUTPUT -100',
      'filter OUTPUT 0',
      'security OUTPUT 50',
      'mangle POSTROUTING -150',
      'nat POSTROUTING 100',
    ]);
    expect(reading.firewall.assumptions).toEqual(['IPv6 is not covered by this input']);
  });

  test('a second section of a table removes the first', () => {
    const reading = readText(
      file(
        ...filter,
        '-A INPUT -i lo -j ACCEPT',
        'COMMIT',
        ...filter,
        '-A INPUT -i eth0 -j ACCEPT',
        'COMMIT',
      ),
    );
    expect(rulesOf(reading)).toEqual(['inInterface=eth0 -> accept']);
    expect(codesOf(reading)).toEqual(['FW1103']);
  });

  test('a section without COMMIT loads nothing', () => {
    const reading = readText(file(...filter, '-A INPUT -i lo -j ACCEPT'));
    expect(rulesOf(reading)).toEqual([]);
    expect(reading.firewall.chains.get('ipv4/filter/INPUT')?.fallthrough).toEqual({ kind: 'accept' });
    expect(codesOf(reading)).toEqual(['FW1102']);
  });

  test('commands other than -A run in order', () => {
    const reading = readText(
      file(
        ...filter,
        '-N web',
        '-P INPUT ACCEPT',
        '-A INPUT -i eth0 -j web',
        '-I INPUT -i lo -j ACCEPT',
        '-I INPUT 2 -i eth1 -j DROP',
        '-A INPUT -i eth2 -j DROP',
        '-R INPUT 4 -i eth3 -j DROP',
        '-D INPUT -i lo -j ACCEPT',
        '-E web www',
        'COMMIT',
      ),
    );
    expect(rulesOf(reading)).toEqual([
      'inInterface=eth1 -> drop',
      'inInterface=eth0 -> jump ipv4/filter/www',
      'inInterface=eth3 -> drop',
    ]);
    expect(reading.firewall.chains.get('ipv4/filter/INPUT')?.fallthrough).toEqual({ kind: 'accept' });
    expect(codesOf(reading)).toEqual([]);
  });

  test('comma lists are the product, one rule each', () => {
    const reading = readRules('-A INPUT -s 10.0.0.1,10.0.0.2 -d 10.1.0.1,10.1.0.2 -j ACCEPT');
    expect(rulesOf(reading)).toEqual([
      '(source=10.0.0.1 & destination=10.1.0.1) -> accept',
      '(source=10.0.0.1 & destination=10.1.0.2) -> accept',
      '(source=10.0.0.2 & destination=10.1.0.1) -> accept',
      '(source=10.0.0.2 & destination=10.1.0.2) -> accept',
    ]);
    expect([reading.rules, reading.understood]).toEqual([1, 1]);
  });

  test('an open quote takes the target with it', () => {
    const reading = readRules('-A INPUT -m comment --comment "ab -j ACCEPT');
    expect(rulesOf(reading)).toEqual(['all -> continue']);
    expect(codesOf(reading)).toEqual(['FW1106']);
  });

  test('rules of the other family are skipped', () => {
    const reading = readRules('-A INPUT -6 -j ACCEPT', '-4 -A INPUT -i lo -j ACCEPT');
    expect(rulesOf(reading)).toEqual(['inInterface=lo -> accept']);
    expect(codesOf(reading)).toEqual(['FW1105']);
  });

  test('a policy that is not in the file', () => {
    const reading = readText(file('*filter', ':INPUT - [0:0]', '-A INPUT -s 10.0.0.1 -j DROP', 'COMMIT'));
    expect(codesOf(reading)).toEqual(['FW1104', 'FW1104', 'FW1104']);
    expect(reading.firewall.chains.get('ipv4/filter/INPUT')?.fallthrough).toEqual({ kind: 'accept' });
  });

  test('CRLF line ends are said', () => {
    expect(codesOf(readText(file(...filter, 'COMMIT').replaceAll('\n', '\r\n')))).toEqual(['FW1109']);
  });

  // Lengths found by asking iptables-restore 1.8.9, legacy and nft.
  test.each([
    ['a line', (size: number) => `-A INPUT${' '.repeat(size - 16)} -j DROP`, 10_239],
    ['a line, in bytes', (size: number) => `#${'ä'.repeat((size - 1) / 2)}`, 10_239],
    ['a word', (size: number) => `-A INPUT -m comment --comment "${'x'.repeat(size)}" -j DROP`, 1023],
    [
      'a word, in bytes',
      (size: number) => `-A INPUT -m comment --comment "${'€'.repeat(size / 3)}" -j DROP`,
      1023,
    ],
    ['words', (size: number) => `-A INPUT -p tcp${' -m tcp'.repeat((size - 6) / 2)} -j DROP`, 250],
  ])('too long: %s', (_what, line, longest) => {
    expect(codesOf(readRules(line(longest)))).toEqual([]);
    const { diagnostics } = readRules(line(longest + 3));
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([['FW1108', 'error']]);
  });

  test('a line of many megabytes is read, and nothing runs out of stack', () => {
    for (const word of ['x', '\\"', '" "', ' a', ' -a', ' !']) {
      const reading = readRules(`-A INPUT -m comment --comment "${word.repeat(2e7 / word.length)}" -j DROP`);
      expect(codesOf(reading), word).toContain('FW1108');
      expect(rulesOf(reading), word).toHaveLength(1);
    }
  });

  test('lines outside of any table, and tables that do not exist', () => {
    const reading = readText(file(...filter, 'COMMIT', '*bogus', '-A INPUT -j ACCEPT', 'COMMIT'));
    expect(codesOf(reading)).toContain('FW1101');
    expect(rulesOf(reading)).toEqual([]);
  });

  test.each([
    [
      ':OUTPUT',
      7,
      'expected a policy: ACCEPT or DROP, or "-" for a chain that is not built in, read the end',
    ],
    [
      ':OUTPUT [0:0]',
      8,
      'expected a policy: ACCEPT or DROP, or "-" for a chain that is not built in, read "[0:0]"',
    ],
    ['[12:720 -A INPUT -j DROP', 0, 'expected counters of packets and bytes as in [0:0], read "[12:720"'],
    ['iptables -A INPUT -j DROP', 0, 'a rule (-A CHAIN ...) or COMMIT, read "iptables"'],
    [' # open later', 1, 'a rule (-A CHAIN ...) or COMMIT, read "#"'],
    ['COMMIT now', 7, 'expected the end of the line, read "now"'],
    ['-A INPUT -p tcp --sport 1 -s', 26, 'expected a value for --source, read "-s"'],
    ['-A INPUT --sport 1 -p "tcp" tcp -j DROP', 28, 'expected an option, read "tcp"'],
    ['-A INPUT -p tcp --sport "1" ! -j DROP', 30, 'expected no "!" before --jump, read "-j"'],
    ['-A INPUT -j DROP -m comment --comment "a b', 38, 'the quote is not closed'],
    ['-A INPUT -p tcp -s ! 10.0.0.1 -j DROP', 16, '"!" behind the option'],
    ['  :OUTPUT DROP', 0, 'expected no blanks before ":"'],
  ])('%j: the column, what was read and what was expected', (line, column, message) => {
    const text = file('*filter', ':INPUT DROP [0:0]', line, 'COMMIT');
    const found = readText(text).diagnostics.filter((one) => one.message.includes(message));
    expect(found.map(({ span }) => (span?.start ?? 0) - text.indexOf(line))).toEqual([column]);
  });

  test('a line that is refused loses nothing behind it', () => {
    const reading = readRules('hello', '[0:0 -A INPUT -s 10.0.0.1 -j ACCEPT', '-A INPUT -i lo -j ACCEPT');
    expect(rulesOf(reading)).toHaveLength(2);
    expect(rulesOf(reading)[1]).toBe('inInterface=lo -> accept');
    expect(reading.understood).toBe(1);
  });

  test('-p icmp in ip6tables is protocol 1, never ping', () => {
    const text = file(
      '# Generated by ip6tables-save v1.8.9',
      ...filter,
      '-A INPUT -p icmp -j ACCEPT',
      'COMMIT',
    );
    const reading = readText(text);
    expect(rulesOf(reading, 'ipv6/filter/INPUT')).toEqual(['protocol=1 -> accept']);
    expect(reading.families).toEqual(['ipv6']);
  });
});

describe('which family a file is of', () => {
  test.each([
    ['-A INPUT -p ipv6-icmp -j ACCEPT', 'rules', ['ipv6'], 0],
    ['-A INPUT -s 2001:db8::/32 -j ACCEPT', 'rules', ['ipv6'], 0],
    ['-A INPUT -s 10.0.0.0/8 -j ACCEPT', 'rules', ['ipv4'], 0],
    ['-A INPUT -p tcp --dport 22 -j ACCEPT', 'rules.v6', ['ipv6'], 0],
    ['-A INPUT -p tcp --dport 22 -j ACCEPT', 'rules.v4', ['ipv4'], 0],
    ['-A INPUT -p tcp --dport 22 -j ACCEPT', 'rules', ['ipv4'], 1],
  ])('%s in %s', (rule, path, families, assumed) => {
    const reading = readText(file(...filter, rule, 'COMMIT'), { path });
    expect(reading.families).toEqual(families);
    expect(reading.firewall.assumptions.filter((text) => text.includes('is assumed'))).toHaveLength(assumed);
  });

  test('the dialect the user names decides', () => {
    const reading = readText(file(...filter, 'COMMIT'), { dialect: 'ip6tables-save' });
    expect(reading.families).toEqual(['ipv6']);
  });

  test.each([
    ['iptables', '-A INPUT -p ipv6-icmp -j ACCEPT', 'ipv4'],
    ['iptables-nft', '-A INPUT -p tcp -m comment --comment "-d 2001:db8::1" -j ACCEPT', 'ipv4'],
    ['ip6tables', '-A INPUT -m comment --comment "-s 10.0.0.1" -j ACCEPT', 'ipv6'],
  ])('a header of %s-save decides, whatever %s looks like', (tool, rule, family) => {
    const text = file(
      `# Generated by ${tool}-save v1.8.9 on Thu Jan  1 00:00:00 1970`,
      ...filter,
      rule,
      'COMMIT',
    );
    expect(readText(text, { path: 'rules' }).families).toEqual([family]);
  });

  test('the command that a script gives its rules to decides', () => {
    const rules = [...filter, '-A INPUT -p ipv6-icmp -j ACCEPT', 'COMMIT'];
    const reading = readText(file('#!/bin/sh', 'iptables-restore <<EOF', ...rules, 'EOF'), { path: 'fw.sh' });
    expect(reading.families).toEqual(['ipv4']);
  });

  test('several dumps in one file', () => {
    const reading = readText(
      file(
        '# Generated by iptables-save v1.8.9',
        ...filter,
        'COMMIT',
        '# Generated by ip6tables-save v1.8.9',
        ...filter,
        '-A INPUT -i lo -j ACCEPT',
        'COMMIT',
        'create a hash:ip family inet',
        'add a 10.0.0.1',
      ),
    );
    expect(reading.families).toEqual(['ipv4', 'ipv6']);
    expect(rulesOf(reading, 'ipv6/filter/INPUT')).toEqual(['inInterface=lo -> accept']);
    expect([...reading.firewall.sets.keys()]).toEqual(['a']);
    expect(codesOf(reading)).toEqual([]);
  });
});
