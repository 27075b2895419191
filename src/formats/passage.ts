import type { FormatName } from '../model/firewall.ts';
import type { Match } from '../model/match.ts';
import type { Span } from '../source/source.ts';

/**
 * Text of another format that a source holds or makes, for instance what a shell script gives to nft. It is read by that format, and both
 * are one firewall.
 */
export interface Passage {
  readonly format: FormatName;
  readonly dialect: string;
  readonly pieces: readonly PassagePiece[];
}

/** Some of a passage that comes from one place. */
export interface PassagePiece {
  readonly text: string;
  readonly origin: Span;
  /** The text stands there as it is here, so that places in it are places there. */
  readonly exact: boolean;
  /** Without it, the text is not there. */
  readonly condition?: Match;
}
