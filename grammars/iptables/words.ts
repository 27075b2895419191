/** The words of one line, and whether a quote was left open. */
export interface Words {
  readonly words: readonly string[];
  readonly unterminated: boolean;
}

/**
 * Splits a line exactly as iptables-restore does (add_param_to_argv in iptables/xshared.c), which is not how a shell does it:
 * only `"` groups, inside it `\` takes the next character as it is, a closing quote ends the word, an open quote takes the rest.
 */
export function splitWords(text: string): Words {
  const words: string[] = [];
  let word = '';
  let inQuote = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (inQuote) {
      if (c === '\\') {
        i++;
        if (i < text.length) word += text[i]!;
      } else if (c === '"') {
        inQuote = false;
        words.push(word);
        word = '';
      } else {
        word += c;
      }
    } else if (c === '"') {
      inQuote = true;
    } else if (c === ' ' || c === '\t' || c === '\n') {
      if (word !== '') words.push(word);
      word = '';
    } else {
      word += c;
    }
  }
  if (word !== '') words.push(word);
  return { words, unterminated: inQuote };
}
