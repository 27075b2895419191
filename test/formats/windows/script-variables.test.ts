import { describe, expect, it } from 'vitest';
import { failedProbes, readSource, textSource } from './probe.ts';

function probes(script: string, table: string): readonly string[] {
  return failedProbes(readSource(textSource(script, 'rules.ps1')).firewall, table);
}

const allow = "DisplayName = 'a'; Direction = 'Inbound'; Protocol = 'TCP'; Action = 'Allow'";
const rule = "New-NetFirewallRule -DisplayName 'r' -Direction Inbound -Protocol TCP -Action Allow -LocalPort";

describe('tables that change', () => {
  it.each([
    ['a member', '$p.LocalPort = 26', 'allow tcp 26\ndeny tcp 25'],
    ['an element', '$p["LocalPort"] = 27', 'allow tcp 27\ndeny tcp 25'],
    ['a member that is added to', '$p.LocalPort += 1', 'allow tcp 26\ndeny tcp 25'],
    [
      'Add',
      '$p.Add("RemoteAddress", "10.0.0.0/8")',
      'allow tcp 25 from 10.1.1.1\ndeny tcp 25 from 192.0.2.1',
    ],
    ['Add of what is there', '$p.Add("LocalPort", 26)', 'allow tcp 25\ndeny tcp 26'],
    ['Remove', '[void]$p.Remove("LocalPort")', 'allow tcp 25\nallow tcp 26'],
    ['Remove into nothing', '$p.Remove("LocalPort") | Out-Null', 'allow tcp 26'],
    ['another name of the table', '$q = $p\n$q.LocalPort = 26', 'allow tcp 26\ndeny tcp 25'],
    ['a copy', '$q = $p.Clone()\n$q.LocalPort = 26', 'allow tcp 25\ndeny tcp 26'],
    [
      'a sum',
      '$p = $p + @{ RemoteAddress = "10.0.0.0/8" }',
      'allow tcp 25 from 10.1.1.1\ndeny tcp 25 from 192.0.2.1',
    ],
    ['a member that a run names', '$p.$name = 26', 'conditional tcp 25\nconditional tcp 26'],
    ['a member in quotes', "$p.'LocalPort' = 26", 'conditional tcp 26'],
    ['a member that a run gives', '$p.LocalPort = Get-Port', 'conditional tcp 25\nconditional tcp 26'],
    [
      'a condition',
      "if ($x) { $p.RemoteAddress = '10.0.0.0/8' }",
      'conditional tcp 25 from 192.0.2.1\ndeny tcp 26',
    ],
    [
      'Remove under a condition',
      "if ($x) { $p.Remove('LocalPort') }",
      'conditional tcp 25\nconditional tcp 26',
    ],
    ['a loop over tables', "foreach ($q in @($p, $p)) { $q.Action = 'Block' }", 'conditional tcp 25'],
    [
      'a function that is given it',
      'function Narrow($t) { $t.LocalPort = 26 }\nNarrow $p',
      'conditional tcp 26',
    ],
    ['a function that reaches out', 'function Narrow { $p.LocalPort = 26 }\nNarrow', 'conditional tcp 26'],
    ['Clear', '$p.Clear()', 'conditional tcp 26'],
  ])('%s', (_what, change, table) => {
    expect(probes(`$p = @{ ${allow}; LocalPort = 25 }\n${change}\nNew-NetFirewallRule @p\n`, table)).toEqual(
      [],
    );
  });

  it('makes no Block of what becomes an Allow', () => {
    const script = `$p = @{ ${allow.replace('Allow', 'Block')}; LocalPort = 3389 }\n$p.Action = 'Allow'\nNew-NetFirewallRule @p\n`;
    expect(probes(script, 'allow tcp 3389')).toEqual([]);
  });
});

describe('variables that change', () => {
  it.each([
    ['a step', '$port++', 'allow tcp 81\ndeny tcp 80'],
    ['a step back', '--$port', 'allow tcp 79\ndeny tcp 80'],
    ['a sum of numbers', '$port += 1', 'allow tcp 81\ndeny tcp 80'],
    ['a new value of a type', '[int]$port = 81', 'allow tcp 81\ndeny tcp 80'],
    ['two in one', '$a = $port = 81', 'allow tcp 81\ndeny tcp 80'],
    ['several at once', '$a, $port = 1, 81', 'conditional tcp 81'],
    ['a command', '$port = Get-Port', 'conditional tcp 81'],
    ['Set-Variable', 'Set-Variable -Name port -Value 81', 'allow tcp 81\ndeny tcp 80'],
    ['sv under a condition', 'if ($x) { sv port 81 }', 'conditional tcp 80\nconditional tcp 81'],
    ['Set-Variable with a name that a run gives', 'Set-Variable $name 81', 'conditional tcp 81'],
    ['an item', 'Set-Item variable:port 81', 'conditional tcp 81'],
    ['-OutVariable', 'Get-Port -OutVariable port', 'conditional tcp 81'],
    ['a reference', "[int]::TryParse('81', [ref]$port)", 'conditional tcp 81'],
    ['another script in its place', '. .\\settings.ps1', 'conditional tcp 80\nconditional tcp 81'],
    ['a text that a run gives', 'Invoke-Expression $text', 'conditional tcp 81'],
    ['a text', "iex '$port = 81'", 'allow tcp 81\ndeny tcp 80'],
    ['the scope of the script', '$script:port = 81', 'allow tcp 81\ndeny tcp 80'],
    ['a function', 'function Next { $script:port = 81 }\nNext', 'conditional tcp 80\nconditional tcp 81'],
    [
      'a function called later',
      'function Next { $script:port = 81 }\n$port = 82\nNext',
      'conditional tcp 81',
    ],
    ['a variable of a function', 'function Next { $port = 81 }\nNext', 'allow tcp 80\ndeny tcp 81'],
    ['a loop', 'while ($x) { $port++ }', 'conditional tcp 80\nconditional tcp 81'],
    ['the head of a loop', 'for ($port = 1; $port -lt 9; $port++) { }', 'conditional tcp 9'],
    ['a condition that sets', 'if (($port = Get-Port)) { }', 'conditional tcp 81'],
    ['a switch', 'switch ($x) { a { $port = 81 } }', 'conditional tcp 80\nconditional tcp 81'],
    ['a block that something runs', 'Measure-Command { $port = 81 }', 'conditional tcp 81'],
  ])('%s', (_what, change, table) => {
    expect(probes(`$port = 80\n${change}\n${rule} $port\n`, table)).toEqual([]);
  });

  it('a loop whose later turns see what earlier ones have set', () => {
    const script = `$port = 80\nwhile ($x) { ${rule} $port; $port++ }\nforeach ($n in 1..3) { $i++ }\n`;
    expect(probes(script, 'conditional tcp 80\nconditional tcp 81')).toEqual([]);
  });

  it('a function that runs after a variable was set anew', () => {
    const script = `$port = 80\nfunction Open { ${rule} $port }\n$port = 81\nOpen\n`;
    expect(probes(script, 'conditional tcp 81')).toEqual([]);
    expect(
      probes(`$port = 80\nfunction Open { ${rule} $port }\nOpen\n`, 'conditional tcp 80\ndeny tcp 81'),
    ).toEqual([]);
  });

  it('elements and lists', () => {
    const table = 'deny tcp 100\nallow tcp 101\nallow tcp 443';
    expect(probes(`$l = @(100, 443)\n$l[0] = 101\n${rule} $l\n`, table)).toEqual([]);
    expect(probes(`$l = 100, 443\n$m = $l\n$m[0] = 101\n${rule} $l\n`, table)).toEqual([]);
    expect(probes(`$l = @(100)\n$l += 443\n${rule} $l[1]\n`, 'deny tcp 100\nallow tcp 443')).toEqual([]);
    expect(
      probes(`$l = @(100, 443)\n$l[$i] = 101\n${rule} $l\n`, 'conditional tcp 100\nconditional tcp 101'),
    ).toEqual([]);
  });
});

describe('loops that are left', () => {
  it.each([
    ['continue', 'if ($p -eq 81) { continue }', 'conditional tcp 80\nconditional tcp 82\ndeny tcp 83'],
    ['break', 'if ($p -eq 81) { break }', 'conditional tcp 80\nconditional tcp 82'],
    ['return', 'if ($p -eq 81) { return }', 'conditional tcp 80\nconditional tcp 82'],
    ['continue in a switch', 'switch ($p) { 81 { continue } }', 'allow tcp 80\nallow tcp 81'],
    ['a script that ends', 'if (-not $ok) { throw "no" }', 'allow tcp 80\nallow tcp 82'],
  ])('%s', (_what, leave, table) => {
    expect(
      probes(`foreach ($p in 80, 81, 82) { ${leave}\n${rule} $p }\n${rule} 90\n`, `${table}\nallow tcp 90`),
    ).toEqual([]);
  });

  it('for certain', () => {
    expect(probes(`foreach ($p in 80, 81) { ${rule} $p; break }\n`, 'allow tcp 80\ndeny tcp 81')).toEqual([]);
    expect(
      probes(`foreach ($p in 80, 81) { continue; ${rule} $p }\n${rule} 90`, 'deny tcp 80\nallow tcp 90'),
    ).toEqual([]);
    expect(
      probes(
        `foreach ($p in 80, 81) { ${rule} $p; exit }\n${rule} 90\n`,
        'allow tcp 80\ndeny tcp 81\ndeny tcp 90',
      ),
    ).toEqual([]);
    const outer = `:outer foreach ($a in 1, 2) { foreach ($p in 80, 81) { ${rule} $p; if ($x) { continue outer } }; ${rule} 90 }\n`;
    expect(probes(outer, 'conditional tcp 81\nconditional tcp 90')).toEqual([]);
  });

  it('after one that perhaps was the last turn', () => {
    const script = `foreach ($p in 80, 81) { ${rule} $p; if ($x) { break } }\n`;
    expect(probes(script, 'allow tcp 80\nconditional tcp 81')).toEqual([]);
  });
});

describe('$PSDefaultParameterValues', () => {
  const narrow = 'allow tcp 80 from 10.1.1.1\ndeny tcp 80 from 192.0.2.1';
  it.each([
    [
      'a table',
      "$PSDefaultParameterValues = @{ 'New-NetFirewallRule:RemoteAddress' = '10.0.0.0/8' }",
      narrow,
    ],
    [
      'an element, for several commands',
      "$PSDefaultParameterValues = @{}\n$PSDefaultParameterValues['*-NetFirewall*:RemoteAddress'] = '10.0.0.0/8'",
      narrow,
    ],
    [
      'turned off',
      "$PSDefaultParameterValues = @{ 'New-NetFirewallRule:RemoteAddress' = '10.0.0.0/8'; Disabled = $true }",
      'allow tcp 80 from 192.0.2.1',
    ],
    [
      'of another command',
      "$PSDefaultParameterValues = @{ 'Get-Item:Path' = 'x' }",
      'allow tcp 80 from 192.0.2.1',
    ],
    ['known by a run only', '$PSDefaultParameterValues = Get-Defaults', 'conditional tcp 80 from 192.0.2.1'],
  ])('%s', (_what, set, table) => {
    expect(probes(`${set}\n${rule} 80\n`, table)).toEqual([]);
  });
});

it('what doubles at each step is not followed for ever', () => {
  for (const grow of ['$s += $s', '$s = "$s$s"', '$s = $s, $s', '$s = @($s) + $s']) {
    const script = `$s = 'x'\nforeach ($i in 1..100) { ${grow} }\n${rule} $s\n`;
    expect(probes(script, 'conditional tcp 80'), grow).toEqual([]);
  }
});
