import { beforeAll, describe, expect, it } from 'vitest';
import { parsePf } from '../../../grammars/pf/document.ts';
import type { FilterRule, Statement } from '../../../grammars/pf/syntax.ts';
import { validateGrammarsFromNowOn } from '../../../grammars/shared/strict-parser.ts';
import type { Source } from '../../../src/source/source.ts';

function source(text: string): Source {
  return { id: 0, path: 'pf.conf', text, encoding: 'utf-8' };
}

function parse(text: string): readonly Statement[] {
  return parsePf(source(text), () => 'not here').statements;
}

function problems(text: string): string[] {
  const found: string[] = [];
  const walk = (statements: readonly Statement[]): void => {
    for (const statement of statements) {
      if ('problem' in statement && statement.problem !== undefined) {
        found.push(`${statement.problem.token?.image ?? 'end'}: ${statement.problem.expected}`);
      }
      if ('body' in statement && statement.body !== undefined) walk(statement.body);
    }
  };
  walk(parse(text));
  return found;
}

beforeAll(() => {
  // Before the first parser is built: every grammar rule is checked for ambiguities.
  validateGrammarsFromNowOn();
});

describe('statements', () => {
  it('reads every form of rule without a problem', () => {
    const text = `
ext = "em0"
set skip on { lo0 em1 }
set timeout { tcp.first 60, tcp.closing 5 }
table <a> const { 10/8, !10.1/16, self, fe80::/10 } file "/etc/a"
table <b> persist counters file "/dev/null"
altq on em0 cbq bandwidth 10Mb queue { q1 q2 }
queue q1 bandwidth 60% priority 3 cbq(default borrow)
ether block out on igb0 label "x"
scrub in on $ext all no-df max-mss 1440 fragment reassemble
no scrub in all
nat on $ext inet from !($ext) to any -> ($ext:0) round-robin sticky-address
nat pass log on $ext from 10/8 to any tag T -> { 192.0.2.1, 192.0.2.2 } port 1024:65535 source-hash 0x123 static-port
rdr pass on $ext proto tcp from any to any port 80:90 -> 10.0.0.1 port 8000:*
no rdr on $ext proto { tcp udp } from <a> to any port = 22
binat on $ext from 10.0.0.1 to any -> 192.0.2.1
nat-anchor "ftp-proxy/*"
rdr-anchor foo proto tcp to port 25
anchor "bar" in quick on $ext proto tcp from any os "OpenBSD" to (self) port { 22, > 1023 } tagged T
load anchor "bar" from "/etc/bar.conf"
antispoof log quick for { em0 (em1) } inet label "spoof"
pass in log (all, to pflog1) quick on { em0, ! em1 } inet proto tcp from { 10.0.0.1 - 10.0.0.9, <a>, ! <b>, (em0:network)/24, em1:broadcast } port 1000 >< 2000 to any port { 22, 80:90, != 99 } user { root, >= 1000 } group wheel flags S/SFRA keep state (max 100, source-track rule, max-src-conn 10, max-src-conn-rate 5/10, overload <b> flush global, tcp.established 60, if-bound) label "a" label "b" queue (q1, q2) tag T
pass out route-to (em0 192.0.2.1) inet6 proto icmp6 icmp6-type { echoreq, unreach code port-unr, 1 code 2 } no state
pass in on em0 reply-to { (em0 192.0.2.1), (em1 192.0.2.2) } round-robin proto udp from any to any port 53 probability 20% tos 0x10 prio 3 set (prio (1, 2), tos lowdelay) rtable 2 allow-opts
block return-icmp (port-unr, admin-unr) in proto udp from no-route to urpf-failed fragment
block return-rst (ttl 10) in proto tcp all
match out on egress inet nat-to (egress:0) static-port scrub (no-df random-id max-mss 1440) set prio 5
match in from route "backup" ! tagged X received-on em1 once
pass in inet6 af-to inet from 192.0.2.1 to 192.0.2.2 max-pkt-rate 100/10
pass in proto tcp to port 80 divert-to 127.0.0.1 port 8080
pass out proto tcp divert-reply
pass in divert-packet port 700 ! received-on any0
pass on rdomain 3 from self to any
pass in on em0 inet proto tcp to 192.0.2.7 port 80 rdr-to { 10.0.0.1 weight 3, 10.0.0.2 } least-states sticky-address
dummynet in quick proto tcp from any to any pipe 1
scrub-anchor "com.apple/*"
anchor {
  pass
  anchor on em0 {
    block
  }
}
`;
    expect(problems(text)).toEqual([]);
  });

  it('lets lists run over lines', () => {
    const [rule] = parse('pass in proto tcp to port {\n 22 # ssh\n 80,\n\n443 }\nblock\n') as FilterRule[];
    expect(rule!.to!.ports!.map(({ token }) => token.image)).toEqual(['22', '80', '443']);
  });

  it('takes the text of a macro where it stands, the last definition first', () => {
    const [, , , rule] = parse(
      'a = 22\nb = "80 " $a\na = 23\npass proto tcp to port { $a $b }',
    ) as FilterRule[];
    expect(rule!.to!.ports!.map(({ token }) => token.image)).toEqual(['23', '80', '22']);
  });

  it('says what does not fit, and where', () => {
    expect(problems('pass in frobnicate on em0')).toEqual(['frobnicate: the end of the statement']);
    expect(problems('pass proto')).toEqual(['end: another word']);
    expect(problems('pass from { !{ a b } }')).toEqual(['{: another word']);
    expect(problems('pass to port { { 22 } }')).toEqual(['{: another word']);
    expect(problems('pass quick in')).toEqual(['in: the end of the statement']);
    expect(problems('pass on $ext')).toEqual(['$ext: a macro that is defined ($ext is not)']);
    expect(problems('x = { a }')).toEqual([
      '{: words, numbers or one quoted string (braces need quotes in a macro)',
    ]);
    expect(problems('hello world')).toEqual(['hello: a pf statement']);
  });

  it('keeps what it read of a broken rule', () => {
    const [rule] = parse('pass in quick on em0 proto tcp to port 22 frobnicate') as FilterRule[];
    expect(rule!.quick).toBeDefined();
    expect(rule!.to!.ports).toHaveLength(1);
  });

  it('goes on behind the line of an error', () => {
    const kinds = (text: string): string[] => parse(text).map(({ kind }) => kind);
    expect(kinds('pass to port { 22\nblock all\npass in')).toEqual(['filter', 'filter', 'filter']);
    expect(kinds('pass label "open\nblock all\npass in')).toEqual(['filter', 'filter', 'filter']);
    expect(kinds('@@@\nblock all')).toEqual(['unread', 'filter']);
    expect(problems('anchor "a" {\n pass\n')).toEqual(["end: '}' that closes the anchor"]);
  });

  it('reads anchors whose braces share a line with rules, which pfctl would not', () => {
    const [anchor] = parse('anchor "a" { pass in }\n');
    expect(anchor!.kind === 'anchor' && anchor.body!.map(({ kind }) => kind)).toEqual(['filter']);
    expect(problems('anchor "a" { pass in }\n').length).toBeGreaterThan(0);
  });
});

describe('files within files', () => {
  it('reads includes in place, with the macros of both', () => {
    const document = parsePf(source('a = 22\ninclude "x"\npass proto tcp to port $b'), () => [
      { id: 1, path: 'x', text: 'pass proto tcp to port $a\nb = 23', encoding: 'utf-8' },
    ]);
    expect(document.statements.map(({ kind }) => kind)).toEqual(['macro', 'include', 'filter']);
    expect(document.sources.map(({ id }) => id)).toEqual([0, 1]);
    const [, include, rule] = document.statements;
    expect(include!.kind === 'include' && include.body).toHaveLength(2);
    expect((rule as FilterRule).to!.ports![0]!.token.image).toBe('23');
  });

  it('stops at includes that include themselves', () => {
    const self = source('include "x"\npass');
    const document = parsePf(self, () => [self]);
    expect(document.sources.length).toBeLessThan(20);
  });
});

describe('hostile input', () => {
  it.each([
    ['braces', '{'.repeat(50_000)],
    ['brackets', `pass keep state ${'('.repeat(50_000)}`],
    ['lists', `pass from ${'{ '.repeat(50_000)}a`],
    ['anchors', 'anchor a {\n'.repeat(50_000)],
    ['open lists', 'foo {\n'.repeat(50_000)],
    ['open quotes', 'pass label "x\n'.repeat(30_001)],
    ['backslashes', '\\'.repeat(100_001)],
    ['one long word', `pass label ${'x'.repeat(1_000_000)}`],
    ['closing braces', '}\n'.repeat(50_000)],
    ['dollars', '$'.repeat(50_000)],
    ['control characters', '\u0001\u0000\u001b[31m pass \u202e'],
  ])('survives %s, in linear time', (_name, text) => {
    const start = performance.now();
    expect(() => parse(text)).not.toThrow();
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
