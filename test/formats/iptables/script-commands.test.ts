import { describe, expect, test } from 'vitest';
import type { Reading } from '../../../src/formats/format.ts';
import { codesOf, readText, rulesOf } from './read-text.ts';

const head =
  '#!/bin/sh\niptables -F\niptables -P INPUT DROP\niptables -P FORWARD DROP\niptables -P OUTPUT ACCEPT\n';

function script(...lines: readonly string[]): Reading {
  return readText(`${head}${lines.join('\n')}\n`);
}

const call = 'iptables -A INPUT -p tcp --dport 80 -j ACCEPT';
const rule = '(protocol=6 & destinationPort=80) -> accept';

describe('what starts a command', () => {
  test.each([
    'sudo -u root',
    'sudo -n -E -- VAR=1',
    'sudo --user root',
    'timeout 5',
    'timeout -k 1 --signal KILL 5s',
    'flock /run/lock',
    'flock -w 10 /run/lock',
    'setsid -w',
    'ionice -c3',
    'ionice -c 2 -n 7',
    'nice -n 5',
    'nice -19',
    'stdbuf -oL -e 0',
    'chroot /mnt',
    'taskset -c 0',
    'env -i -u LANG PATH=/sbin',
    'builtin command -p',
    'time -p',
    'exec',
    'sudo timeout 5 nice',
    'nsenter -t 1 -m -u -n',
    'nsenter --mount=/proc/7/ns/mnt',
    'unshare -m',
  ])('%s', (prefix) => {
    const reading = script(`${prefix} ${call}`);
    expect(codesOf(reading)).toEqual([]);
    expect(rulesOf(reading)).toEqual([rule]);
  });

  test('a look-up starts nothing', () => {
    expect(rulesOf(script(`if command -v iptables > /dev/null; then ${call}; fi`))).toEqual([rule]);
  });

  test('functions of that name come first, programs that a prefix starts are no functions', () => {
    const reading = script(
      'iptables() { command iptables -w "$@"; }',
      'run() { echo "$*"; "$@"; }',
      `run ${call}`,
    );
    expect(rulesOf(reading)).toEqual([rule]);
  });
});

describe('commands that others run', () => {
  test.each([
    `eval "${call}"`,
    `P=80; eval 'iptables -A INPUT -p tcp --dport $P -j ACCEPT'`,
    `sh -c "${call}"`,
    `bash -ec '${call}'`,
    `sh -c 'iptables -A INPUT -p tcp --dport $1 -j ACCEPT' name 80`,
    `su root -c "${call}"`,
    `su - -c '${call}'`,
    `runuser -u root -- ${call}`,
    `sudo sh -c '${call}'`,
    `flock /run/lock -c '${call}'`,
    `sh <<'EOF'\n${call}\nEOF`,
    `bash -s <<< '${call}'`,
    `echo ${call} | sh`,
    `echo 80 | xargs iptables -A INPUT -p tcp -j ACCEPT --dport`,
    `echo 80 | xargs -I% iptables -A INPUT -p tcp -j ACCEPT --dport %`,
    `xargs -n1 iptables -A INPUT -p tcp -j ACCEPT --dport <<'EOF'\n80\nEOF`,
    `printf '%s\\n' 80 | xargs -I{} sh -c 'iptables -A INPUT -p tcp --dport {} -j ACCEPT'`,
    `parallel iptables -A INPUT -p tcp --dport {} -j ACCEPT ::: 80`,
    `result=$(${call} 2>&1)`,
    `echo "$(${call})"`,
    `if out=$(${call}); then :; fi`,
    'out=`' + call + '`',
    `trap '${call}' EXIT`,
  ])('issue: %s', (line) => {
    const reading = script(line);
    expect(codesOf(reading)).toEqual([]);
    expect(rulesOf(reading)).toEqual([rule]);
    expect(reading.rules).toBe(1);
  });

  test('one for each item', () => {
    const reading = script(
      "printf '%s\\n' 80 81 | xargs -n 1 iptables -A INPUT -p tcp -j ACCEPT --dport",
      'parallel -j1 iptables -A INPUT -p tcp --dport {} -j ACCEPT ::: 82 83',
    );
    expect(rulesOf(reading)).toEqual(
      [80, 81, 82, 83].map((port) => `(protocol=6 & destinationPort=${port}) -> accept`),
    );
  });

  test('one for something that the script does not tell', () => {
    const reading = script(
      'cat /etc/hosts.ok | xargs -I% iptables -A INPUT -s % -p tcp --dport 3306 -j ACCEPT',
      'find /etc/allowed -type f -exec iptables -A INPUT -p tcp --dport 1036 -j ACCEPT \\;',
    );
    expect(rulesOf(reading)).toEqual([
      '(?{-s $(…)} & protocol=6 & destinationPort=3306 & ~{script: what xargs reads}) -> accept',
      '(protocol=6 & destinationPort=1036 & ~{script: what find finds}) -> accept',
    ]);
  });

  test('a shell that is another program knows the variables from outside only', () => {
    const line = "P=81; sh -c 'iptables -A INPUT -p tcp --dport $P -j ACCEPT'";
    expect(rulesOf(script(line))).toEqual(['(protocol=6 & ?{--dport $P}) -> accept']);
    const given = readText(`${head}sh -c 'P=82; iptables -A INPUT -p tcp --dport $P -j ACCEPT'\necho $P\n`, {
      definitions: { P: '80' },
    });
    expect(rulesOf(given)).toEqual(['(protocol=6 & destinationPort=82) -> accept']);
  });

  test('conditions in code are worded by the code', () => {
    const reading = script(`sh -c 'test -e /a && ${call}; test -e /b && ${call}; exit 1'`, call);
    expect(rulesOf(reading)).toEqual([
      '(protocol=6 & destinationPort=80 & ?{script: test -e /a}) -> accept',
      '(protocol=6 & destinationPort=80 & ?{script: test -e /b}) -> accept',
      rule,
    ]);
  });

  test('programs that are not known may run what they are given', () => {
    const reading = script(`retry 3 ${call}`, 'iptables -A INPUT -i lo -j ACCEPT');
    expect(codesOf(reading)).toEqual(['FW1114']);
    expect(reading.diagnostics[0]?.severity).toBe('error');
    expect(rulesOf(reading)).toEqual([
      '(protocol=6 & destinationPort=80 & ~{the script may not run this command}) -> accept',
      'inInterface=lo -> accept',
    ]);
  });

  test.each([
    `awk '{ system("iptables -A INPUT -s " $1 " -j ACCEPT") }' /etc/list`,
    `awk '{ print "iptables -A INPUT -s " $1 " -j ACCEPT" }' /etc/list | sh`,
    `myrunner "${call}"`,
    'while read -r rule; do iptables $rule; done < /etc/rules',
    'xargs -L1 iptables < /etc/rules',
  ])('after %s any packet may pass, or none', (line) => {
    const reading = script(call, line);
    expect(reading.diagnostics.find(({ severity }) => severity === 'error')?.code).toBe('FW1114');
    const rules = rulesOf(reading);
    expect(rules[0]).toMatch(/-> unknown accept\/drop\/continue$/);
    expect(rules.at(-1)).toBe(rule);
    expect(reading.firewall.chains.get('ipv4/filter/INPUT')?.fallthrough.kind).toBe('unknown');
  });

  test.each([
    `echo "${call}"`,
    'apt-get install iptables ipset nft',
    'systemctl stop iptables',
    `grep -q "${call}" /root/notes`,
    'modprobe ip_tables; lsmod | grep iptable_nat',
    '/sbin/iptables-save > /root/backup',
    'x=$(iptables -L -n | grep -c DROP)',
    `trap '${call}' INT TERM`,
    `cat > /root/later.sh <<'EOF'\n${call}\nEOF`,
  ])('%s runs none', (line) => {
    const reading = script(line);
    expect(codesOf(reading)).toEqual([]);
    expect(rulesOf(reading)).toEqual([]);
  });

  test('a rule that is deleted or put somewhere, and nothing tells where', () => {
    const reading = script(call, 'iptables -D INPUT $N', 'iptables -I INPUT $N -i lo -j ACCEPT');
    expect(rulesOf(reading)).toEqual([
      '(inInterface=lo & ?{script: the rule of -I INPUT $N -i lo -j ACCEPT comes first}) -> accept',
      '(protocol=6 & destinationPort=80 & !~{script: -D INPUT $N}) -> accept',
      'inInterface=lo -> accept',
    ]);
    expect(reading.rules).toBe(2);
  });
});

describe('commands for other places than this host', () => {
  test.each([
    'ip netns exec blue',
    'sudo ip -n red netns exec blue',
    'ip netns exec "$NS"',
    'nsenter --net=/run/netns/blue',
    'nsenter -t 4711 -n',
    'unshare -n',
    'docker exec -i web',
    'kubectl exec pod --',
    'lxc-attach -n web --',
    'ssh root@other',
  ])('issue: %s', (prefix) => {
    const reading = script(`${prefix} ${call}`, `${prefix} sh -c '${call}'`);
    expect(rulesOf(reading)).toEqual([]);
    expect(codesOf(reading)).toEqual(['FW1114']);
    expect(reading.diagnostics[0]?.message).toContain('not for this host');
    expect(reading.firewall.assumptions.join()).toContain('are left out');
  });

  test('what lists there is nothing to tell', () => {
    expect(
      codesOf(script('ip netns exec blue iptables -L', 'ip netns add blue', 'ssh other uptime')),
    ).toEqual([]);
  });
});

describe('issue: rules loaded from a file that is not there', () => {
  const unknown = 'all -> unknown accept/drop/continue';

  test('what was there may be gone, and what comes after is behind them', () => {
    const reading = script(
      call,
      'iptables-restore < /etc/iptables/rules.v4',
      'iptables -A INPUT -i lo -j ACCEPT',
    );
    expect(codesOf(reading)).toEqual(['FW1114']);
    expect(rulesOf(reading)).toEqual([unknown, rule, 'inInterface=lo -> accept']);
    expect(rulesOf(reading, 'ipv4/mangle/PREROUTING')).toEqual([unknown]);
    expect(reading.firewall.chains.get('ipv4/filter/FORWARD')?.fallthrough).toMatchObject({
      kind: 'unknown',
      reason: 'script: rules loaded from /etc/iptables/rules.v4',
    });
    expect(reading.families).toEqual(['ipv4']);
  });

  test('only where it runs, and only the table that it loads', () => {
    const reading = script('[ -f /etc/r ] && iptables-restore -T filter /etc/r');
    expect(rulesOf(reading)).toEqual(['?{script: [ -f /etc/r ]} -> unknown accept/drop/continue']);
    expect(reading.firewall.chains.has('ipv4/mangle/INPUT')).toBe(false);
  });

  test('a script that sets up the table anew afterwards is certain of it', () => {
    const reading = script(
      'iptables-restore -T filter /etc/r',
      'iptables -F',
      'iptables -P INPUT DROP',
      call,
    );
    expect(rulesOf(reading)).toEqual([rule]);
    expect(reading.firewall.chains.get('ipv4/filter/INPUT')?.fallthrough).toEqual({ kind: 'drop' });
  });

  test('one that is there is loaded only where the command runs', () => {
    const rules = `*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n${call.slice(9)}\nCOMMIT\n`;
    const reading = readText(`${head}[ -f ./r ] && iptables-restore < ./r\n`, { files: { './r': rules } });
    expect(rulesOf(reading)).toEqual(['!?{script: [ -f ./r ]} -> unknown accept/drop/continue', rule]);
    expect(reading.firewall.chains.get('ipv4/filter/INPUT')?.fallthrough.kind).toBe('unknown');
  });

  test('a test of the file loads nothing', () => {
    expect(codesOf(script('iptables-restore --test < /etc/r', call))).toEqual([]);
  });
});
