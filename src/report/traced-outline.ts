import type { Row } from '../analysis/rows.ts';
import type { OutlinedSources } from '../analysis/source-outline.ts';
import type { ExposureContext } from './exposures.ts';
import { leadingRule, VERY_MANY } from './leading-rule.ts';
import type { Exposure, RuleReference } from './report.ts';
import type { RowOutline } from './row-outline.ts';

/** Up to so many source prefixes a row is written out where it is spoken of; beyond, it is outlined. */
const SHORT = 16;
/** The same for the ways through its diagram: few sources may get to many destinations, each source to others. */
const FEW = 256;

/** The outline of a row of the analysis. Each part is worked out when it is asked for: most reports show few of many rows. */
export class TracedOutline implements RowOutline {
  private readonly row: Row;
  private readonly exposure: Exposure;
  private readonly context: ExposureContext;
  private sources: OutlinedSources | undefined;
  private leading: { readonly rule: RuleReference | undefined } | undefined;

  constructor(row: Row, exposure: Exposure, context: ExposureContext) {
    this.row = row;
    this.exposure = exposure;
    this.context = context;
  }

  get anySource(): boolean {
    return this.outlined.any;
  }

  get prefixes(): number {
    return this.outlined.prefixes;
  }

  get firstPrefixes(): readonly string[] {
    return this.outlined.first;
  }

  get paths(): number {
    return this.row.outline.paths();
  }

  get inward(): boolean {
    return this.row.outline.inward;
  }

  get toSome(): boolean {
    return this.row.toSome();
  }

  get leadsByPacket(): boolean {
    return this.row.leading() !== undefined;
  }

  get leadingRule(): RuleReference | undefined {
    // Of one rule nobody need ask a packet which it is. Small reports look for all rules in any case.
    const isOne = this.context.rules <= VERY_MANY && this.exposure.rules.length === 1;
    return (isOne ? undefined : this.leadingOne) ?? this.lastOfAll;
  }

  get lastRule(): RuleReference | undefined {
    return this.context.rules > VERY_MANY ? undefined : this.lastOfAll;
  }

  get short(): boolean {
    return this.prefixes <= SHORT && this.paths <= FEW;
  }

  private get outlined(): OutlinedSources {
    return (this.sources ??= this.row.outline.sources());
  }

  private get leadingOne(): RuleReference | undefined {
    return (this.leading ??= { rule: leadingRule(this.row, this.context) }).rule;
  }

  private get lastOfAll(): RuleReference | undefined {
    const { rules } = this.exposure;
    return rules[rules.length - 1];
  }
}
