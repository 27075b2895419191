import { describe, expect, test } from 'vitest';
import type { NamedSet, SetPart } from '../../../src/model/named-set.ts';
import { codesOf, readText } from './read-text.ts';

function set(text: string, name = 'a'): NamedSet {
  const found = readText(text).firewall.sets.get(name);
  if (found === undefined) throw new Error(`no set ${name}`);
  return found;
}

function part(found: SetPart): string {
  switch (found.kind) {
    case 'address':
      return `${found.range[0].toString(16)}-${found.range[1].toString(16)}`;
    case 'port':
      return `${found.protocols.join('+')}:${found.ports.join('-')}`;
    case 'name':
      return found.name;
    case 'unknown':
      return `?${found.key}`;
    default:
      return found.kind;
  }
}

function elements(found: NamedSet): readonly string[] {
  return found.elements.map(
    (element) =>
      `${element.exception === true ? '!' : ''}${element.parts.map(part).join(' ')}${element.certain ? '' : ' ?'}`,
  );
}

describe('ipset save', () => {
  test.each([
    ['hash:ip', '10.0.0.1', 'a000001-a000001'],
    ['hash:ip', '10.0.0.0/30', 'a000000-a000003'],
    ['hash:ip netmask 24', '10.0.0.0', 'a000000-a0000ff'],
    ['hash:net', '10.0.0.0/8', 'a000000-affffff'],
    ['hash:net', '10.0.0.1-10.0.0.5', 'a000001-a000005'],
    ['hash:net', '10.0.0.0/8 nomatch', '!a000000-affffff'],
    ['hash:ip,port', '10.0.0.1,tcp:80-90', 'a000001-a000001 6:80-90'],
    ['hash:ip,port', '10.0.0.1,53', 'a000001-a000001 6:53-53'],
    ['hash:ip,port', '10.0.0.1,icmp:echo-request', 'a000001-a000001 1:2048-2048'],
    ['hash:ip,port', '10.0.0.1,icmp:3/4', 'a000001-a000001 1:772-772'],
    ['hash:ip,port', '10.0.0.1,gre:0', 'a000001-a000001 47:0-65535'],
    ['hash:ip,port,net', '10.0.0.1,udp:53,10.1.0.0/16', 'a000001-a000001 17:53-53 a010000-a01ffff'],
    ['hash:net,iface', '10.0.0.0/8,eth0', 'a000000-affffff eth0'],
    ['hash:net,iface', '10.0.0.0/8,physdev:eth0', 'a000000-affffff ?physdev:eth0'],
    ['hash:mac', '00:11:22:33:44:55', '?mac 00:11:22:33:44:55'],
    ['bitmap:port range 0-65535', '22', '6+17:22-22'],
    ['bitmap:ip range 10.0.0.0/16 netmask 28', '10.0.0.16', 'a000010-a00001f'],
    [
      'hash:ip family inet6',
      '2001:db8::1',
      '20010db8000000000000000000000001-20010db8000000000000000000000001'.replace(/\b0/g, ''),
    ],
  ])('%s %s', (type, entry, expected) => {
    const found = set(`create a ${type}\nadd a ${entry}\n`);
    expect(elements(found)).toEqual([expected]);
    expect(found.closed).toBe(true);
  });

  test('elements that time out may be gone, and others may have come', () => {
    const found = set(
      'create a hash:ip timeout 60\nadd a 10.0.0.1 timeout 5\nadd a 10.0.0.2 timeout 0\nadd a 10.0.0.3\n',
    );
    expect(elements(found)).toEqual(['a000001-a000001 ?', 'a000002-a000002', 'a000003-a000003 ?']);
    expect(found.closed).toBe(false);
  });

  test('list:set keeps its members in order', () => {
    const found = set(
      'create b hash:ip\ncreate c hash:ip\ncreate a list:set size 8\nadd a b\nadd a c before b\n',
    );
    expect(found.members).toEqual(['c', 'b']);
  });

  test('del, flush, swap, rename and destroy are replayed', () => {
    const text = [
      'create a hash:ip',
      'create b hash:ip',
      'create c hash:ip',
      'add a 10.0.0.1',
      'add a 10.0.0.2',
      'del a 10.0.0.1',
      'add b 10.0.0.9',
      'swap a b',
      'rename b d',
      'flush c',
      'destroy c',
      '',
    ].join('\n');
    expect(elements(set(text, 'a'))).toEqual(['a000009-a000009']);
    expect(elements(set(text, 'd'))).toEqual(['a000002-a000002']);
    expect(readText(text).firewall.sets.has('c')).toBe(false);
  });

  test('an element nobody understands leaves the set open', () => {
    const reading = readText('create a hash:ip\nadd a gate.example.org\n');
    expect(codesOf(reading)).toEqual(['FW1116']);
    expect(reading.firewall.sets.get('a')?.closed).toBe(false);
  });

  test('a set that a rule adds to is open, one that a rule deletes from is not certain', () => {
    const rules =
      '*filter\n:INPUT DROP\n:FORWARD DROP\n:OUTPUT DROP\n-A INPUT -j SET --add-set a src\n-A INPUT -j SET --del-set b src\nCOMMIT\n';
    const reading = readText(`create a hash:ip\nadd a 10.0.0.1\ncreate b hash:ip\nadd b 10.0.0.1\n${rules}`);
    const a = reading.firewall.sets.get('a');
    const b = reading.firewall.sets.get('b');
    expect([a?.closed, a === undefined ? [] : elements(a)]).toEqual([false, ['a000001-a000001']]);
    expect([b?.closed, b === undefined ? [] : elements(b)]).toEqual([true, ['a000001-a000001 ?']]);
  });
});

describe('ipset list', () => {
  const head =
    'Name: a\nType: hash:net\nRevision: 7\nHeader: family inet hashsize 1024 maxelem 65536\nSize in memory: 5\nReferences: 1\nNumber of entries: 1\n';

  test('members', () => {
    expect(elements(set(`${head}Members:\n10.0.0.0/8\n10.1.0.0/16 nomatch\n\n`))).toEqual([
      'a000000-affffff',
      '!a010000-a01ffff',
    ]);
  });

  test('a terse listing leaves the content unknown', () => {
    expect(set(head)).toMatchObject({ closed: false, elements: [] });
  });
});

describe('issue: sets that may hold elements for a time', () => {
  test.each([
    [
      'timeout 0, and members for ever',
      'create a hash:ip timeout 0\nadd a 10.0.0.5 timeout 0\nadd a 10.0.0.6\n',
      true,
    ],
    ['timeout 0, and no members', 'create a hash:ip timeout 0\n', true],
    ['timeout 0, and a member for a time', 'create a hash:ip timeout 0\nadd a 10.0.0.5 timeout 7\n', false],
    ['members that come for a time', 'create a hash:ip timeout 60\nadd a 10.0.0.5 timeout 0\n', false],
    [
      'timeout 0 in a listing',
      'Name: a\nType: hash:ip\nHeader: family inet hashsize 1024 maxelem 65536 timeout 0\nMembers:\n10.0.0.5 timeout 0\n',
      true,
    ],
  ])('%s', (_, text, closed) => {
    const found = set(text);
    expect(found.closed).toBe(closed);
    expect(found.uncertainty).toBe(closed ? undefined : 'set a holds elements that time out');
  });
});
