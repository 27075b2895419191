import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labMissing } from '../../kernel/require-lab.ts';
import { codesOf, readRules } from './read-text.ts';

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
  ['-m time --monthdays @', '1 1,2 31 1,', '32 1:31 1-31 abc 1st'],
  ['-m time --timestart @', '10:00 1:1 9:5 23:59:59', '25:00 24:00 10 10:60 abc 23:59:60'],
  ['-m time --timestop @', '0:0 23:59', '24:00 5'],
  ['-m set --match-set known @', 'src dst src,dst', 'SRC x'],
  ['-m set --match-set known src @', '--return-nomatch', '--match-set~known~dst'],
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
    },
    60_000,
  );
});
