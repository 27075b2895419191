/** The lines of `text` between two offsets, without their line ends. */
export function* linesOf(
  text: string,
  from = 0,
  to = text.length,
): Generator<readonly [start: number, end: number]> {
  for (let start = from; start < to;) {
    let end = text.indexOf('\n', start);
    if (end < 0 || end > to) end = to;
    yield [start, end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end];
    start = end + 1;
  }
}
