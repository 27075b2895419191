/** Characters in front of a rule. */
const mostBlanks = 256;

/** Behind separators and blanks; of many, in front of some. */
export function beginningOfRule(text: string, at: number): number {
  for (const stop = at + mostBlanks; at < stop; at++) {
    const c = text.charCodeAt(at);
    if (c !== 10 && c !== 59 && c !== 32 && c !== 9 && c !== 13) break;
  }
  return at;
}

/** Behind blanks that stay on the line. */
export function afterBlanks(text: string, at: number): number {
  for (let c = text.charCodeAt(at); c === 32 || c === 9 || c === 13; c = text.charCodeAt(++at));
  return at;
}

export function endOfDigits(text: string, at: number): number {
  for (let c = text.charCodeAt(at); c >= 48 && c <= 57; c = text.charCodeAt(++at));
  return at;
}

/** Where a counter with its numbers ends, as listings have it, that begins there; -1 if none does. */
export function endOfCounter(text: string, at: number): number {
  if (!text.startsWith('counter packets ', at)) return -1;
  const packets = at + 'counter packets '.length;
  const behind = endOfDigits(text, packets);
  if (behind === packets || !text.startsWith(' bytes ', behind)) return -1;
  const bytes = behind + ' bytes '.length;
  const end = endOfDigits(text, bytes);
  return end > bytes && endsRun(text.charCodeAt(end)) ? end : -1;
}

/** Digits, letters of hexadecimal numbers, a colon, a brace. */
export function mayBeLiteral(c: number): boolean {
  return (c >= 48 && c <= 58) || c === 123 || ((c | 32) >= 97 && (c | 32) <= 102);
}

/**
 * Where a run of characters without blanks ends; strings and braces belong to it with the blanks in them. -1 if it holds what no plain
 * rule has: variables, joined lines, braces over several lines.
 */
export function endOfRun(text: string, at: number): number {
  for (let open = false; ; at++) {
    const c = text.charCodeAt(at);
    if (c > 63 && c !== 92 && c < 123) continue;
    switch (c) {
      case 34:
        at = text.indexOf('"', at + 1);
        if (at < 0) return -1;
        break;
      case 36:
      case 92:
        return -1;
      case 123:
        if (open) return -1;
        open = true;
        break;
      case 125:
        if (!open) return at;
        open = false;
        break;
      case 32:
      case 9:
      case 13:
        if (open) break;
        return at;
      case 10:
      case 59:
      case 35:
        return open ? -1 : at;
      default:
        if (c !== c) return open ? -1 : at;
    }
  }
}

/** Whether a rule ends in front of the character: a newline, `;`, `}`, `#`, or NaN at the end of the text. */
export function endsRule(c: number): boolean {
  return c === 10 || c === 59 || c === 125 || c === 35 || c !== c;
}

/** Whether a run ends in front of the character, if nothing is open in it. */
export function endsRun(c: number): boolean {
  return c === 32 || c === 9 || c === 13 || endsRule(c);
}
