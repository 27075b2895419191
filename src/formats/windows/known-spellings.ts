import type { Firewall } from '../../model/firewall.ts';
import type { Match } from '../../model/match.ts';
import { spellingKey } from './program-path.ts';

/** The name by which a firewall's rules know what somebody else spells so; undefined if they do not speak of it. */
export type Spelling = (field: 'program' | 'service', text: string) => string | undefined;

/** Collects the programs and services that rules name. */
export function knownSpellings(firewall: Firewall): Spelling {
  const known = new Map<string, string>();
  const visit = (match: Match): void => {
    switch (match.kind) {
      case 'and':
      case 'or':
        match.of.forEach(visit);
        break;
      case 'not':
        visit(match.of);
        break;
      case 'name':
        if (match.field === 'program' || match.field === 'service')
          known.set(spellingKey(match.field, match.name), match.name);
        break;
      default:
        break;
    }
  };
  for (const chain of firewall.chains.values()) for (const rule of chain.rules) visit(rule.match);
  return (field, text) => known.get(spellingKey(field, text));
}
