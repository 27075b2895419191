import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { support, supportTable } from '../../../src/formats/pf/support.ts';
import type { Match } from '../../../src/model/match.ts';
import type { Firewall } from '../../../src/model/firewall.ts';
import { read } from './probe.ts';

/** A table without the spaces that the formatter adds. */
function squeezed(table: string): string {
  return table
    .split('\n')
    .map((line) => line.replace(/\s*\|\s*/g, '|').replace(/-{3,}/g, '---'))
    .join('\n');
}

function hasQuestions({ chains, sets }: Firewall): boolean {
  const asks = (match: Match): boolean => {
    if (match.kind === 'unknown') return true;
    if (match.kind === 'in-set') return sets.get(match.set)?.closed !== true;
    if (match.kind === 'not') return asks(match.of);
    return (match.kind === 'and' || match.kind === 'or') && match.of.some(asks);
  };
  return [...chains.values()].some(({ rules }) =>
    rules.some(({ match, action }) => asks(match) || action.kind === 'unknown'),
  );
}

describe('the support table', () => {
  it('stands in the README as it stands in the code', () => {
    const readme = readFileSync(new URL('../../../grammars/pf/README.md', import.meta.url), 'utf8');
    const [, table] = /<!-- support:[^>]*-->\n\n([\s\S]*?)\n\n<!-- end of support -->/.exec(readme) ?? [];
    expect(squeezed(table ?? '')).toBe(squeezed(supportTable()));
  });

  it.each(support.map((row) => [row.construct, row] as const))(
    'is true of %s',
    (_construct, { example, state }) => {
      const reading = read(`${example}\n`);
      const whole = reading.understood === reading.rules;
      expect({ whole, questions: hasQuestions(reading.firewall) }).toEqual({
        whole: state !== 'unknown',
        questions: state === 'condition' || state === 'unknown',
      });
      const errors = reading.diagnostics.filter(({ severity }) => severity === 'error');
      expect(errors.map(({ message }) => message)).toHaveLength(state === 'unknown' ? 1 : 0);
    },
  );
});
