import type { CommandWord } from '../../../grammars/windows/netsh-commands.ts';
import type { Written } from './windows-rule.ts';

/**
 * `key=value` words, also with blanks around the sign: Microsoft's own manuals of SQL Server write `dir = in localport = 1433`. A word
 * without `=` belongs to the value before it (`localport=80, 443`).
 */
export function settingsOf(words: readonly CommandWord[]): Map<string, Written> {
  const settings = new Map<string, Written>();
  let last: string | undefined;
  for (let i = 0; i < words.length; i++) {
    const { text: written, at } = words[i]!;
    if (/^\d?>|^#/.test(written)) break;
    const text = withoutBlockEnd(written);
    const equals = text.indexOf('=');
    const next = words[i + 1];
    if (equals > 0) {
      last = text.slice(0, equals).toLowerCase();
      const isApart = equals === text.length - 1 && next !== undefined && !/[=>#]/.test(next.text);
      settings.set(last, isApart ? valueOf(next) : { text: text.slice(equals + 1), at: at + equals + 1 });
      if (isApart) i++;
    } else if (equals < 0 && next?.text.startsWith('=') === true) {
      last = text.toLowerCase();
      const value = next.text === '=' ? words[i + 2] : { text: next.text.slice(1), at: next.at + 1 };
      settings.set(last, value === undefined ? { text: '', at: next.at } : valueOf(value));
      i += next.text === '=' ? 2 : 1;
    } else if (last !== undefined) {
      const before = settings.get(last)!;
      settings.set(last, { text: before.text + text, at: before.at });
    }
  }
  return settings;
}

function valueOf({ text, at }: CommandWord): Written {
  return { text: withoutBlockEnd(text), at };
}

/** A bracket that closes a block of the script: `(netsh … localport=80)`. */
function withoutBlockEnd(text: string): string {
  if (!/[)}]$/.test(text)) return text;
  let end = text.length;
  let extra = (text.match(/[)}]/g)?.length ?? 0) - (text.match(/[({]/g)?.length ?? 0);
  while (extra-- > 0 && /[)}]/.test(text[end - 1] ?? '')) end--;
  return text.slice(0, end);
}
