import { rangesMeet } from './address-set.ts';
import { axisIndex } from './axis-index.ts';
import { globMatches } from './glob.ts';
import type { AllowEntry, PolicyDiagnostic, PolicyEntry } from './policy-types.ts';

/** One error for each allow entry that a deny entry contradicts. */
export function overlapDiagnostics(
  allow: readonly AllowEntry[],
  deny: readonly PolicyEntry[],
): PolicyDiagnostic[] {
  if (deny.length === 0) return [];
  const index = axisIndex(deny, (entry) => entry.axis);
  return allow.flatMap((entry): PolicyDiagnostic[] => {
    const contradiction = index
      .meeting(entry.axis)
      .toSorted((a, b) => deny.indexOf(a) - deny.indexOf(b))
      .find(
        (other) =>
          other.direction === entry.direction && sourcesMeet(entry, other) && inputsMeet(entry, other),
      );
    if (contradiction === undefined) return [];
    return [
      {
        code: 'FW3011',
        severity: 'error',
        message: `this allows ${entry.portsText}, but ${contradiction.place} denies ${contradiction.portsText}: ${contradiction.reason}`,
        help: 'Narrow or remove one of the two; deny would win.',
        location: entry.location,
      },
    ];
  });
}

function sourcesMeet(a: PolicyEntry, b: PolicyEntry): boolean {
  if (a.from === undefined || b.from === undefined) return true;
  return rangesMeet(a.from.ipv4, b.from.ipv4) || rangesMeet(a.from.ipv6, b.from.ipv6);
}

/** Whether some input may match both is undecidable from the globs alone; equal ones, or one that matches the other, surely do. */
function inputsMeet(a: PolicyEntry, b: PolicyEntry): boolean {
  if (a.inputs === undefined || b.inputs === undefined) return true;
  const others = b.inputs;
  return a.inputs.some((one) =>
    others.some((other) => one === other || globMatches(one, other) || globMatches(other, one)),
  );
}
