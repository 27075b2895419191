import { describe, expect, test } from 'vitest';
import type { Reading } from '../../../src/formats/format.ts';
import { codesOf, readText, rulesOf } from './read-text.ts';

const head =
  '#!/bin/bash\niptables -F\niptables -P INPUT DROP\niptables -P FORWARD DROP\niptables -P OUTPUT ACCEPT\n';

function script(...lines: readonly string[]): Reading {
  return readText(
    `${head}open() { iptables -A INPUT -p tcp --dport "$1" -j ACCEPT; }\n${lines.join('\n')}\n`,
  );
}

/** Ports of the TCP rules that lines make, in order. */
function ports(...lines: readonly string[]): string {
  return rulesOf(script(...lines))
    .map((rule) => /^\(protocol=6 & destinationPort=([^)]*)\) -> accept$/.exec(rule)?.[1] ?? rule)
    .join(' ');
}

describe('what a shell makes of words', () => {
  test.each([
    ['entry=22:tcp; open ${entry%%:*}', '22'],
    ['entry=tcp/22; open ${entry##*/}', '22'],
    ['line="80 81"; open ${line%% *}; open ${line#* }', '80 81'],
    ['x=8x0; open ${x/x/}; y=a1b2; open ${y//[a-z]/}', '80 ~{--dport ${y//[a-z]/}}'],
    ['x=8080; open ${x:0:2}; open ${x: -2}', '80 ~{--dport ${x: -2}}'],
    ['p=(22 80); open ${p[1]}; open ${p[0]}; open ${#p[@]}', '80 22 2'],
    ['p=(22 80); open $p', '22'],
    ['declare -A s=([web]=80 [tls]=443); for k in "${!s[@]}"; do open "${s[$k]}"; done', '80 443'],
    ['p[3]=22; p[7]=80; open ${p[7]}', '80'],
    ['p=(22); p+=(80 443); for x in "${p[@]}"; do open $x; done', '22 80 443'],
    ['open $((8000 + 80)); n=5; open $((n * 2)); open $((0x10 | 1))', '8080 10 17'],
    ['n=1; ((n++)); let "n += 5"; open $n', '7'],
    ['n=`expr 20 + 2`; open $n', '22'],
    [': ${PORT:=22}; open $PORT', '22'],
    ['a="{22,80}"; open "$a" || true', '~{--dport {22,80}}'],
    ['p=(22 80); iptables -A INPUT -p tcp -m multiport --dports $(IFS=,; echo "${p[*]}") -j ACCEPT', '22,80'],
    ['p="22 80"; iptables -A INPUT -p tcp -m multiport --dports $(echo $p | tr " " ,) -j ACCEPT', '22,80'],
    ['P=22,80; IFS=,; for p in $P; do open $p; done', '22 80'],
    ["P='22 , 80,'; IFS=' ,'; for p in $P; do open $p; done", '22 80'],
    ["P=':22'; IFS=:; set -- $P; open $2", '22'],
    ['set -- 22 80; IFS=,; for p in $@; do open $p; done', '22 80'],
    ["P='22\n80'; IFS=$'\\n'; for p in $P; do open $p; done", '22 80'],
    [
      'p=(22 80); old=$IFS; IFS=,; q="${p[*]}"; IFS=$old; iptables -A INPUT -p tcp -m multiport --dports $q -j ACCEPT',
      '22,80',
    ],
    ["IFS=, read -ra p <<< '22,80'; open ${p[1]}", '80'],
    ["read -r a b <<< '22 80 443'; open $a", '22'],
  ])('%s', (line, expected) => {
    const found = ports(line);
    if (expected.includes('~')) expect(found).toMatch(/^(?:80 )?\(protocol=6 & .*\{/);
    else expect(found).toBe(expected);
  });

  test('a word that is not known leaves the others of "$@" as they are', () => {
    const reading = script('fw() { iptables "$@"; }', 'fw -A INPUT -s "$ADMIN" -p tcp --dport 22 -j ACCEPT');
    expect(codesOf(reading)).toEqual(['FW1114']);
    expect(rulesOf(reading)).toEqual(['(?{-s $ADMIN} & protocol=6 & destinationPort=22) -> accept']);
  });

  test('local variables end with their function', () => {
    expect(ports('port=22; f() { local port=80; open $port; }; f; open $port')).toBe('80 22');
  });
});

describe('loops', () => {
  test.each([
    ['for ((i = 1; i <= 3; i++)); do open $i; done', '1 2 3'],
    ['for (( i=1; i<4; i+=2 )) do open $i; done', '1 3'],
    ['i=0; while [ $i -lt 2 ]; do open 80$i; i=$((i+1)); done', '800 801'],
    ['i=2; until [ $i = 0 ]; do open $i; ((i--)); done', '2 1'],
    ['for p in 1 2 3 4; do [ $p = 2 ] && continue; [ $p -eq 4 ] && break; open $p; done', '1 3'],
    ['for p in $(seq 2) $(seq 9 -4 1); do open $p; done', '1 2 9 5 1'],
    ['for p in {8..9} {1..9..4} 7{1,2}0; do open $p; done', '8 9 1 5 9 710 720'],
    ['for p in 1{0,1}{2..3}; do open $p; done', '102 103 112 113'],
    ['set -- 1 2; while [ $# -gt 0 ]; do open $1; shift; done', '1 2'],
    ['echo "22 80" | while read a b; do open $a; open $b; done', '22 80'],
    ["printf '%s\\n' 22 80 | while read -r p; do open $p; done", '22 80'],
    ['while IFS=: read -r p q; do open $q; done <<< "tcp:22"', '22'],
    [
      'while read -r p || [ -n "$p" ]; do [[ -z $p || $p == \\#* ]] && continue; open $p; done <<EOF\n# no\n\n22\nEOF',
      '22',
    ],
    ['for p in 22 web 80; do case $p in [0-9]*) open $p ;; w?b) open 81 ;; esac; done', '22 81 80'],
    ['f() { for p; do [ $p = 0 ] && return; open $p; done; }; f 22 0 80', '22'],
  ])('%s', (line, expected) => {
    expect(ports(line)).toBe(expected);
  });

  test('what may end a turn makes the rest of it possible, and no other turn', () => {
    expect(rulesOf(script('for p in 1 2; do [ "$A" = 1 ] && continue; open $p; done; open 3'))).toEqual([
      '(protocol=6 & destinationPort=1 & !?{script: [ "$A" = 1 ]}) -> accept',
      '(protocol=6 & destinationPort=2 & !?{script: [ "$A" = 1 ]}) -> accept',
      '(protocol=6 & destinationPort=3) -> accept',
    ]);
  });

  test('what may end a loop makes the turns behind it possible', () => {
    expect(rulesOf(script('for p in 1 2; do open $p; [ "$A" = 1 ] && break; done'))).toEqual([
      '(protocol=6 & destinationPort=1) -> accept',
      '(protocol=6 & destinationPort=2 & !?{script: [ "$A" = 1 ]}) -> accept',
    ]);
  });

  test('a loop that runs nobody knows how often has no known variables', () => {
    const [rule] = rulesOf(script('n=1; while read x; do open $((8000 + n)); n=$((n + 1)); done'));
    expect(rule).toBe('(protocol=6 & ?{--dport $((8000 + n))} & ~{the loop may not run}) -> accept');
  });

  test('a loop without an end is run at most once', () => {
    expect(rulesOf(script('while true; do open 22; sleep 60; done'))).toEqual([
      '(protocol=6 & destinationPort=22 & ~{the loop may not run}) -> accept',
    ]);
  });
});

describe('calls that fail', () => {
  test('a chain that may be there from before', () => {
    expect(rulesOf(script('iptables -A OTHER -j ACCEPT || open 22'))).toEqual([
      '(protocol=6 & destinationPort=22 & !?{script: iptables -A OTHER -j ACCEPT}) -> accept',
    ]);
  });

  test('a rule that is not there', () => {
    expect(ports('iptables -D INPUT -p tcp --dport 1 -j ACCEPT || open 22')).toBe('22');
  });
});

describe('texts in a script', () => {
  test('a unit that it writes is none of its commands', () => {
    const unit = '[Service]\nExecStart=/sbin/iptables -A INPUT -p tcp --dport 23 -j ACCEPT';
    expect(ports(`cat > /etc/systemd/system/x.service <<EOF\n${unit}\nEOF`, 'open 22')).toBe('22');
  });

  test('a table for iptables-restore, in a group before a pipe', () => {
    const table = '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT';
    expect(ports(`(\ncat <<EOF\n${table}\nEOF\n) | iptables-restore`)).toBe('22');
  });

  test('a table in a text that the script makes otherwise is not known', () => {
    const reading = script(
      '{\necho "*filter"\necho "COMMIT"\n} > /tmp/rules',
      'iptables-restore < /tmp/rules',
    );
    expect(codesOf(reading)).toContain('FW1114');
  });
});

describe('scripts that make too much of little', () => {
  test.each([
    ['a text that doubles', 'x=a; for i in $(seq 60); do x=$x$x; done'],
    ['an array that doubles', 'x=(a); for i in $(seq 60); do x=("${x[@]}" "${x[@]}"); done'],
    ['many signs', `x=$((${'- '.repeat(50_000)}1))`],
    ['many assignments', `x=$((${'a='.repeat(50_000)}1))`],
    ['many brackets', `x=$((${'('.repeat(5000)}1${')'.repeat(5000)}))`],
    [
      'many tests in one',
      `[ ${'a -a '.repeat(5000)} b ]; [[ ${'a && '.repeat(5000)} b ]]; [ ${'! '.repeat(5000)} b ]`,
    ],
    ['many substitutions in each other', `x=${'$(echo '.repeat(3000)}a${')'.repeat(3000)}`],
    ['many defaults in each other', `x=${'${a:-'.repeat(3000)}a${'}'.repeat(3000)}`],
    ['a long pipe of tr', `x=$(echo a ${"| tr 'a' 'b' ".repeat(3000)})`],
  ])('%s: are read to the end', (_name, line) => {
    expect(ports(line, 'open 22')).toBe('22');
  });
});
