// The packet-set engine: what `NodeTable`, `Bdd` and `DecisionLists` call. Compiled to WebAssembly by AssemblyScript, see scripts/build-engine.mjs.

import { beginLists } from './lists';
import { begin as beginNodes } from './nodes';
import { beginPaths } from './projections';

export { after, allow, begun, chain, like, newLeaf, node, nodesAt, size, stretch } from './nodes';
export { combine } from './operations';
export { leaveOut, newProjection, paths, share, shareWithin, sources } from './projections';
export { addList, beginTask, build, endsAt, resetLists, runsAt, setAlike, setFinished } from './lists';

/** As `NodeTable`'s constructor. */
export function begin(maxNodes: i32, expected: i32): void {
  beginNodes(maxNodes, expected);
  beginLists();
  beginPaths();
}
