import { describe, expect, it } from 'vitest';
import { failedProbes, readSource, textSource } from './probe.ts';

function probes(script: string, table: string): readonly string[] {
  return failedProbes(readSource(textSource(script, 'rules.ps1')).firewall, table);
}

function told(script: string): readonly string[] {
  return readSource(textSource(script, 'rules.ps1')).diagnostics.map(
    ({ severity, code, message }) => `${severity} ${code} ${message}`,
  );
}

const rule = 'New-NetFirewallRule -DisplayName';

describe('a script of rules', () => {
  it('takes the defaults of New-NetFirewallRule', () => {
    const script = `${rule} 'a' -Protocol TCP -LocalPort 80\n`;
    expect(probes(script, 'allow tcp 80\ndeny tcp 81\ndeny udp 80\nallow out tcp 80')).toEqual([]);
  });

  it('follows constants through variables, tables, ranges and loops', () => {
    const script = `
$ports = @(80, 443)
$ports += 8443
$base = @{ Protocol = 'TCP'; Action = 'Allow' }
${rule} 'web' @base -LocalPort $ports
foreach ($port in 5000..5002) { ${rule} "p$port" -Protocol UDP -LocalPort $port }
21, 22 | ForEach-Object { ${rule} "q$_" -Protocol TCP -LocalPort $_ }
${rule} 'cut short' -Prot TCP -LocalP 99 -Dir Inbound -Act Block
`;
    const table =
      'allow tcp 443\nallow tcp 8443\nallow udp 5002\ndeny udp 5003\nallow tcp 22\ndeny tcp 23\ndeny tcp 99';
    expect(probes(script, table)).toEqual([]);
    expect(told(script)).toEqual([]);
  });

  it('makes a condition of what only a run could tell', () => {
    const script = `
param([int]$Port = 80)
${rule} 'p' -Protocol TCP -LocalPort $Port
if ($env:ROLE -eq 'db') { ${rule} 'db' -Protocol TCP -LocalPort 1433 }
function Open-It { ${rule} 'f' -Protocol UDP -LocalPort 53 }
Invoke-Command -ScriptBlock { ${rule} 'r' -Protocol UDP -LocalPort 54 }
`;
    const table =
      'conditional tcp 80\nconditional tcp 81\nconditional tcp 1433\nconditional udp 53\nconditional udp 54\ndeny udp 55';
    expect(probes(script, table)).toEqual([]);
  });

  it('knows whether a rule that it asks for is one of its own', () => {
    const script = `
if (-not (Get-NetFirewallRule -DisplayName 'a' -ErrorAction SilentlyContinue)) { ${rule} 'a' -Protocol TCP -LocalPort 1 }
if (Get-NetFirewallRule -DisplayName 'a') {
  Write-Host 'there'
}
else
{
  ${rule} 'b' -Protocol TCP -LocalPort 2
}
$c = Get-NetFirewallRule -DisplayName 'c'
if ($null -eq $c) { ${rule} 'c' -Protocol TCP -LocalPort 3 }
try { ${rule} 'd' -Protocol TCP -LocalPort 4 } catch { ${rule} 'e' -Protocol TCP -LocalPort 5 } finally { ${rule} 'f' -Protocol TCP -LocalPort 6 }
`;
    expect(
      probes(script, 'allow tcp 1\ndeny tcp 2\nallow tcp 3\nallow tcp 4\nconditional tcp 5\nallow tcp 6'),
    ).toEqual([]);
  });

  it('changes and removes what it has made', () => {
    const script = `
${rule} 'a' -Name n1 -Group g -Protocol TCP -LocalPort 1
${rule} 'b' -Protocol TCP -LocalPort 2 -Enabled False
${rule} 'c' -Protocol TCP -LocalPort 3
${rule} 'd' -Protocol TCP -LocalPort 4
${rule} 'e' -Protocol TCP -LocalPort 5 -Enabled False
Set-NetFirewallRule -Name n1 -LocalPort 11
Enable-NetFirewallRule -DisplayName 'b'
Get-NetFirewallRule -DisplayName 'c*' | Remove-NetFirewallRule
if ($x) { Disable-NetFirewallRule -DisplayName 'd' }
if ($x) { Enable-NetFirewallRule -DisplayName 'e' }
exit 0
${rule} 'never' -Protocol TCP -LocalPort 6
`;
    const table =
      'deny tcp 1\nallow tcp 11\nallow tcp 2\ndeny tcp 3\nconditional tcp 4\nconditional tcp 5\ndeny tcp 6';
    expect(probes(script, table)).toEqual([]);
    expect(told(script)).toEqual([]);
  });

  it('says what it cannot tell the effect of', () => {
    expect(told(`${rule} a\nEnable-NetFirewallRule -DisplayGroup 'Remote Desktop'\n`)).toEqual([
      'error FW1413 read a change of rules that the script did not add; its effect is not in the answer',
    ]);
    expect(told(`${rule} a\nRemove-NetFirewallRule -DisplayName 'other'\n`)).toEqual([
      'note FW1413 read a change of rules that the script did not add; its effect is not in the answer',
    ]);
    expect(told(`${rule} a -Frobnicate 1\n`).join()).toContain('-frobnicate, which is no parameter');
  });

  it('sets profiles', () => {
    const script = `Set-NetFirewallProfile -Profile Public -Enabled False\nSet-NetFirewallProfile -Name Domain,Private -DefaultInboundAction Allow\n${rule} x -Action Block -Protocol TCP -LocalPort 23\n`;
    expect(
      probes(script, 'allow tcp 23 profile public\ndeny tcp 23 profile domain\nallow tcp 24 profile private'),
    ).toEqual([]);
  });

  it('may run netsh, too; comments, strings and documents are no commands', () => {
    const script = `# ${rule} 'no' -Protocol TCP -LocalPort 1
<# ${rule} 'no' -Protocol TCP -LocalPort 2 #>
Write-Host "${rule} 'no' -Protocol TCP -LocalPort 3"
$text = @'
${rule} 'no' -Protocol TCP -LocalPort 4
'@
netsh advfirewall firewall add rule name="n" dir=in action=allow protocol=TCP localport=5
${rule} 'yes' -Protocol TCP -LocalPort 6
`;
    const table = 'deny tcp 1\ndeny tcp 2\ndeny tcp 3\ndeny tcp 4\nallow tcp 5\nallow tcp 6';
    expect(probes(script, table)).toEqual([]);
    expect(() =>
      readSource(textSource('# Setup\n```powershell\nNew-NetFirewallRule -DisplayName a\n```\n')),
    ).toThrow();
  });

  it('has limits', () => {
    const loops = `foreach ($a in 1..1000) { foreach ($b in 1..1000) { foreach ($c in 1..1000) { Write-Host $a } } }\n${rule} x\n`;
    expect(told(loops).join()).toContain('FW1006');
    expect(told(`${'('.repeat(300)}\n${rule} x\n`).join()).toContain('nested too deep');
    expect(told(`${rule} "x\n`).length).toBeLessThan(3);
  });
});
