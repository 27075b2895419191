import type { NetshLanguage } from '../../../grammars/windows/netsh-language.ts';
import { netshLanguages } from '../../../grammars/windows/netsh-languages.ts';

/** The languages whose name label or headings occur in the text. */
export function netshLanguageOf(text: string): NetshLanguage | undefined {
  for (const language of netshLanguages) {
    for (const label of language.labels.name) if (hasLabel(text, label)) return language;
  }
  for (const language of netshLanguages) {
    for (const headings of Object.values(language.headings)) {
      if (headings.some((heading) => hasLabel(text, heading))) return language;
    }
  }
  return undefined;
}

function hasLabel(text: string, label: string): boolean {
  for (let at = text.startsWith(label) ? 0 : text.indexOf(`\n${label}`) + 1; ;) {
    if (at === 0 && !text.startsWith(label)) return false;
    if (/^[ \u00a0]?[:：]/.test(text.slice(at + label.length, at + label.length + 2))) return true;
    const next = text.indexOf(`\n${label}`, at);
    if (next < 0) return false;
    at = next + 1;
  }
}
