import { describe, expect, test } from 'vitest';
import { codesOf, readText, rulesOf } from './read-text.ts';

function script(...lines: readonly string[]) {
  return readText(
    `#!/bin/sh\niptables -F\niptables -P INPUT DROP\niptables -P FORWARD DROP\niptables -P OUTPUT ACCEPT\n${lines.join('\n')}\n`,
  );
}

describe('scripts are replayed, never executed', () => {
  test('variables, defaults and constant loops', () => {
    const reading = script(
      'IPT="/sbin/iptables -w"',
      'NET=10.0.0.0/8',
      'for p in 22 ${WEB:-80} "443"; do $IPT -A INPUT -s $NET -p tcp --dport $p -j ACCEPT; done',
    );
    expect(rulesOf(reading)).toEqual(
      [22, 80, 443].map(
        (port) => `(source=10.0.0.0-10.255.255.255 & protocol=6 & destinationPort=${port}) -> accept`,
      ),
    );
    expect(codesOf(reading)).toEqual([]);
  });

  test('functions with constants, in both families', () => {
    const reading = script(
      'both() { iptables "$@"; ip6tables "$@"; }',
      'allow() { local port=$1; both -A INPUT -p udp --dport "$port" -j ACCEPT; }',
      'allow 53',
    );
    expect(rulesOf(reading)).toEqual(['(protocol=17 & destinationPort=53) -> accept']);
    expect(rulesOf(reading, 'ipv6/filter/INPUT')).toEqual(['(protocol=17 & destinationPort=53) -> accept']);
  });

  test('tests of constants choose a branch, others become conditions', () => {
    const reading = script(
      'MODE=strict',
      'if [ "$MODE" = strict ]; then iptables -A INPUT -i eth0 -j DROP; else iptables -A INPUT -i eth0 -j ACCEPT; fi',
      'if [ -e /etc/x ]; then iptables -A INPUT -i eth1 -j DROP; else iptables -A INPUT -i eth1 -j ACCEPT; fi',
    );
    expect(rulesOf(reading)).toEqual([
      'inInterface=eth0 -> drop',
      '(inInterface=eth1 & ?{script: [ -e /etc/x ]}) -> drop',
      '(inInterface=eth1 & !?{script: [ -e /etc/x ]}) -> accept',
    ]);
  });

  test('check then add', () => {
    const reading = script(
      'iptables -C INPUT -i lo -j ACCEPT || iptables -A INPUT -i lo -j ACCEPT',
      'iptables -C INPUT -i lo -j ACCEPT || iptables -A INPUT -i lo -j ACCEPT',
    );
    expect(rulesOf(reading)).toEqual(['inInterface=lo -> accept']);
  });

  test('insert, delete, replace, rename, and commands that fail', () => {
    const reading = script(
      'iptables -N a',
      'iptables -A INPUT -i eth0 -j a',
      'iptables -I INPUT -i lo -j ACCEPT',
      'iptables -E a b',
      'iptables -R INPUT 2 -i eth1 -j b',
      'iptables -D INPUT 9',
      'iptables -X b',
      'iptables -A INPUT -i eth2 -j DROP',
      'iptables -D INPUT -i eth2 -j DROP',
    );
    expect(rulesOf(reading)).toEqual(['inInterface=lo -> accept', 'inInterface=eth1 -> jump ipv4/filter/b']);
    expect(codesOf(reading)).toEqual(['FW1112', 'FW1112']);
  });

  test('what cannot be resolved is an unknown operand, never a lost line', () => {
    const reading = script(
      'iptables -A INPUT -s $(hostname -i) -p tcp --dport $PORT -j ACCEPT',
      'iptables -A INPUT -p tcp --dport 22 -j $WHAT',
      'iptables -A $CHAIN -i eth9 -j DROP',
    );
    expect(rulesOf(reading)).toEqual([
      '(?{-s $(hostname -i)} & protocol=6 & ?{--dport $PORT}) -> accept',
      '(protocol=6 & destinationPort=22) -> unknown accept/drop/continue',
      '(inInterface=eth9 & ?{script: the chain $CHAIN is INPUT}) -> drop',
    ]);
    expect(codesOf(reading).filter((code) => code === 'FW1114')).not.toHaveLength(0);
  });

  test('a policy under a condition may be either', () => {
    const reading = script('if grep -q x /etc/y; then iptables -P INPUT ACCEPT; fi');
    expect(reading.firewall.chains.get('ipv4/filter/INPUT')?.fallthrough).toMatchObject({
      kind: 'unknown',
      outcomes: ['accept', 'drop'],
    });
  });

  test('a flush under a condition leaves the rules where it did not run', () => {
    const reading = script('iptables -A INPUT -i lo -j ACCEPT', 'test -e /x && iptables -F INPUT');
    expect(rulesOf(reading)).toEqual(['(inInterface=lo & !?{script: test -e /x}) -> accept']);
  });

  test('here-documents for iptables-restore, with variables and with --noflush', () => {
    const reading = script(
      'PORT=8443',
      'iptables -A INPUT -i lo -j ACCEPT',
      'iptables-restore --noflush <<EOF',
      '*filter',
      '-A INPUT -p tcp --dport $PORT -j ACCEPT',
      'COMMIT',
      'EOF',
      "cat <<'EOF' | ip6tables-restore",
      '*filter',
      ':INPUT DROP [0:0]',
      ':FORWARD DROP [0:0]',
      ':OUTPUT DROP [0:0]',
      '-A INPUT -m comment --comment "$PORT" -i lo -j ACCEPT',
      'COMMIT',
      'EOF',
    );
    expect(rulesOf(reading)).toEqual([
      'inInterface=lo -> accept',
      '(protocol=6 & destinationPort=8443) -> accept',
    ]);
    expect(rulesOf(reading, 'ipv6/filter/INPUT')).toEqual(['inInterface=lo -> accept']);
    expect(reading.firewall.chains.get('ipv6/filter/INPUT')?.rules[0]?.comment).toBe('$PORT');
  });

  test('an init script is read as started', () => {
    const reading = script(
      'case "$1" in',
      'start) iptables -A INPUT -i lo -j ACCEPT ;;',
      'stop) iptables -P INPUT ACCEPT ;;',
      'esac',
    );
    expect(rulesOf(reading)).toEqual(['inInterface=lo -> accept']);
    expect(reading.firewall.assumptions.join()).toContain('"start"');
  });

  test('ipset commands, and sets that are filled in ways nobody can follow', () => {
    const reading = script(
      'ipset create good hash:ip',
      'ipset add good 10.0.0.1',
      'ipset create bad hash:ip',
      'for ip in $(cat /etc/bad); do ipset add bad $ip; done',
    );
    expect(reading.firewall.sets.get('good')?.closed).toBe(true);
    expect(reading.firewall.sets.get('bad')?.closed).toBe(false);
  });

  test('a program is known by the usual variables too', () => {
    const reading = readText('$IPTABLES -A INPUT -i lo -j ACCEPT\n${IP6TABLES} -A INPUT -i eth0 -j DROP\n');
    expect(rulesOf(reading)).toEqual(['inInterface=lo -> accept']);
    expect(rulesOf(reading, 'ipv6/filter/INPUT')).toEqual(['inInterface=eth0 -> drop']);
  });

  test('rules from a file that is not there are said to be missing', () => {
    expect(codesOf(script('iptables-restore < /etc/iptables/rules.v4'))).toContain('FW1114');
  });
});

describe('files that a script reads', () => {
  const head =
    '#!/bin/sh\niptables -F\niptables -P INPUT DROP\niptables -P FORWARD DROP\niptables -P OUTPUT DROP\n';
  const port = (number: number): string => `(protocol=6 & destinationPort=${number}) -> accept`;

  test.each(['. ./vars.sh', 'source "$(dirname "$0")/vars.sh"', '. ${0%/*}/vars.sh', 'D=.; . "$D/vars.sh"'])(
    '%s',
    (line) => {
      const reading = readText(`${head}${line}\nallow $PORT\nallow 443\n`, {
        files: {
          './vars.sh':
            'PORT=3092\nallow() { iptables -A INPUT -p tcp --dport $1 -j ACCEPT; }\nreturn\nPORT=1\n',
        },
      });
      expect(codesOf(reading)).toEqual([]);
      expect(rulesOf(reading)).toEqual([port(3092), port(443)]);
      // A rule stands where it is written: in the function of the other file.
      expect(reading.firewall.chains.get('ipv4/filter/INPUT')?.rules.map(({ span }) => span.source)).toEqual([
        1, 1,
      ]);
    },
  );

  test('what a function of the script does after a file was read stands in the script', () => {
    const reading = readText(
      `${head}f() { iptables -A INPUT -p tcp --dport 80 -j ACCEPT; }\n. ./calls.sh\nf\n`,
      {
        files: { './calls.sh': 'f\niptables -A INPUT -p tcp --dport 81 -j ACCEPT\n' },
      },
    );
    expect(rulesOf(reading)).toEqual([port(80), port(81), port(80)]);
    expect(reading.firewall.chains.get('ipv4/filter/INPUT')?.rules.map(({ span }) => span.source)).toEqual([
      0, 1, 0,
    ]);
  });

  test('one that cannot be read is said, and that its rules are missing', () => {
    const reading = readText(
      `${head}. /etc/firewall.conf\n. $UNKNOWN\niptables -A INPUT -p tcp --dport $P -j ACCEPT\n`,
    );
    expect(codesOf(reading)).toEqual(['FW1114', 'FW1114', 'FW1114']);
    expect(reading.firewall.assumptions).toContain(
      'The script reads /etc/firewall.conf, which was not read; it is taken to hold no rules',
    );
  });

  test('files that read each other end', () => {
    const reading = readText(`${head}. ./a\n`, { files: { './a': '. ./b\n', './b': '. ./a\n' } });
    expect(codesOf(reading)).toEqual(['FW1114']);
  });

  test('iptables-restore and ipset restore from a file', () => {
    const save =
      '*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n-A INPUT -m set --match-set s src -j ACCEPT\nCOMMIT\n';
    for (const line of ['iptables-restore < ./rules', 'iptables-restore -w 5 -T filter ./rules']) {
      const reading = readText(`#!/bin/sh\nipset restore -f ./sets\n${line}\n`, {
        files: { './rules': save, './sets': 'create s hash:ip\nadd s 10.0.0.1\n' },
      });
      expect(codesOf(reading)).toEqual([]);
      expect(rulesOf(reading)).toEqual(['set s(source) -> accept']);
      expect([...reading.firewall.sets.keys()]).toEqual(['s']);
    }
  });

  test('variables given from outside, which the script may set anew', () => {
    const reading = readText(
      `${head}B=\${B:-5}\nC=7\nfor p in $A $B $C; do iptables -A INPUT -p tcp --dport $p -j ACCEPT; done\n`,
      {
        definitions: { A: '3', B: '4', C: '6' },
      },
    );
    expect(rulesOf(reading)).toEqual([port(3), port(4), port(7)]);
  });
});
