import { describe, expect, it } from 'vitest';
import type { Reading } from '../../../src/formats/format.ts';
import { failedProbes, readSource, textSource } from './probe.ts';

const local =
  'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy';
const policy = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall';
const allow = (fields: string): string => `v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|${fields}Name=x|`;

function reg(...lines: readonly string[]): Reading {
  return readSource(textSource(`Windows Registry Editor Version 5.00\n\n${lines.join('\n')}\n`));
}

function expectProbes(reading: Reading, ...lines: readonly string[]): void {
  expect(failedProbes(reading.firewall, lines.join('\n'))).toEqual([]);
}

const codes = (reading: Reading): readonly string[] => reading.diagnostics.map(({ code }) => code);

describe('registry', () => {
  it('applies deletions and later values, as an import does', () => {
    const reading = reg(
      `[${local}\\FirewallRules]`,
      `"a"="${allow('LPort=22|')}"`,
      `"b"="${allow('LPort=80|')}"`,
      `"c"="${allow('LPort=443|')}"`,
      `"A"="${allow('LPort=23|')}"`,
      '"b"=-',
      `[-${local}\\FirewallRules\\Sub]`,
    );
    expect(reading.rules).toBe(2);
    expectProbes(reading, 'deny tcp 22', 'allow tcp 23', 'deny tcp 80', 'allow tcp 443');
  });

  it('takes the current control set, or the one that Select names', () => {
    const set = (name: string): string => local.replace('CurrentControlSet', name);
    const one = [`[${set('ControlSet001')}\\FirewallRules]`, `"a"="${allow('LPort=1|')}"`];
    const two = [`[${set('ControlSet002')}\\FirewallRules]`, `"a"="${allow('LPort=2|')}"`];
    const current = [`[${local}\\FirewallRules]`, `"a"="${allow('LPort=3|')}"`];
    expectProbes(reg(...one, ...two, ...current), 'deny tcp 1', 'deny tcp 2', 'allow tcp 3');
    const select = ['[HKEY_LOCAL_MACHINE\\SYSTEM\\Select]', '"Current"=dword:00000002'];
    expectProbes(reg(...one, ...select, ...two), 'deny tcp 1', 'allow tcp 2');
  });

  it('leaves the defaults that a reset would bring out of the answer', () => {
    const reading = reg(
      `[${local.replace('Parameters', 'Defaults')}\\FirewallRules]`,
      `"a"="${allow('LPort=1|')}"`,
    );
    expect(codes(reading)).toContain('FW1005');
  });

  it('turns the firewall off on single interfaces', () => {
    const reading = reg(
      `[${local}\\PublicProfile]`,
      '"EnableFirewall"=dword:1',
      '"DisabledInterfaces"="{1},{2}"',
      `[${local}\\FirewallRules]`,
      `"a"="${allow('LPort=22|')}"`,
    );
    expectProbes(
      reading,
      'allow udp 9 profile public interface {2}',
      'deny udp 9 profile public interface {3}',
      'deny udp 9 profile private interface {2}',
    );
  });

  it('lets policy override local settings, and its StandardProfile speak for both others only where they are silent', () => {
    const off = '"EnableFirewall"=dword:00000000';
    const rules = [`[${local}\\FirewallRules]`, `"a"="${allow('LPort=22|')}"`];
    expectProbes(
      reg(
        ...rules,
        `[${local}\\DomainProfile]`,
        off,
        `[${policy}\\DomainProfile]`,
        '"EnableFirewall"=dword:1',
        `[${policy}\\StandardProfile]`,
        off,
      ),
      'deny tcp 9 profile domain',
      'allow tcp 9 profile private',
      'allow tcp 9 profile public',
    );
    expectProbes(
      reg(
        ...rules,
        `[${policy}\\StandardProfile]`,
        off,
        `[${policy}\\PublicProfile]`,
        '"EnableFirewall"=dword:1',
      ),
      'deny tcp 9 profile private',
      'deny tcp 9 profile public',
    );
  });

  it('holds services to what service hardening allows them', () => {
    const hardened = (action: string, fields: string): string =>
      `v2.31|Action=${action}|Active=TRUE|Dir=In|${fields}Svc=s|Name=h|`;
    const reading = reg(
      `[${local}\\RestrictedServices\\Static\\System]`,
      `"1"="${hardened('Allow', 'Protocol=6|LPort=80|')}"`,
      `"2"="${hardened('Block', '')}"`,
      `[${local}\\FirewallRules]`,
      `"a"="${allow('LPort=80|')}"`,
      `"b"="${allow('LPort=81|')}"`,
    );
    expectProbes(
      reading,
      'allow tcp 80 service s',
      'deny tcp 81 service s',
      'allow tcp 81 service t',
      'deny tcp 82 service s',
    );
  });

  it('reads the exceptions of old policies', () => {
    const list = `${policy}\\DomainProfile\\GloballyOpenPorts\\List`;
    const programs = `${policy}\\DomainProfile\\AuthorizedApplications\\List`;
    const reading = reg(
      `[${list}]`,
      '"80:TCP"="80:TCP:*:Enabled:Web"',
      '"81:TCP"="81:TCP:10.0.0.0/8:Enabled:Inside"',
      '"82:TCP"="82:TCP:*:Disabled:Off"',
      `[${programs}]`,
      '"C:\\\\a.exe"="C:\\\\a.exe:*:Enabled:A"',
    );
    expectProbes(
      reading,
      'allow tcp 80 profile domain',
      'allow tcp 81 profile domain from 10.1.1.1',
      'deny tcp 81 profile domain program x',
      'deny tcp 82 profile domain program x',
      'allow udp 9 profile domain program C:\\a.exe',
      'deny tcp 80 profile public',
    );
  });

  it('says when Windows itself ignores or may refuse a rule', () => {
    const reading = reg(
      `[${local}\\FirewallRules]`,
      '"a"="v2.31|Active=TRUE|Dir=In|Protocol=6|LPort=1|Name=no action|"',
      '"b"="v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=47|LPort=2|Name=ports with GRE|"',
      '"c"="v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=70000|Name=no such port|"',
      '"d"="v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|RA4=10.0.0.0/255.0.255.0|LPort=4|Name=mask with holes|"',
    );
    expect(codes(reading)).toEqual(['FW1405', 'FW1407', 'FW1004', 'FW1004']);
    expect(reading.understood).toBe(2);
    expectProbes(reading, 'deny tcp 1', 'conditional 47 0', 'conditional udp 9', 'conditional tcp 4');
  });
});

describe('netsh', () => {
  it('ignores local rules where a profile behind them says so', () => {
    const label = (name: string, value: string): string => `${`${name}:`.padEnd(38)}${value}\n`;
    const rule = (port: number, profiles: string): string =>
      `${label('Rule Name', `r${port}`)}${'-'.repeat(70)}\n${label('Enabled', 'Yes')}${label('Direction', 'In')}${label('Profiles', profiles)}${label('Protocol', 'TCP')}${label('LocalPort', String(port))}${label('Security', 'NotRequired')}${label('Action', 'Allow')}\n`;
    const reading = readSource(
      textSource(
        `${rule(22, 'Domain')}${rule(80, 'Domain,Public')}Domain Profile Settings: \n${'-'.repeat(70)}\n${'LocalFirewallRules'.padEnd(38)}Disable\n\nOk.\n`,
      ),
    );
    expect(codes(reading)).toEqual(['FW1411']);
    expect(reading.rules).toBe(2);
    expectProbes(
      reading,
      'deny tcp 22',
      'deny tcp 80 profile domain',
      'allow tcp 80 profile public',
      'deny tcp 80 profile private',
    );
  });

  it('refuses an unknown language with the labels it met', () => {
    const line = (label: string, value: string): string => `${label}:`.padEnd(38) + value;
    const text = [
      '',
      line('Regelnaam', 'x'),
      '-'.repeat(70),
      line('Ingeschakeld', 'Ja'),
      line('Richting', 'In'),
      '',
    ].join('\r\n');
    const reading = readSource(textSource(text));
    expect(codes(reading)).toEqual(['FW1401']);
    expect(reading.diagnostics[0]!.message).toContain('“Regelnaam”, “Ingeschakeld”, “Richting”');
  });

  it('keeps a rule whose words it does not know', () => {
    const line = (label: string, value: string): string => `${label}:`.padEnd(38) + value;
    const block = [
      line('Rule Name', 'x'),
      '-'.repeat(70),
      line('Enabled', 'Maybe'),
      line('Direction', 'In'),
      line('Profiles', 'Office'),
      line('Protocol', 'TCP'),
      line('LocalPort', '22'),
      line('Security', 'NotRequired'),
      line('Action', 'Allow'),
      '',
      'Ok.',
      '',
    ];
    const reading = readSource(textSource(block.join('\r\n')));
    expect(codes(reading)).toEqual(['FW1004', 'FW1004']);
    expect([reading.rules, reading.understood]).toEqual([1, 0]);
    expectProbes(reading, 'conditional tcp 22', 'deny tcp 23');
  });
});

describe('commands', () => {
  it('change and delete what earlier ones added', () => {
    const reading = readSource(
      textSource(
        [
          'netsh advfirewall firewall add rule name=a dir=in action=allow protocol=tcp localport=1',
          'netsh advfirewall firewall add rule name=b dir=in action=allow protocol=tcp localport=2',
          'netsh advfirewall firewall add rule name=c dir=in action=allow protocol=tcp localport=3 service=any',
          'netsh advfirewall firewall set rule name=a new localport=4 profile=private',
          'netsh advfirewall firewall delete rule name=b',
          'netsh advfirewall set publicprofile state off',
          'netsh advfirewall set domainprofile firewallpolicy allowinbound,blockoutbound',
        ].join('\n'),
      ),
    );
    expect(codes(reading)).toEqual([]);
    expectProbes(
      reading,
      'allow tcp 4 profile private',
      'deny tcp 1 profile private',
      'deny tcp 2 profile private',
      'conditional tcp 3 profile private',
      'allow tcp 9 profile public',
      'allow tcp 9 profile domain',
      'deny out tcp 9 profile domain',
    );
  });

  it('that are not understood, or run under a condition, are told', () => {
    const reading = readSource(
      textSource(
        [
          'netsh advfirewall firewall set rule group="Remote Desktop" new enable=yes',
          'if exist x netsh advfirewall firewall add rule name=a dir=in action=allow protocol=tcp localport=1',
          'netsh advfirewall firewall add rule name=b dir=in action=allow protocol=tcp localport=%PORT%',
          'netsh advfirewall reset',
          'netsh advfirewall firewall add rule name=c dir=in action=allow protocol=udp localport=%PORT% colour=red',
        ].join('\n'),
      ),
    );
    expect(codes(reading)).toEqual(['FW1413', 'FW1413', 'FW1004', 'FW1004']);
    expectProbes(reading, 'deny tcp 1', 'conditional udp 9');
  });
});

describe('PowerShell', () => {
  const rule =
    '{"InstanceID":"r","DisplayName":"x","Enabled":1,"Direction":1,"Action":2,"Profile":0,"Protocol":"TCP","LocalPort":"22","RemotePort":"Any","LocalAddress":"Any","RemoteAddress":"Any","Program":"Any","Package":null,"Service":"Any","InterfaceAlias":"Any","InterfaceType":0,"Authentication":0,"Encryption":0,"LocalUser":"Any"}';

  it('knows the numbers of each property: 2 is disabled for a rule, and not configured for a profile', () => {
    expectProbes(readSource(textSource(`[${rule}]`)), 'allow tcp 22');
    expectProbes(readSource(textSource(`[${rule.replace('"Enabled":1', '"Enabled":2')}]`)), 'deny tcp 22');
    const profile =
      '{"Name":"Public","Enabled":2,"DefaultInboundAction":2,"DefaultOutboundAction":0,"AllowInboundRules":2}';
    expectProbes(
      readSource(textSource(`[${rule},${profile}]`)),
      'allow tcp 9 profile public',
      'deny tcp 9 profile domain',
    );
    expectProbes(
      readSource(textSource(`[${rule},${profile.replace('"Enabled":2', '"Enabled":0')}]`)),
      'allow tcp 9 profile public',
    );
    expectProbes(
      readSource(textSource(`[${rule},${profile.replace('Rules":2', 'Rules":0')}]`)),
      'deny tcp 22 profile public',
      'allow tcp 22 profile domain',
    );
  });

  it('lets a rule that overrides block rules pass them, once authenticated', () => {
    const bypass = rule.replace('"Authentication":0', '"Authentication":1,"OverrideBlockRules":true');
    const block = rule.replace('"r"', '"b"').replace('"Action":2', '"Action":4');
    expectProbes(readSource(textSource(`[${bypass},${block}]`)), 'conditional tcp 22');
  });

  it('does not choose between filters that differ', () => {
    const bare = '{"InstanceID":"r","Enabled":1,"Direction":1,"Action":2,"Profile":0}';
    const filter = (port: string): string => `{"InstanceID":"r","Protocol":"TCP","LocalPort":"${port}"}`;
    const reading = readSource(
      textSource(
        `[${bare},${filter('1')},${filter('2')},{"InstanceID":"other","Protocol":"TCP","LocalPort":"3"}]`,
      ),
    );
    expect(codes(reading)).toEqual(expect.arrayContaining(['FW1409', 'FW1403']));
    expectProbes(reading, 'conditional tcp 9');
  });

  it('reads what stands before the end of a file that was cut', () => {
    const reading = readSource(textSource(`[${rule},${rule.slice(0, 60)}`));
    expect(codes(reading)).toContain('FW1408');
    expect(reading.rules).toBe(1);
  });
});

describe('the console', () => {
  it('without its own column for direction, and without the inbound one, leaves the direction open', () => {
    const header =
      'Name\tGroup\tProfile\tEnabled\tAction\tOverride\tProgram\tLocal Address\tRemote Address\tProtocol\tLocal Port\tRemote Port\t';
    const row = 'Web\t\tAll\tYes\tAllow\tNo\tAny\tAny\tLocal subnet\tTCP\t80\tAny\t';
    const reading = readSource(textSource(`${header}\r\n${row}\r\n`));
    expect(codes(reading)).toEqual(['FW1410']);
    expectProbes(reading, 'conditional tcp 80', 'deny tcp 81');
  });
});
