import type { FindingContext } from './finding-kind.ts';

/** What several kinds of findings look at, worked out for the first of them. */
export function oncePerContext<T>(find: (context: FindingContext) => T): (context: FindingContext) => T {
  const known = new WeakMap<FindingContext, { readonly found: T }>();
  return (context) => {
    let one = known.get(context);
    if (one === undefined) known.set(context, (one = { found: find(context) }));
    return one.found;
  };
}
