/** Characters that are written at once: a system call takes about as long for one as for all of them. */
const PIECE = 2 ** 20;
/** Characters of a report that still fit in memory beside what they are made from. */
const LONGEST = 2 ** 30;
/** Characters that a report takes at least for a source prefix: `"10.0.0.0/8",`. */
const OF_A_PREFIX = 12;

/** A report that lists each row's sources would be too long for anybody to read. `main.ts` tells it by its name. */
class ReportTooLong extends Error {
  override readonly name = 'ReportTooLong';

  /** `others`: formats that outline. */
  constructor(others: string) {
    super(
      'the report would be longer than 1 GiB, because this format lists all sources and destinations of every row; ' +
        `ask for one that outlines them (${others}), or for fewer rows (--direction)`,
    );
  }
}

/**
 * Pieces of a handy size. Throws `ReportTooLong`; at once if `prefixes`, so many of which are listed, alone make it so. `others`:
 * formats that outline.
 */
export function joinedPieces(pieces: Iterable<string>, others: string, prefixes = 0): readonly string[] {
  if (prefixes * OF_A_PREFIX > LONGEST) throw new ReportTooLong(others);
  const found: string[] = [];
  let waiting: string[] = [];
  let length = 0;
  let total = 0;
  for (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length < PIECE) continue;
    total += length;
    if (total > LONGEST) throw new ReportTooLong(others);
    found.push(waiting.join(''));
    waiting = [];
    length = 0;
  }
  found.push(waiting.join(''));
  return found;
}
