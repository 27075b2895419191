import type { Action } from '../../model/action.ts';
import type { Chain, ChainId, Rule } from '../../model/firewall.ts';
import type { Match } from '../../model/match.ts';
import type { Span } from '../../source/source.ts';

/** What every rule made from one written rule has in common. */
export interface RuleFace {
  readonly span: Span;
  readonly comment?: string | undefined;
  readonly label?: string | undefined;
}

/** Collects the chains and rules of one firewall and numbers the rules. */
export class RuleSink {
  readonly chains = new Map<ChainId, Chain>();
  private nextRule = 0;

  /** Opens a chain; rules are pushed onto the result. */
  open(chain: Omit<Chain, 'rules' | 'order'>): Rule[] {
    const rules: Rule[] = [];
    this.chains.set(chain.id, { ...chain, order: 'first-match', rules });
    return rules;
  }

  push(rules: Rule[], face: RuleFace, match: Match, action: Action): void {
    const { span, comment, label } = face;
    const id = this.nextRule++;
    // Nearly all have no label; spelling their objects out makes them in one step.
    if (label !== undefined)
      rules.push({
        id,
        span,
        match,
        action,
        enabled: true,
        ...(comment === undefined ? {} : { comment }),
        label,
      });
    else if (comment !== undefined) rules.push({ id, span, match, action, enabled: true, comment });
    else rules.push({ id, span, match, action, enabled: true });
  }

  /** The id of a chain that stands for a part of a rule. */
  freshId(base: ChainId): ChainId {
    let n = 1;
    while (this.chains.has(`${base}#${n}`)) n++;
    return `${base}#${n}`;
  }
}
