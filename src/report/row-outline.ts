import { faceInward } from '../packets/inward-interfaces.ts';
import { lazyRow, rowLists } from './lazy-row.ts';
import type { Exposure, PolicyVerdict, RuleReference } from './report.ts';

/**
 * What wording and findings need to know of a row's sources and rules. A row keeps these lists until they are asked for, since a large
 * rule set has thousands of rows of thousands of prefixes; this says enough about most of them.
 */
export interface RowOutline {
  readonly anySource: boolean;
  /** Sources as a number of prefixes, and the first few. */
  readonly prefixes: number;
  readonly firstPrefixes: readonly string[];
  /** `from` has at most so many prefixes of all kinds. */
  readonly paths: number;
  /** Every packet arrives on an interface that by its name faces inward. */
  readonly inward: boolean;
  /** Not every source gets to every destination by every interface. */
  readonly toSome: boolean;
  /** Following one packet tells the leading rule; else it takes all of the row's rules. */
  readonly leadsByPacket: boolean;
  /** The rule (or policy) that lets the row's witness in. */
  readonly leadingRule: RuleReference | undefined;
  /** The last of the row's rules; undefined among very many rules, where finding all takes long. */
  readonly lastRule: RuleReference | undefined;
  /** `from` is short enough to be written out. */
  readonly short: boolean;
}

const outlines = new WeakMap<Exposure, RowOutline>();

/** Remembers how to outline a row without working out its lists. */
export function setOutline(row: Exposure, outline: RowOutline): void {
  outlines.set(row, outline);
}

/** The row with what the policy says of it. Its lists stay to be worked out when they are asked for. */
export function withVerdict(row: Exposure, policy: PolicyVerdict | null): Exposure {
  const judged = lazyRow(row, rowLists(row), policy);
  const outline = outlines.get(row);
  if (outline !== undefined) outlines.set(judged, outline);
  return judged;
}

export function outlineOf(row: Exposure): RowOutline {
  const known = outlines.get(row);
  if (known !== undefined) return known;
  const sources = row.from.flatMap((element) => element.sources ?? []);
  return {
    anySource: row.from.some((element) => element.sources === undefined),
    prefixes: new Set(sources).size,
    firstPrefixes: sources.slice(0, 3),
    paths: row.from.length + sources.length,
    inward: row.from.every(({ inInterfaces }) => faceInward(inInterfaces)),
    toSome: row.from.some(
      ({ destinations, outInterfaces }) => destinations !== undefined || outInterfaces !== undefined,
    ),
    leadsByPacket: true,
    get leadingRule() {
      return row.rules[row.rules.length - 1];
    },
    get lastRule() {
      return row.rules[row.rules.length - 1];
    },
    short: true,
  };
}
