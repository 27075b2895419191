import type { Node } from './bdd.ts';

/**
 * A diagram for each (protocol, destination port): runs of `PortKeys` keys and what is left to say below these two fields.
 * `starts[0]` is 0; run `i` ends before `starts[i + 1]`; neighbours differ.
 */
export interface PortMap {
  readonly starts: readonly number[];
  readonly nodes: readonly Node[];
}

/** The map with each diagram replaced; equal diagrams are replaced once. */
export function mapNodes({ starts, nodes }: PortMap, replace: (node: Node) => Node): PortMap {
  const replaced = new Map<Node, Node>();
  const found: { starts: number[]; nodes: Node[] } = { starts: [], nodes: [] };
  nodes.forEach((node, i) => {
    let result = replaced.get(node);
    if (result === undefined) replaced.set(node, (result = replace(node)));
    if (found.nodes.at(-1) === result) return;
    found.starts.push(starts[i]!);
    found.nodes.push(result);
  });
  return found;
}

/** The number of the run that holds a key. */
export function runOf(starts: readonly number[], key: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= key) low = middle;
    else high = middle - 1;
  }
  return low;
}
