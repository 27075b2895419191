import type { Source, Span } from '../../src/source/source.ts';
import type { PfParser } from './parser.ts';
import { RuleCutter, section } from './rule-cut.ts';
import { PfScanner } from './scanner.ts';
import type { MacroValues } from './scanner.ts';
import { readStatement } from './statement.ts';
import type { FilterOption, FilterRule, HostTerm, InterfaceTerm, Peer, PortTerm } from './syntax.ts';
import { SharedTokens } from './tokens.ts';
import type { PfToken } from './tokens.ts';

/** What has been read of a section, by its text; `null`: the grammar does not take it. */
type Sections<T> = Map<string, T | null>;

/** A list that rules share, and its number among the lists of the document. */
interface Numbered<T> {
  readonly items: T[];
  readonly number: number;
}

/** How many lists of a kind the document shares so far. */
export class ListNumbers {
  private hosts = 0;
  private ports = 0;

  ofHosts(items: HostTerm[]): Numbered<HostTerm> {
    return { items, number: this.hosts++ };
  }

  ofPorts(items: PortTerm[]): Numbered<PortTerm> {
    return { items, number: this.ports++ };
  }
}

/**
 * Rules of a large file say the same but for an address or two. So a rule that stands in one line is cut into sections, each text of
 * a section is read once, and rules with equal sections share what was read. A line that cannot be read so (because something is wrong
 * with it, mostly) is left to whoever reads statements as a whole.
 */
export class SharedRules {
  private readonly cutter = new RuleCutter();
  private readonly heads: Sections<FilterRule> = new Map();
  private readonly hosts: Sections<Numbered<HostTerm>> = new Map();
  private readonly ports: Sections<Numbered<PortTerm>> = new Map();
  private readonly options: Sections<FilterOption[]> = new Map();
  private readonly source: Source;
  private readonly macros: MacroValues;
  private readonly parser: PfParser;
  private readonly scanner: PfScanner;
  private readonly numbers: ListNumbers;

  /** `macros` are those that hold for the rules read here. */
  constructor(source: Source, macros: MacroValues, parser: PfParser, numbers: ListNumbers) {
    this.numbers = numbers;
    this.source = source;
    this.macros = macros;
    this.parser = parser;
    const plain = { get: (name: string) => plainValue(macros.get(name)) };
    this.scanner = new PfScanner('', plain, new SharedTokens());
  }

  /** Behind the line of the rule that was read last. */
  get next(): number {
    return this.cutter.next;
  }

  /** The rule in the line that begins at an offset, or undefined if it must be read as a whole. */
  read(offset: number): SharedRule | undefined {
    const { cutter } = this;
    if (!cutter.cut(this.source.text, offset)) return undefined;
    const head = this.headOf(cutter.sectionText(section.head)!);
    if (head === null) return undefined;
    const fromPorts = this.portsOf(cutter.sectionText(section.fromPorts));
    const toPorts = this.portsOf(cutter.sectionText(section.toPorts));
    const fromHosts = this.hostsOf(cutter.sectionText(section.fromHosts), fromPorts);
    const toHosts = this.hostsOf(cutter.sectionText(section.toHosts), toPorts);
    const options = this.optionsOf(cutter.sectionText(section.options), cutter.sectionText(section.rest));
    if (fromHosts === null || fromPorts === null || toHosts === null || toPorts === null) return undefined;
    if (options === null) return undefined;
    const span = { source: this.source.id, start: cutter.start, end: cutter.end };
    return new SharedRule(this, span, head, fromHosts, fromPorts, toHosts, toPorts, options, cutter.label);
  }

  /** The rule at a span, with words of its own. */
  placed(span: Span): FilterRule {
    const scanner = new PfScanner(this.source.text.slice(0, span.end), this.macros);
    scanner.seek(span.start);
    return readStatement(rest(scanner), span.source, this.parser) as FilterRule;
  }

  private headOf(text: string): FilterRule | null {
    let head = this.heads.get(text);
    if (head === undefined) {
      const tokens = this.tokens(text);
      const draft: FilterRule = { kind: 'filter', span: nowhere, action: tokens[0]!, options: [] };
      this.parser.input = tokens;
      this.parser.filterRule(draft);
      const { from, to } = draft;
      const bare = from === undefined && to === undefined && this.parser.takeOptions().length === 0;
      head = bare && this.parser.errors.length === 0 ? draft : null;
      this.heads.set(text, head);
    }
    return head;
  }

  private hostsOf(text: string | undefined, ports: unknown): SharedHosts | null | undefined {
    if (text === undefined) return undefined;
    if (isDotted(text)) return text;
    // `from port 22` is said of any address; `from` alone is nothing.
    if (text === '') return ports === undefined ? null : undefined;
    let hosts = this.hosts.get(text);
    if (hosts === undefined) {
      const items = this.readHosts(text);
      hosts = items === undefined ? null : this.numbers.ofHosts(items);
      this.hosts.set(text, hosts);
    }
    return hosts;
  }

  readHosts(text: string): HostTerm[] | undefined {
    this.parser.input = this.tokens(text);
    return this.parser.readHosts();
  }

  private portsOf(text: string | undefined): Numbered<PortTerm> | null | undefined {
    if (text === undefined) return undefined;
    let ports = this.ports.get(text);
    if (ports === undefined) {
      this.parser.input = this.tokens(text);
      const items = this.parser.readPorts();
      ports = items === undefined ? null : this.numbers.ofPorts(items);
      this.ports.set(text, ports);
    }
    return ports;
  }

  /** Options before the label that was cut out, and those behind it; without a label there are none behind it. */
  private optionsOf(before: string | undefined, behind: string | undefined): FilterOption[] | null {
    if (before === undefined && (behind === undefined || behind === '')) return noOptions;
    const key = behind === undefined ? before! : `${before ?? ''}\n${behind}`;
    let options = this.options.get(key);
    if (options === undefined) {
      const first = this.readOptions(before);
      const second = this.readOptions(behind);
      // Of several labels the first counts, so the one that was cut out must be that.
      const labelled = behind !== undefined && first?.some(isLabel) === true;
      options = first === null || second === null || labelled ? null : [...first, ...second];
      this.options.set(key, options);
    }
    return options;
  }

  private readOptions(text: string | undefined): FilterOption[] | null {
    if (text === undefined || text === '') return noOptions;
    this.parser.input = this.tokens(text);
    const options = this.parser.readOptions();
    return options === undefined || options.some(isTranslation) ? null : options;
  }

  private tokens(text: string): PfToken[] {
    this.scanner.restart(text);
    return rest(this.scanner);
  }
}

/**
 * A macro's value as far as a section can be read by itself: it has words, so that the section ends where its text ends, and no
 * comment and no quote, which would go on behind the section.
 */
function plainValue(value: string | undefined): string | undefined {
  return value !== undefined && /^[^#"'\n\r\\]*$/.test(value) && /[^ \t]/.test(value) ? value : undefined;
}

const noOptions: FilterOption[] = [];
const nowhere: Span = { source: 0, start: 0, end: 0 };

/** Translations are told apart by where they stand. */
function isTranslation(option: FilterOption): boolean {
  return option.kind === 'redirection' && !/^(route|reply|dup)-to$/.test(option.redirection.keyword.image);
}

function isLabel(option: FilterOption): boolean {
  return option.kind === 'word' && option.keyword.image === 'label';
}

function rest(scanner: PfScanner): PfToken[] {
  const tokens: PfToken[] = [];
  for (let token = scanner.next(); token !== undefined; token = scanner.next()) tokens.push(token);
  return tokens;
}

/** One dotted address or network is only its text, for a large file has about as many of them as rules, and each can be read alone. */
type SharedHosts = Numbered<HostTerm> | string;

/** `192.0.2.1`, `10.0/16`: to pf a word, and perhaps a slash and a number. */
function isDotted(text: string): boolean {
  let dots = 0;
  let slash = -1;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 48 && c <= 57) continue;
    if (i === 0 || slash >= 0) return false;
    if (c === 46) dots++;
    else if (c === 47) slash = i;
    else return false;
  }
  return dots > 0 && slash < text.length - 1;
}

/** A rule that shares all it can with other rules; its words stand nowhere, but `placed` gives it anew with words of its own. */
export class SharedRule implements FilterRule {
  readonly kind = 'filter';
  readonly span: Span;
  readonly options: FilterOption[];
  readonly label: string | undefined;
  private readonly head: FilterRule;
  private readonly fromHosts: SharedHosts | undefined;
  private readonly fromPorts: Numbered<PortTerm> | undefined;
  private readonly toHosts: SharedHosts | undefined;
  private readonly toPorts: Numbered<PortTerm> | undefined;
  private readonly rules: SharedRules;

  constructor(
    rules: SharedRules,
    span: Span,
    head: FilterRule,
    fromHosts: SharedHosts | undefined,
    fromPorts: Numbered<PortTerm> | undefined,
    toHosts: SharedHosts | undefined,
    toPorts: Numbered<PortTerm> | undefined,
    options: FilterOption[],
    label: string | undefined,
  ) {
    this.rules = rules;
    this.span = span;
    this.head = head;
    this.fromHosts = fromHosts;
    this.fromPorts = fromPorts;
    this.toHosts = toHosts;
    this.toPorts = toPorts;
    this.options = options;
    this.label = label;
  }

  placed(): FilterRule {
    return this.rules.placed(this.span);
  }

  get action(): PfToken {
    return this.head.action;
  }

  get response(): PfToken | undefined {
    return this.head.response;
  }

  get direction(): PfToken | undefined {
    return this.head.direction;
  }

  get quick(): PfToken | undefined {
    return this.head.quick;
  }

  get interfaces(): InterfaceTerm[] | undefined {
    return this.head.interfaces;
  }

  get family(): PfToken | undefined {
    return this.head.family;
  }

  get protocols(): PfToken[] | undefined {
    return this.head.protocols;
  }

  get from(): Peer | undefined {
    return peer(this.fromHosts, this.fromPorts, this.rules);
  }

  get to(): Peer | undefined {
    return peer(this.toHosts, this.toPorts, this.rules);
  }
}

function peer(
  hosts: SharedHosts | undefined,
  ports: Numbered<PortTerm> | undefined,
  rules: SharedRules,
): Peer | undefined {
  if (typeof hosts === 'string') return new LoneAddress(hosts, ports?.items, ports?.number, rules);
  if (hosts === undefined && ports === undefined) return undefined;
  return { hosts: hosts?.items, ports: ports?.items, hostsNumber: hosts?.number, portsNumber: ports?.number };
}

class LoneAddress implements Peer {
  readonly address: string;
  readonly ports: PortTerm[] | undefined;
  readonly portsNumber: number | undefined;
  private readonly rules: SharedRules;

  constructor(
    address: string,
    ports: PortTerm[] | undefined,
    portsNumber: number | undefined,
    rules: SharedRules,
  ) {
    this.address = address;
    this.ports = ports;
    this.portsNumber = portsNumber;
    this.rules = rules;
  }

  get hosts(): HostTerm[] | undefined {
    return this.rules.readHosts(this.address);
  }
}
