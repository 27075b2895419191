export type Delimiter = ',' | ';' | '\t';

/** The delimiter of a header line: the one that divides it into most columns. */
export function delimiterOf(header: string): Delimiter {
  const candidates: readonly Delimiter[] = ['\t', ';', ','];
  let best: Delimiter = ',';
  let most = 0;
  for (const candidate of candidates) {
    const count = header.split(candidate).length;
    if (count > most) {
      best = candidate;
      most = count;
    }
  }
  return best;
}
