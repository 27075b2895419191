import { type LineShape, lineShape } from './line-shape.ts';
import { OptionReader } from './option-reader.ts';
import type { Problem, RestoreLine } from './syntax.ts';
import { splitWords } from './words.ts';

const expected = 'a table, a chain, a rule or COMMIT';

/** Reads iptables-save text line by line. Keeps nothing of a line but the options it has in common with others. */
export class RestoreParser {
  readonly options = new OptionReader();

  /** Reads one line without its line end. */
  parse(line: string): RestoreLine {
    // A comment only in column 0 (iptables-restore.c); elsewhere `#` is an ordinary character.
    if (line.charCodeAt(0) === 35) return { kind: 'comment', text: line };
    const shape: LineShape = lineShape(line);
    switch (shape.kind) {
      case 'command':
        return { kind: 'command', command: this.options.readItems(shape.items) };
      case 'irregular':
        return this.parseIrregular(line);
      case 'unknown':
        return { kind: 'unknown', expected };
      case 'blank':
      case 'commit':
      case 'table':
      case 'chain':
        return shape;
    }
  }

  /** A line with quotes in unusual places or words where an option should be: the exact splitter decides what its words are. */
  private parseIrregular(line: string): RestoreLine {
    const { words, unterminated } = splitWords(line.replace(/^[ \t]*\[\d+:\d+\]/, ''));
    const first = words[0] ?? '';
    if (!first.startsWith('-') && first !== '!') return { kind: 'unknown', expected };
    const command = this.options.readWords(words);
    if (!unterminated) return { kind: 'command', command };
    const open: Problem = {
      kind: 'unterminated-quote',
      word: words[words.length - 1] ?? '',
      detail: 'a closing "',
    };
    return { kind: 'command', command: { options: command.options, problems: [...command.problems, open] } };
  }
}
