/** Makes something the first time it is asked for. Building a grammar takes longer than reading a small file, so it is built once, for every file. */
export function whenNeeded<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
