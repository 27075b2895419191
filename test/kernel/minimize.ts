/**
 * Delta debugging by lines: the smallest text of which `fails` is still true, as far as leaving out runs of lines can find it.
 * Frame lines (tables, chains, braces, COMMIT) are tried too: a text that no longer loads simply does not fail in the same way.
 */
export async function minimizeLines(
  text: string,
  fails: (candidate: string) => Promise<boolean>,
): Promise<string> {
  let lines = text.split('\n');
  for (let size = Math.max(1, lines.length >> 1); ;) {
    let shorter = false;
    for (let at = 0; at < lines.length;) {
      const candidate = [...lines.slice(0, at), ...lines.slice(at + size)];
      if (candidate.length > 0 && (await fails(candidate.join('\n')))) {
        lines = candidate;
        shorter = true;
      } else {
        at += size;
      }
    }
    if (size > 1) size >>= 1;
    else if (!shorter) return lines.join('\n');
  }
}
