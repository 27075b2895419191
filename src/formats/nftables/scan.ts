import { type RuleShape, ShapedRule } from '../../../grammars/nftables/shaped-rule.ts';
import type { Expression, RuleSyntax, Statement } from '../../../grammars/nftables/syntax.ts';
import type { Family } from '../../packets/fields.ts';
import type { RulesetState } from './ruleset-state.ts';

/** Facts about a whole ruleset that single rules need. */
export interface RulesetFacts {
  /** The families whose connections some rule asks or changes, which turns their tracking on in the kernel (nf_ct_netns_get). */
  readonly tracked: ReadonlySet<Family>;
}

/** The IP families that a family of tables deals with. */
export function familiesOf(tableFamily: string): readonly Family[] {
  switch (tableFamily) {
    case 'ip':
      return ['ipv4'];
    case 'ip6':
      return ['ipv6'];
    case 'inet':
      return ['ipv4', 'ipv6'];
    default:
      return [];
  }
}

/** Marks the sets that rules change while packets pass, and looks for users of connection tracking. */
export function scanRuleset(state: RulesetState): RulesetFacts {
  const tracked = new Set<Family>();
  for (const table of state.tables.values()) {
    const shapes = new Set<RuleShape>();
    const visit = (rule: RuleSyntax): void => {
      if (rule instanceof ShapedRule) {
        // Literals decide nothing here.
        if (shapes.has(rule.shape)) return;
        shapes.add(rule.shape);
      }
      for (const statement of rule.shared ?? rule.statements) {
        if (statement.kind === 'update-set') {
          const set = table.sets.get(statement.set);
          if (set !== undefined) set.updated = true;
        }
        if (tracked.size < 2 && usesConnections(statement))
          for (const family of familiesOf(turnsOn(statement, table.family))) tracked.add(family);
        if (statement.kind === 'verdict' && 'block' in statement.verdict)
          statement.verdict.block.forEach(visit);
      }
    };
    for (const object of table.objects.values())
      if (object.type.startsWith('ct ')) for (const family of familiesOf(table.family)) tracked.add(family);
    for (const chain of table.chains.values())
      for (const rule of chain.rules) if (rule.kind === 'rule') visit(rule);
  }
  return { tracked };
}

/** A translation to an address turns on the tracking of that address's family only (nft_nat.c, nft_nat_init). */
function turnsOn(statement: Statement, tableFamily: string): string {
  if (statement.kind !== 'nat') return tableFamily;
  if (statement.family !== undefined) return statement.family;
  const { address } = statement;
  return address?.kind === 'ipv4' ? 'ip' : address?.kind === 'ipv6' ? 'ip6' : tableFamily;
}

function usesConnections(statement: Statement): boolean {
  switch (statement.kind) {
    case 'nat':
    case 'synproxy':
      return true;
    case 'match':
      return asks(statement.left);
    case 'vmap':
      return asks(statement.key);
    case 'assign':
      return asks(statement.target) || asks(statement.value);
    case 'update-set':
      return asks(statement.key);
    case 'condition':
      return statement.what === 'ct count';
    case 'effectless':
      return statement.what === 'flow';
    case 'xt':
      return trackingExtensions.has(statement.name);
    default:
      return false;
  }
}

/** Extensions of iptables that hold on to connection tracking (nf_ct_netns_get in their check functions). */
const trackingExtensions: ReadonlySet<string> = new Set(
  'conntrack state connmark connbytes connlabel connlimit helper cluster CONNMARK CT DNAT SNAT REDIRECT MASQUERADE NETMAP SYNPROXY'.split(
    ' ',
  ),
);

function asks(expression: Expression): boolean {
  switch (expression.kind) {
    case 'ct':
      return true;
    case 'concat':
      return expression.of.some(asks);
    case 'binary':
      return asks(expression.left) || asks(expression.right);
    case 'map':
      return asks(expression.key);
    default:
      return false;
  }
}
