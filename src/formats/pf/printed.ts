/** Section heads of `pfctl -sa`; only these hold rules. */
const ruleSections = new Set(['TRANSLATION RULES:', 'FILTER RULES:', 'ETH RULES:']);

const noise =
  /^(\s+\[ .*|No ALTQ support in kernel|ALTQ related functions disabled|Loaded [0-9]+ passive OS fingerprints|pf (enabled|disabled)|pfctl: .*)$/;

/**
 * Makes rules out of what pfctl prints around them: counters of -v, `@12 ` numbers of -vv, the other sections of -sa. What is
 * removed becomes spaces, so every offset stays.
 */
export function onlyRules(text: string): string {
  const lines = text.split('\n');
  const sections = lines.some((line) => ruleSections.has(line.trim()));
  let inRules = true;
  return lines
    .map((raw) => {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      const bare = line.trim();
      if (sections && /^[A-Z][A-Z ]+:$/.test(bare)) {
        inRules = ruleSections.has(bare);
        return ' '.repeat(raw.length);
      }
      if (!inRules || noise.test(line)) return ' '.repeat(raw.length);
      const number = /^\s*@[0-9]+(\([0-9]+\))?\s/.exec(line);
      return number === null ? raw : ' '.repeat(number[0].length) + raw.slice(number[0].length);
    })
    .join('\n');
}

const printedActions =
  /^\s*(@[0-9]+(\([0-9]+\))? )?((block (drop|return|return-rst|return-icmp6?)\b)|pass\b|match\b|scrub\b|anchor\b|ether (pass|block|match|anchor)\b|(no )?(nat|rdr|binat)\b|(nat|rdr|binat)-anchor\b)/;

/**
 * Whether the text looks like what pfctl prints: `@n` numbers, counters or section heads; or rules only, each spelt as pfctl spells
 * them (`block drop`, `port = 22`, `all` or `from … to …` always written).
 */
export function looksPrinted(lines: readonly string[]): 'pfctl-sa' | 'pfctl-vvsr' | 'pfctl-sr' | undefined {
  if (lines.some((line) => ruleSections.has(line.trim()))) return 'pfctl-sa';
  if (
    lines.some(
      (line) =>
        /^\s*@[0-9]+(\([0-9]+\))? [a-z]/.test(line) ||
        /^\s+\[ (Evaluations|queue|qid=|Skip steps)/.test(line),
    )
  ) {
    return 'pfctl-vvsr';
  }
  let rules = 0;
  for (const line of lines) {
    const bare = line.trim();
    if (bare === '' || bare === '}') continue;
    if (!printedActions.test(line) || /[$#\\]|\{(?! *$)/.test(bare.replace(/"[^"]*"/g, ''))) return undefined;
    if (!/\ball\b|\bfrom\b.*\bto\b/.test(bare)) return undefined;
    if (
      /\bport [^=!<>]/.test(bare.replace(/ -> .*$|(rdr|nat|divert)-(to|packet) .*$/, '')) &&
      !/\bport \d+(:| ><| <>)/.test(bare)
    ) {
      return undefined;
    }
    rules++;
  }
  return rules > 0 ? 'pfctl-sr' : undefined;
}
