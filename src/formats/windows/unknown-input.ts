import type { Source } from '../../source/source.ts';
import type { WindowsFacts } from './windows-rule.ts';
import { netshLanguages } from '../../../grammars/windows/netsh-languages.ts';

/** A netsh listing whose labels are in no table: says which labels were met, and reads no rule. */
export function unknownLanguage(source: Source): WindowsFacts {
  const ruler = /\r?\n-{70}[ \t]*\r?\n/.exec(source.text);
  const from = ruler === null ? 0 : source.text.lastIndexOf('\n', Math.max(0, ruler.index - 1)) + 1;
  const labels: string[] = [];
  for (const line of source.text.slice(from, from + 4096).split(/\r?\n/)) {
    if (line.trim() === '') break;
    const label = /^([^\s:：][^:：]{0,38})[:：]/.exec(line)?.[1];
    if (label !== undefined) labels.push(label.trim());
  }
  return {
    dialect: 'netsh-unknown',
    rules: [],
    profiles: [],
    diagnostics: [
      {
        code: 'FW1401',
        severity: 'error',
        message: `a netsh listing in a language or encoding that is not known; its labels are ${labels.map((label) => `“${label}”`).join(', ')}`,
        span: { source: source.id, start: from, end: from },
        help: `Known are ${netshLanguages.map(({ title }) => title).join(', ')}. Run “chcp 65001” before the export, or export as .reg or with the collector command that “fw-audit formats windows” prints.`,
      },
    ],
    assumptions: [],
  };
}

/** `--input-format windows` on a text that no kind of export fits. */
export function unknownKind(source: Source): WindowsFacts {
  return {
    dialect: 'unknown',
    rules: [],
    profiles: [],
    diagnostics: [
      {
        code: 'FW1003',
        severity: 'error',
        message: 'no kind of Windows Firewall export fits this text',
        span: { source: source.id, start: 0, end: 0 },
        help: 'fw-audit formats windows lists the kinds, and prints the collector command that exports everything at once.',
      },
    ],
    assumptions: [],
  };
}
