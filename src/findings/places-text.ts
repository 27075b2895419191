import { joinWithAnd } from '../report/row-text.ts';
import type { RuleReference } from '../report/report.ts';

/** `line 2, line 7 and rules.v6:3`; policies that are written nowhere by their name. The first three, and how many more. */
export function placesText(rules: readonly RuleReference[], path: string): string {
  const places = rules.map((one) =>
    one.line === 0 ? `the ${one.text}` : one.path === path ? `line ${one.line}` : `${one.path}:${one.line}`,
  );
  return joinWithAnd(places.length <= 3 ? places : [...places.slice(0, 3), `${places.length - 3} more`]);
}
