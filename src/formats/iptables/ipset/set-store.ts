import type { NamedSet, SetElement } from '../../../model/named-set.ts';
import type { Family } from '../../../packets/fields.ts';
import type { Span } from '../../../source/source.ts';
import { parseNumber } from '../numbers.ts';
import type { Reporter } from '../reporter.ts';
import type { ServiceLookup } from '../service-ports.ts';
import { parseEntry, parseSetType, type SetShape } from './entry.ts';

interface SetState {
  name: string;
  readonly shape: SetShape;
  readonly span: Span;
  /** By the element's text, so that `del` and a repeated `add` find it. */
  readonly elements: Map<string, SetElement>;
  /** Members of a list:set, in order. */
  members: string[];
  /** `timeout n` of the set: the time elements get that name none, 0 for ever; undefined when the set knows no timeouts. */
  readonly timeout: number | undefined;
  /** Why the content is not fully known, if it is not. */
  uncertainty: string | undefined;
}

/** The ipsets of one input while commands are being replayed. */
export class SetStore {
  private readonly sets = new Map<string, SetState>();
  private readonly reporter: Reporter;
  private readonly lookup: ServiceLookup;

  constructor(reporter: Reporter, lookup: ServiceLookup) {
    this.reporter = reporter;
    this.lookup = lookup;
  }

  get size(): number {
    return this.sets.size;
  }

  /** Carries out one ipset command. */
  run(verb: string, words: readonly string[], span: Span): void {
    const [first = '', second = ''] = words;
    switch (verb) {
      case 'create':
        this.create(first, second, words.slice(2), span);
        break;
      case 'add':
        this.add(first, second, words.length > 2 ? words.slice(2) : [], span);
        break;
      case 'del':
        this.remove(first, second, span);
        break;
      case 'flush':
        for (const set of this.chosen(first, span)) {
          set.elements.clear();
          set.members = [];
        }
        break;
      case 'destroy':
        for (const set of this.chosen(first, span)) this.sets.delete(set.name);
        break;
      case 'rename':
        this.rename(first, second, span);
        break;
      case 'swap':
        this.swap(first, second, span);
        break;
      case 'test':
      case 'list':
      case 'save':
      case 'restore':
      case 'version':
      case 'help':
      case 'COMMIT':
      case 'quit':
        break;
      default:
        this.complain(span, `${JSON.stringify(verb)} is no ipset command`, verb);
    }
  }

  /** Makes a set; one of that name is replaced, as the last dump counts. */
  create(name: string, type: string, options: readonly string[], span: Span): void {
    const parsed = parseSetType(type);
    if (name === '' || parsed === undefined) {
      this.complain(span, `a set type such as hash:ip was expected, read ${JSON.stringify(type)}`, type);
      return;
    }
    const after = (key: string): string | undefined => {
      const at = options.indexOf(key);
      return at < 0 ? undefined : options[at + 1];
    };
    const timeout = after('timeout');
    const seconds = timeout === undefined ? undefined : (parseNumber(timeout, 0xffffffff) ?? 0);
    const netmask = after('netmask');
    const family: Family = after('family') === 'inet6' || options.includes('-6') ? 'ipv6' : 'ipv4';
    this.sets.set(name, {
      name,
      shape: { ...parsed, family, netmask: netmask === undefined ? undefined : parseNumber(netmask, 128) },
      span,
      elements: new Map(),
      members: [],
      timeout: seconds,
      uncertainty:
        after('bitmask') !== undefined
          ? `set ${name} compares addresses under a bit mask`
          : seconds !== undefined && seconds > 0
            ? `set ${name} holds elements that time out`
            : undefined,
    });
  }

  private add(name: string, entry: string, options: readonly string[], span: Span): void {
    const set = this.known(name, span);
    if (set === undefined) return;
    if (set.shape.method === 'list') {
      const place = options.findIndex((option) => option === 'before' || option === 'after');
      const beside = place < 0 ? -1 : set.members.indexOf(options[place + 1] ?? '');
      if (set.members.includes(entry)) return;
      if (beside < 0) set.members.push(entry);
      else set.members.splice(options[place] === 'before' ? beside : beside + 1, 0, entry);
      return;
    }
    const reading = parseEntry(entry, set.shape, this.lookup);
    if (reading.kind === 'invalid') {
      this.complain(span, reading.reason, entry);
      set.uncertainty ??= `an element of set ${name} is not understood: ${entry}`;
      return;
    }
    let certain = set.timeout === undefined || set.timeout === 0;
    let exception = false;
    for (let i = 0; i < options.length; i++) {
      if (options[i] === 'timeout') certain = options[++i] === '0';
      else if (options[i] === 'nomatch') exception = true;
      else if (options[i] === 'comment') i++;
    }
    if (!certain) set.uncertainty ??= `set ${set.name} holds elements that time out`;
    const { parts } = reading;
    set.elements.set(entry, exception ? { parts, exception, certain } : { parts, certain });
  }

  private remove(name: string, entry: string, span: Span): void {
    const set = this.known(name, span);
    if (set === undefined) return;
    if (set.shape.method === 'list') set.members = set.members.filter((member) => member !== entry);
    else if (!set.elements.delete(entry)) {
      // The same element in another spelling, or a part of a range: both may go.
      set.uncertainty ??= `elements were deleted from set ${name}: ${entry}`;
      for (const [key, element] of set.elements)
        if (element.certain) set.elements.set(key, { ...element, certain: false });
    }
  }

  private rename(from: string, to: string, span: Span): void {
    const set = this.known(from, span);
    if (set === undefined) return;
    if (this.sets.has(to)) {
      this.complain(span, `a set ${to} exists already`, to);
      return;
    }
    this.sets.delete(from);
    set.name = to;
    this.sets.set(to, set);
  }

  private swap(first: string, second: string, span: Span): void {
    const a = this.known(first, span);
    const b = this.known(second, span);
    if (a === undefined || b === undefined) return;
    a.name = second;
    b.name = first;
    this.sets.set(second, a);
    this.sets.set(first, b);
  }

  /** The content of a set is not in the input (a terse listing). */
  doubt(name: string, reason: string): void {
    const set = this.sets.get(name);
    if (set !== undefined) set.uncertainty ??= reason;
  }

  private chosen(name: string, span: Span): readonly SetState[] {
    if (name === '') return [...this.sets.values()];
    const set = this.known(name, span);
    return set === undefined ? [] : [set];
  }

  private known(name: string, span: Span): SetState | undefined {
    const set = this.sets.get(name);
    if (set === undefined) this.complain(span, `the set ${JSON.stringify(name)} was not created`, name);
    return set;
  }

  private complain(span: Span, message: string, word: string): void {
    this.reporter.add({ code: 'FW1116', severity: 'warning', message, word }, span);
  }

  /** The sets as they stand, with what SET rules may have added to them or deleted from them since. */
  toSets(grown: ReadonlySet<string>, shrunk: ReadonlySet<string>): ReadonlyMap<string, NamedSet> {
    const sets = new Map<string, NamedSet>();
    for (const set of this.sets.values()) {
      const uncertainty = grown.has(set.name) ? `a SET rule adds to set ${set.name}` : set.uncertainty;
      const why =
        uncertainty ?? (shrunk.has(set.name) ? `a SET rule deletes from set ${set.name}` : undefined);
      sets.set(set.name, {
        name: set.name,
        type: set.shape.type,
        span: set.span,
        dimensions: Math.max(1, set.shape.dimensions.length),
        elements: elementsOf(set, shrunk.has(set.name)),
        ...(set.shape.method === 'list' ? { members: set.members } : {}),
        closed: uncertainty === undefined,
        ...(why === undefined ? {} : { uncertainty: why }),
      });
    }
    return sets;
  }
}

function elementsOf(set: SetState, shrunk: boolean): readonly SetElement[] {
  const elements = [...set.elements.values()];
  return shrunk ? elements.map((element) => ({ ...element, certain: false })) : elements;
}
