import { chainActions } from './chain-actions.ts';
import { chainOrder } from './chain-order.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Firewall } from './firewall.ts';
import type { Match } from './match.ts';

/** What a rule set as a whole gets wrong: jumps to nowhere or in circles, sets that no input holds. */
export function checkReferences(firewall: Firewall): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const missingSets = new Set<string>();
  const roots = firewall.entries.flatMap((entry) => entry.stages.map((stage) => stage.chain));
  const order = chainOrder(firewall, roots);
  for (const chain of firewall.chains.values()) {
    const { called, calls } = chainActions(chain);
    const callsWrongly =
      [...called].some((id) => !firewall.chains.has(id)) ||
      calls.some(({ rule }) => order.backCalls.has(rule));
    for (const rule of chain.rules) {
      if (!callsWrongly && !namesOther(rule.match, firewall.sets)) continue;
      const { action, span } = rule;
      if ((action.kind === 'jump' || action.kind === 'goto') && !firewall.chains.has(action.chain)) {
        found.push({
          code: 'FW1009',
          severity: 'error',
          message: `chain ${nameOf(action.chain)} is not defined, so what it does to packets is unknown`,
          span,
          help: 'The real tool refuses this rule set. Give the export that defines the chain, with --host if it is another file.',
        });
      }
      if (order.backCalls.has(rule.id)) {
        const cycle = order.cycles.find((ids) => ids.includes(chain.id)) ?? [chain.id];
        found.push({
          code: 'FW1008',
          severity: 'error',
          message: `chains jump in a circle: ${[...cycle, cycle[0]!].map(nameOf).join(' → ')}`,
          span,
          help: 'The kernel refuses this rule set; take out one of these jumps.',
        });
      }
      forEachSet(rule.match, (set) => {
        if (firewall.sets.has(set) || missingSets.has(set)) return;
        missingSets.add(set);
        found.push({
          code: 'FW1010',
          severity: 'warning',
          message: `set ${set} is not in the input, so what it holds is unknown and every answer that hangs on it is "possible"`,
          span,
          help: 'Give its content: --ipset FILE with the output of `ipset save`, or --table NAME=FILE.',
        });
      });
    }
  }
  return found;
}

/** Chain ids end in the name users know. */
function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** Some set of the match is none of these. */
function namesOther(match: Match, sets: Firewall['sets']): boolean {
  if (match.kind === 'in-set') return !sets.has(match.set);
  if (match.kind === 'not') return namesOther(match.of, sets);
  if (match.kind !== 'and' && match.kind !== 'or') return false;
  for (let i = 0; i < match.of.length; i++) if (namesOther(match.of[i]!, sets)) return true;
  return false;
}

function forEachSet(match: Match, visit: (set: string) => void): void {
  if (match.kind === 'and' || match.kind === 'or') for (const part of match.of) forEachSet(part, visit);
  else if (match.kind === 'not') forEachSet(match.of, visit);
  else if (match.kind === 'in-set') visit(match.set);
}
