import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { coreOptions, matchModules, targetModules } from '../../../grammars/iptables/modules.ts';
import { supportTable } from '../../../src/formats/iptables/support-table.ts';
import { matchSupport, optionSupport, targetSupport } from '../../../src/formats/iptables/support.ts';

test('the README of the grammar holds the table that the lowering goes by', () => {
  const readme = readFileSync(new URL('../../../grammars/iptables/README.md', import.meta.url), 'utf8');
  expect(readme).toContain(supportTable());
});

test('what the grammar reads is lowered, and nothing else is promised', () => {
  expect([...matchSupport.keys()].sort()).toEqual([...matchModules.keys()].sort());
  expect([...targetSupport.keys()].sort()).toEqual([...targetModules.keys()].sort());
  const names = new Set([...coreOptions.values()].map((option) => option.name));
  expect([...optionSupport.keys()].sort()).toEqual([...names].sort());
});
