import { and, type Match } from '../../../model/match.ts';
import type { Family } from '../../../packets/fields.ts';
import type { Span } from '../../../source/source.ts';
import { packetUnknown } from '../lowering.ts';
import type { Workbench } from '../workbench.ts';
import { nftEffects, type NftEffect } from './nft-effects.ts';
import type { Simple, Status } from './tool-calls.ts';
import { unsettle } from './unsettle.ts';

/** Calls of nft beside those of iptables. They are not read: their tables may drop whatever iptables lets pass, and may be its own. */
export class NftCalls {
  private readonly bench: Workbench;
  private readonly conditions: readonly Match[];
  private reported = false;

  constructor(bench: Workbench, conditions: readonly Match[]) {
    this.bench = bench;
    this.conditions = conditions;
  }

  run(args: readonly string[], statement: Simple): Status {
    const span = this.bench.span(statement);
    const effects = nftEffects(args);
    for (const effect of effects) {
      if (effect.kind === 'clears') this.clear(effect.families, span);
      else this.unread(effect, span);
    }
    // What only prints or checks may fail.
    return effects.length === 0 ? undefined : true;
  }

  private unread(effect: NftEffect & { readonly kind: 'changes' }, span: Span): void {
    const { ruleset, runner, reporter, assumptions } = this.bench;
    runner.rules++;
    if (!this.reported)
      reporter.add(
        {
          code: 'FW1114',
          severity: 'error',
          message:
            'nft commands in a script of iptables commands are not read; the tables that they set up may drop what these rules let pass',
          help: 'Audit the loaded rules instead: nft list ruleset, which has those of iptables-nft as well.',
        },
        span,
      );
    this.reported = true;
    assumptions.add('Translations and marks that the nft commands of the script make are not considered');
    for (const family of effect.families) {
      if (effect.shared !== undefined)
        unsettle(
          this.bench,
          ruleset.table(family, effect.shared),
          `script: nft changes the table ${effect.shared}, which is that of iptables-nft`,
          span,
          this.conditions,
        );
      if (ruleset.unreadTables.has(family)) continue;
      ruleset.unreadTables.set(family, {
        id: ruleset.nextRuleId(),
        span,
        match: packetUnknown('script: tables of nft, which are not read'),
        action: { kind: 'drop' },
        enabled: true,
      });
    }
  }

  /** `nft flush ruleset` empties all tables of nft, those of iptables-nft among them, and none of iptables-legacy. */
  private clear(families: readonly Family[], span: Span): void {
    const { ruleset, runner, parser, lowerers } = this.bench;
    const condition = and(...this.conditions, packetUnknown('script: iptables is iptables-nft'));
    for (const table of ruleset.tables.values()) {
      if (!families.includes(table.family)) continue;
      runner.run(parser.options.readWords(['-F']), table, lowerers[table.family], span, condition);
      for (const { name, policy } of [...table.chains.values()])
        if (policy?.kind === 'drop') runner.setPolicy(table, span, name, 'ACCEPT', condition);
    }
    if (this.conditions.length === 0) for (const family of families) ruleset.unreadTables.delete(family);
  }
}
