import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labMissing } from '../../kernel/require-lab.ts';
import { codesOf, readRules, readText } from './read-text.ts';

/** Rules with a value at `@`, and values that iptables-restore takes, and such that it refuses. `~` is a space. */
const forms: readonly (readonly [rule: string, takes: string, refuses: string])[] = [
  ['-m ttl --ttl-eq @', '0 255 0x10 010', '256 -1 1: abc'],
  ['-m ttl --ttl-lt @', '255', '256 08'],
  ['-m ttl --ttl-gt @', '0 +5', '256 abc'],
  ['-m dscp --dscp @', '0 63 0x3f 077', '64 0x40 0100 -1 abc'],
  ['-m dscp --dscp-class @', 'EF ef BE CS0 CS7 AF11 af43', 'CS8 AF14 E CS abc'],
  ['-m statistic --mode random --probability @', '0 1 .5 1e-3 0.', '2 -1 abc 1.00001 0.5x'],
  ['-p tcp -m connlimit --connlimit-above @', '0 0x10 4294967295', '-3 4294967296 abc 1:'],
  ['-p tcp -m connlimit --connlimit-upto @', '1 010', '-3 4294967296'],
  [
    '-m mac --mac-source @',
    '00:11:22:33:44:55 0:1:2:3:4:5 AA:bb:CC:dd:EE:ff',
    '00-11-22-33-44-55 001122334455 0:1:2:3:4 0:1:2:3:4:zz 0:1:2:3:4:5:6',
  ],
  ['-m pkttype --pkt-type @', 'unicast HOST broadcast mcast otherhost', 'uni foo loopback unicastX'],
  ['-m connmark --mark @', '1 0x1/0x1 010', '1/2/3 zzz 0x1ffffffff 1/ /1'],
  [
    '-m limit --limit @',
    '5/s 5/sec 5/minute 5/H 5/day 5 10000/s 600000/m 5.5/s',
    '5/seconds 5/fortnight 0/s 0 10001/s 600001/m 5/ -5/s 0x5/s abc/s',
  ],
  ['-m limit --limit-burst @', '0 10000 0x5', '10001 -1 abc'],
  ['-p tcp -m multiport --dports @', '53 1:2,3 http 0x50 010', '53: :53 1,:3 1, ,1 1,,2'],
  ['-m conntrack --ctdir @', 'ORIGINAL original Reply', 'ORIG both 0'],
  ['-m conntrack --ctstatus @', 'NONE none ASSU EXPECTED,SEEN_REPLY', 'SNAT ASSURED, ,ASSURED abc'],
  ['-m conntrack --ctexpire @', '1 1: :1 : 0x10 +1 10:5', '4294967296 1:2:3 abc -1'],
  ['-m quota --quota @', '0 1 0x10 +1 18446744073709551615', '18446744073709551616 -1 1k abc'],
  [
    '-m connbytes --connbytes-dir both --connbytes-mode bytes --connbytes @',
    '10:20 10: :20 : 10 0x1:0x2 +1:+2 10:10 18446744073709551615',
    '20:10 18446744073709551616 abc 1:2:3',
  ],
  [
    '-m string --algo bm --hex-string @',
    '"|0a~0b|" |0A0B| a|0a|b |0a|0b| |0a|| a| abc',
    '"|0a0|" "|0~a|" || |0a "|~~|" |0g|',
  ],
  ['-p tcp -m tcp --tcp-option @', '1 255 0x10 +1', '0 256 abc'],
  ['-m ecn --ecn-ip-ect @', '0 3 +1 0x2', '4 -1 abc'],
  ['-p dccp -m dccp --dccp-types @', 'REQUEST request,RESPONSE REQUEST,', 'REQ 0 abc'],
  ['-p sctp -m sctp --chunk-types @ DATA', 'all ANY only', 'some 0'],
  ['-m statistic --mode nth --every 3 --packet @', '0 2 0x2', '3 4 abc'],
  ['-p tcp -m tcp --dport @', '6000 6000:6010', '6000-6010'],
  ['-p udp -m udp --sport @', '6000 6000:6010', '6000-6010'],
  ['-m time --monthdays @', '1 1,2 31 1,', '32 1:31 1-31 abc 1st'],
  [
    '-m time --weekdays @',
    'Mon Mon,Tue 1 1,7 01 +1 0x1 Sunday Mond Mo Mon-Fri Sa,Su Mon,',
    '0 00 mo MON monday Foo M 1-5 1x Mon,Foo ,Mon , 1,,2',
  ],
  [
    '-m time --datestart @',
    '2020 2020-01 2020-1-1 2020-02-30 2020-0-1 2020- 2020-- 1970-01-01 2038-12-31 2020-01-01T 2020-01-01T:: 2020-01-01T10 2020-01-01T10:00:00 02020-01-01',
    '2020-13-01 2020-01-32 20200101 abc 1969-01-01 2039-01-01 2020-01-01T25:00 2020-01-01T10:60 2020-01-01T10:00:60 2020-01-01~10:00 2020-01-01T10:00Z 2020/01/01 2020-01-01t10:00 -2020',
  ],
  ['-m time --datestop @', '2020-01-01 2038-01-19T03:14:07', 'abc 2040'],
  [
    '-m hashlimit --hashlimit-name a --hashlimit-upto @',
    '5/s 5/sec 5 +5/s 1000000/s 1000000/day 5.5/s 5/H 5b/s 5kb/s 5mb 5KB/s 5gb/s 5kb/m 5kbs 5b/seconds',
    '0/s 1000001/s 5/foo 5/ abc -5/s 0kb/s 5/seconds 5b/foo 5kb/x 0x5/s 2147483648/s',
  ],
  ['-m hashlimit --hashlimit-name a --hashlimit-above @', '5/s 5mb/s', '0/s abc 5/foo'],
  [
    '-m hashlimit --hashlimit-name a --hashlimit-upto 5/s --hashlimit-mode @',
    'srcip srcip,dstip srcip,srcip srcip, ,srcip ,',
    'foo srcip,foo SRCIP src',
  ],
  [
    '-m hashlimit --hashlimit-name a --hashlimit-upto 5/s --hashlimit-srcmask @',
    '0 24 32 0x18 010 +8 255.255.255.0',
    '-1 abc /24 24x',
  ],
  [
    '-m hashlimit --hashlimit-name a --hashlimit-upto 5/s --hashlimit-burst @',
    '1 1000000 +5 010 0x5 5b 5kb 5kb/s',
    '0 1000001 abc -1',
  ],
  [
    '-m hashlimit --hashlimit-name a --hashlimit-upto 5/s --hashlimit-htable-size @',
    '0 1',
    '4294967296 abc -1',
  ],
  ['-m hashlimit --hashlimit-name a --hashlimit-upto 5/s --hashlimit-htable-expire @', '1', '4294967296 abc'],
  [
    '-p tcp -m connbytes --connbytes 1:2 --connbytes-mode packets --connbytes-dir @',
    'original reply both',
    'foo BOTH orig',
  ],
  [
    '-m connbytes --connbytes 1:2 --connbytes-dir both --connbytes-mode @',
    'packets bytes avgpkt',
    'foo BYTES',
  ],
  ['-m cpu --cpu @', '0 1 0x1', 'abc -1 4294967296'],
  ['-m length --length @', '1 1:2 65535 2:1 : 1: :2 +1 0x10:0x20', '65536 abc 1:65536 1:2:3 1-2'],
  ['-m tos --tos @', '0 255 0x10/0xff Minimize-Delay', '256 foo'],
  ['-m policy --dir in --pol @', 'none ipsec', 'foo IPSEC'],
  ['-m policy --dir in --pol ipsec --mode @', 'tunnel transport', 'foo'],
  ['-m recent --rcheck --seconds @', '1 4294967295', '0 4294967296 abc -1'],
  ['-m recent --rcheck --hitcount @', '0 1 20 0x5', 'abc'],
  ['-m statistic --mode nth --packet 0 --every @', '1 2', '0 4294967296 abc'],
  ['-m string --algo bm --string a --from @', '0 65535 +1', '65536 abc'],
  ['-m time --timestart @', '10:00 1:1 9:5 23:59:59', '25:00 24:00 10 10:60 abc 23:59:60'],
  ['-m time --timestop @', '0:0 23:59', '24:00 5'],
  ['-m set --match-set known @', 'src dst src,dst', 'SRC x'],
  ['-m set --match-set known src @', '--return-nomatch', '--match-set~known~dst'],
];

/** … of targets, in the chain that they may stand in. */
const targets: readonly (readonly [table: string, rule: string, takes: string, refuses: string])[] = [
  // Which ways of searching there are is for the kernel to say.
  ['filter', 'INPUT -m string --string x --algo @ -j DROP', 'bm kmp', 'BM abc'],
  [
    'filter',
    'INPUT -j REJECT --reject-with @',
    'icmp-port icmp-admin-prohibited net-unreach p ICMP-NET',
    'foo echo-reply tcp-reset',
  ],
  [
    'filter',
    'INPUT -p tcp -j REJECT --reject-with @',
    'tcp-reset tcp-rst tcp TCP-RESET host-p',
    'tcp-resetX',
  ],
  [
    'filter',
    'INPUT -j LOG --log-level @',
    '0 7 debug info notice warning error crit alert emerg panic 0x4 04 +4',
    '8 -1 warn err foo DEBUG deb 010 4x',
  ],
  ['filter', 'INPUT -j NFLOG --nflog-group @', '0 65535 0x10', '65536 -1 abc'],
  ['filter', 'INPUT -j NFLOG --nflog-threshold @', '0 65535', '65536 abc'],
  ['filter', 'INPUT -j NFLOG --nflog-size @', '0 1', '4294967296 abc'],
  ['filter', 'INPUT -j NFQUEUE --queue-num @', '0 65535 0x10 +1', '65536 -1 abc 1:2'],
  [
    'filter',
    'INPUT -j NFQUEUE --queue-balance @',
    '0:3 :3 1: 0:65534 010:020',
    '3:0 1:1 0:65536 5 abc 0-3 1:2:3',
  ],
  ['filter', 'INPUT -p tcp -j SYNPROXY --mss @', '0 1460 65536', 'abc'],
  ['mangle', 'INPUT -j MARK --set-mark @', '1 0x1/0xff 4294967295 010', '4294967296 abc 1/ /1 1/2/3 -1'],
  ['mangle', 'INPUT -j MARK --and-mark @', '1 0xff', '1/2 abc 4294967296'],
  ['mangle', 'INPUT -j CONNMARK --set-mark @', '1 1/2', 'abc 4294967296 -1'],
  ['mangle', 'INPUT -j CONNMARK --set-xmark @', '1 1/2', 'abc 1/'],
  ['mangle', 'INPUT -j CONNMARK --or-mark @', '1 010', '1/2 abc'],
  ['mangle', 'INPUT -j CONNMARK --save-mark --nfmask @', '1 0xff', 'abc 4294967296'],
  ['mangle', 'INPUT -j DSCP --set-dscp @', '0 63 0x3f', '64 abc -1'],
  ['mangle', 'INPUT -j DSCP --set-dscp-class @', 'EF ef CS0 cs7 AF11 be', 'CS8 AF14 abc E'],
  [
    'mangle',
    'INPUT -j TOS --set-tos @',
    '0 255 0x10/0xff 0x10/010 Minimize-Delay minimize-cost +1',
    '256 foo 0x10/0x1ff 1/ /1 Minimize 1/2/3',
  ],
  ['mangle', 'INPUT -j TOS --and-tos @', '0 255', '256 abc 1/2'],
  [
    'mangle',
    'FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss @',
    '0 1460 65495 0x5b4',
    '65535 abc -1',
  ],
  ['mangle', 'INPUT -j TTL --ttl-set @', '0 255 0x40', '256 abc -1'],
  ['mangle', 'INPUT -j TTL --ttl-inc @', '1 255', '0 256 abc'],
  ['mangle', 'POSTROUTING -j CLASSIFY --set-class @', '1:2 0:0 ffff:ffff 0x1:0x2 1:2:3', '1: :2 1 xyz g:1'],
  ['raw', 'PREROUTING -j CT --zone @', '0 65535 mark 0x1', '65536 abc -1'],
  ['raw', 'PREROUTING -j CT --ctevents @', 'new new,related assured,destroy', 'foo NEW new,'],
  [
    'nat',
    'PREROUTING -p tcp -j REDIRECT --to-ports @',
    '80 80-90 0 http 0x50',
    '90-80 65536 80:90 abc 80, 80-',
  ],
  ['nat', 'PREROUTING ! -p tcp -j REDIRECT --to-ports @', '80', '90-80'],
  [
    'nat',
    'PREROUTING -p tcp -j DNAT --to-destination @',
    '10.0.0.1 10.0.0.1:80-90 :80',
    '10.0.0.256 10.0.0.0/24 10.0.0.1:65536 10.0.0.1:90-80',
  ],
];

const lineOf = (rule: string, value: string): string =>
  `-A INPUT ${rule.replace('@', value.replaceAll('~', ' '))} -j ACCEPT`;

describe('values of options that iptables-restore refuses', () => {
  test.each(forms)('%s', (rule, takes, refuses) => {
    for (const value of takes.split(' '))
      expect([value, codesOf(readRules(lineOf(rule, value)))]).toEqual([value, []]);
    for (const value of refuses.split(' '))
      expect([value, codesOf(readRules(lineOf(rule, value)))]).toEqual([value, ['FW1101']]);
  });
});

const tableOf = (table: string, rule: string, value: string): string =>
  `*${table}\n-A ${rule.replace('@', value)}\nCOMMIT\n`;

describe('values of targets that iptables-restore refuses', () => {
  test.each(targets)('%s %s', (table, rule, takes, refuses) => {
    const isRefused = (value: string): boolean =>
      codesOf(readText(tableOf(table, rule, value))).includes('FW1101');
    for (const value of takes.split(' ')) expect([value, isRefused(value)]).toEqual([value, false]);
    for (const value of refuses.split(' ')) expect([value, isRefused(value)]).toEqual([value, true]);
  });
});

const namespace = `fwaudit-values-${process.pid}`;

describe.skipIf(labMissing() !== undefined)('the loaders refuse the same', () => {
  beforeAll(() => {
    execFileSync('ip', ['netns', 'add', namespace]);
    execFileSync('ip', ['netns', 'exec', namespace, 'ipset', 'create', 'known', 'hash:ip']);
  });
  afterAll(() => {
    execFileSync('ip', ['netns', 'delete', namespace]);
  });

  test.each(['iptables-legacy-restore', 'iptables-nft-restore'])(
    '%s',
    (loader) => {
      const takes = (line: string): boolean =>
        spawnSync('ip', ['netns', 'exec', namespace, loader, '--test'], {
          input: `*filter\n:INPUT DROP [0:0]\n${line}\nCOMMIT\n`,
        }).status === 0;
      for (const [rule, taken, refused] of forms) {
        for (const value of taken.split(' '))
          expect([rule, value, takes(lineOf(rule, value))]).toEqual([rule, value, true]);
        for (const value of refused.split(' '))
          expect([rule, value, takes(lineOf(rule, value))]).toEqual([rule, value, false]);
      }
      // These are loaded: of some the kernel is the one that refuses.
      const loads = (input: string): boolean =>
        spawnSync('ip', ['netns', 'exec', namespace, loader], { input }).status === 0;
      for (const [table, rule, taken, refused] of targets) {
        for (const value of taken.split(' '))
          expect([rule, value, loads(tableOf(table, rule, value))]).toEqual([rule, value, true]);
        for (const value of refused.split(' '))
          expect([rule, value, loads(tableOf(table, rule, value))]).toEqual([rule, value, false]);
      }
    },
    120_000,
  );
});
