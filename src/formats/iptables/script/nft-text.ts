import { isUnresolved, unresolvedMark } from '../lowering.ts';

/**
 * Text for nft in which the shell puts values that are not known, as nft would see it if they were variables of its own: then what hangs
 * on them is possible, and they can be given with --define. The whole word becomes the variable.
 */
export function withVariables(text: string): string {
  if (!isUnresolved(text)) return text;
  let done = '';
  let left = text;
  for (;;) {
    const at = left.indexOf(unresolvedMark);
    if (at < 0) return done + left;
    const before = left.slice(0, at);
    const { name, length } = expansionAt(left, at + 1);
    const after = left.slice(at + 1 + length);
    const string = /"[^"\n]*$/.exec(before);
    const isString = string !== null && countOf(before, '"') % 2 === 1;
    if (isString) {
      const end = after.search(/["\n]/);
      const isNote = /(?:comment|prefix)\s*$/.test(before.slice(0, string.index));
      // What is only told to people may be anything.
      done += isNote ? before + name : `${before.slice(0, string.index)}$${name}`;
      left = isNote ? after : after.slice(end < 0 ? after.length : after[end] === '"' ? end + 1 : end);
      continue;
    }
    const head = /(?<![\w.:/-])[\w.:/-]*$/.exec(before)?.[0] ?? '';
    let rest = after;
    for (;;) {
      rest = rest.replace(/^[\w.:/-]*/, '');
      if (!rest.startsWith(unresolvedMark)) break;
      rest = rest.slice(1 + expansionAt(rest, 1).length);
    }
    done += `${before.slice(0, before.length - head.length)}$${name}`;
    left = rest;
  }
}

function countOf(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** The expansion that is written at a place, and a name for its value. */
function expansionAt(text: string, at: number): { readonly name: string; readonly length: number } {
  const plain = /^\$(\w+)/.exec(text.slice(at, at + 65));
  if (plain !== null) return { name: nameFor(plain[1] ?? ''), length: plain[0].length };
  const open = text[at + 1] ?? '';
  if (open === '(' || open === '{') {
    const close = open === '(' ? ')' : '}';
    let depth = 0;
    for (let i = at + 1; i < text.length; i++) {
      if (text[i] === open) depth++;
      else if (text[i] === close && --depth === 0) {
        const inner = text.slice(at + 2, i);
        const name = open === '{' ? inner : inner.startsWith('(') ? 'number' : `output_of_${inner}`;
        return { name: nameFor(name), length: i + 1 - at };
      }
    }
  }
  return { name: 'arguments', length: Math.min(2, text.length - at) };
}

function nameFor(written: string): string {
  const name = /[A-Za-z]\w*|\d+/.exec(written)?.[0] ?? 'arguments';
  return /^\d/.test(name) ? `argument_${name}` : name;
}
