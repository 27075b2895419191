import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { windowsFormat } from '../../../src/formats/windows/format.ts';
import { decode } from '../../../src/source/decode.ts';
import { noOptions, readSource, textSource } from './probe.ts';

const root = fileURLToPath(new URL('../../../fixtures/windows', import.meta.url));
const inputs = readdirSync(root).map((name) => {
  const folder = join(root, name);
  return {
    name,
    bytes: readFileSync(
      join(
        folder,
        readdirSync(folder).find((file) => file.startsWith('input.'))!,
      ),
    ),
  };
});
const reg = (rule: string, id = 'x'): string =>
  `Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules]\n"${id}"="${rule}"\n`;

describe('damaged files', () => {
  it.each(inputs)(
    '$name: cut anywhere, or with bytes changed, it is read without an exception',
    ({ name, bytes }) => {
      let seed = 1;
      const random = (below: number): number => {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        return seed % below;
      };
      for (let i = 0; i < 40; i++) {
        let damaged = Buffer.from(bytes.subarray(0, i % 2 === 0 ? random(bytes.length) : bytes.length));
        for (let k = 0; k < i && damaged.length > 0; k++)
          damaged.writeUInt8(random(95) + 32, random(damaged.length));
        if (i % 5 === 0) damaged = Buffer.concat([damaged, damaged]);
        const decoded = decode(damaged, name, 0);
        if (decoded.kind === 'refused') continue;
        const detection = windowsFormat.detect(decoded.source);
        if (detection === undefined) continue;
        const reading = windowsFormat.read(decoded.source, detection, noOptions);
        expect(reading.understood).toBeLessThanOrEqual(reading.rules);
        for (const { span } of reading.diagnostics) {
          if (span === undefined) continue;
          expect(span.start).toBeLessThanOrEqual(span.end);
          expect(span.end).toBeLessThanOrEqual(decoded.source.text.length);
        }
      }
    },
  );
});

describe('forged content', () => {
  it('a rule name that holds fields does not change the rule unseen', () => {
    const { diagnostics, understood } = readSource(
      textSource(reg('v2.31|Action=Block|Active=TRUE|Dir=In|Name=harmless|Action=Allow|')),
    );
    expect(diagnostics.map(({ code }) => code)).toContain('FW1406');
    expect(understood).toBe(0);
  });

  it('a netsh description that imitates lines is no line, unless it is padded like one, and then it is reported', () => {
    const block = (description: string): string =>
      [
        '',
        'Rule Name:                            SSH',
        '-'.repeat(70),
        `Description:                          ${description}`,
        'Enabled:                              Yes',
        'Direction:                            In',
        'Profiles:                             Public',
        'Grouping:',
        'LocalIP:                              Any',
        'RemoteIP:                             Any',
        'Protocol:                             TCP',
        'LocalPort:                            22',
        'RemotePort:                           Any',
        'Edge traversal:                       No',
        'Program:                              C:\\a.exe',
        'InterfaceTypes:                       Any',
        'Security:                             NotRequired',
        'Rule source:                          Local Setting',
        'Action:                               Block',
        '',
        'Ok.',
        '',
      ].join('\r\n');
    expect(readSource(textSource(block('see\r\nAction: Allow'))).diagnostics).toEqual([]);
    const forged = readSource(textSource(block('see\r\nAction:                               Allow')));
    expect(forged.diagnostics.map(({ code }) => code)).toEqual(['FW1406']);
    expect(forged.understood).toBe(0);
  });

  it('keys of JSON objects are data', () => {
    const text =
      '[{"__proto__":{"Direction":"Inbound"},"constructor":"x","InstanceID":"1","Direction":"Inbound","Action":"Allow","Enabled":"True","Profile":"Any","Program":"Any"}]';
    expect(readSource(textSource(text)).rules).toBe(1);
  });

  it('XML entities are not expanded without end', () => {
    const bomb =
      '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04"><Obj RefId="0"><Props><S N="Firewall">&b;</S></Props></Obj></Objs>';
    const source = textSource(bomb);
    const reading = windowsFormat.read(source, { score: 1, dialect: 'clixml' }, noOptions);
    expect(reading.diagnostics.map(({ code }) => code)).toContain('FW1408');
  });
});

describe('lists and nests without measure', () => {
  const rule = (port: string): string =>
    `[{"InstanceID":"1","Direction":"Inbound","Action":"Allow","Enabled":"True","Protocol":"TCP","LocalPort":${port}}]`;
  const many = 200_000;

  it.each([
    ['bad addresses', reg(`v2.31|Action=Allow|Active=TRUE|Dir=In|${'RA4=x|'.repeat(many)}`)],
    ['ports', reg(`v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|${'LPort=22|'.repeat(many)}`)],
    ['interfaces', reg(`v2.31|Action=Allow|Active=TRUE|Dir=In|${'IF=a|'.repeat(many)}`)],
    ['nested arrays', rule(`${'['.repeat(5000)}22${']'.repeat(5000)}`)],
    ['long arrays', rule(`[${'"22",'.repeat(many)}"23"]`)],
  ])('%s do not exhaust the stack', (_, text) => {
    expect(readSource(textSource(text)).rules).toBe(1);
  });
});

describe('long inputs take time in proportion', () => {
  const long = 200_000;
  const cases: readonly (readonly [string, string])[] = [
    [
      'blanks in a list',
      `[{"InstanceID":"1","Direction":"Inbound","Action":"Allow","Enabled":"True","LocalPort":"80${' '.repeat(long)}x"}]`,
    ],
    ['bars', reg('|'.repeat(long))],
    ['quotes', `Windows Registry Editor Version 5.00\n[a]\n${'"'.repeat(long)}`],
    ['hex', `Windows Registry Editor Version 5.00\n[a]\n"x"=hex:${'00,'.repeat(long)}`],
    ['open brackets', `{"Direction":${'['.repeat(long)}`],
    ['open braces', `{"Direction":${'{"a":'.repeat(long)}`],
    ['colons', `Rule Name: x\n${':'.repeat(long)}\n${'Action:\n'.repeat(long / 8)}`],
    ['dashes', `Rule Name: x\n${'-'.repeat(long)} x`],
    ['carets', `netsh advfirewall firewall add rule ${'^'.repeat(long)}`],
    ['blank lines', `Name : x\nDirection : Inbound\n${'\n \n'.repeat(long / 3)}x`],
    ['reg query', `HKEY_LOCAL_MACHINE\\FirewallPolicy\n    a    REG_SZ    b\n    ${'    '.repeat(long)}x`],
  ];
  it.each(cases)('%s', (_, text) => {
    const source = textSource(text);
    const started = performance.now();
    const detection = windowsFormat.detect(source);
    if (detection !== undefined) windowsFormat.read(source, detection, noOptions);
    expect(performance.now() - started).toBeLessThan(8000);
  });
});
