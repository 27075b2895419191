import { describe, expect, it } from 'vitest';
import { audit } from '../../../src/audit.ts';
import { createQuery } from '../../../src/query.ts';
import type { Report } from '../../../src/report/report.ts';
import { host, packetOf, source } from './probe.ts';

const filter = `scrub in all fragment reassemble
block drop in all
pass in quick on em0 inet proto tcp from any to 10.0.0.5 port = http flags S/SA keep state
pass out all flags S/SA keep state
`;
const translation = `rdr pass on em0 inet proto tcp from any to 203.0.113.10 port = 2222 -> 10.0.0.6 port 22
rdr on em0 inet proto tcp from any to 203.0.113.10 port = 8080 -> 10.0.0.5 port 80
`;
const interfaces = `all
em0
\tCleared:     Thu Jan  1 00:00:00 1970
\tReferences:  [ States:  0                  Rules: 5                  ]
lo
lo0 (skip)
pflog0 (skip)
tun (skip)
tun0 (skip)
`;

const inputs = (...texts: readonly string[]): ReturnType<typeof source>[] =>
  texts.map((text, id) => source(text, `${id}.txt`, id));

function report(...texts: readonly string[]): Promise<Report> {
  return audit(inputs(...texts), { host: true, localAddresses: host });
}

async function verdict(texts: readonly string[], probe: string): Promise<string> {
  const query = await createQuery(inputs(...texts), { host: true, localAddresses: host });
  return query.query(packetOf(probe.split(' '))).verdict;
}

describe('issue: pfctl -sr and pfctl -sn of one host', () => {
  it.each([
    ['-sr first', [filter, translation]],
    ['-sn first', [translation, filter]],
  ])('are one rule set: %s', async (_name, texts) => {
    const { diagnostics, assumptions, inputs: read } = await report(...texts);
    expect(diagnostics).toEqual([]);
    expect(assumptions.join('\n')).not.toMatch(/translated|the filter has no rules/);
    expect(read.map(({ rules }) => rules).sort()).toEqual([2, 4]);
    const at = 'from 192.0.2.1 to 203.0.113.10 in em0';
    expect(await verdict(texts, `tcp 8080 ${at}`)).toBe('allow');
    expect(await verdict(texts, `tcp 2222 ${at}`)).toBe('allow');
    expect(await verdict(texts, `tcp 22 ${at}`)).toBe('deny');
  });

  it('each alone still lacks the other', async () => {
    expect((await report(translation)).diagnostics.map(({ code }) => code)).toEqual(['FW1312']);
    expect((await report(filter)).assumptions.join('\n')).toContain('no packet is translated');
  });
});

describe('pfctl -sI -v', () => {
  it('says which interfaces are skipped', async () => {
    const { diagnostics, assumptions, inputs: read } = await report(filter, translation, interfaces);
    expect(diagnostics).toEqual([]);
    expect(assumptions.join('\n')).not.toContain('skip');
    expect(read.map(({ dialect }) => dialect)).toContain('pfctl-sI');
    const texts = [filter, translation, interfaces];
    expect(await verdict(texts, 'tcp 99 in tun3')).toBe('allow');
    expect(await verdict(texts, 'tcp 99 in em0')).toBe('deny');
    expect(await verdict(texts, 'tcp 99 in pflog0')).toBe('deny');
  });

  it('also where none is', async () => {
    const { assumptions } = await report(filter, interfaces.replaceAll(' (skip)', ''));
    expect(assumptions.join('\n')).not.toContain('skip');
  });

  it('is asked for by the assumption, and holds no rules itself', async () => {
    expect((await report(filter)).assumptions.join('\n')).toContain('pfctl -sI -v shows it');
    const alone = await report(interfaces);
    expect(alone.exposures).toEqual([]);
    expect(alone.diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'FW1005 the input lists interfaces and holds no rules',
    ]);
  });

  it('is not any list of words', async () => {
    expect((await report('all\nem0\nlo0\n')).diagnostics.map(({ code }) => code)).toEqual(['FW1003']);
  });
});
