import type { Chain, Rule } from '../model/firewall.ts';
import { positionAt, type Source, type Span, spanText } from '../source/source.ts';
import type { RuleReference } from './report.ts';

/** Longer rule texts are cut in reports; the line number leads to the whole. */
const MAX_TEXT = 400;

/** Names rules and policies as reports do: path, line and text. One instance a set of sources. */
export class RuleReferences {
  private readonly sources: ReadonlyMap<number, Source>;

  constructor(sources: readonly Source[]) {
    this.sources = new Map(sources.map((source) => [source.id, source]));
  }

  of(rule: Rule): RuleReference {
    return this.at(rule.span, rule.label);
  }

  /** The line that gives a chain its policy; a chain without one (an implicit default) is named in words. */
  ofFallthrough(chain: Chain): RuleReference {
    const span = chain.fallthroughSpan ?? chain.span;
    if (span === undefined)
      return { path: '', line: 0, text: `default of ${chain.name}: ${chain.fallthrough.kind}` };
    return chain.fallthroughSpan === undefined
      ? this.at(span, `default of ${chain.name}: ${chain.fallthrough.kind}`)
      : this.at(span, undefined);
  }

  private at(span: Span, label: string | undefined): RuleReference {
    const source = this.sources.get(span.source);
    if (source === undefined) return { path: '', line: 0, text: label ?? '' };
    const text = (label ?? spanText(source, span)).replace(/\s+/g, ' ').trim();
    return {
      path: source.path,
      line: positionAt(source, span.start).line,
      text: text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text,
    };
  }
}
