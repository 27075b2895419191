/** Section heads of `pfctl -sa`; only these hold rules. */
const ruleSections = new Set(['TRANSLATION RULES:', 'FILTER RULES:', 'ETH RULES:']);

/**
 * What pfctl says beside what it was asked for (pfctl.c of FreeBSD and macOS, pfctl_qstats.c), with standard error or copied from a terminal.
 * Other messages (`pfctl: DIOCGETRULES: …`) mean that something is missing and are left to be lines that are not understood.
 */
const message =
  /^(No ALTQ support in kernel|ALTQ related functions disabled|No queue in use|Loaded [0-9]+ passive OS fingerprints|pf (enabled|disabled)|pfctl: pf (already|not) enabled|pfctl: Use of -f option, could result in flushing of rules|present in the main ruleset added by the system at startup\.|See \/etc\/pf\.conf for further details\.|Token : [0-9]+)\s*$/;

/** The text with spaces instead of pfctl's messages: `pfctl -nvf` prints macros and options that only a file has, too. */
export function withoutMessages(text: string): string {
  if (!text.split('\n', 50).some((line) => message.test(line))) return text;
  return text
    .split('\n')
    .map((line) => (message.test(line) ? ' '.repeat(line.length) : line))
    .join('\n');
}

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
      if (!inRules || /^\s+\[ /.test(line) || message.test(line)) return ' '.repeat(raw.length);
      const number = /^\s*@[0-9]+(\([0-9]+\))?\s/.exec(line);
      return number === null ? raw : ' '.repeat(number[0].length) + raw.slice(number[0].length);
    })
    .join('\n');
}

const printedActions =
  /^\s*(@[0-9]+(\([0-9]+\))? )?((block (drop|return|return-rst|return-icmp6?)\b)|pass\b|match\b|scrub\b|anchor\b|ether (pass|block|match|anchor)\b|(no )?(nat|rdr|binat)\b|(nat|rdr|binat|dummynet)-anchor\b)/;

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
    if (bare === '' || bare === '}' || message.test(line)) continue;
    const unquoted = bare.replace(/"[^"]*"/g, '""');
    if (!printedActions.test(line) || /[$#\\]|\{(?! *$)/.test(unquoted)) return undefined;
    if (!/\ball\b|\bfrom\b.*\bto\b/.test(unquoted)) return undefined;
    if (
      /\bport [^=!<>]/.test(unquoted.replace(/ -> .*$|(rdr|nat|divert)-(to|packet) .*$/, '')) &&
      !/\bport \d+(:| ><| <>)/.test(unquoted)
    ) {
      return undefined;
    }
    rules++;
  }
  return rules > 0 ? 'pfctl-sr' : undefined;
}

/** Whether pf filters at all, as the INFO section of `pfctl -sa` says; undefined where the text does not. */
export function statusIn(
  text: string,
): { readonly enabled: boolean; readonly start: number; readonly end: number } | undefined {
  const found = /^Status: (Enabled|Disabled)\b/m.exec(text);
  if (found === null) return undefined;
  return { enabled: found[1] === 'Enabled', start: found.index, end: found.index + found[0].length };
}
