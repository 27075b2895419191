import { programName } from './prefixes.ts';
import { toolOf } from './tools.ts';

/** Commands that print nothing. */
const silent = new Set(
  'true false : test [ [[ let local declare typeset readonly export unset read shift set cd return exit break continue trap sleep'.split(
    ' ',
  ),
);

/** Characters; a format that is printed for operand after operand may grow without bounds. */
const longestText = 20_000_000;

/** What a command prints, with the marks of what is not known in it; undefined where the script does not tell. `input` is what it reads. */
export function printedBy(words: readonly string[], input: () => string | undefined): string | undefined {
  const [first = '', ...args] = words;
  const name = programName(first);
  if (silent.has(name)) return '';
  switch (name) {
    case 'echo':
      return echoed(args);
    case 'printf':
      return formatted(args);
    case 'cat':
      return args.every((arg) => arg === '-') ? input() : undefined;
    default:
      break;
  }
  const tool = toolOf(words);
  const lists = args.some((arg) => /^(?:-[A-Za-z]*[LS][A-Za-z]*|--list.*|list|save)$/.test(arg));
  return tool === undefined || lists ? undefined : '';
}

function echoed(args: readonly string[]): string | undefined {
  const from = args.findIndex((arg) => !/^-[neE]+$/.test(arg));
  const options = args.slice(0, from < 0 ? args.length : from).join('');
  const text = args.slice(from < 0 ? args.length : from).join(' ');
  const end = options.includes('n') ? '' : '\n';
  // Without -e, shells differ in whether they read escapes.
  if (text.includes('\\') && !options.includes('e')) return undefined;
  const read = escaped(text);
  return read === undefined ? undefined : read + end;
}

/** `printf` with a text, or with `%s` for each of its operands. */
function formatted([format = '', ...operands]: readonly string[]): string | undefined {
  const read = escaped(format);
  const places = format.match(/%./g) ?? [];
  if (read === undefined || places.some((place) => place !== '%s')) return undefined;
  if (places.length === 0) return read;
  if ((read.length * operands.length) / places.length > longestText) return undefined;
  let text = '';
  for (let at = 0; at === 0 || at < operands.length; at += places.length) {
    let next = at;
    text += read.replace(/%s/g, () => operands[next++] ?? '');
  }
  return text;
}

function escaped(text: string): string | undefined {
  if (/\\[^nt\\]/.test(text)) return undefined;
  return text.replace(/\\([nt\\])/g, (_, letter: string) =>
    letter === 'n' ? '\n' : letter === 't' ? '\t' : '\\',
  );
}
