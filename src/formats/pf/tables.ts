import type { HostTerm } from '../../../grammars/pf/syntax.ts';
import type { NamedSet, SetElement } from '../../model/named-set.ts';
import { addressBits } from '../../packets/fields.ts';
import type { Source, Span } from '../../source/source.ts';
import { parsePfAddress } from './pf-address.ts';
import type { PfContext } from './pf-context.ts';

/** The tables of one input: declared ones, and ones that rules use without declaring them. */
export class TableBook {
  private readonly byName = new Map<string, NamedSet>();
  private readonly overloaded = new Set<string>();
  private readonly given: ReadonlyMap<string, Source>;

  constructor(given: ReadonlyMap<string, Source>) {
    this.given = given;
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  declare(name: string, set: NamedSet): void {
    this.byName.set(name, set);
  }

  /** A rule adds addresses to the table while pf runs. */
  markOverloaded(name: string): void {
    this.overloaded.add(name);
  }

  /** The table with the content given on the command line (`--table`), which settles what is in it. */
  givenTable(full: string, name: string, span: Span, report: PfContext['report']): NamedSet | undefined {
    const source = this.given.get(name);
    if (source === undefined) return undefined;
    const { elements, wrong } = readTableFile(source);
    const [first] = wrong;
    if (first !== undefined) {
      const more =
        wrong.length > 1
          ? `, nor ${wrong.length === 2 ? 'is one more word' : `are ${wrong.length - 1} more words`}`
          : '';
      report(
        'FW1309',
        'warning',
        { source: source.id, start: first.at, end: first.at + first.word.length },
        `'${first.word}' is no address or network${more}: not all of table <${name}> is known`,
        'write one address or network a line, as pfctl -T show prints them',
      );
    }
    const uncertainty = first === undefined ? undefined : `not all of table <${name}> could be read`;
    return tableOf(full, elements, first === undefined, uncertainty, span);
  }

  /**
   * The set a rule means. A table belongs to the anchor it is declared in; pf falls back to the main rule set's table of that name
   * (pfr_attach_table). `undeclared` tells about a table seen for the first time that the input does not declare.
   */
  resolve(
    name: string,
    anchor: string,
    span: Span,
    report: PfContext['report'],
    undeclared: () => void,
  ): string {
    const local = anchor === '' ? name : `${anchor}/${name}`;
    if (this.byName.has(local)) return local;
    if (this.byName.has(name)) return name;
    const given = this.givenTable(name, name, span, report);
    if (given === undefined) undeclared();
    this.byName.set(name, given ?? tableOf(name, [], false, `table <${name}> is not in the input`, span));
    return name;
  }

  /** All sets, now that every rule has been read. */
  sets(): ReadonlyMap<string, NamedSet> {
    const sets = new Map<string, NamedSet>();
    for (const [name, set] of this.byName) {
      const base = name.slice(name.lastIndexOf('/') + 1);
      const grows = this.overloaded.has(base) && !this.given.has(base);
      sets.set(
        name,
        grows
          ? { ...set, closed: false, uncertainty: `a rule adds addresses to table <${base}> (overload)` }
          : set,
      );
    }
    return sets;
  }
}

export function tableOf(
  name: string,
  elements: readonly SetElement[],
  closed: boolean,
  uncertainty: string | undefined,
  span: Span,
): NamedSet {
  return {
    name,
    type: 'table',
    span,
    dimensions: 1,
    elements,
    closed,
    ...(uncertainty === undefined ? {} : { uncertainty }),
  };
}

/** An address or network as a table element; `exception` for `!`. */
export function addressElement(
  text: string,
  prefix: string | undefined,
  exception: boolean,
): SetElement | undefined {
  const address = parsePfAddress(text, prefix);
  if (address === undefined) return undefined;
  return {
    parts: [{ kind: 'address', family: address.family, range: address.range }],
    certain: true,
    ...(exception ? { exception } : {}),
  };
}

/**
 * Table files and the output of `pfctl -T show`: addresses and networks, one or more a line, `!` for exceptions, `#` comments;
 * with -v counters follow on indented lines with a `:` behind the first word. `wrong` are words that are neither.
 */
export function readTableFile(source: Source): {
  elements: SetElement[];
  wrong: { readonly word: string; readonly at: number }[];
} {
  const elements: SetElement[] = [];
  const wrong: { readonly word: string; readonly at: number }[] = [];
  for (const { 0: line, index } of source.text.matchAll(/[^\r\n]+/g)) {
    if (
      /^\s*(Cleared|In\/Block|In\/Match|In\/Pass|In\/XPass|Out\/Block|Out\/Match|Out\/Pass|Out\/XPass):/.test(
        line,
      )
    )
      continue;
    let negated = false;
    for (const { 0: word, index: at } of line.replace(/[#;].*$/, '').matchAll(/[^\s,]+/g)) {
      if (word === '!') {
        negated = true;
        continue;
      }
      const exception = negated || word.startsWith('!');
      negated = false;
      const [text = '', prefix, ...rest] = word.replace(/^!/, '').split('/');
      const element =
        rest.length > 0 || (prefix !== undefined && !/^[0-9]{1,3}$/.test(prefix))
          ? undefined
          : addressElement(text, prefix, exception);
      if (element === undefined) wrong.push({ word, at: index + at });
      else elements.push(element);
    }
  }
  return { elements, wrong };
}

/** Whether a host term may stand in a table at all (table_opt of parse.y). */
export function tableRefusal(term: HostTerm): string | undefined {
  switch (term.kind) {
    case 'range':
      return 'address ranges are not permitted inside tables';
    case 'dynamic':
      return 'dynamic addresses are not permitted inside tables';
    case 'table':
      return 'tables cannot contain tables';
    case 'no-route':
    case 'urpf-failed':
      return `"${term.kind}" is not permitted inside tables`;
    case 'route-label':
      return 'route labels are not permitted inside tables';
    case 'any':
    case 'name':
      return undefined;
  }
}

/** The whole address space of both families: `any` inside a table. */
export function everyAddress(): SetElement[] {
  return (['ipv4', 'ipv6'] as const).map((family) => ({
    parts: [{ kind: 'address', family, range: [0n, (1n << BigInt(addressBits[family])) - 1n] }],
    certain: true,
  }));
}
