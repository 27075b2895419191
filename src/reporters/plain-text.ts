const unprintable =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g;

/**
 * Comments, chain names and rule texts come from files that anybody may have written. Control characters and bidirectional
 * overrides are written as `\u{…}`, so that no output can be steered by an input.
 */
export function visible(text: string): string {
  return wellFormed(text).replace(
    unprintable,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

/** Half of a surrogate pair alone is no character: U+FFFD stands for it. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** On one line. */
export function oneLine(text: string): string {
  const lines = text.split(/[\r\n]+/);
  const last = lines.length - 1;
  if (last === 0) return visible(text.replaceAll('\t', ' '));
  // Cut by hand: a pattern for blanks before a line end looks through a long run of them from each of its characters.
  const cut = lines.map((line, i) =>
    i === 0 ? line.trimEnd() : i === last ? line.trimStart() : line.trim(),
  );
  return visible(
    cut
      .filter((line, i) => i === 0 || i === last || line !== '')
      .join(' ')
      .replaceAll('\t', ' '),
  );
}

/** The five characters that mean something in HTML and XML, in text and in attributes. */
export function escapeMarkup(text: string): string {
  return visible(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
