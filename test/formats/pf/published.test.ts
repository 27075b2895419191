import { describe, expect, it } from 'vitest';
import { audit } from '../../../src/audit.ts';
import type { Exposure } from '../../../src/report/report.ts';
import { source } from './probe.ts';

async function translations(text: string, dialect?: string): Promise<string[]> {
  const options = { inputFormat: 'pf', ...(dialect === undefined ? {} : { dialect }) };
  const { exposures } = await audit([source(text)], options);
  const told = ({ family, ports, translation }: Exposure): string =>
    `${family} ${ports?.from ?? ''} ${translation?.to ?? '-'}${translation === undefined ? '' : ` by ${translation.rule.line}`}`;
  return exposures.map(told);
}

describe('issue: where a rule that passes and translates leads', () => {
  it('rdr-to of a pass rule, quick or not, as of a match rule', async () => {
    const rule = 'in inet proto tcp to 203.0.113.8 port 80 rdr-to 10.0.0.9 port 8080\n';
    const expected = ['ipv4 80 10.0.0.9:8080 by 2'];
    expect(await translations(`block in\npass ${rule}`)).toEqual(expected);
    expect(await translations(`block in\npass ${rule.replace('in', 'in quick')}`)).toEqual(expected);
    expect(
      await translations(`block in\nmatch ${rule}pass in inet proto tcp to 10.0.0.9 port 8080\n`),
    ).toContain(expected[0]);
  });

  it('only of the rule that wins', async () => {
    const text =
      'block in\npass in inet proto tcp to port 80 rdr-to 10.0.0.9 port 8080\npass in inet proto tcp to port 80\n';
    expect(await translations(text)).toEqual(['ipv4 80 -']);
  });

  it('divert-to, but on FreeBSD', async () => {
    const text = 'block in\npass in inet proto tcp to port 25 divert-to 127.0.0.1 port 8025\n';
    expect(await translations(text)).toEqual(['ipv4 25 127.0.0.1:8025 by 2']);
    expect(await translations(text, 'freebsd')).toEqual(['ipv4 25 -']);
  });

  it('of a pool of both families the address of the packet', async () => {
    const text = 'block in\npass in proto tcp to port 27 rdr-to lo0\n';
    expect(await translations(text)).toEqual(['ipv4 27 127.0.0.1 by 2', 'ipv6 27 ::1 by 2']);
  });

  it('a range that is moved to another, by the ports it becomes', async () => {
    const text = 'block in\npass in inet proto tcp to port 5000:5009 rdr-to 10.0.0.9 port 6000:*\n';
    expect(await translations(text)).toEqual(['ipv4 5000 10.0.0.9:6000-6009 by 2']);
    const kept =
      'rdr proto tcp to 203.0.113.8 port 5000:5009 -> 10.0.0.9 port 5000:*\nblock in\npass in inet proto tcp to port 5000:5009\n';
    expect((await translations(kept)).filter((row) => row.includes(' by 1'))).toEqual([
      'ipv4 5000 10.0.0.9:5000-5009 by 1',
    ]);
  });

  it("a service by its name in OpenBSD's /etc/services", async () => {
    const text = 'block in\npass in inet proto tcp to port smtp rdr-to 127.0.0.1 port spamd\n';
    expect(await translations(text, 'openbsd')).toEqual(['ipv4 25 127.0.0.1:8025 by 2']);
  });

  it('a pool by all of its addresses', async () => {
    const pool = (targets: string): string =>
      `block in\npass in inet proto tcp to port 80 rdr-to { ${targets} }\n`;
    expect(await translations(pool('10.0.0.1, 10.0.0.2'))).toEqual(['ipv4 80 10.0.0.1 or 10.0.0.2 by 2']);
    const six = [1, 2, 3, 4, 5, 6].map((last) => `10.0.0.${last}`).join(', ');
    expect(await translations(pool(six))).toEqual([
      'ipv4 80 10.0.0.1 or 10.0.0.2 or 10.0.0.3 or 10.0.0.4 or 2 more by 2',
    ]);
    const { exposures } = await audit([source(pool('10.0.0.1, 10.0.0.2'))], { inputFormat: 'pf' });
    expect(exposures[0]!.translation).not.toHaveProperty('target');
  });
});
