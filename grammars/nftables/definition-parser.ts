import { RuleParser } from './rule-parser.ts';
import type {
  DefineSyntax,
  IncludeSyntax,
  ObjectSyntax,
  SetElementSyntax,
  SetSyntax,
  TypeSyntax,
  Expression,
} from './syntax.ts';
import * as t from './tokens.ts';

/** Sets, maps, named objects, flowtables, `define` and `include`: what a table holds besides chains. */
export abstract class DefinitionParser extends RuleParser {
  private readonly typeList = this.RULE('typeList', (): TypeSyntax => {
    const parts: string[] = [this.CONSUME(t.Word).image];
    this.MANY(() => {
      this.CONSUME(t.Dot);
      parts.push(this.CONSUME2(t.Word).image);
    });
    return { parts };
  });

  protected readDefine(): DefineSyntax {
    const first = this.skip();
    const kind = first.image as DefineSyntax['kind'];
    const name = this.CONSUME(t.Word).image;
    if (kind === 'undefine') return { kind, name, span: this.span(first.startOffset) };
    this.CONSUME(t.Assign);
    const value = this.SUBRULE(this.value);
    this.expectEnd();
    return { kind, name, value, span: this.span(first.startOffset) };
  }

  protected readInclude(): IncludeSyntax {
    const first = this.skip();
    const path = this.CONSUME(t.String_).image.slice(1, -1);
    return { kind: 'include', path, span: this.span(first.startOffset) };
  }

  /** The body of a set or map, in braces or, as a command, also absent (`delete set t s`). */
  protected readSet(kind: 'set' | 'map', start: number, name: string): SetSyntax {
    let key: TypeSyntax | undefined;
    let data: TypeSyntax | undefined;
    let flags: string[] = [];
    let timeout = false;
    let autoMerge = false;
    let listed = false;
    let broken = false;
    let elements: readonly SetElementSyntax[] = [];
    let elementsFrom: Expression | undefined;
    let handle: number | undefined;
    if (this.take(t.LeftBrace) !== undefined) {
      for (;;) {
        handle = this.takeHandle() ?? handle;
        if (this.take(t.Separator) !== undefined) continue;
        if (this.take(t.RightBrace) !== undefined) break;
        if (this.atEnd()) this.fail('"}"');
        const problem = this.guarded(() => {
          const word = this.LA(1).image;
          const at = this.LA(1).startOffset;
          if (this.next(t.Type) || this.next(t.Typeof)) {
            const read = (): TypeSyntax =>
              word === 'type'
                ? this.SUBRULE(this.typeList)
                : { parts: parts(this.SUBRULE(this.concatenation)) };
            this.skip();
            key = read();
            if (this.take(t.Colon) !== undefined) {
              this.takeWord('interval');
              data = read();
            }
          } else if (this.next(t.Flags)) {
            this.skip();
            flags = this.readFlags();
          } else if (this.next(t.Elements)) {
            this.skip();
            this.CONSUME(t.Assign);
            const value = this.SUBRULE(this.primary);
            listed = true;
            if (value.kind === 'set') elements = value.elements;
            else elementsFrom = value;
          } else if (this.next(t.Lifetime)) {
            this.skip();
            this.SUBRULE(this.time);
            timeout = true;
          } else if (word === 'auto-merge') {
            this.skip();
            autoMerge = true;
          } else if (word === 'size' || word === 'gc-interval' || word === 'policy') {
            this.skip();
            this.SUBRULE(this.time);
          } else if (this.next(t.Comment_)) {
            this.skip();
            this.SUBRULE(this.text_);
          } else if (
            this.next(t.Counter) ||
            this.next(t.Limit) ||
            this.next(t.Quota) ||
            this.next(t.Last) ||
            this.next(t.Ct)
          ) {
            this.statefulStatement(this.skip());
            if (/ name /.test(this.textSince(at))) this.fail('a statement of its own, not a named object');
          } else if (this.next(t.Include))
            this.fail('a part of a set; fw-audit reads no include inside a set');
          else this.fail('a part of a set: "type", "flags", "elements", "timeout", "size", …');
          this.expectEnd();
          return undefined;
        });
        broken ||= problem !== undefined;
      }
    }
    handle = this.takeHandle() ?? handle;
    return {
      kind,
      name,
      ...(key === undefined ? {} : { key }),
      ...(data === undefined ? {} : { data }),
      flags,
      timeout,
      autoMerge,
      listed,
      elements,
      ...(broken ? { broken } : {}),
      ...(elementsFrom === undefined ? {} : { elementsFrom }),
      ...(handle === undefined ? {} : { handle }),
      span: this.span(start),
    };
  }

  protected readFlags(): string[] {
    const flags = [this.CONSUME(t.Word).image];
    while (this.take(t.Comma) !== undefined) flags.push(this.CONSUME(t.Word).image);
    return flags;
  }

  /**
   * Counters, quotas, limits, helpers, flowtables: rules refer to them, none decides by itself. The body is skipped brace by brace;
   * its text is kept.
   */
  protected readObject(type: string, start: number, name: string): ObjectSyntax {
    let handle: number | undefined;
    if (this.take(t.LeftBrace) !== undefined) {
      let depth = 1;
      while (depth > 0) {
        if (this.atEnd()) this.fail('"}"');
        const token = this.skip();
        if (token.tokenType === t.LeftBrace) depth++;
        else if (token.tokenType === t.RightBrace) depth--;
        else if (token.tokenType === t.Handle) handle ??= Number(/\d+/.exec(token.image)![0]);
      }
    } else this.skipStatement();
    handle = this.takeHandle() ?? handle;
    return {
      kind: 'object',
      type,
      name,
      text: this.textSince(start).slice(0, 400),
      ...(handle === undefined ? {} : { handle }),
      span: this.span(start),
    };
  }

  /** A name of a table, chain, set or object: a word or, if it needs quotes, a string. */
  protected readName(expected: string): string {
    const token = this.take(t.Word) ?? this.take(t.String_) ?? this.take(t.Quantity);
    if (token === undefined) return this.fail(expected);
    return token.tokenType === t.String_ ? token.image.slice(1, -1) : token.image;
  }
}

function parts(expression: Expression): readonly Expression[] {
  return expression.kind === 'concat' ? expression.of : [expression];
}
