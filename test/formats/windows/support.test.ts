import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { windowsSupport, windowsSupportTable } from '../../../src/formats/windows/support.ts';
import type { Match } from '../../../src/model/match.ts';
import { readSource, textSource } from './probe.ts';

const key =
  'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules';

function readRule(fields: string): { readonly match: Match; readonly understood: boolean } {
  const protocol = fields.includes('Protocol=') ? '' : 'Protocol=6|';
  const text = `v2.31|Action=Allow|Active=TRUE|Dir=In|${protocol}${fields}Name=x|`.replaceAll('\\', '\\\\');
  const reading = readSource(textSource(`Windows Registry Editor Version 5.00\n\n[${key}]\n"x"="${text}"\n`));
  const entry = reading.firewall.entries.find(({ direction }) => direction === 'in')!;
  const chain = reading.firewall.chains.get(entry.stages[0]!.chain)!;
  return { match: chain.rules[0]!.match, understood: reading.understood === 1 };
}

function hasUnknown(match: Match): boolean {
  if (match.kind === 'and' || match.kind === 'or') return match.of.some(hasUnknown);
  return match.kind === 'not' ? hasUnknown(match.of) : match.kind === 'unknown';
}

describe('the support table', () => {
  const examples = windowsSupport.flatMap((one) =>
    one.example === undefined ? [] : [{ ...one, example: one.example }],
  );

  it.each(examples)('is right about $name', ({ example, level }) => {
    const { match, understood } = readRule(example);
    expect(understood).toBe(true);
    expect(hasUnknown(match)).toBe(level === 'conditional');
    if (level === 'ignored') expect(match).toEqual(readRule('').match);
  });

  it('is the one in the README of the grammar', () => {
    const readme = readFileSync(
      fileURLToPath(new URL('../../../grammars/windows/README.md', import.meta.url)),
      'utf8',
    );
    expect(readme).toContain(windowsSupportTable());
  });
});
