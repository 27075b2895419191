import { beginsItem } from '../../../grammars/iptables/line-shape.ts';

/** The words of one line that may be others in a line like it, by number, as they come. */
export class LineValues {
  text = '';
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private count = 0;

  begin(text: string): void {
    this.text = text;
    this.count = 0;
  }

  /** Notes a word, without its quotes. False for a word that is none, or not what it reads as. */
  note(start: number, end: number): boolean {
    const { text, count } = this;
    const isQuoted = text.charCodeAt(start) === 34;
    if (isQuoted) {
      for (let i = start; i < end; i++) if (text.charCodeAt(i) === 92) return false;
      // Older releases read "!" before a value, in quotes too.
      if (end - start === 3 && text.charCodeAt(start + 1) === 33) return false;
    } else if (beginsItem(text.charCodeAt(start))) return false;
    this.starts[count] = isQuoted ? start + 1 : start;
    this.ends[count] = isQuoted ? end - 1 : end;
    this.count++;
    return true;
  }

  startOf(number: number): number {
    return this.starts[number]!;
  }

  endOf(number: number): number {
    return this.ends[number]!;
  }

  of(number: number): string {
    return this.text.slice(this.starts[number], this.ends[number]);
  }
}
