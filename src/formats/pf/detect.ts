import type { Source } from '../../source/source.ts';
import type { Detection } from '../format.ts';
import { interfaceList, looksLikeInterfaces } from './interface-list.ts';
import { looksPrinted } from './printed.ts';

/** Lines that only pf writes so. */
const certain =
  /^\s*(@[0-9]+(\([0-9]+\))? )?((pass|block|match)( (drop|return|return-rst|return-icmp6?)(\([^)]*\))?)?( (in|out|quick|log|on|inet6?|proto|from|to|all)\b|\s*\\?$)|antispoof\b.* for\b|set (skip on|block-policy|state-policy|loginterface|optimization|limit|timeout)\b|table <|(nat|rdr|binat)(-anchor)? .*( on |"| ->)|no (nat|rdr|binat|scrub)\b|scrub (in|out|on|all|from)\b|load anchor\b|anchor ["a-zA-Z]|(nat|rdr|binat|scrub|dummynet)-anchor\b|altq on\b|queue +\S+ on \S+ (bandwidth|priority|priq|cbq|hfsc|fairq)\b|ether (pass|block|anchor)\b)/;
/** Lines that fit pf and other things, too. */
const likely = /^\s*([A-Za-z_][A-Za-z0-9_]*\s*=\s*["'{A-Za-z0-9$]|queue \w|\}|include ")/;

/** How many lines are looked at. */
const sample = 400;

/** The lines that are not comments, continued ones left out. */
function telling(source: Source): string[] {
  const lines: string[] = [];
  let continued = false;
  for (const line of source.text.slice(0, 200_000).split(/\r?\n/)) {
    const partOfLast = continued;
    continued = line.endsWith('\\');
    if (!partOfLast && line.trim() !== '' && !/^\s*#/.test(line)) lines.push(line);
    if (lines.length >= sample) break;
  }
  return lines;
}

/** `pf.conf`, or which output of pfctl the text is. */
export function formOf(source: Source): string {
  const lines = telling(source);
  return looksLikeInterfaces(lines) ? interfaceList : (looksPrinted(lines) ?? 'pf.conf');
}

/** How well a text fits pf, and whether it is a file for pfctl or its output. Loads no grammar. */
export function detectPf(source: Source): Detection | undefined {
  const lines = telling(source);
  if (lines.length > 0 && looksLikeInterfaces(lines)) return { score: 0.9, dialect: interfaceList };
  const sure = lines.filter((line) => certain.test(line)).length;
  const fits = sure + lines.filter((line) => !certain.test(line) && likely.test(line)).length;
  if (sure === 0) return undefined;
  const score = Math.min(0.98, 0.4 + 0.5 * (fits / lines.length) + (sure > 1 ? 0.08 : 0));
  return { score, dialect: looksPrinted(lines) ?? 'pf.conf' };
}
