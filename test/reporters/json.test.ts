import { expect, it } from 'vitest';
import { json } from '../../src/reporters/json.ts';
import { clean, hostile, options } from './hostile-report.ts';

it.each([
  ['with rows and findings', hostile],
  ['of empty lists', clean],
])('a report %s is written as JSON.stringify writes it, in pieces that make the whole', (_, report) => {
  const whole = `${JSON.stringify(report, null, 2)}\n`;
  expect(json.render(report, options)).toBe(whole);
  expect([...json.pieces!(report, options)].join('')).toBe(whole);
});
