import type { PortTerm } from '../../../grammars/pf/syntax.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';
import { complement, normalize } from '../../packets/interval.ts';
import type { Interval, IntervalSet } from '../../packets/interval.ts';
import { portByName } from '../../ports/service-names.ts';
import { olderSystems, refuse, spanOf } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';
import type { UnknownMatch } from '../../model/match.ts';

const lastPort = 65535;

/** What a port item or list admits. */
export interface Ports {
  readonly values: IntervalSet;
  /** Set if there is more that cannot be told: an unknown service, or a range that systems read differently. */
  readonly unknown: readonly UnknownMatch[];
}

/** The union of all items; each item of a list is a rule of its own (expand_rule), so `{ != 22, != 23 }` is every port. */
export function lowerPorts(terms: readonly PortTerm[], notes: RuleNotes, number?: number): Ports {
  const known = notes.context.memory?.ports;
  if (known === undefined || number === undefined) return portsOf(terms, notes);
  return (known[number] ??= portsOf(terms, notes));
}

function portsOf(terms: readonly PortTerm[], notes: RuleNotes): Ports {
  const values: Interval[] = [];
  const unknown: UnknownMatch[] = [];
  for (const term of terms) {
    const item = lowerTerm(term, notes);
    if (item.kind === 'unknown') unknown.push(item);
    else values.push(...item.values);
  }
  return { values: values.length === 1 ? [values[0]!] : normalize(values), unknown };
}

type Item = UnknownMatch | { readonly kind: 'values'; readonly values: IntervalSet };

function lowerTerm({ token, operator, to }: PortTerm, notes: RuleNotes): Item {
  const range = readRange(token, notes);
  if (range === undefined) return obscure(token, notes);
  if (operator === undefined)
    return range.from > range.to ? reversed(token, 'nothing', [], notes) : only(range);
  if (range.ranged) {
    refuse(notes, token, "':' cannot be used with another port operator");
    return obscure(token, notes);
  }
  const port = range.from;
  if (to !== undefined) {
    const other = readRange(to, notes);
    if (other === undefined || other.ranged) {
      if (other?.ranged === true) refuse(notes, to, "':' cannot be used with another port operator");
      return obscure(to, notes);
    }
    const inside: Interval = [port + 1, other.from - 1];
    const outside = normalize([
      [0, port - 1],
      [other.from + 1, lastPort],
    ]);
    if (operator.image === '><') {
      return port > other.from
        ? reversed(token, 'nothing', [], notes)
        : { kind: 'values', values: normalize([inside]) };
    }
    return port > other.from
      ? reversed(token, 'everything', outside, notes)
      : { kind: 'values', values: outside };
  }
  return { kind: 'values', values: compare(operator.image, port) };
}

function only({ from, to }: { from: number; to: number }): Item {
  return { kind: 'values', values: [[from, to]] };
}

function compare(operator: string, port: number): IntervalSet {
  switch (operator) {
    case '!=':
      return complement([[port, port]], 0, lastPort);
    case '<':
      return normalize([[0, port - 1]]);
    case '<=':
      return [[0, port]];
    case '>':
      return normalize([[port + 1, lastPort]]);
    case '>=':
      return [[port, lastPort]];
    default:
      return [[port, port]];
  }
}

/**
 * OpenBSD and FreeBSD 15 refuse ranges that run backwards; the others take them literally. So where nothing says that the file is for
 * one of the others, it is refused, and whatever loads it reads it the same.
 */
function reversed(token: PfToken, what: string, values: IntervalSet, notes: RuleNotes): Item {
  if (notes.context.evidence.generation === 'old') {
    notes.context.report(
      'FW1303',
      'warning',
      spanOf(token, notes),
      `this port range runs backwards: it matches ${what}, and FreeBSD 15 refuses it`,
    );
  } else refuse(notes, token, 'this port range runs backwards', olderSystems);
  return { kind: 'values', values };
}

function obscure(token: PfToken, notes: RuleNotes): UnknownMatch {
  notes.obscure = true;
  return { kind: 'unknown', scope: 'packet', key: `pf port ${token.image}`, reason: `port ${token.image}` };
}

interface Range {
  readonly from: number;
  readonly to: number;
  /** Written as `a:b` with different ends. */
  readonly ranged: boolean;
}

/** `parseport` of parse.y: a service or number, or two of them with `:` between. */
function readRange(token: PfToken, notes: RuleNotes): Range | undefined {
  const { image } = token;
  const colon = image.indexOf(':');
  if (colon < 0) {
    const port = readPort(image, token, notes);
    return port === undefined ? undefined : { from: port, to: port, ranged: false };
  }
  const from = readPort(image.slice(0, colon), token, notes);
  const to = readPort(image.slice(colon + 1), token, notes);
  return from === undefined || to === undefined ? undefined : { from, to, ranged: from !== to };
}

/** Names of OpenBSD's /etc/services that other systems lack, or have for SpamAssassin's daemon, which is another (spamd(8)). */
const openBsdServices: ReadonlyMap<string, number> = new Map([
  ['spamd', 8025],
  ['spamd-sync', 8025],
  ['spamd-cfg', 8026],
]);

/**
 * `getservice`: a number as strtoul(3) reads it with base 0, so that `010` in a range is octal; else a service, TCP first. The lexer
 * has already read a lone `010` as decimal, because it is a NUMBER there (pf really does differ between `010` and `010:020`).
 */
export function readPort(text: string, token: PfToken, notes: RuleNotes): number | undefined {
  const lone = text === token.image && /^[0-9]+$/.test(text) && token.tokenType.name === 'Number';
  const value = lone ? Number(text) : strtoul(text);
  if (value !== undefined) {
    if (value <= lastPort) return value;
    refuse(notes, token, `port ${text} is above ${lastPort}`);
    return undefined;
  }
  const own = notes.context.evidence.dialect === 'openbsd' ? openBsdServices.get(text) : undefined;
  const service = own ?? portByName(text, 'tcp');
  const [, low, high] = /^([0-9]+)-([0-9]+)$/.exec(text) ?? [];
  if (low !== undefined && high !== undefined) {
    refuse(notes, token, `'${text}' is no port`, `a range of ports is written ${low}:${high}`);
  } else if (service === undefined) {
    notes.context.report(
      'FW1308',
      'warning',
      spanOf(token, notes),
      `service '${text}' is not known to fw-audit; it must be in /etc/services of the host, or pfctl refuses the file`,
      'write the port number',
    );
  }
  return service;
}

/** strtoul(3) with base 0 over the whole text. */
export function strtoul(text: string): number | undefined {
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return parseInt(text, 16);
  if (/^0[0-7]*$/.test(text)) return parseInt(text, 8);
  return /^[1-9][0-9]*$/.test(text) ? Number(text) : undefined;
}
