import {
  type ComparedEntry,
  type Comparison,
  compareEntries,
  type VerdictChange,
} from './analysis/compare.ts';
import { interpret, type Interpretation } from './analysis/interpret.ts';
import { markIsTracked } from './analysis/mark-is-tracked.ts';
import { packetIn } from './analysis/packet-in.ts';
import { packetOf } from './analysis/witness.ts';
import { oracleOf, wayTo, type World } from './analysis/worlds.ts';
import { rowsOf, type Row } from './analysis/rows.ts';
import { type AuditOptions, evaluateOptions, tooComplex } from './audit.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { FALSE, type Node } from './packets/bdd.ts';
import type { Direction, Family } from './packets/fields.ts';
import { builtInKnowledge, type PortKnowledge } from './ports/describe.ts';
import { inOrder, type ReadHostOptions, readHosts, type ReadHosts } from './read-hosts.ts';
import { decidingReferences } from './report/deciding-references.ts';
import type { Change, Decided, Difference, NotCompared } from './report/difference.ts';
import { protocolName } from './report/protocol-name.ts';
import { reportDiagnostic } from './report/report-diagnostic.ts';
import type { ReportDiagnostic } from './report/report.ts';
import { RuleReferences } from './report/rule-reference.ts';
import type { Source } from './source/source.ts';
import { version } from './version.ts';

/** One of the two states that are compared: all its sources describe one host. */
export interface DiffSide {
  readonly sources: readonly Source[];
  readonly options?: ReadHostOptions;
}

export type DiffOptions = Pick<
  AuditOptions,
  'directions' | 'loopback' | 'maxNodes' | 'localAddresses' | 'knowledge'
>;

/**
 * Exactly which packets change verdict, across formats if need be: of the packets that an audit speaks of, the first of a new flow as it
 * arrives, in every direction and family that both sides cover.
 */
export async function diff(
  before: DiffSide,
  after: DiffSide,
  options: DiffOptions = {},
): Promise<Difference> {
  const sides = [await readSide(before), await readSide(after)] as const;
  const knowledge = options.knowledge ?? builtInKnowledge();
  const found: (readonly Change[])[] = [];
  const notCompared: NotCompared[] = [];
  const problems: Diagnostic[] = [];
  for (const direction of options.directions ?? ['in', 'forward']) {
    for (const family of ['ipv4', 'ipv6'] as const) {
      const [old, fresh] = sides.map((side) => entryOf(side, direction, family));
      if (old !== undefined && fresh !== undefined) {
        try {
          found.push(changesOf([old, fresh], sides, options, knowledge));
        } catch (error) {
          problems.push(tooComplex(error, old.entry));
        }
      } else if (old !== undefined || fresh !== undefined)
        notCompared.push({ direction, family, missing: old === undefined ? 'before' : 'after' });
    }
  }
  const ladder = ['high', 'medium', 'low', 'note'];
  const changes = found.flat().sort((a, b) => ladder.indexOf(a.severity) - ladder.indexOf(b.severity));
  const count = (kind: Change['kind']): number => changes.filter((change) => change.kind === kind).length;
  return {
    schemaVersion: 1,
    tool: { name: 'fw-audit', version },
    before: sides[0].read.inputs,
    after: sides[1].read.inputs,
    changes,
    notCompared,
    diagnostics: [
      ...sides.flatMap(({ diagnostics }) => diagnostics),
      ...problems.map((one) => reportDiagnostic(one, [])),
    ],
    assumptions: [
      ...new Set(sides.flatMap(({ read }) => read.hosts.flatMap(({ firewall }) => firewall.assumptions))),
    ],
    summary: { opened: count('opened'), closed: count('closed'), conditions: count('conditions') },
  };
}

interface Side {
  readonly read: ReadHosts;
  readonly references: RuleReferences;
  readonly diagnostics: readonly ReportDiagnostic[];
}

async function readSide({ sources, options = {} }: DiffSide): Promise<Side> {
  const read = await readHosts(sources, { ...options, host: true });
  return {
    read,
    references: new RuleReferences(read.sources),
    diagnostics: inOrder(read.diagnostics).map((one) => reportDiagnostic(one, read.sources)),
  };
}

function entryOf({ read }: Side, direction: Direction, family: Family): ComparedEntry | undefined {
  const firewall = read.hosts[0]?.firewall;
  const entry = firewall?.entries.find((one) => one.direction === direction && one.family === family);
  return firewall === undefined || entry === undefined ? undefined : { firewall, entry };
}

function changesOf(
  entries: readonly [ComparedEntry, ComparedEntry],
  sides: readonly [Side, Side],
  options: DiffOptions,
  knowledge: PortKnowledge,
): readonly Change[] {
  const comparison = compareEntries(entries[0], entries[1], {
    ...evaluateOptions(options),
    loopback: options.loopback === true,
  });
  const tracked = entries.map(({ firewall, entry }) => markIsTracked(firewall, entry));
  return comparison.changes.flatMap((change) =>
    rowsIn(comparison, change).map(({ row, packets }): Change => {
      const { entry, ports } = row;
      const single = row.protocols.length === 1 && row.protocols[0]![0] === row.protocols[0]![1];
      const protocol = single ? protocolName(row.protocols[0]![0]) : 'any';
      const range = ports === undefined ? null : { from: ports[0], to: ports[1] };
      const { scope } = row.outline;
      const packet = packetIn(comparison.evaluation.space, packets, packetOf(row.entry, row.witness()));
      const conditions = comparison.conditions(packets);
      const decided = (i: 0 | 1, side: 'before' | 'after'): Decided =>
        decidedBy(sides[i], change[side], conditions[side], (world) =>
          interpret(entries[i].firewall, entries[i].entry, packet, {
            oracle: oracleOf(world),
            hostAddresses: options.localAddresses ?? [],
            markIsTracked: tracked[i]!,
          }),
        );
      return {
        ...kindOf(change),
        direction: entry.direction,
        family: entry.family,
        protocol,
        ...(single ? {} : { protocols: row.protocols.map(([from, to]) => ({ from, to })) }),
        ports: range,
        from: row.from(),
        scope,
        assignment:
          range === null
            ? null
            : (knowledge.describe({ protocol, ports: range, scope, direction: entry.direction }).assignment ??
              null),
        before: decided(0, 'before'),
        after: decided(1, 'after'),
        witness: row.witness(),
      };
    }),
  );
}

/** The packets of a change as an audit's rows, each with its packets. */
function rowsIn(
  { evaluation }: Comparison,
  { packets }: VerdictChange,
): readonly { readonly row: Row; readonly packets: Node }[] {
  let traced: Node = FALSE;
  const rows = rowsOf({
    ...evaluation,
    accepted: packets,
    // Nobody asks by which rules: a row's trace is asked for its packets.
    trace: (set) => {
      traced = set;
      return { decisions: [], translations: [] };
    },
    translations: () => [],
    byDefault: FALSE,
    leading: () => undefined,
    leadingOne: () => undefined,
  });
  return rows.map((row) => {
    row.trace();
    return { row, packets: traced };
  });
}

function kindOf({ before, after }: VerdictChange): Pick<Change, 'kind' | 'severity'> {
  if (before === after) return { kind: 'conditions', severity: 'low' };
  if (before === 'deny' || after === 'allow')
    return { kind: 'opened', severity: before === 'deny' && after === 'allow' ? 'high' : 'medium' };
  return { kind: 'closed', severity: 'medium' };
}

/** What one side does with a packet that `walk` follows, in a world where the open questions are answered so that the verdict holds. */
function decidedBy(
  { references }: Side,
  verdict: Decided['verdict'],
  conditions: readonly string[],
  walk: (world: World) => Interpretation,
): Decided {
  const way = wayTo(verdict === 'deny' ? 'drop' : 'accept', walk);
  return {
    verdict,
    ...(verdict === 'deny' && way.action !== 'accept' ? { action: way.action } : {}),
    rules: decidingReferences(way, references),
    conditions: verdict === 'conditional' ? conditions : [],
  };
}
