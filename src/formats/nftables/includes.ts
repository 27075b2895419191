import type { IncludeSyntax } from '../../../grammars/nftables/syntax.ts';
import type { Source } from '../../source/source.ts';
import type { ReadOptions } from '../format.ts';
import type { Reporter } from './reporter.ts';
import type { MissingInclude } from './ruleset-state.ts';

/** scanner.l: MAX_INCLUDE_DEPTH. */
const includeDepth = 16;

/** The files that a script includes, each relative to the one that names it. */
export class Includes {
  private source: Source;
  private readonly depth: number[] = [];
  private readonly find: ReadOptions['include'];
  private readonly reporter: Reporter;

  constructor(source: Source, find: ReadOptions['include'], reporter: Reporter) {
    this.source = source;
    this.find = find;
    this.reporter = reporter;
  }

  /** Reads an included file or says why not; what is returned stands for what it may hold. */
  read(command: IncludeSyntax, use: (source: Source) => void): MissingInclude | undefined {
    const { path, span } = command;
    const refuse = (reason: string): MissingInclude => {
      this.reporter.add('FW1202', 'error', `include "${path}" was not read: ${reason}`, span);
      return { kind: 'missing-include', path, span };
    };
    if (this.depth.length >= includeDepth)
      return refuse(`files include each other more than ${includeDepth} deep`);
    const sources = this.find(path, this.source);
    if (typeof sources === 'string') return refuse(sources);
    const outer = this.source;
    for (const source of sources) {
      this.source = source;
      this.depth.push(source.id);
      use(source);
      this.depth.pop();
    }
    this.source = outer;
    return undefined;
  }
}
