import { describe, expect, it } from 'vitest';
import { failedProbes, readSource, textSource } from './probe.ts';

const view = `
Name        DisplayName          Enabled Direction Action Profile         Protocol LocalPort  RemoteAddress
----        -----------          ------- --------- ------ -------         -------- ---------  -------------
r1          Web                     True   Inbound  Allow Any             TCP      {80, 443}  Any
r2          Files                   True   Inbound  Allow Domain, Private TCP      445        10.0.0.0/8
r3          Old                    False   Inbound  Allow Any             TCP      23         Any
r4          Long list of por...     True   Inbound  Allow Any             UDP      {5000, ... Any

`;

describe("PowerShell's table view", () => {
  it('is read by the dashes under its header', () => {
    const reading = readSource(textSource(view));
    expect(reading.firewall.dialect).toBe('powershell-table');
    expect(reading.rules).toBe(4);
    const table = `
conditional tcp 443
deny tcp 81
conditional tcp 445 from 10.1.1.1 profile domain
deny tcp 445 from 11.1.1.1
deny tcp 445 from 10.1.1.1 profile public
deny tcp 23
conditional udp 4000`;
    expect(failedProbes(reading.firewall, table)).toEqual([]);
    const said = reading.diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n');
    expect(said).toContain('FW1403 4 rules: the export does not show the program, service');
    expect(said).toContain('FW1404 rule “Long list of por...”');
  });

  it('makes everything possible that its columns do not show', () => {
    const bare = `
DisplayName  Enabled Direction Action
-----------  ------- --------- ------
Web             True   Inbound  Allow
`;
    const reading = readSource(textSource(bare));
    expect(failedProbes(reading.firewall, 'conditional tcp 80\nconditional udp 53')).toEqual([]);
  });
});

it("Intune's profiles", () => {
  const configuration = JSON.stringify({
    firewallProfilePublic: { firewallEnabled: 'blocked' },
    firewallProfileDomain: { firewallEnabled: 'allowed', incomingTrafficBlocked: true },
    firewallProfilePrivate: { firewallEnabled: 'notConfigured', inboundConnectionsRequired: true },
    firewallRules: [
      {
        displayName: 'No telnet',
        protocol: 6,
        localPortRanges: ['23'],
        profileTypes: 'notConfigured',
        action: 'blocked',
        trafficDirection: 'in',
      },
      { displayName: 'Odd', profileTypes: 'everywhere', action: 'allowed', trafficDirection: 'in' },
    ],
  });
  const { firewall, diagnostics } = readSource(textSource(configuration));
  const table = `
allow tcp 23 profile public
deny tcp 80 profile domain
deny tcp 23 profile private
allow tcp 80 profile private`;
  expect(failedProbes(firewall, table)).toEqual([]);
  expect(diagnostics.map(({ message }) => message).join()).toContain('read “everywhere” as profiles');
});
