import { describe, expect, it } from 'vitest';
import { failedProbes, readSource, textSource } from './probe.ts';

function assumed(text: string, path: string): readonly string[] {
  const { firewall } = readSource(textSource(text, path));
  return firewall.assumptions.filter((one) => !/^A (?:script|command file)/.test(one));
}

const block =
  'netsh advfirewall firewall add rule name="Blk" dir=in action=block protocol=TCP localport=23\n';
const rule = "New-NetFirewallRule -DisplayName 'A' -Protocol TCP -LocalPort 23\n";

describe('what is assumed of a profile', () => {
  it('is not the opposite of what the commands say', () => {
    const set = 'netsh advfirewall set allprofiles firewallpolicy allowinbound,allowoutbound\n';
    expect(
      failedProbes(readSource(textSource(set + block, 'a.bat')).firewall, 'deny tcp 23\nallow tcp 24'),
    ).toEqual([]);
    expect(assumed(set + block, 'a.bat')).toEqual([
      'The input does not say whether the firewall is on: taken as on in every profile',
    ]);
  });

  it('is what the script leaves open, profile by profile', () => {
    expect(
      assumed(`Set-NetFirewallProfile -Profile Public -DefaultInboundAction Allow\n${rule}`, 'a.ps1'),
    ).toEqual([
      'The input does not say whether the firewall is on: taken as on in every profile, allowing outbound connections by default',
      'The input does not say what becomes of inbound connections that no rule decides in the domain and private profile: taken as blocked, as Windows’ default is',
    ]);
    expect(
      assumed(`Set-NetFirewallProfile -All -Enabled True -DefaultOutboundAction Block\n${rule}`, 'a.ps1'),
    ).toEqual([]);
    expect(assumed(rule, 'a.ps1')).toEqual([
      'The input does not say whether the firewall is on: taken as on in every profile, blocking inbound and allowing outbound connections by default',
    ]);
  });
});
