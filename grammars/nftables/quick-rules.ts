import { PlainRule } from './plain-rule.ts';
import { PlainRules, type ReadStatement } from './plain-rules.ts';
import { RuleShapes } from './rule-shapes.ts';
import { endOfDigits } from './rule-text.ts';
import { RulePlaces, ShapedRule } from './shaped-rule.ts';
import type { RuleSyntax, Statement } from './syntax.ts';

/** Reads rules of one text that need no grammar: by their shape if there were such before them, else statement by statement. */
export class QuickRules {
  /** Where the last word of the rule ends that was read last, or its handle, and where the token behind it begins. */
  end = 0;
  stop = 0;
  private readonly source: number;
  private readonly text: string;
  private readonly readAgain: (start: number) => readonly Statement[];
  private readonly plain: PlainRules;
  private readonly places: RulePlaces;
  private readonly shapes: RuleShapes;

  constructor(
    source: number,
    text: string,
    readAgain: (start: number) => readonly Statement[],
    readStatement: ReadStatement,
  ) {
    this.source = source;
    this.text = text;
    this.readAgain = readAgain;
    this.plain = new PlainRules(text, readStatement);
    this.places = new RulePlaces(source, text, readAgain);
    this.shapes = new RuleShapes(text, this.places);
  }

  /** The rule that begins at the offset, or behind separators there; undefined, and nothing is read, if the grammar must read it. */
  read(at: number): RuleSyntax | undefined {
    const { shapes, places, plain } = this;
    const shape = shapes.read(at);
    if (shape !== undefined) {
      const place = places.keep(shapes.end);
      return new ShapedRule(shape, this.pass(shapes), places, place);
    }
    if (!plain.read(at)) return undefined;
    shapes.learn(plain);
    const { start, end, comment } = plain;
    const statements = plain.statements.slice(0, plain.count);
    const span = { source: this.source, start, end };
    return new PlainRule(span, statements, comment, this.pass(plain), this.readAgain);
  }

  /** Goes on behind a rule and its handle, which is given back. */
  private pass({ end, stop }: { readonly end: number; readonly stop: number }): number | undefined {
    this.end = end;
    this.stop = stop;
    if (this.text.charCodeAt(stop) !== 35) return undefined;
    // `# handle 5`, and what else stands on the line (see the token of it).
    const { text } = this;
    const word = afterTabs(text, stop + 1);
    const number = afterTabs(text, word + 'handle'.length);
    const behind = endOfDigits(text, number);
    if (!text.startsWith('handle', word) || number === word + 'handle'.length || behind === number)
      return undefined;
    const newline = text.indexOf('\n', behind);
    this.end = this.stop = newline < 0 ? text.length : newline;
    return Number(text.slice(number, behind));
  }
}

/** Behind blanks and tabs, which alone may stand in front of a handle. */
function afterTabs(text: string, at: number): number {
  for (let c = text.charCodeAt(at); c === 32 || c === 9; c = text.charCodeAt(++at));
  return at;
}
