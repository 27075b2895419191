import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runFormats } from '../../../src/cli/commands/formats.ts';
import { windowsCollector } from '../../../src/formats/windows/collector.ts';
import { windowsSupport, windowsSupportTable } from '../../../src/formats/windows/support.ts';
import type { Match } from '../../../src/model/match.ts';
import { memoryIo } from '../../cli/memory-io.ts';
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

it('README and fw-audit formats show the command that exports everything', async () => {
  expect(readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')).toContain(
    `\`\`\`powershell\n${windowsCollector}\n\`\`\`\n`,
  );
  const io = memoryIo({});
  expect(await runFormats({ name: 'windows', format: 'terminal' }, io)).toBe(0);
  expect(io.out()).toContain(`${windowsCollector}\n`);
  // One line, so that it can be pasted, and nothing but questions.
  expect(windowsCollector).not.toContain('\n');
  expect(
    [...windowsCollector.matchAll(/\b([A-Z][a-z]+)(?:To)?-[A-Z]\w+/g)].map(([, verb]) => verb),
  ).toSatisfy((verbs: readonly string[]) =>
    verbs.every((verb) => ['Get', 'Select', 'Convert', 'Out'].includes(verb)),
  );
});
