import { all, and, type Match } from '../../model/match.ts';

/** More pairs of addresses than this stay one rule. */
const mostPairs = 4096;

/** True when the match's answer may differ from one place to the next, so that two rules must not share it. */
export function changes(match: Match): boolean {
  switch (match.kind) {
    case 'unknown':
      return match.scope === 'rule';
    case 'and':
    case 'or':
      return match.of.some(changes);
    case 'not':
      return changes(match.of);
    default:
      return false;
  }
}

/** One match for each pair of a source and a destination, in the order the tool adds them. */
export function conjunctions(
  parts: readonly Match[],
  sources: readonly Match[] = [all],
  destinations: readonly Match[] = [all],
): readonly Match[] {
  if (sources.length * destinations.length > mostPairs)
    return [and({ kind: 'or', of: sources }, { kind: 'or', of: destinations }, ...parts)];
  const matches: Match[] = [];
  for (const source of sources)
    for (const destination of destinations) matches.push(and(source, destination, ...parts));
  return matches;
}
