import { cutRow, isLazy, lazyRow, type RowCut } from './lazy-row.ts';
import type { Exposure } from './report.ts';
import { outlineOf, type RowOutline, setOutline } from './row-outline.ts';

/** What a row works out when it is asked for. */
export interface RowParts {
  readonly from: Exposure['from'];
  readonly rules: Exposure['rules'];
  readonly toSome: RowOutline['toSome'];
  readonly leadingRule: RowOutline['leadingRule'];
  readonly lastRule: RowOutline['lastRule'];
  /** Everything else of a row that is cut, with empty lists; undefined as long as nobody knows. */
  readonly fields: Exposure | undefined;
}

export type RowPart = keyof RowParts;

/** A row as plain data, which can be sent to another thread. Its parts are sent when they are asked for. */
export interface PackedRow {
  /** With empty lists, unless `outline` is absent: then the row has nothing to work out. */
  readonly row: Exposure;
  readonly outline?: Omit<RowOutline, 'leadsByPacket' | Exclude<RowPart, 'from' | 'rules' | 'fields'>>;
}

export function packRow(row: Exposure): PackedRow {
  if (!isLazy(row)) return { row };
  const plain: Partial<Record<keyof Exposure, unknown>> = {};
  for (const key of Object.keys(row) as (keyof Exposure)[])
    plain[key] = key === 'from' || key === 'rules' ? [] : row[key];
  const { anySource, prefixes, paths, firstPrefixes, inward, short } = outlineOf(row);
  return {
    row: plain as unknown as Exposure,
    outline: { anySource, prefixes, paths, firstPrefixes, inward, short },
  };
}

/** The row again, of another input number. What it is asked for comes from `part`. */
export function unpackRow(
  { row, outline }: PackedRow,
  input: number,
  part: <Name extends RowPart>(name: Name, cut?: RowCut) => RowParts[Name],
): Exposure {
  const placed = { ...row, input };
  if (outline === undefined) return placed;
  const cutTo = (cut: RowCut): Exposure =>
    lazyRow(
      { ...(part('fields', cut) ?? placed), input },
      { from: () => part('from', cut), rules: () => part('rules', cut) },
      null,
    );
  const lists = { from: () => part('from'), rules: () => part('rules'), cut: cutTo };
  const made = lazyRow(placed, lists, null);
  setOutline(made, {
    ...outline,
    leadsByPacket: true,
    get toSome() {
      return part('toSome');
    },
    get leadingRule() {
      return part('leadingRule');
    },
    get lastRule() {
      return part('lastRule');
    },
  });
  return made;
}

const workedOut: { readonly [Name in RowPart]: (row: Exposure) => RowParts[Name] } = {
  from: (row) => row.from,
  rules: (row) => row.rules,
  toSome: (row) => outlineOf(row).toSome,
  leadingRule: (row) => outlineOf(row).leadingRule,
  lastRule: (row) => outlineOf(row).lastRule,
  fields: (row) => packRow(row).row,
};

/** The parts that most reports ask for and that take little, so that they are sent along. */
export function quickParts(row: Exposure): readonly RowPart[] {
  if (!isLazy(row)) return [];
  const { short, leadsByPacket } = outlineOf(row);
  return [...(short ? (['from'] as const) : []), ...(leadsByPacket ? (['leadingRule'] as const) : [])];
}

/** Works the part out, of the whole row or of some of its packets. Throws `TooComplex`. */
export function partOf<Name extends RowPart>(row: Exposure, name: Name, cut?: RowCut): RowParts[Name] {
  return workedOut[name](cut === undefined ? row : cutRow(row, cut));
}
