import { textWidth, wrapText } from '../../diagnostics/text-width.ts';
import { visibleText } from '../../diagnostics/visible-text.ts';
import type { Style } from '../../reporters/terminal/style.ts';

/** A short document: what `explain` says, before it is text for a terminal or Markdown. */
export interface Page {
  readonly title: string;
  readonly sections: readonly Section[];
}

export interface Section {
  /** The empty string: follows the title. */
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  /** Terms with what is said of them. */
  | { readonly kind: 'rows'; readonly rows: readonly (readonly [term: string, says: string])[] }
  | { readonly kind: 'steps'; readonly steps: readonly string[] }
  /** Commands as typed; never wrapped. */
  | { readonly kind: 'code'; readonly label: string; readonly lines: readonly string[] };

/** The page for a terminal of `style.columns`; text of rules and of a user's registry is made harmless. */
export function terminalPage(page: Page, style: Style): string {
  const width = Math.max(40, Math.min(style.columns, 100));
  const lines = [style.bold(style.safe(page.title))];
  for (const section of page.sections) {
    if (section.title !== '') lines.push('', style.bold(section.title));
    for (const block of section.blocks) lines.push(...terminalBlock(block, width, style));
  }
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function terminalBlock(block: Block, width: number, style: Style): string[] {
  switch (block.kind) {
    case 'text':
      return indented(style.safe(block.text), '  ', '  ', width);
    case 'rows': {
      const column = Math.min(Math.max(...block.rows.map(([term]) => textWidth(term))), 30);
      return block.rows.flatMap(([term, says]) => {
        const pad = ' '.repeat(Math.max(0, column - textWidth(term)));
        return indented(style.safe(says), `  ${term}${pad}  `, ' '.repeat(column + 4), width);
      });
    }
    case 'steps':
      return block.steps.flatMap((step, i) => indented(step, `  ${i + 1}. `, '     ', width));
    case 'code':
      return [`  ${style.dim(block.label)}`, ...block.lines.map((line) => `    ${line}`)];
  }
}

function indented(text: string, first: string, rest: string, width: number): string[] {
  const lines = wrapText(text, width - textWidth(rest));
  return lines.length === 0 ? [first] : lines.map((line, i) => (i === 0 ? first : rest) + line);
}

/** The page as Markdown, title at the second level. */
export function markdownPage(page: Page): string {
  const parts = [`## ${escapeMarkdown(page.title)}`];
  for (const section of page.sections) {
    if (section.title !== '') parts.push(`### ${escapeMarkdown(section.title)}`);
    for (const block of section.blocks) parts.push(markdownBlock(block));
  }
  return `${parts.join('\n\n')}\n`;
}

function markdownBlock(block: Block): string {
  switch (block.kind) {
    case 'text':
      return escapeMarkdown(block.text);
    case 'rows':
      return block.rows
        .map(([term, says]) => `- **${escapeMarkdown(term)}**: ${escapeMarkdown(says)}`)
        .join('\n');
    case 'steps':
      return block.steps.map((step, i) => `${i + 1}. ${escapeMarkdown(step)}`).join('\n');
    case 'code':
      return `${escapeMarkdown(block.label)}\n\n\`\`\`\n${block.lines.join('\n')}\n\`\`\``;
  }
}

/** CommonMark section 2.4: a backslash before punctuation that would mean something. Addresses stay as they are. */
function escapeMarkdown(text: string): string {
  return visibleText(text)
    .split(' ')
    .map((word) => (/^https?:\/\//.test(word) ? word : word.replace(/[\\`*_[\]<>|]/g, '\\$&')))
    .join(' ');
}
