/** How many addresses a network of each length has. In a table: powers of doubles took a hundredth of an audit. */
const sizes = Array.from({ length: 33 }, (_, length) => 2 ** (32 - length));

/**
 * The network that the text from `start` to `end` names as a plain `a.b.c.d` or `a.b.c.d/length` in decimal, which is how nearly every
 * address is written: the quick way of each format's own reader. Its lowest address times 64, plus the length (1 to 32); -1 for anything
 * else.
 */
export function plainNetwork(text: string, start = 0, end = text.length): number {
  let value = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  let at = start;
  for (; at < end; at++) {
    const c = text.charCodeAt(at);
    if (c >= 48 && c <= 57) {
      if (digits > 0 && part === 0) return -1;
      part = part * 10 + (c - 48);
      if (++digits > 3) return -1;
    } else if (c === 46 && digits > 0 && part <= 255 && dots < 3) {
      value = value * 256 + part;
      part = 0;
      digits = 0;
      dots++;
    } else break;
  }
  if (dots !== 3 || digits === 0 || part > 255) return -1;
  value = value * 256 + part;
  if (at === end) return value * 64 + 32;
  if (text.charCodeAt(at) !== 47) return -1;
  let length = 0;
  const first = at + 1;
  for (at++; at < end; at++) {
    const c = text.charCodeAt(at);
    if (c < 48 || c > 57 || at > first + 1 || (at > first && length === 0)) return -1;
    length = length * 10 + (c - 48);
  }
  if (at === first || length === 0 || length > 32) return -1;
  return (value - (value % sizes[length]!)) * 64 + length;
}
