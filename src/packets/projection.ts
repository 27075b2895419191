import type { Node } from './node-table.ts';
import type { Engine } from './start-engine.ts';

/** What sets say of the sources of those of their packets that are in a filter. The engine remembers what sets share. */
export class Projection {
  private readonly engine: Engine;
  private readonly handle: number;

  /** `filter` asks for nothing above the sources, `lastSource` the lowest of their levels. */
  constructor(engine: Engine, filter: Node, lastSource: number) {
    this.engine = engine;
    this.handle = engine.newProjection(filter, lastSource);
  }

  /** The sources, whatever the levels are that `Bdd.leaveOut` was told. */
  sources(set: Node): Node {
    return this.engine.sources(this.handle, set);
  }

  /** How many they are, as a part of all addresses: a double, exact up to 53 bits. The set asks for nothing above the source. */
  share(set: Node): number {
    return this.engine.share(this.handle, set);
  }

  /** The same for the sources that are in `ranges` too: a few prefixes, so that few pairs are met. */
  shareWithin(set: Node, ranges: Node): number {
    return this.engine.shareWithin(this.handle, set, ranges);
  }
}
