import { places } from './random-rules.ts';
import type { RandomPolicy, RandomRule, RandomStatement, RandomTranslation } from './random-rules.ts';

const tableLine =
  'table <t> const { 192.0.2.0/24, 10.1.0.0/16, !192.0.2.1, 2001:db8::/32, !2001:db8:1::/48 }\n';

function list(items: readonly string[]): string {
  return items.length === 1 ? items[0]! : `{ ${items.join(', ')} }`;
}

/** Each rule asks its own dice by its own number, so that answers can be told apart. */
export function dice(rule: RandomRule, all: readonly RandomRule[]): string {
  return `${10 + all.indexOf(rule)}%`;
}

export function rulesIn(statements: readonly RandomStatement[]): RandomRule[] {
  return statements.flatMap((one) =>
    one.kind === 'rule' ? [one] : one.kind === 'anchor' ? rulesIn(one.body) : [],
  );
}

/** The policy as pf.conf. */
export function print({ skip, translations, statements }: RandomPolicy): string {
  const skipLine = skip === '' ? '' : `set skip on ${skip}\n`;
  return `${skipLine}${tableLine}${translations.map(printTranslation).join('')}${printAll(statements, rulesIn(statements), '')}`;
}

function printAll(
  statements: readonly RandomStatement[],
  all: readonly RandomRule[],
  indent: string,
): string {
  return statements
    .map((one) => {
      const quick = one.quick ? ' quick' : '';
      if (one.kind === 'antispoof') return `antispoof${quick} for ${one.target}\n`;
      const on = one.iface.length === 0 ? '' : ` on ${list(one.iface)}`;
      if (one.kind === 'anchor')
        return `${indent}anchor${quick}${on} {\n${printAll(one.body, all, `${indent}  `)}${indent}}\n`;
      return `${indent}${printRule(one, on.trim(), all)}\n`;
    })
    .join('');
}

function printRule(one: RandomRule, on: string, all: readonly RandomRule[]): string {
  const { from, to, ports, tagged } = one;
  return [
    one.action,
    one.direction,
    one.quick ? 'quick' : '',
    on,
    one.family,
    one.protocols.length === 0 ? '' : `proto ${list(one.protocols)}`,
    from.length === 0 ? '' : `from ${list(from)}`,
    to.length === 0 && ports.length === 0 ? '' : `to ${to.length === 0 ? 'any' : list(to)}`,
    ports.length === 0 ? '' : `port ${list(ports)}`,
    tagged === '' ? '' : tagged.startsWith('!') ? `! tagged ${tagged.slice(2)}` : `tagged ${tagged}`,
    one.tag === '' ? '' : `tag ${one.tag}`,
    one.action === 'pass' && !one.state ? 'no state' : '',
    printExtra(one, all),
  ]
    .filter((word) => word !== '')
    .join(' ');
}

function printExtra(one: RandomRule, all: readonly RandomRule[]): string {
  switch (one.extra) {
    case 'user':
      return 'user root';
    case 'probability':
      return `probability ${dice(one, all)}`;
    case 'rdr-to':
      return `rdr-to ${places.inside}`;
    case 'rdr-to port':
      return `rdr-to ${places.inside} port ${places.insidePort}`;
    case 'nat-to':
      return `nat-to ${places.natted}`;
    case 'af-to':
      return `af-to inet from ${places.natted}`;
    default:
      return one.extra;
  }
}

function printTranslation({ kind, no, pass, iface, tcp, port, moves }: RandomTranslation): string {
  const proto = tcp ? ' proto tcp' : '';
  const to = kind === 'rdr' ? places.outside : 'any';
  const from = kind === 'rdr' ? 'any' : places.inside;
  const at = port === '' ? '' : ` port ${port}`;
  const target =
    kind === 'rdr' ? `${places.inside}${moves ? ` port ${places.insidePort}` : ''}` : places.natted;
  return `${no ? 'no ' : ''}${kind}${pass ? ' pass' : ''} on ${iface} inet${proto} from ${from} to ${to}${at}${no ? '' : ` -> ${target}`}\n`;
}
