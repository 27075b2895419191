import type { Diagnostic } from './diagnostics/diagnostic.ts';
import type { Reading, ReadOptions } from './formats/format.ts';
import type { Passage, PassagePiece } from './formats/passage.ts';
import { formats } from './formats/registry.ts';
import type { Chain, Firewall, Rule } from './model/firewall.ts';
import { and, type Match } from './model/match.ts';
import type { NamedSet } from './model/named-set.ts';
import type { Source, Span } from './source/source.ts';

/** Reads a passage of a source by its own format. Everything that is found in it is where it comes from. */
export async function readPassage(passage: Passage, source: Source, options: ReadOptions): Promise<Reading> {
  const registered = formats.find(({ name }) => name === passage.format);
  if (registered === undefined) throw new Error(`no format ${passage.format}`);
  const origins = new Origins(passage.pieces, source.id);
  const { dialect } = passage;
  const read: Source = { ...source, text: origins.text };
  const format = await registered.load(read, dialect);
  const reading = format.read(read, { score: 1, dialect }, { ...options, dialect });
  return {
    ...reading,
    firewall: relocated(reading.firewall, origins),
    diagnostics: unlike(
      reading.diagnostics.map((one) =>
        one.span === undefined ? one : { ...one, span: origins.span(one.span) },
      ),
    ),
  };
}

/** Tells where the pieces of a passage come from. */
class Origins {
  readonly text: string;
  private readonly pieces: readonly PassagePiece[];
  private readonly starts: Float64Array;
  private readonly source: number;

  constructor(pieces: readonly PassagePiece[], source: number) {
    this.pieces = pieces;
    this.source = source;
    this.text = pieces.map(({ text }) => text).join('');
    this.starts = new Float64Array(pieces.length);
    let at = 0;
    for (const [i, { text }] of pieces.entries()) {
      this.starts[i] = at;
      at += text.length;
    }
  }

  /** Whether a span points into the passage, and not into a file that it includes. */
  holds(span: Span): boolean {
    return span.source === this.source;
  }

  private indexAt(offset: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  span(span: Span): Span {
    if (!this.holds(span)) return span;
    const first = this.indexAt(span.start);
    const last = this.indexAt(Math.max(span.start, span.end - 1));
    const start = this.place(first, span.start, 'start');
    const end = this.place(last, span.end, 'end');
    const { source } = this.pieces[first]!.origin;
    // Pieces of several places: the first one stands for all.
    return source === this.pieces[last]!.origin.source && end >= start
      ? { source, start, end }
      : this.pieces[first]!.origin;
  }

  private place(index: number, offset: number, side: 'start' | 'end'): number {
    const { origin, exact } = this.pieces[index]!;
    return exact ? Math.min(origin.start + offset - this.starts[index]!, origin.end) : origin[side];
  }

  /** What was read at a span, where it is not written like that in its place. */
  labelOf(span: Span): string | undefined {
    if (!this.holds(span)) return undefined;
    const isExact = this.pieces
      .slice(this.indexAt(span.start), this.indexAt(span.end - 1) + 1)
      .every(({ exact }) => exact);
    return isExact ? undefined : this.text.slice(span.start, span.end).trim();
  }

  conditionAt(span: Span | undefined): Match | undefined {
    return span === undefined || !this.holds(span)
      ? undefined
      : this.pieces[this.indexAt(span.start)]?.condition;
  }
}

function relocated(firewall: Firewall, origins: Origins): Firewall {
  return {
    ...firewall,
    chains: new Map([...firewall.chains].map(([id, chain]) => [id, relocatedChain(chain, origins)])),
    sets: new Map([...firewall.sets].map(([name, set]) => [name, relocatedSet(set, origins)])),
  };
}

function relocatedChain(chain: Chain, origins: Origins): Chain {
  const { fallthrough, fallthroughSpan, span } = chain;
  const condition = origins.conditionAt(fallthroughSpan);
  return {
    ...chain,
    rules: chain.rules.map((rule) => relocatedRule(rule, origins)),
    ...(span === undefined ? {} : { span: origins.span(span) }),
    ...(fallthroughSpan === undefined ? {} : { fallthroughSpan: origins.span(fallthroughSpan) }),
    fallthrough:
      condition === undefined || fallthrough.kind !== 'drop'
        ? fallthrough
        : { kind: 'unknown', outcomes: ['accept', 'drop'], reason: reasonOf(condition) },
  };
}

function relocatedRule(rule: Rule, origins: Origins): Rule {
  const condition = origins.conditionAt(rule.span);
  const label = rule.label ?? origins.labelOf(rule.span);
  return {
    ...rule,
    span: origins.span(rule.span),
    match: condition === undefined ? rule.match : and(condition, rule.match),
    ...(label === undefined ? {} : { label }),
  };
}

/** The set of a table that may not be there has elements that may not. */
function relocatedSet(set: NamedSet, origins: Origins): NamedSet {
  if (set.span === undefined) return set;
  const condition = origins.conditionAt(set.span);
  return {
    ...set,
    span: origins.span(set.span),
    ...(condition === undefined
      ? {}
      : { elements: set.elements.map((element) => ({ ...element, certain: false })), closed: false }),
  };
}

function reasonOf(condition: Match): string {
  switch (condition.kind) {
    case 'unknown':
      return condition.reason;
    case 'not':
      return `not ${reasonOf(condition.of)}`;
    case 'and':
    case 'or':
      return condition.of.map(reasonOf).join(` ${condition.kind} `);
    default:
      return condition.kind;
  }
}

/** Each diagnostic once: a loop says the same in every turn. */
function unlike(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const met = new Set<string>();
  return diagnostics.filter((one) => {
    const key = `${one.code} ${one.span?.source ?? ''} ${one.span?.start ?? ''} ${one.span?.end ?? ''} ${one.message}`;
    if (met.has(key)) return false;
    met.add(key);
    return true;
  });
}
