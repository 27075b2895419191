import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createQuery, type QueryPacket } from '../../../src/query.ts';
import type { Source } from '../../../src/source/source.ts';
import { decode } from '../../../src/source/decode.ts';

function fixture(name: string, id: number): Source {
  const path = fileURLToPath(new URL(`../../../fixtures/windows/${name}`, import.meta.url));
  const decoded = decode(readFileSync(path), name, id);
  if (decoded.kind === 'refused') throw new Error(decoded.diagnostic.message);
  return decoded.source;
}

function texts(...all: readonly string[]): readonly Source[] {
  return all.map((text, id) => ({ id, path: `file${id}`, text, encoding: 'utf-8' }));
}

async function ask(sources: readonly Source[], packet: QueryPacket): Promise<string> {
  return (await createQuery(sources)).query({
    profile: 'domain',
    program: 'C:\\x.exe',
    service: 's',
    source: '198.51.100.7',
    ...packet,
  }).verdict;
}

const rules = '[{"InstanceID":"r","DisplayName":"Web","Enabled":1,"Direction":1,"Action":2,"Profile":0}]';
const filters = [
  '[{"InstanceID":"r","Protocol":"TCP","LocalPort":"80","RemotePort":"Any","IcmpType":"Any"}]',
  '[{"InstanceID":"r","LocalAddress":"Any","RemoteAddress":"Any"}]',
  '[{"InstanceID":"r","Program":"Any","Package":null}]',
  '[{"InstanceID":"r","Service":"Any"}]',
  '[{"InstanceID":"r","InterfaceAlias":"Any"}]',
  '[{"InstanceID":"r","InterfaceType":0}]',
  '[{"InstanceID":"r","Authentication":0,"Encryption":0,"LocalUser":"Any"}]',
];

describe('files of one host', () => {
  it('joins rules and filters that lie in files of their own', async () => {
    expect(await ask(texts(rules), { destinationPort: 80 })).toBe('conditional');
    expect(await ask(texts(rules, ...filters), { destinationPort: 80 })).toBe('allow');
    expect(await ask(texts(...filters, rules), { destinationPort: 81 })).toBe('deny');
  });

  it('counts rules in the file they stand in', async () => {
    const query = await createQuery(texts(rules, ...filters));
    expect(query.inputs.map((input) => input.rules)).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
    expect(query.diagnostics).toEqual([]);
  });

  it('says in which file a filter is wrong', async () => {
    const query = await createQuery(texts(rules, `\n\n${filters[0]!.replace('80', 'no-port')}`));
    const wrong = query.diagnostics.find(({ code }) => code === 'FW1004')!;
    expect([wrong.location?.path, wrong.location?.line]).toEqual(['file1', 3]);
  });

  it('applies the profile settings of one file to the rules of another', async () => {
    const host = [fixture('twelve-reg/input.reg', 0), fixture('w15-shields-up/input.txt', 1)];
    expect(await ask([host[0]!], { destinationPort: 80 })).toBe('allow');
    expect(await ask(host, { destinationPort: 80 })).toBe('deny');
  });

  it('lets group policy put local rules out of force', async () => {
    const policy =
      'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\DomainProfile]\n"AllowLocalPolicyMerge"=dword:00000000\n';
    const host = [fixture('twelve-reg/input.reg', 0), { ...texts(policy)[0]!, id: 1 }];
    expect(await ask(host, { destinationPort: 80 })).toBe('deny');
    expect(await ask(host, { destinationPort: 80, profile: 'private' })).toBe('allow');
  });
});

describe('a query', () => {
  it('names the rule that decides, and what a conditional answer hangs on', async () => {
    const query = await createQuery([fixture('twelve-collector/input.json', 0)]);
    const blocked = query.query({ destinationPort: 443, source: '203.0.113.9', profile: 'public' });
    expect(blocked.verdict).toBe('deny');
    expect(blocked.rules.map(({ text }) => text)).toEqual([
      'Not from there: block in TCP local port 443 from 203.0.113.0/24',
    ]);
    const subnet = query.query({
      destinationPort: 135,
      source: '192.168.1.1',
      profile: 'domain',
      program: 'C:\\x.exe',
      service: 's',
    });
    expect(subnet.verdict).toBe('conditional');
    expect(subnet.conditions).toContain('LocalSubnet: only the subnets of the host’s own interfaces');
  });
});

describe('the program and service of a question', () => {
  const key = (value: string): string =>
    `Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules]\n"r"="v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=80|${value}|Name=r|"\n`;

  it.each([
    ['App=%SystemRoot%\\\\system32\\\\x.exe', { program: 'c:\\WINDOWS\\System32\\X.EXE' }, 'allow'],
    ['App=C:\\\\Windows\\\\system32\\\\x.exe', { program: '%windir%\\System32\\x.exe' }, 'allow'],
    ['App=C:\\\\Windows\\\\system32\\\\x.exe', { program: 'C:\\Windows\\y.exe' }, 'deny'],
    ['Svc=Spooler', { service: 'sPOOLER' }, 'allow'],
    ['Svc=Spooler', { service: 'other' }, 'deny'],
  ])('of %s, asked about %j: %s', async (limit, packet, verdict) => {
    expect(await ask(texts(key(limit)), { destinationPort: 80, ...packet })).toBe(verdict);
  });
});
