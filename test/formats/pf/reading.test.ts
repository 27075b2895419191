import { describe, expect, it } from 'vitest';
import { formOf } from '../../../src/formats/pf/detect.ts';
import { pfFormat } from '../../../src/formats/pf/format.ts';
import type { QueryAnswer } from '../../../src/query.ts';
import type { AuditOptions } from '../../../src/audit.ts';
import { ask, packetOf, read, source, told } from './probe.ts';

async function verdicts(text: string, probes: string, options: AuditOptions = {}): Promise<string[]> {
  const query = await ask(text, options);
  return probes
    .trim()
    .split('\n')
    .map((line) => `${line.trim()}: ${query.query(packetOf(line.trim().split(' '))).verdict}`);
}

async function answer(text: string, probe: string, options: AuditOptions = {}): Promise<QueryAnswer> {
  return (await ask(text, options)).query(packetOf(probe.split(' ')));
}

describe('what an input is', () => {
  it.each([
    ['pass in proto tcp to port 22\n', 'pf.conf'],
    ['ext = "em0"\nblock drop in all\n', 'pf.conf'],
    ['block \\\n in \\\n all\n', 'pf.conf'],
    ['block drop in all\npass in proto tcp from any to any port = ssh flags S/SA keep state\n', 'pfctl-sr'],
    ['@0 block drop in all\n  [ Evaluations: 1  Packets: 1  Bytes: 1  States: 0     ]\n', 'pfctl-vvsr'],
    [
      'queue mail on em0 bandwidth 5Mb cbq( default ) \n  [ qid=3 ifname=em0 ifbandwidth=10Mb ]\n',
      'pfctl-vvsr',
    ],
    [
      'TRANSLATION RULES:\nFILTER RULES:\nblock drop in all\nSTATES:\nall tcp 1.2.3.4:5 <- 1.2.3.4:6\n',
      'pfctl-sa',
    ],
  ])('%j is %s', (text, form) => {
    expect(pfFormat.detect(source(text))?.dialect).toBe(form);
    expect(formOf(source(text))).toBe(form);
  });

  it.each([
    '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n',
    'table inet filter {\n chain input {\n type filter hook input priority 0;\n }\n}\n',
    'Rule Name:   x\n-----\nEnabled: Yes\n',
    'once upon a time\n',
  ])('is not %j', (text) => {
    expect(pfFormat.detect(source(text))).toBeUndefined();
  });

  it.each([
    ['rdr on em0 inet proto tcp to port 80 -> 10.0.0.1\npass\n', 'pf.conf'],
    ['match in on em0 proto tcp to port 80 rdr-to 10.0.0.1\n', 'openbsd'],
    ['pass in ridentifier 5\n', 'freebsd'],
    ['nat on em0 inet to any -> 10.0.0.1\nmatch in all\n', 'freebsd'],
    ['scrub-anchor "com.apple/*"\nanchor "com.apple/*"\n', 'macos'],
    ['pass in quick label "USER_RULE: web" ridentifier 5\n', 'pfsense'],
  ])('finds the dialect of %j', (text, dialect) => {
    expect(read(text).firewall.dialect).toBe(dialect);
  });
});

describe("pfctl's output", () => {
  it('loses numbers, counters and other sections, and keeps its places', () => {
    const text = `TRANSLATION RULES:
@0 rdr on em0 inet proto tcp from any to any port = http -> 10.0.0.5 port 8080
  [ Evaluations: 5         Packets: 0         Bytes: 0           States: 0     ]
FILTER RULES:
@0(1000) block drop in all
  [ Inserted: uid 0 pid 0 State Creations: 0     ]
@1 pass in on em0 inet proto tcp from any to 10.0.0.5 port = 8080 frobnicate
STATES:
all tcp 10.0.0.1:22 <- 10.0.0.2:4000       ESTABLISHED:ESTABLISHED
`;
    expect(read(text).rules).toBe(3);
    expect(told(text)).toEqual([
      "error FW1004 7:67 'frobnicate' does not fit here: expected the end of the statement",
    ]);
  });

  it('does not refuse what was loaded', () => {
    const text = '@0 pass in inet proto icmp all icmp-type 300\n';
    expect(told(text).every((line) => !line.startsWith('error'))).toBe(true);
  });

  it('says that skipped interfaces are not shown', () => {
    const printed = read('block drop in all\n').firewall.assumptions.join('\n');
    expect(printed).toContain('set skip');
    expect(read('block in\n').firewall.assumptions.join('\n')).not.toContain('set skip');
  });

  it('says what half of the rules is not shown', () => {
    const nat = 'rdr on em0 inet proto tcp from any to any port = 80 -> 10.0.0.5\n';
    expect(told(nat)).toEqual([
      'warning FW1312 1:1 only translation rules are in the input: a filter without rules passes everything',
    ]);
    expect(told(`# web\n${nat}`)).toEqual([]);
    expect(told(`${nat}block drop in all\n`)).toEqual([]);
    const assumed = (text: string): string => read(text).firewall.assumptions.join('\n');
    expect(assumed(nat)).toContain('the filter has no rules');
    expect(assumed('block drop in all\n')).toContain('no packet is translated');
    expect(assumed(`${nat}block drop in all\n`)).not.toContain('translated');
    expect(assumed('block drop in all\nmatch in inet all rdr-to 10.0.0.5\n')).not.toContain('translated');
    expect(assumed('block in\n')).not.toContain('translated');
  });

  it('says when pf is switched off, and assumes nothing then', () => {
    const text = 'FILTER RULES:\nblock drop in all\nINFO:\nStatus: Disabled    Debug: Urgent\n';
    expect(told(text)).toEqual([
      'warning FW1311 4:1 pf is disabled: no rule is in force and everything passes',
    ]);
    expect(read(text).firewall.assumptions).toEqual([]);
    const enabled = read(text.replace('Disabled', 'Enabled')).firewall.assumptions.join('\n');
    expect(enabled).not.toContain('pf is enabled');
  });

  it('skips its messages that mean nothing, and no others', () => {
    expect(told('No ALTQ support in kernel\nblock drop in all\n')).toEqual([]);
    expect(told('Loaded 696 passive OS fingerprints\nx = "1"\nblock drop in all\n')).toEqual([]);
    expect(told('pfctl: DIOCGETRULES: Invalid argument\nblock drop in all\n')).toHaveLength(1);
  });

  it('names the anchors whose rules are not shown, and only those', () => {
    const text =
      'block in\nanchor "ftp-proxy/*"\nanchor authpf\nanchor authpf in\nanchor own {\n  pass in\n}\n';
    const said = read(text).firewall.assumptions.filter((one) => one.includes('anchor'));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('the rules of anchors "ftp-proxy/*", "authpf" are not in the input');
    expect(read('anchor own {\n  pass in\n}\n').firewall.assumptions.join()).not.toContain('anchor');
    const many = Array.from({ length: 10 }, (_, i) => `anchor a${i}\n`).join('');
    expect(read(many).firewall.assumptions.join()).toContain('"a7" and 2 more are not in the input');
  });

  it('knows counts behind tables and interfaces', async () => {
    const text =
      '@0 block drop in all\n@1 pass in proto tcp from <ok:2> to (em0:1) port = 22 flags S/SA keep state\n';
    const tables = new Map([['ok', source('   192.0.2.0/24\n   !192.0.2.1\n', 'ok')]]);
    expect(
      await verdicts(text, 'tcp 22 from 192.0.2.2 to 203.0.113.10\ntcp 22 from 192.0.2.1 to 203.0.113.10', {
        tables,
      }),
    ).toEqual([
      'tcp 22 from 192.0.2.2 to 203.0.113.10: allow',
      'tcp 22 from 192.0.2.1 to 203.0.113.10: deny',
    ]);
  });
});

describe('files and tables from outside', () => {
  it('reads includes and loaded anchors that are given', async () => {
    const files = new Map([
      ['/etc/web.conf', 'pass in quick proto tcp to port $web\n'],
      ['/etc/ssh.conf', 'pass in proto tcp to port 22\n'],
    ]);
    const include: NonNullable<AuditOptions['include']> = (path) => {
      const text = files.get(path);
      return text === undefined ? 'no such file' : [source(text, path, 7)];
    };
    const text =
      'web = 80\ninclude "/etc/web.conf"\nblock in\nanchor "ssh"\nload anchor "ssh" from "/etc/ssh.conf"\n';
    expect(await verdicts(text, 'tcp 80\ntcp 22\ntcp 23', { include })).toEqual([
      'tcp 80: allow',
      'tcp 22: allow',
      'tcp 23: deny',
    ]);
    expect(await verdicts(text, 'tcp 80')).toEqual(['tcp 80: conditional']);
  });

  it('asks for tables it does not know, and takes them from the command line', async () => {
    const text = 'block in\npass in proto tcp from <admins> to port 22\n';
    expect((await answer(text, 'tcp 22 from 192.0.2.1 in em0')).conditions).toEqual([
      'table <admins> is not in the input',
    ]);
    const tables = new Map([['admins', source('192.0.2.1 # me\n! 192.0.2.9\n')]]);
    expect(await verdicts(text, 'tcp 22 from 192.0.2.1\ntcp 22 from 192.0.2.2', { tables })).toEqual([
      'tcp 22 from 192.0.2.1: allow',
      'tcp 22 from 192.0.2.2: deny',
    ]);
  });

  it('trusts no table that a rule adds to', async () => {
    const text = `table <bad> { 192.0.2.1 }
block in
pass in proto tcp from ! <bad> to port 22 keep state (max-src-conn 5, overload <bad>)
`;
    expect(await verdicts(text, 'tcp 22 from 192.0.2.1\ntcp 22 from 192.0.2.2')).toEqual([
      'tcp 22 from 192.0.2.1: deny',
      'tcp 22 from 192.0.2.2: conditional',
    ]);
  });
});

describe('translation', () => {
  it('shifts ports, begins anew at the end of a range, and maps many to one', async () => {
    const filter = 'block in\npass in proto tcp to 10.0.0.5 port { 4000, 4003 }\n';
    const rdr = (target: string): string =>
      `rdr on em0 inet proto tcp to any port 2000:2009 -> 10.0.0.5 port ${target}\n${filter}`;
    const probes = [2000, 2001, 2003, 2004].map((port) => `tcp ${port} from 192.0.2.1 in em0`).join('\n');
    const short = async (target: string): Promise<string> =>
      (await verdicts(rdr(target), probes)).map((line) => line.replace(/^.*: (.).*$/, '$1')).join('');
    expect(await short('4000')).toBe('aaaa');
    expect(await short('4000:*')).toBe('adad');
    expect(await short('4000:4003')).toBe('adaa');
  });

  it('takes the first translation rule that matches, and "no rdr" stops', async () => {
    const text = `no rdr on em0 proto tcp from 192.0.2.1 to any port 80
rdr on em0 inet proto tcp to any port 80 -> 10.0.0.5 port 8080
rdr on em0 inet proto tcp to any port 80 -> 10.0.0.6
block in
pass in proto tcp to 10.0.0.5 port 8080
`;
    expect(
      await verdicts(
        text,
        'tcp 80 in em0 from 192.0.2.2\ntcp 80 in em0 from 192.0.2.1\ntcp 80 in em1 from 192.0.2.2',
      ),
    ).toEqual([
      'tcp 80 in em0 from 192.0.2.2: allow',
      'tcp 80 in em0 from 192.0.2.1: deny',
      'tcp 80 in em1 from 192.0.2.2: deny',
    ]);
  });

  it('maps binat both ways, network to network', async () => {
    const text = `binat on em0 from 10.0.0.0/24 to any -> 192.0.2.0/24
block
pass in on em0 proto tcp to 10.0.0.7 port 22
pass out on em0 proto tcp from 192.0.2.7
`;
    expect(
      await verdicts(
        text,
        'tcp 22 in em0 to 192.0.2.7\ntcp 22 in em0 to 192.0.2.8\nout tcp 1 from 10.0.0.7 out-if em0\nout tcp 1 from 10.0.0.8 out-if em0',
      ),
    ).toEqual([
      'tcp 22 in em0 to 192.0.2.7: allow',
      'tcp 22 in em0 to 192.0.2.8: deny',
      'out tcp 1 from 10.0.0.7 out-if em0: allow',
      'out tcp 1 from 10.0.0.8 out-if em0: deny',
    ]);
  });

  it('filters what nat has made of a packet', async () => {
    const text =
      'nat on em0 inet from 10.0.0.0/8 to any -> 203.0.113.10\nblock out\npass out on em0 from 203.0.113.10\n';
    expect(
      await verdicts(text, 'out tcp 443 from 10.1.1.1 out-if em0\nout tcp 443 from 192.0.2.1 out-if em0'),
    ).toEqual(['out tcp 443 from 10.1.1.1 out-if em0: allow', 'out tcp 443 from 192.0.2.1 out-if em0: deny']);
  });

  it('lets an unknown redirection anchor send anything past the filter, but not what is skipped', async () => {
    const text = 'set skip on em1\nrdr-anchor "miniupnpd"\nblock in\n';
    const { verdict, conditions } = await answer(text, 'tcp 22 in em0');
    expect([verdict, conditions]).toEqual(['conditional', ['anchor "miniupnpd" translates with pass']]);
    expect(await verdicts(text, 'tcp 22 in em1')).toEqual(['tcp 22 in em1: allow']);
  });

  it('issue: names the redirection anchor itself, not another line that might pass', async () => {
    const text =
      'nat-anchor "natrules/*"\nrdr-anchor "tftp-proxy/*"\nblock in\npass in on em0 proto tcp to port 22\n';
    const { rules } = await answer(text, 'udp 69 in em0 from 192.0.2.1');
    expect(rules.map(({ line, text: told }) => `${line} ${told}`)).toEqual([
      '2 rdr-anchor "tftp-proxy/*"',
      '3 block in',
    ]);
  });

  it('names the very rule with pass that translated', async () => {
    const text =
      'rdr pass on em0 inet proto tcp to port 1 -> 10.0.0.5\nrdr pass on em0 inet proto tcp to port 2 -> 10.0.0.5\nblock in\n';
    const { verdict, rules } = await answer(text, 'tcp 2 in em0 from 192.0.2.1 to 203.0.113.10');
    expect([verdict, ...rules.map(({ line }) => line)]).toEqual(['allow', 2]);
  });
});

describe('other traps', () => {
  it.each([
    ['a block policy holds for the rules behind it', 'set block-policy return\nblock in\n', 'reject'],
    ['drop is the default policy', 'block in\n', 'drop'],
    ['a rule may say otherwise', 'set block-policy return\nblock drop in\n', 'drop'],
  ])('%s', async (_name, text, action) => {
    expect((await answer(text, 'tcp 22')).action).toBe(action);
  });

  it('a line that begins with an undefined macro is an error there, and the rest is read', async () => {
    const text = 'block in\n$allow in\npass in proto tcp to port 22\n';
    expect(told(text).filter((line) => line.includes('$allow'))).toHaveLength(1);
    // What the macro stands for might be quick.
    expect(await verdicts(text, 'tcp 22')).toEqual(['tcp 22: conditional']);
    expect(await verdicts(text.replace('$allow in', 'block in'), 'tcp 22')).toEqual(['tcp 22: allow']);
  });

  it('a comment that ends in a backslash swallows the next line', async () => {
    expect(await verdicts('pass in\n# careful \\\nblock in\n', 'tcp 22')).toEqual(['tcp 22: allow']);
    expect(told('pass in\n# careful \\\r\n  block in # all\r\n')).toEqual([
      'warning FW1313 3:3 this line is part of the comment above it, which ends in a backslash',
    ]);
    expect(told('# a \\\n# pass in \\\n  from any\nx = "# \\\npass"\npass in \\\n  # out\n')).toEqual([]);
  });

  it('assumes something of the group lo only where it is named', () => {
    const assumes = (text: string): boolean =>
      read(text).firewall.assumptions.some((text) => text.includes('group lo'));
    expect(assumes('pass in on lo0 label "lo"\n# on lo\npass in on em0 tag lo\n')).toBe(false);
    expect(assumes('pass in on lo\n')).toBe(true);
    expect(assumes('i = lo\nanchor {\n  pass in on { em0 $i }\n}\n')).toBe(true);
    expect(assumes('set skip on { lo em1 }\npass\n')).toBe(true);
    expect(assumes('antispoof for lo\n')).toBe(true);
    expect(assumes('rdr on lo proto tcp to port 80 -> 127.0.0.1\n')).toBe(true);
  });

  it('flags of a rule without a protocol concern TCP only', async () => {
    expect(await verdicts('block in\npass in flags A/A\n', 'tcp 22\nudp 53')).toEqual([
      'tcp 22: deny',
      'udp 53: allow',
    ]);
    expect(await verdicts('block in\npass in proto tcp flags any\n', 'tcp 22')).toEqual(['tcp 22: allow']);
  });

  it('a port range that runs backwards is refused by current systems, and holds nothing to the others', async () => {
    const text = 'block in\npass in proto tcp to port 34:12\npass in proto udp to port 34 <> 22\n';
    const probes = 'tcp 20\nudp 53';
    for (const dialect of [undefined, 'openbsd', 'freebsd']) {
      const options = dialect === undefined ? {} : { dialect };
      expect(await verdicts(text, probes, options)).toEqual(['tcp 20: deny', 'udp 53: allow']);
      expect(told(text, options).filter((line) => line.startsWith('error FW1301'))).toHaveLength(
        dialect === 'freebsd' ? 0 : 2,
      );
    }
  });

  it('a link-local address brings its interface', async () => {
    expect(
      await verdicts(
        'block in\npass in from fe80::1%em0\n',
        'tcp 1 from fe80::1 in em0\ntcp 1 from fe80::1 in em1',
      ),
    ).toEqual(['tcp 1 from fe80::1 in em0: allow', 'tcp 1 from fe80::1 in em1: deny']);
  });

  it('names what an answer hangs on', async () => {
    const text = 'block in\npass in on egress proto tcp from any to (em7) port 22\n';
    expect([...(await answer(text, 'tcp 22 in em0')).conditions].sort()).toEqual([
      'the destination is an address of em7',
      'the incoming interface is in group egress',
    ]);
  });

  it('a table wins over the main one inside a loaded anchor', async () => {
    const include: NonNullable<AuditOptions['include']> = () => [
      source('table <t> const { 192.0.2.2 }\npass in from <t>\n', 'a', 5),
    ];
    const text = 'table <t> const { 192.0.2.1 }\nblock in\nanchor a\nload anchor a from "a"\n';
    expect(await verdicts(text, 'tcp 1 from 192.0.2.1\ntcp 1 from 192.0.2.2', { include })).toEqual([
      'tcp 1 from 192.0.2.1: deny',
      'tcp 1 from 192.0.2.2: allow',
    ]);
  });

  it('macros of the command line win over those of the file', async () => {
    const text = 'ext = "em0"\nblock in\npass in on $ext proto tcp to port $ports\n';
    const definitions = new Map([
      ['ext', 'em1'],
      ['ports', '{ 22, 80:81 }'],
    ]);
    expect(told(text, { definitions })).toEqual([]);
    expect(
      await verdicts(text, 'tcp 22 in em0\ntcp 22 in em1\ntcp 81 in em1\ntcp 82 in em1', { definitions }),
    ).toEqual(['tcp 22 in em0: deny', 'tcp 22 in em1: allow', 'tcp 81 in em1: allow', 'tcp 82 in em1: deny']);
    expect(told(text)[0]).toContain('a macro that is defined ($ports is not)');
  });

  it('rules and problems of an included file are shown where they stand', async () => {
    const include: NonNullable<AuditOptions['include']> = () => [
      source('pass in frobnicate\npass in quick proto tcp to port 22\n', 'web.conf', 5),
    ];
    const text = 'block in\ninclude "web.conf"\n';
    const query = await ask(text, { include });
    expect(query.query(packetOf('tcp 22 in em0'.split(' '))).rules.at(-1)).toEqual({
      path: 'web.conf',
      line: 2,
      text: 'pass in quick proto tcp to port 22',
    });
    expect(query.diagnostics.map(({ location }) => location?.path)).toEqual(['web.conf']);
  });
});

describe('states', () => {
  const stated = async (text: string, fields: object): Promise<string> => {
    const query = await ask(text);
    return query.query({
      protocol: 'tcp',
      source: '192.0.2.9',
      destinationPort: 24,
      inInterface: 'em0',
      ...fields,
    }).verdict;
  };

  it('what fits a state passes, whatever the rules say of new connections', async () => {
    const text = 'block all\npass out\n';
    expect(await stated(text, {})).toBe('deny');
    expect(await stated(text, { state: 'established' })).toBe('allow');
    expect(await stated(text, { state: 'related' })).toBe('allow');
    expect(await stated(text, { state: 'invalid' })).toBe('deny');
  });

  it('translation keeps states too, and what is not in the input may', async () => {
    const established = { state: 'established' };
    expect(await stated('rdr on em1 proto tcp to port 1 -> 10.0.0.2\nblock all\n', established)).toBe(
      'allow',
    );
    expect(await stated('anchor x {\n pass out\n}\nblock quick all\n', established)).toBe('allow');
    expect(await stated('anchor x out\nblock quick all\n', established)).toBe('conditional');
  });

  it('rules that keep none are asked about every packet', async () => {
    const text = 'block all\npass in proto tcp to port 22 no state\n';
    expect(await stated(text, { state: 'established' })).toBe('deny');
    // Without S/SA, which belongs to keeping state, any TCP packet passes.
    expect(await stated(text, { destinationPort: 22, tcpFlags: ['ack'] })).toBe('allow');
    expect(
      await stated('block all\npass in proto tcp to port 22\n', { destinationPort: 22, tcpFlags: ['ack'] }),
    ).toBe('deny');
    expect(told(text)).toEqual([
      'note FW1310 2:30 the rule keeps no state: answers to what it passes need a rule of their own that passes them',
    ]);
  });
});

describe('an interface without addresses', () => {
  const options = { bareInterfaces: ['gif0'] };

  it('makes antispoof no rule, and matches nothing as (gif0)', async () => {
    expect(told('antispoof for gif0\n')).toHaveLength(1);
    expect(told('antispoof for gif0\n', options)).toEqual([]);
    expect(await verdicts('pass in\nantispoof for gif0\n', 'tcp 22 from 192.0.2.1', options)).toEqual([
      'tcp 22 from 192.0.2.1: allow',
    ]);
    expect(await verdicts('block in\npass in to (gif0)\n', 'tcp 22 to 192.0.2.1', options)).toEqual([
      'tcp 22 to 192.0.2.1: deny',
    ]);
  });

  it('cannot stand for its address', () => {
    expect(told('pass in to gif0\n', options).join()).toContain(
      'error FW1301 1:12 no IP address found for gif0',
    );
  });
});

describe('issue: a table file with words that are no addresses', () => {
  const file = { ...source('10.0.0.0/8\nexample.com 300.1.1.1\n', 'admins.txt', 7) };
  const options = { tables: new Map([['admins', file]]) };
  const rule = 'pass in proto tcp from <admins> to port 22\n';

  it.each([`table <admins> persist\nblock in\n${rule}`, `block in\n${rule}`])(
    'leaves the table open, declared or not, and says where: %j',
    async (text) => {
      const said = read(text, options).diagnostics.filter(({ span }) => span?.source === 7);
      expect(said.map(({ message }) => message)).toEqual([
        "'example.com' is no address or network, nor is one more word: not all of table <admins> is known",
      ]);
      expect(said[0]!.span).toEqual({ source: 7, start: 11, end: 22 });
      expect(await verdicts(text, 'tcp 22 from 10.0.0.1\ntcp 22 from 192.0.2.1', options)).toEqual([
        'tcp 22 from 10.0.0.1: allow',
        'tcp 22 from 192.0.2.1: conditional',
      ]);
    },
  );
});
