import { styleText } from 'node:util';
import { visibleText } from '../../diagnostics/visible-text.ts';
import type { Severity } from '../../report/report.ts';

/** How the terminal report may look: colours or none, symbols or ASCII. */
export interface Style {
  readonly unicode: boolean;
  readonly columns: number;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly mark: (severity: Severity, text: string) => string;
  readonly bad: (text: string) => string;
  /** Text from an input, made harmless. */
  readonly safe: (text: string) => string;
  readonly separator: string;
  readonly ellipsis: string;
  readonly arrow: string;
}

type Format = Parameters<typeof styleText>[0];

const markFormats: Readonly<Record<Severity, Format | undefined>> = {
  high: ['bold', 'red'],
  medium: ['yellow'],
  low: ['cyan'],
  note: undefined,
  none: undefined,
};

export function styleFor(color: boolean, unicode: boolean, columns: number): Style {
  // Whether to colour is the caller's decision; styleText must not look at the stream again.
  const paint = (format: Format, text: string): string =>
    color ? styleText(format, text, { validateStream: false }) : text;
  return {
    unicode,
    columns,
    bold: (text) => paint('bold', text),
    dim: (text) => paint('dim', text),
    mark: (severity, text) => {
      const format = markFormats[severity];
      return format === undefined ? text : paint(format, text);
    },
    bad: (text) => paint('red', text),
    safe: (text) => visibleText(text, { ascii: !unicode }),
    separator: unicode ? ' · ' : ' - ',
    ellipsis: unicode ? '…' : '...',
    arrow: unicode ? '→' : '->',
  };
}

/** The sign at the margin; loudness, not colour, carries the meaning. */
export function severityMark(severity: Severity, unicode: boolean): string {
  switch (severity) {
    case 'high':
      return '!!';
    case 'medium':
      return ' !';
    case 'low':
      return unicode ? ' ·' : ' -';
    case 'note':
    case 'none':
      return '  ';
  }
}
