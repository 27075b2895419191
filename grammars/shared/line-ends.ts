/** Where the lines of a text end, be it with `\n`, `\r\n` or a lone `\r`. Offsets are asked for in ascending order. */
export class LineEnds {
  readonly #text: string;
  #feed = -1;
  #return = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Offset of the end of the line that holds `offset`, or of the text. */
  after(offset: number): number {
    if (this.#feed < offset) this.#feed = this.#next('\n', offset);
    if (this.#return < offset) this.#return = this.#next('\r', offset);
    return Math.min(this.#feed, this.#return);
  }

  #next(character: string, offset: number): number {
    const found = this.#text.indexOf(character, offset);
    return found < 0 ? this.#text.length : found;
  }
}
