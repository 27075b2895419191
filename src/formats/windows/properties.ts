import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { isLost, type ExportedObject, type PropertyValue } from './exported-object.ts';
import type { KnownCondition, Written } from './windows-rule.ts';

/** Looks up properties in a rule and its filters, and keeps count of what could not be read. */
export class Properties {
  private readonly bags: readonly ExportedObject[];
  private readonly rule: string;
  private readonly unknowns: KnownCondition[];
  private readonly diagnostics: Diagnostic[];

  constructor(
    bags: readonly ExportedObject[],
    rule: string,
    unknowns: KnownCondition[],
    diagnostics: Diagnostic[],
  ) {
    this.bags = bags;
    this.rule = rule;
    this.unknowns = unknowns;
    this.diagnostics = diagnostics;
  }

  private get(name: string): PropertyValue | undefined {
    return this.bagOf(name)?.properties.get(name);
  }

  private bagOf(name: string): ExportedObject | undefined {
    return this.bags.find(({ properties }) => properties.has(name));
  }

  values(name: string): readonly string[] | undefined {
    return this.get(name)?.values;
  }

  /** The first value; the empty text for null; undefined when the property is not there. */
  text(name: string): string | undefined {
    const found = this.get(name);
    return found === undefined ? undefined : (found.values[0] ?? '').trim();
  }

  /** A word from a table; `unknown` conditions are noted for words that are not in it. */
  word<T>(name: string, parse: (text: string) => T | undefined, expected: string): T | undefined {
    const text = this.text(name);
    if (text === undefined) {
      this.unknowns.push({
        key: `windows:missing:${name}`,
        reason: `the export does not show “${name}” of the rule`,
      });
      return undefined;
    }
    const value = parse(text);
    if (value === undefined) this.misread(name, text, expected);
    return value;
  }

  /** A list of ports or addresses; undefined means any. Separators differ by the exporting script. */
  list(name: string): readonly Written[] | undefined {
    const found = this.get(name);
    if (found === undefined) return undefined;
    const written: Written[] = [];
    const { source } = this.bagOf(name)!.span;
    for (const value of found.values) {
      const text = value.trim();
      if (text === '' || text === '*' || /^any$/i.test(text)) continue;
      if (isLost(text)) this.lost(name, text);
      else written.push({ text: commaList(text), at: found.at, source });
    }
    return written.length === 0 ? undefined : written;
  }

  /** One name that limits the rule; undefined for none, `Any` and null. */
  limit(name: string): string | undefined {
    const found = this.get(name);
    if (found === undefined) return undefined;
    const text = found.values.join(', ').trim();
    if (isLost(text)) {
      this.lost(name, text);
      return undefined;
    }
    return text === '' || /^(?:any|0|\{\}|none)$/i.test(text) ? undefined : text;
  }

  /** Several names; undefined for `Any`. */
  names(name: string): readonly string[] | undefined {
    const found = this.get(name);
    if (found === undefined) return undefined;
    const names: string[] = [];
    for (const value of found.values) {
      if (isLost(value)) this.lost(name, value);
      else for (const piece of value.split(',')) if (piece.trim() !== '') names.push(piece.trim());
    }
    return names.length === 0 || names.some((one) => /^any$/i.test(one)) ? undefined : names;
  }

  misread(name: string, text: string, expected: string): void {
    this.diagnostics.push({
      code: 'FW1004',
      severity: 'error',
      message: `rule “${this.rule}”: read “${text}” as ${name}, expected ${expected}`,
      span: this.bags[0]!.span,
      help: 'The rule is kept; answers that hang on this part are “possible”.',
    });
    this.unknowns.push({ key: `windows:${name}:${text}`, reason: `${name} “${text}” is not understood` });
  }

  private lost(name: string, text: string): void {
    const { span } = this.bags[0]!;
    this.diagnostics.push({
      code: 'FW1404',
      severity: 'error',
      message: `rule “${this.rule}”: the export wrote ${text} for ${name}, so the values are lost`,
      span,
      help: 'Export with ConvertTo-Json, or join the values in the script: @{n="LocalPort";e={$_.LocalPort -join ","}}.',
    });
    this.unknowns.push({
      key: `windows:lost:${name}:${span.source}:${span.start}`,
      reason: `the export lost the values of ${name}`,
    });
  }
}

/** `80; 443`, `80 443` and `80|443` as `80,443`; a range keeps its parts together (`5000 - 5010`). */
function commaList(text: string): string {
  let list = '';
  let glue = true;
  for (const word of text.split(/[;,|\s]+/)) {
    if (word === '') continue;
    const dash = word.startsWith('-');
    list += glue || dash ? word : `,${word}`;
    glue = word.endsWith('-');
  }
  return list;
}
