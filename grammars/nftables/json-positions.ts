/** Where each element of the array under the key `nftables` stands: `[start, end)` offsets, in order. Linear, strings respected. */
export function commandOffsets(text: string): readonly (readonly [start: number, end: number])[] {
  const found: [number, number][] = [];
  const key = /"nftables"\s*:\s*\[/.exec(text);
  if (key === null) return found;
  let depth = 0;
  let start = -1;
  for (let i = key.index + key[0].length; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) {
      if (start < 0) start = i;
      for (i++; i < text.length && text.charCodeAt(i) !== 34; i++) if (text.charCodeAt(i) === 92) i++;
    } else if (c === 123 || c === 91) {
      if (depth++ === 0 && start < 0) start = i;
    } else if (c === 125 || c === 93) {
      if (depth === 0) {
        if (start >= 0) found.push([start, text.slice(start, i).trimEnd().length + start]);
        return found;
      }
      depth--;
    } else if (c === 44 && depth === 0) {
      if (start >= 0) found.push([start, text.slice(start, i).trimEnd().length + start]);
      start = -1;
    } else if (start < 0 && c > 32) start = i;
  }
  return found;
}
