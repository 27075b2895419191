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

const first =
  "New-NetFirewallRule -DisplayName 'first' -Direction Inbound -Protocol TCP -Action Allow -LocalPort 80";
const rule = "-DisplayName 'r' -Direction Inbound -Protocol TCP -Action Allow -LocalPort 81";

describe('rules that are made under other names', () => {
  it.each([
    ['a text that runs', `iex "New-NetFirewallRule ${rule}"`, 'allow tcp 81'],
    [
      'a text with a variable',
      `$port = 81\nInvoke-Expression "New-NetFirewallRule ${rule.replace('81', '$port')}"`,
      'allow tcp 81',
    ],
    ['a text that comes through a pipe', `"New-NetFirewallRule ${rule}" | iex`, 'allow tcp 81'],
    ['an alias', `Set-Alias nfr New-NetFirewallRule\nnfr ${rule}`, 'allow tcp 81'],
    [
      'an alias with its parameters',
      `New-Alias -Name nfr -Value New-NetFirewallRule\nnfr ${rule}`,
      'allow tcp 81',
    ],
    ['an alias as an item', `Set-Item alias:nfr New-NetFirewallRule\nnfr ${rule}`, 'allow tcp 81'],
    [
      'an alias that is perhaps set',
      `if ($x) { sal nfr New-NetFirewallRule }\nnfr ${rule}`,
      'conditional tcp 81',
    ],
    ['a variable', `$c = 'New-NetFirewallRule'\n& $c ${rule}`, 'allow tcp 81'],
    ['a quoted name', `& 'New-NetFirewallRule' ${rule}`, 'allow tcp 81'],
    ['a dot', `. New-NetFirewallRule ${rule}`, 'allow tcp 81'],
    ['its module', `NetSecurity\\New-NetFirewallRule ${rule}`, 'allow tcp 81'],
    ['a variable that a run gives', `& $command ${rule}`, 'conditional tcp 81'],
    ['a command that a run finds', `& (Get-Command New-NetFirewallRule) ${rule}`, 'conditional tcp 81'],
    [
      'a block with parameters',
      `Invoke-Command -ComputerName a { param($p) New-NetFirewallRule ${rule} } -ArgumentList 1`,
      'conditional tcp 81',
    ],
    ['a block in its place', `. { New-NetFirewallRule ${rule} }`, 'allow tcp 81'],
    [
      'behind param',
      `function Open { [CmdletBinding()] param($p) New-NetFirewallRule ${rule} }`,
      'conditional tcp 81',
    ],
    ['behind a block', `if ($x) { Write-Host a } New-NetFirewallRule ${rule}`, 'allow tcp 81'],
    ['behind a loop', `foreach ($x in 1, 2) { Write-Host $x } New-NetFirewallRule ${rule}`, 'allow tcp 81'],
    [
      'a loop after a condition',
      `if ($x) { Write-Host a }\nwhile ($y) { New-NetFirewallRule ${rule} }`,
      'conditional tcp 81',
    ],
    ['in a condition', `if (-not (New-NetFirewallRule ${rule})) { throw 'no' }`, 'allow tcp 81'],
    ['behind another command', `Test-It && New-NetFirewallRule ${rule}`, 'conditional tcp 81'],
    ['a value', `$made = foreach ($x in 1) { New-NetFirewallRule ${rule} }`, 'allow tcp 81'],
    [
      'a function of that name',
      `function New-NetFirewallRule { }\nNew-NetFirewallRule ${rule}`,
      'conditional tcp 81',
    ],
  ])('%s', (_what, script, table) => {
    expect(probes(`${first}\n${script}\n`, `${table}\ndeny tcp 82`)).toEqual([]);
  });

  it('what only a run could tell is told', () => {
    expect(told(`${first}\niex $text\n`)).toEqual([
      'error FW1413 read a text that runs as commands, and that only a run of the script could tell; its effect is not in the answer',
    ]);
    expect(told(`${first}\n& $command ${rule}\n`)).toEqual([
      'error FW1413 read a command that only a run of the script could name; it perhaps makes a rule',
    ]);
    expect(told(`${first}\n& $tool /quiet\n. .\\more.ps1\n& "$PSScriptRoot\\more.ps1"\n`)).toEqual([
      'note FW1413 read a command that only a run of the script could name; its effect is not in the answer',
      'note FW1413 read a call of another script; its effect is not in the answer',
      'note FW1413 read a command that only a run of the script could name; its effect is not in the answer',
    ]);
    const inside =
      'error FW1413 read a command that changes the firewall inside another command; its effect is not in the answer';
    expect(told(`${first}\npowershell -Command "New-NetFirewallRule ${rule}"\n`)).toEqual([inside]);
    expect(told(`${first}\n[scriptblock]::Create("New-NetFirewallRule ${rule}").Invoke()\n`)).toEqual([
      inside,
    ]);
    expect(told(`${first}\n$t = 'iex $t'\niex $t\nWrite-Host "New-NetFirewallRule"\n`)).toHaveLength(1);
  });
});

describe('rules that are made elsewhere', () => {
  it.each([
    ['a session of a group policy object', '-GPOSession $gpo', 'conditional tcp 81'],
    ['a group policy object', "-PolicyStore 'contoso.com\\Servers'", 'conditional tcp 81'],
    ['a store that a run names', '-PolicyStore $store', 'conditional tcp 81'],
    ['another computer', '-CimSession srv9', 'conditional tcp 81'],
    ['a session that a run opens', '-CimSession $session', 'conditional tcp 81'],
    ['this computer', '-CimSession localhost', 'allow tcp 81'],
    ['the store of this computer', '-PolicyStore PersistentStore', 'allow tcp 81'],
  ])('%s', (_what, place, table) => {
    expect(probes(`New-NetFirewallRule ${rule} ${place}\n`, table)).toEqual([]);
  });

  it('changes count where they are made', () => {
    expect(
      probes(`${first}\nRemove-NetFirewallRule -DisplayName first -CimSession srv9\n`, 'allow tcp 80'),
    ).toEqual([]);
    expect(
      probes(`${first}\nRemove-NetFirewallRule -DisplayName first -CimSession $s\n`, 'conditional tcp 80'),
    ).toEqual([]);
    const store = "-PolicyStore 'contoso.com\\Servers'";
    expect(
      probes(`${first} ${store}\nRemove-NetFirewallRule -DisplayName first ${store}\n`, 'deny tcp 80'),
    ).toEqual([]);
    expect(told(`${first}\nSet-NetFirewallProfile -All -Enabled False -CimSession srv9\n`).join()).toContain(
      'of another computer',
    );
  });
});

describe('changes that are in doubt', () => {
  it('an Allow that perhaps becomes a Block is neither', () => {
    const script = `${first}\nif ($x) { Set-NetFirewallRule -DisplayName first -Action Block }\n`;
    expect(probes(script, 'conditional tcp 80')).toEqual([]);
  });

  it('a rule whose name a run gives is perhaps the one that is removed', () => {
    const script = `${first.replace("'first'", '$name')}\nRemove-NetFirewallRule -DisplayName first\n`;
    expect(probes(script, 'conditional tcp 80')).toEqual([]);
  });
});

describe('texts that are not what they look like', () => {
  it('several ports in one text', () => {
    const script = "New-NetFirewallRule -DisplayName a -Protocol TCP -LocalPort '87 449'\n";
    expect(probes(script, 'conditional tcp 87\nconditional tcp 449\ndeny tcp 88')).toEqual([]);
    expect(told(script)).toEqual([
      'error FW1004 read “87 449” as one element of -localport, expected a list of several',
    ]);
  });

  it('methods of texts, lists and brackets', () => {
    for (const value of ["'100,101'.Split(',')", '(100, 101)[0]', '@(100, 101).Count'])
      expect(
        probes(
          `New-NetFirewallRule -DisplayName a -Protocol TCP -LocalPort ${value}\n`,
          'conditional tcp 100',
        ),
        value,
      ).toEqual([]);
  });

  it('a path of several words', () => {
    const script =
      "$d = 'C:\\Apps'\nNew-NetFirewallRule -DisplayName a -Program $d\\server.exe -Protocol TCP -LocalPort 80\n";
    const { firewall } = readSource(textSource(script, 'rules.ps1'));
    expect(JSON.stringify([...firewall.chains.values()].map(({ rules }) => rules[0]?.match))).toMatch(
      /server\.exe/i,
    );
  });
});

describe('netsh in a script', () => {
  const netsh =
    'netsh advfirewall firewall add rule name="A" dir=in action=allow protocol=TCP localport=80\n';
  it.each([
    ['is removed', 'Remove-NetFirewallRule -DisplayName A', 'deny tcp 80'],
    [
      'is removed by a pattern',
      "Get-NetFirewallRule -DisplayName 'A*' | Remove-NetFirewallRule",
      'deny tcp 80',
    ],
    ['is perhaps removed', 'if ($x) { Remove-NetFirewallRule -DisplayName A }', 'conditional tcp 80'],
    ['is turned off', 'Disable-NetFirewallRule -DisplayName A', 'deny tcp 80'],
    ['is not meant', "Remove-NetFirewallRule -DisplayName 'first'", 'allow tcp 80'],
  ])('a rule %s', (_what, change, table) => {
    const script = `${first.replace('80', '79')}\n${netsh}${change}\n`;
    expect(probes(script, table)).toEqual([]);
    expect(told(script)).toEqual([]);
  });

  it('is not touched by what came before', () => {
    expect(
      probes(`${first.replace('80', '79')}\nRemove-NetFirewallRule -DisplayName A\n${netsh}`, 'allow tcp 80'),
    ).toEqual([]);
  });

  it('is not followed through changes of what it matches', () => {
    const script = `${netsh}${first.replace('80', '79')}\nSet-NetFirewallRule -DisplayName A -LocalPort 81\n`;
    expect(probes(script, 'conditional tcp 80')).toEqual([]);
    expect(told(script).join()).toContain('error FW1413');
  });
});
