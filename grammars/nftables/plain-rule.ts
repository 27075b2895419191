import type { Span } from '../../src/source/source.ts';
import type { RuleSyntax, Statement } from './syntax.ts';

/**
 * A rule whose statements are such as stand in many rules, word for word. It holds them shared, and reads its own only for who asks
 * where they stand.
 */
export class PlainRule implements RuleSyntax {
  readonly kind = 'rule';
  readonly span: Span;
  readonly shared: readonly Statement[];
  readonly comment: string | undefined;
  readonly handle: number | undefined;
  readonly variables = false;
  private readonly read: (start: number) => readonly Statement[];

  constructor(
    span: Span,
    shared: readonly Statement[],
    comment: string | undefined,
    handle: number | undefined,
    read: (start: number) => readonly Statement[],
  ) {
    this.span = span;
    this.shared = shared;
    this.comment = comment;
    this.handle = handle;
    this.read = read;
  }

  get statements(): readonly Statement[] {
    return this.read(this.span.start);
  }
}
