/**
 * Does the glob match the path or one of its folders? `*` and `?` stay inside a name, `**` crosses folders, `[a-c]` and `{a,b}`
 * as in a shell. A folder stands for everything in it. Takes time in proportion to glob × path, whatever the glob.
 */
export function globMatches(glob: string, path: string): boolean {
  const names = normalizePath(path).split('/');
  return expandBraces(normalizePath(glob)).some((pattern) => {
    const parts = pattern.split('/');
    return names.some((_, index) => matchParts(parts, names.slice(0, index + 1)));
  });
}

/** Forward slashes, without `./` and empty parts; `a/../b` is `b`. */
export function normalizePath(path: string): string {
  const out: string[] = [];
  const absolute = path.startsWith('/');
  for (const part of path.replaceAll('\\', '/').split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && out.length > 0 && out[out.length - 1] !== '..') out.pop();
    else out.push(part);
  }
  return (absolute ? '/' : '') + out.join('/');
}

/** `{a,b}` alternatives, at most 256 of them; an unclosed brace is an ordinary character. */
function expandBraces(glob: string): string[] {
  let done: string[] = [''];
  let at = 0;
  while (at < glob.length) {
    const open = glob.indexOf('{', at);
    const close = open < 0 ? -1 : glob.indexOf('}', open);
    if (close < 0) return done.map((prefix) => prefix + glob.slice(at));
    const choices = glob.slice(open + 1, close).split(',');
    if (done.length * choices.length > 256) return done.map((prefix) => prefix + glob.slice(at));
    const literal = glob.slice(at, open);
    done = done.flatMap((prefix) => choices.map((choice) => prefix + literal + choice));
    at = close + 1;
  }
  return done;
}

function matchParts(parts: readonly string[], names: readonly string[]): boolean {
  return twoPointers(
    parts.length,
    names.length,
    (i) => parts[i] === '**',
    (i, j) => matchName(parts[i]!, names[j]!),
  );
}

function matchName(pattern: string, name: string): boolean {
  const tokens = pattern.match(/\[[^\]]+\]|[\s\S]/gu) ?? [];
  const letters = [...name];
  return twoPointers(
    tokens.length,
    letters.length,
    (i) => tokens[i] === '*' || tokens[i] === '**',
    (i, j) => matchLetter(tokens[i]!, letters[j]!),
  );
}

function matchLetter(token: string, letter: string): boolean {
  if (token === '?') return true;
  if (!token.startsWith('[') || token.length === 1) return token === letter;
  const negated = token[1] === '!' || token[1] === '^';
  const body = [...token.slice(negated ? 2 : 1, -1)];
  let hit = false;
  for (let i = 0; i < body.length; i++) {
    if (body[i + 1] === '-' && i + 2 < body.length) {
      if (letter >= body[i]! && letter <= body[i + 2]!) hit = true;
      i += 2;
    } else if (body[i] === letter) hit = true;
  }
  return hit !== negated;
}

/** Wildcard matching that goes back only to the last star, so it never takes exponential time. */
function twoPointers(
  patternLength: number,
  textLength: number,
  isStar: (i: number) => boolean,
  matches: (i: number, j: number) => boolean,
): boolean {
  let i = 0;
  let j = 0;
  let star = -1;
  let starText = 0;
  while (j < textLength) {
    if (i < patternLength && isStar(i)) {
      star = i++;
      starText = j;
    } else if (i < patternLength && matches(i, j)) {
      i++;
      j++;
    } else if (star >= 0) {
      i = star + 1;
      j = ++starText;
    } else return false;
  }
  while (i < patternLength && isStar(i)) i++;
  return i === patternLength;
}
