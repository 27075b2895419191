import { uselessRules, type UselessRule as Found } from '../analysis/useless-rules.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Firewall, Rule } from '../model/firewall.ts';
import type { RuleReference } from '../report/report.ts';
import type { RuleReferences } from '../report/rule-reference.ts';
import type { UselessRule } from './finding-kind.ts';

/** The rules of one host that have no effect, as a report names them; `problems` says of what nothing is known. */
export function uselessRulesOf(
  firewall: Firewall,
  references: RuleReferences,
  maxNodes: number,
): { readonly rules: readonly UselessRule[]; readonly problems: readonly Diagnostic[] } {
  const { rules, tooComplex } = uselessRules(firewall, maxNodes);
  const named: UselessRule[] = [];
  const closed = new Map<string, { first: RuleReference; count: number }>();
  for (const one of rules) {
    const rule = references.of(one.rules[0]!);
    // A rule that no input writes (a format's own default) cannot be deleted either.
    if (rule.line === 0) continue;
    if (one.kind === 'dead' && one.why === 'chain') {
      const known = closed.get(one.chain.id);
      if (known === undefined) closed.set(one.chain.id, { first: rule, count: 1 });
      else known.count++;
      continue;
    }
    named.push(...describe(one, rule, references));
  }
  for (const [id, { first, count }] of closed) {
    const chain = firewall.chains.get(id)!.name;
    named.push({ kind: 'dead', rule: first, why: 'chain', chain, count });
  }
  return {
    rules: named.sort((a, b) => compare(a.rule.path, b.rule.path) || a.rule.line - b.rule.line),
    problems: tooComplex.map(({ entry, message }) => ({
      code: 'FW1007',
      severity: 'error',
      message: `${entry.direction}, ${entry.family}: ${message}; nothing is known of its rules' effect`,
      help: 'Raise --max-nodes if there is memory (about 30 bytes a node), or look at parts of the rule set.',
    })),
  };
}

function describe(one: Found, rule: RuleReference, references: RuleReferences): readonly UselessRule[] {
  const unique = (rules: readonly Rule[]): readonly RuleReference[] => {
    const found = new Map(rules.map((by) => references.of(by)).map((by) => [`${by.path}\0${by.line}`, by]));
    found.delete(`${rule.path}\0${rule.line}`);
    return [...found.values()];
  };
  switch (one.kind) {
    case 'dead':
      return one.why === 'chain'
        ? []
        : [{ kind: 'dead', rule, why: one.why, chain: one.chain.name, count: 1 }];
    case 'shadowed':
      return [{ kind: 'shadowed', rule, by: unique(one.by), opposed: isOpposed(one.rules[0]!, one.by) }];
    case 'redundant':
      return [
        {
          kind: 'redundant',
          rule,
          by: [
            ...unique(one.by),
            ...(one.policyOf === undefined ? [] : [references.ofFallthrough(one.policyOf)]),
          ],
        },
      ];
  }
}

/** The rules that decide instead do not all decide as this one would. */
function isOpposed(rule: Rule, by: readonly Rule[]): boolean {
  const own = side(rule);
  return own !== undefined && by.some((other) => side(other) !== undefined && side(other) !== own);
}

function side({ action }: Rule): 'let in' | 'kept out' | undefined {
  switch (action.kind) {
    case 'accept':
      return 'let in';
    case 'drop':
    case 'reject':
      return 'kept out';
    case 'change':
      return action.then === 'accept' ? 'let in' : undefined;
    default:
      return undefined;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
