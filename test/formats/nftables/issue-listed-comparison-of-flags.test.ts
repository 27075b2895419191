import { describe, expect, it } from 'vitest';
import { ask, packetOf, textSource } from './probe.ts';

/** How a listing of `ct state == new,established` begins; read back, it would be any of the two. */
const rule = 'ct state established | new accept';
const table = (text: string): string =>
  `table inet t {\n  chain c {\n    type filter hook input priority filter; policy drop;\n    ${text}\n  }\n}\n`;

async function asked(text: string): Promise<{ verdict: string; codes: readonly string[] }> {
  const { query, diagnostics } = await ask(textSource(text));
  return { verdict: query(packetOf(['tcp', '22'])).verdict, codes: diagnostics.map(({ code }) => code) };
}

describe('flags with a bar between them', () => {
  it('are any of them in a script', async () => {
    expect(await asked(`flush ruleset\n${table(rule)}`)).toEqual({ verdict: 'allow', codes: [] });
  });

  it('may be all of them at once in a listing', async () => {
    expect(await asked(table(rule))).toEqual({ verdict: 'conditional', codes: ['FW1213'] });
  });

  it('are all of them at once where a sign says so', async () => {
    expect(await asked(table(rule.replace('state', 'state ==')))).toEqual({ verdict: 'deny', codes: [] });
  });

  it.each([
    'ct state (established | new) accept',
    'ct state new | established accept',
    'ct state (new|established) accept',
  ])('are any of them where no listing of nft prints them so: %s', async (text) => {
    expect(await asked(table(text))).toEqual({ verdict: 'allow', codes: [] });
  });

  it('may be all of them at once with three of them, too', async () => {
    expect(await asked(table('ct state established | related | new accept'))).toEqual({
      verdict: 'conditional',
      codes: ['FW1213'],
    });
  });

  it('are any of them with commas, as nft lists such a test', async () => {
    expect(await asked(table('ct state established,new accept'))).toEqual({ verdict: 'allow', codes: [] });
  });
});
