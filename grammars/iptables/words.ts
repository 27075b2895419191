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
  /** Where the part of the word begins that has not been put to it. */
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inQuote) {
      if (c === BACKSLASH) {
        word += text.slice(from, i);
        from = ++i;
      } else if (c === QUOTE) {
        inQuote = false;
        words.push(word + text.slice(from, i));
        word = '';
        from = i + 1;
      }
    } else if (c === QUOTE) {
      inQuote = true;
      word += text.slice(from, i);
      from = i + 1;
    } else if (c === 32 || c === 9 || c === 10) {
      word += text.slice(from, i);
      if (word !== '') words.push(word);
      word = '';
      from = i + 1;
    }
  }
  word += text.slice(from);
  if (word !== '') words.push(word);
  return { words, unterminated: inQuote };
}

const QUOTE = 34;
const BACKSLASH = 92;
