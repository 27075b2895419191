import type { AddressRange } from '../packets/fields.ts';
import type { Interval, IntervalSet } from '../packets/interval.ts';
import type { Exposure, PolicyVerdict } from './report.ts';

/** Some of a row's packets. What is absent stays as it is in the row. */
export interface RowCut {
  readonly ports?: Interval;
  readonly protocols?: IntervalSet;
  readonly sources?: readonly AddressRange[];
}

/** What is dear to work out of a row, so that it is done when it is asked for: its lists, and the rest where it is still to be found. */
export interface RowLists {
  readonly from: () => Exposure['from'];
  readonly rules: () => Exposure['rules'];
  readonly witness?: () => Exposure['witness'];
  readonly assignment?: () => Exposure['assignment'];
  /** The row of fewer packets: fewer rules decide them, and they may hang on less. */
  readonly cut?: (cut: RowCut) => Exposure;
}

const listsOf = new WeakMap<Exposure, RowLists>();

// One getter for all rows: V8 gives objects with getters of their own no common shape, and reads them several times as slowly.
const from = {
  enumerable: true,
  get(this: Exposure): Exposure['from'] {
    return listsOf.get(this)!.from();
  },
};
const rules = {
  enumerable: true,
  get(this: Exposure): Exposure['rules'] {
    return listsOf.get(this)!.rules();
  },
};
const witness = {
  enumerable: true,
  get(this: Exposure): Exposure['witness'] {
    return listsOf.get(this)!.witness!();
  },
};

const assignment = {
  enumerable: true,
  get(this: Exposure): Exposure['assignment'] {
    return listsOf.get(this)!.assignment!();
  },
};

/** The row with these lists and this verdict for its own, in the order of its keys. */
export function lazyRow(row: Exposure, lists: RowLists, policy: PolicyVerdict | null): Exposure {
  const lazy: Partial<Record<keyof Exposure, unknown>> = {};
  for (const key of Object.keys(row) as (keyof Exposure)[]) {
    if (key === 'from') Object.defineProperty(lazy, key, from);
    else if (key === 'rules') Object.defineProperty(lazy, key, rules);
    else if (key === 'witness' && lists.witness !== undefined) Object.defineProperty(lazy, key, witness);
    else if (key === 'assignment' && lists.assignment !== undefined)
      Object.defineProperty(lazy, key, assignment);
    else lazy[key] = key === 'policy' ? policy : row[key];
  }
  const made = lazy as Exposure;
  listsOf.set(made, lists);
  return made;
}

/** The row with other values. Lists that are not among them stay to be worked out when they are asked for. */
export function changedRow(row: Exposure, { from, ...others }: Partial<Omit<Exposure, 'rules'>>): Exposure {
  const { witness: found, assignment: assigned, ...lists } = rowLists(row);
  return Object.assign(
    lazyRow(
      row,
      {
        ...lists,
        ...(from === undefined ? {} : { from: () => from }),
        ...(found === undefined || others.witness !== undefined ? {} : { witness: found }),
        ...(assigned === undefined || others.assignment !== undefined ? {} : { assignment: assigned }),
      },
      row.policy,
    ),
    others,
  );
}

/** The row of some of its packets; a row that knows nothing of its packets stays whole. */
export function cutRow(row: Exposure, cut: RowCut): Exposure {
  return rowLists(row).cut?.(cut) ?? row;
}

export function isLazy(row: Exposure): boolean {
  return listsOf.has(row);
}

/** What the row's lists are worked out by; those of a row that has them already. */
export function rowLists(row: Exposure): RowLists {
  return listsOf.get(row) ?? { from: () => row.from, rules: () => row.rules };
}
