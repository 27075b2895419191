/**
 * The lines of a text between two offsets, without their line ends: `next` goes to one, which then lies between `start` and `end`.
 * For files of many lines, each of which costs little else.
 */
export class Lines {
  start = 0;
  end = 0;
  private readonly text: string;
  private readonly to: number;
  private following: number;

  constructor(text: string, from = 0, to = text.length) {
    this.text = text;
    this.to = to;
    this.following = from;
  }

  next(): boolean {
    const { text, to, following } = this;
    if (following >= to) return false;
    let end = text.indexOf('\n', following);
    if (end < 0 || end > to) end = to;
    this.start = following;
    this.end = end > following && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    this.following = end + 1;
    return true;
  }
}

/** The same, one by one. */
export function* linesOf(
  text: string,
  from = 0,
  to = text.length,
): Generator<readonly [start: number, end: number]> {
  for (const lines = new Lines(text, from, to); lines.next();) yield [lines.start, lines.end];
}
