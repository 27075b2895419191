import type { Row } from '../analysis/rows.ts';
import type { Chain, Firewall, Rule, Stage } from '../model/firewall.ts';
import type { PortKnowledge } from '../ports/describe.ts';
import { protocolName } from './protocol-name.ts';
import { translationOfRow } from './row-translation.ts';
import { lazyRow, type RowLists } from './lazy-row.ts';
import { leadingDecision } from './leading-rule.ts';
import { setOutline } from './row-outline.ts';
import { TracedOutline } from './traced-outline.ts';
import type { Condition, Exposure, RuleReference, Scrutiny, Witness } from './report.ts';
import type { RuleReferences } from './rule-reference.ts';

/** Stands where a row's witness will be. */
const notFound: Witness = { source: '', destination: '' };
const noScrutiny: Scrutiny = { flag: false, level: 'none', reasons: [] };

export interface ExposureContext {
  readonly firewall: Firewall;
  readonly references: RuleReferences;
  readonly knowledge: PortKnowledge;
  /** Index of the report input that a rule's source is. */
  readonly inputOf: (source: number) => number | undefined;
  /** The input named by a row that no rule of any input decided. */
  readonly fallbackInput: number;
  /** How many inputs the host was read from. */
  readonly inputs: number;
  readonly ruleById: (id: number) => Rule | undefined;
  /** How many rules the firewall has. */
  readonly rules: number;
  /** Some rule of the firewall sends packets elsewhere. */
  readonly translates: boolean;
  /** Some rule does so with the packets that it accepts, once it has won (pf). */
  readonly translatesAccepted: boolean;
  /** Filled by the rows: many hang on the same few questions. */
  readonly conditions: Map<Row['questions'][number], Condition>;
  /** The same: few rules lead many rows. */
  readonly leadingRules: Map<Rule, RuleReference>;
}

/** The analysis' row as the report's. */
export function exposureOf(row: Row, context: ExposureContext): Exposure {
  const { entry, ports } = row;
  const { knowledge } = context;
  const single = row.protocols.length === 1 && row.protocols[0]![0] === row.protocols[0]![1];
  const protocol = single ? protocolName(row.protocols[0]![0]) : 'any';
  const { scope } = row.outline;
  const range = ports === undefined ? null : { from: ports[0], to: ports[1] };
  const known =
    range === null
      ? undefined
      : knowledge.describe({ protocol, ports: range, scope, direction: entry.direction });
  const translation = translationOfRow(row, context);
  const fields: Exposure = {
    input: inputOf(row, context),
    direction: entry.direction,
    family: entry.family,
    protocol,
    ...(single ? {} : { protocols: row.protocols.map(([from, to]) => ({ from, to })) }),
    ports: range,
    certainty: row.certainty,
    conditions: conditionsOf(row, context),
    from: [],
    scope,
    range: known?.range ?? null,
    assignment: null,
    uses: known?.uses ?? [],
    listings: known?.listings ?? [],
    scrutiny: known?.scrutiny ?? noScrutiny,
    policy: null,
    rules: [],
    ...(row.byDefault() ? { byDefault: true as const } : {}),
    witness: notFound,
    ...(translation === undefined ? {} : { translation }),
  };
  let listed: readonly RuleReference[] | undefined;
  const lists: RowLists = {
    from: () => row.from(),
    rules: () => (listed ??= rulesOf(row, context)),
    witness: row.witness,
    ...(known === undefined ? {} : { assignment: () => known.assignment }),
    cut: (cut) => exposureOf(row.part(cut), context),
  };
  const exposure = lazyRow(fields, lists, null);
  setOutline(exposure, new TracedOutline(row, exposure, context));
  return exposure;
}

function inputOf(row: Row, context: ExposureContext): number {
  const { inputOf: lookUp, fallbackInput, inputs, firewall } = context;
  if (inputs === 1) return fallbackInput;
  const leading = leadingDecision(row, context);
  const decisions = leading === undefined ? row.trace().decisions : [leading];
  for (let i = decisions.length - 1; i >= 0; i--) {
    const { rule, stage } = decisions[i]!;
    const source = rule?.span.source ?? firewall.chains.get(stage.chain)?.fallthroughSpan?.source;
    const input = source === undefined ? undefined : lookUp(source);
    if (input !== undefined) return input;
  }
  return fallbackInput;
}

function conditionsOf(row: Row, context: ExposureContext): readonly Condition[] {
  const { ruleById, references, conditions } = context;
  return row.questions.map((question) => {
    let condition = conditions.get(question);
    if (condition === undefined) {
      const { reason, rule } = question;
      const found = rule === undefined ? undefined : ruleById(rule);
      condition = found === undefined ? { text: reason } : { text: reason, rule: references.of(found) };
      conditions.set(question, condition);
    }
    return condition;
  });
}

/**
 * The rules that decided, stage by stage. Policies are named only where the host's own hook let packets in by nothing else; the empty
 * chains of other tables, which accept everything, would say nothing.
 */
function rulesOf(row: Row, { firewall, references }: ExposureContext): readonly RuleReference[] {
  const found = new Map<string, RuleReference>();
  const add = (reference: RuleReference): void => {
    found.set(`${reference.path}\0${reference.line}\0${reference.text}`, reference);
  };
  const decisions = [...row.trace().decisions].sort(
    (a, b) => (a.rule?.id ?? Infinity) - (b.rule?.id ?? Infinity),
  );
  for (const { rule } of decisions) if (rule !== undefined) add(references.of(rule));
  if (row.byDefault()) for (const chain of policiesOf(row, firewall)) add(references.ofFallthrough(chain));
  return [...found.values()];
}

function policiesOf(row: Row, firewall: Firewall): readonly Chain[] {
  const chainOf = (stage: Stage): Chain | undefined => firewall.chains.get(stage.chain);
  const isMain = ({ hook }: Stage): boolean => hook === 'input' || hook === 'forward' || hook === 'output';
  const { decisions } = row.trace();
  const byPolicy = decisions.filter(
    ({ rule, stage }) => rule === undefined && isMain(stage) && stage.kind === 'filter',
  );
  const chains = byPolicy.map(({ stage }) => chainOf(stage)).filter((chain) => chain !== undefined);
  const telling = chains.filter((chain) => chain.rules.length > 0);
  if (telling.length > 0) return telling;
  const anyRule = decisions.some(({ rule, stage }) => rule !== undefined && isMain(stage));
  return anyRule ? [] : chains.slice(-1);
}
