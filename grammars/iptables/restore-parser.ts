import { plainLine } from './line-shape.ts';
import { OptionReader } from './option-reader.ts';
import type { GrammarLine } from './restore-grammar.ts';
import type { CommandSyntax, RestoreLine } from './syntax.ts';

/** `readLine` of `restore-grammar.ts`, which is loaded only for an input with lines that are not plain. */
export type LineGrammar = (line: string) => GrammarLine;

/** Reads iptables-save text line by line. Keeps nothing of a line but the options it has in common with others. */
export class RestoreParser {
  readonly options = new OptionReader();
  private readonly grammar: LineGrammar;

  constructor(grammar: LineGrammar) {
    this.grammar = grammar;
  }

  /** Reads one line without its line end. */
  parse(line: string): RestoreLine {
    // A comment only in column 0 (iptables-restore.c); elsewhere `#` is an ordinary character.
    if (line.charCodeAt(0) === 35) return { kind: 'comment', text: line };
    const shape = plainLine(line) ?? this.grammar(line);
    switch (shape.kind) {
      case 'command':
        return withFault(this.options.readItems(shape.items), shape);
      case 'words': {
        const { options, problems } = this.options.readWords(shape.words);
        return withFault({ options, problems: [...problems, ...shape.problems] }, shape);
      }
      case 'unknown':
      case 'blank':
      case 'commit':
      case 'table':
      case 'chain':
        return shape;
    }
  }
}

function withFault(command: CommandSyntax, shape: GrammarLine | { readonly fault?: undefined }): RestoreLine {
  return shape.fault === undefined
    ? { kind: 'command', command }
    : { kind: 'command', command, fault: shape.fault };
}
