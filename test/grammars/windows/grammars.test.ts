import { beforeAll, describe, expect, it } from 'vitest';
import { parseCommands } from '../../../grammars/windows/netsh-commands.ts';
import { netshFields, type NetshWord } from '../../../grammars/windows/netsh-language.ts';
import { netshLanguages } from '../../../grammars/windows/netsh-languages.ts';
import { parseNetshText, type NetshPart } from '../../../grammars/windows/netsh-text.ts';
import { parsePowershellList } from '../../../grammars/windows/powershell-list.ts';
import { parseRegistryFile } from '../../../grammars/windows/registry-file.ts';
import { parseRegistryQuery } from '../../../grammars/windows/registry-query.ts';
import { isRuleString, parseRuleString } from '../../../grammars/windows/rule-string.ts';
import { validateGrammarsFromNowOn } from '../../../grammars/shared/strict-parser.ts';

beforeAll(validateGrammarsFromNowOn);

const [english] = netshLanguages;

describe('netsh text', () => {
  const parts = (text: string): readonly NetshPart[] => [...parseNetshText(text, english!)];

  it('cuts blocks at name lines and keeps continued lines with their field', () => {
    const text =
      'Rule Name:   a\r\n----------\r\nProtocol:  ICMPv4\r\n     Type    Code\r\n     8       Any\r\n\r\nRule Name:  b\r\nOk.\r\n';
    const [first, second, ...rest] = parts(text);
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ kind: 'rule', name: 'a', ruled: true, start: 0 });
    expect(first?.kind === 'rule' && first.fields).toEqual([
      {
        field: 'protocol',
        value: 'ICMPv4',
        at: text.indexOf('ICMPv4'),
        more: ['     Type    Code', '     8       Any'],
      },
    ]);
    expect(second).toMatchObject({
      kind: 'rule',
      name: 'b',
      ruled: false,
      start: text.indexOf('Rule Name:  b'),
    });
  });

  it('finds every rule of a listing that is longer than a chunk, each at its place', () => {
    const block = (i: number): string =>
      `Rule Name:                            rule ${i}\n${'-'.repeat(70)}\nEnabled:                              Yes\n\n`;
    const text = Array.from({ length: 3000 }, (_, i) => block(i)).join('');
    const rules = parts(text);
    expect(rules).toHaveLength(3000);
    rules.forEach((rule, i) =>
      expect(text.startsWith(`Rule Name:                            rule ${i}\n`, rule.start)).toBe(true),
    );
  });

  it('reads profile settings', () => {
    const [profile] = parts(
      'Public Profile Settings: \n----------------------\nState                                 OFF\nFirewall Policy                       BlockInbound,AllowOutbound\n',
    );
    expect(profile).toMatchObject({ kind: 'profile', profile: 'public' });
    expect(
      profile?.kind === 'profile' && profile.settings.map(({ setting, value }) => [setting, value]),
    ).toEqual([
      ['state', 'OFF'],
      ['policy', 'BlockInbound,AllowOutbound'],
    ]);
  });
});

describe('the languages', () => {
  it.each(netshLanguages.map((language) => [language.title, language] as const))(
    '%s: no word or label stands for two things',
    (_, language) => {
      const labels = netshFields.flatMap((field) => language.labels[field]);
      expect(new Set(labels).size).toBe(labels.length);
      const groups: readonly (readonly NetshWord[])[] = [
        ['yes', 'no'],
        ['in', 'out'],
        ['domain', 'private', 'public', 'any'],
        ['allow', 'block', 'bypass'],
        ['on', 'off'],
        ['enabled', 'disabled'],
        ['localSource', 'policySource'],
      ];
      for (const group of groups) {
        const words = group.flatMap((word) => language.words[word].map((spelling) => spelling.toLowerCase()));
        expect(new Set(words).size).toBe(words.length);
      }
    },
  );

  it('each has a name label of its own, by which a listing is recognised', () => {
    const names = netshLanguages.flatMap((language) => language.labels.name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('rule strings', () => {
  it('divides at bars and at the first equals sign', () => {
    expect(parseRuleString('v2.31|Name=a=b|RMauth=O:LSD:(A;;CC;;;S-1)||x|', 100)).toEqual({
      version: '2.31',
      fields: [
        { key: 'Name', value: 'a=b', at: 111 },
        { key: 'RMauth', value: 'O:LSD:(A;;CC;;;S-1)', at: 122 },
      ],
      junk: [{ text: 'x', at: 143 }],
    });
  });

  it('knows one when it sees it', () => {
    expect(['v2.31|Action=Allow|', 'v10.0|', 'v2.31', 'x|v2.31|'].map(isRuleString)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('registry files', () => {
  it('reads keys, text, numbers, bytes over several lines, defaults and deletions', () => {
    const text =
      'REGEDIT4\r\n\r\n[A\\B]\r\n"q\\"\\\\"="x\\\\y"\r\n@="z"\r\n"n"=dword:0000000a\r\n"h"=hex(2):61,00,\\\r\n  62,00,00,00\r\n"d"=-\r\n[-C]\r\nnonsense\r\n';
    const items = [...parseRegistryFile(text)].map((item) =>
      item.kind === 'value'
        ? [item.name, item.data.kind === 'string' ? item.data.raw : item.data]
        : [item.kind, item.kind === 'key' ? item.path : item.text],
    );
    expect(items).toEqual([
      ['key', 'A\\B'],
      ['q"\\', 'x\\\\y'],
      ['', 'z'],
      ['n', { kind: 'number', value: 10 }],
      ['h', 'ab'],
      ['d', { kind: 'deleted' }],
      ['key', 'C'],
      ['junk', 'nonsense'],
    ]);
  });

  it('loses nothing after a text without its closing quote', () => {
    const items = [...parseRegistryFile('[A]\n"x"="open\n"y"=dword:1\n')];
    expect(items.map(({ kind }) => kind)).toEqual(['key', 'junk', 'junk', 'value']);
  });

  it('reads what reg query prints', () => {
    const items = parseRegistryQuery(
      '\r\nHKEY_LOCAL_MACHINE\\X\r\n    a b    REG_SZ    v2.0|x    y|\r\n    n    REG_DWORD    0x1\r\n\r\nEnd of search: 2 match(es) found.\r\n',
    );
    expect(items).toMatchObject([
      { kind: 'key', path: 'HKEY_LOCAL_MACHINE\\X' },
      { kind: 'value', name: 'a b', data: { kind: 'string', raw: 'v2.0|x    y|' } },
      { kind: 'value', name: 'n', data: { kind: 'number', value: 1 } },
    ]);
  });
});

describe('commands', () => {
  it('cuts lines into words, joins continued ones, and leaves comments out', () => {
    const text =
      '@echo off\nrem netsh no\n:: no\nnetsh advfirewall firewall ^\n  add rule name="a b" dir=in & echo done\n# no\n';
    expect(parseCommands(text).map(({ words }) => words.map((word) => word.text))).toEqual([
      ['@echo', 'off'],
      ['netsh', 'advfirewall', 'firewall', 'add', 'rule', 'name=a b', 'dir=in'],
      ['echo', 'done'],
    ]);
  });
});

describe('PowerShell lists', () => {
  it('divides objects at blank lines and joins wrapped values', () => {
    const text =
      '\r\nName        : a\r\nDescription : long te\r\n              xt: with colon\r\nLocalPort   : {80, \r\n              443}\r\n\r\nName : b\r\n';
    expect(
      parsePowershellList(text).map(({ properties }) => properties.map(({ name, value }) => [name, value])),
    ).toEqual([
      [
        ['Name', 'a'],
        ['Description', 'long text: with colon'],
        ['LocalPort', '{80, 443}'],
      ],
      [['Name', 'b']],
    ]);
  });
});
