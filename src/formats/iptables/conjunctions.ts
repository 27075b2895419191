import { all, none, type Match } from '../../model/match.ts';

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

function conjunction(parts: readonly Match[]): Match {
  const kept: Match[] = [];
  for (const part of parts) {
    if (part.kind === 'none') return none;
    if (part.kind === 'and') kept.push(...part.of);
    else if (part.kind !== 'all') kept.push(part);
  }
  if (kept.length < 2) return kept[0] ?? all;
  // A copy has room for its elements only; a list that was pushed to has room for 17, which is most of a large rule set's memory.
  return { kind: 'and', of: kept.slice() };
}

/** One match for each pair of a source and a destination, in the order the tool adds them. */
export function conjunctions(
  parts: readonly Match[],
  sources: readonly Match[] = [all],
  destinations: readonly Match[] = [all],
): readonly Match[] {
  if (sources.length * destinations.length > mostPairs)
    return [conjunction([{ kind: 'or', of: sources }, { kind: 'or', of: destinations }, ...parts])];
  const matches: Match[] = [];
  for (const source of sources)
    for (const destination of destinations) matches.push(conjunction([source, destination, ...parts]));
  return matches;
}
