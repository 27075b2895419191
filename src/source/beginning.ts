/** Characters of a line that tell what a text is; nothing that does stands further right. */
const lineLimit = 2000;

/**
 * The first characters of a text, with the ends of long lines left out. Patterns that look for a word anywhere on a line try each place
 * of a line with each other one, which a line of a megabyte makes minutes of.
 */
export function beginningOf(text: string, length: number): string {
  const pieces: string[] = [];
  let kept = 0;
  let at = 0;
  while (at < length && at < text.length) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline + 1;
    if (end - at > lineLimit) {
      pieces.push(text.slice(kept, Math.min(at + lineLimit, length)));
      // Its line end stays: what follows begins a line.
      kept = newline < 0 ? end : newline;
    }
    at = end;
  }
  if (pieces.length === 0) return text.slice(0, length);
  if (kept < length) pieces.push(text.slice(kept, length));
  return pieces.join('');
}
