import { iptablesFormat } from '../../../src/formats/iptables/format.ts';
import type { LocalAddress, Reading, ReadOptions } from '../../../src/formats/format.ts';
import type { Action } from '../../../src/model/action.ts';
import type { Match } from '../../../src/model/match.ts';
import type { AddressRange, Family } from '../../../src/packets/fields.ts';
import type { Source } from '../../../src/source/source.ts';

/** Reads a text as the program would, in the form it is detected to be. */
export function readText(
  text: string,
  more: {
    dialect?: string;
    path?: string;
    localAddresses?: readonly LocalAddress[];
    definitions?: Readonly<Record<string, string>>;
    /** Files that the text may read, by path. */
    files?: Readonly<Record<string, string>>;
  } = {},
): Reading {
  const source: Source = { id: 0, path: more.path ?? 'rules.txt', text, encoding: 'utf-8' };
  const detection = iptablesFormat.detect(source);
  if (detection === undefined) throw new Error('not recognised');
  const options: ReadOptions = {
    localAddresses: more.localAddresses ?? [],
    tables: new Map(),
    definitions: new Map(Object.entries(more.definitions ?? {})),
    include: (path) => {
      const files = Object.keys(more.files ?? {});
      const text = more.files?.[path];
      return text === undefined
        ? 'no such file here'
        : [{ id: 1 + files.indexOf(path), path, text, encoding: 'utf-8' }];
    },
    ...(more.dialect === undefined ? {} : { dialect: more.dialect }),
  };
  return iptablesFormat.read(source, detection, options);
}

/** A filter table with these rules, read. */
export function readRules(...lines: readonly string[]): Reading {
  return readText(
    [
      '*filter',
      ':INPUT DROP [0:0]',
      ':FORWARD DROP [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      ...lines,
      'COMMIT',
      '',
    ].join('\n'),
  );
}

export function codesOf(reading: Reading): readonly string[] {
  return reading.diagnostics.map((diagnostic) => diagnostic.code);
}

/** The rules of a chain in short: `match -> action`. */
export function rulesOf(reading: Reading, chain = 'ipv4/filter/INPUT'): readonly string[] {
  const found = reading.firewall.chains.get(chain);
  if (found === undefined) throw new Error(`no chain ${chain}`);
  return found.rules.map((rule) => `${printMatch(rule.match)} -> ${printAction(rule.action)}`);
}

/** The condition of the only rule of INPUT that these options make. */
export function matchOf(options: string): string {
  const [rule, ...rest] =
    readRules(`-A INPUT ${options} -j ACCEPT`).firewall.chains.get('ipv4/filter/INPUT')?.rules ?? [];
  if (rule === undefined || rest.length > 0) throw new Error('not one rule');
  return printMatch(rule.match);
}

export function printMatch(match: Match): string {
  switch (match.kind) {
    case 'all':
    case 'none':
      return match.kind;
    case 'and':
    case 'or':
      return `(${match.of.map(printMatch).join(match.kind === 'and' ? ' & ' : ' | ')})`;
    case 'not':
      return `!${printMatch(match.of)}`;
    case 'family':
      return match.family;
    case 'number':
      return `${match.field}=${match.values.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(',')}`;
    case 'bits':
      return `${match.field}&${match.mask}=${match.value}`;
    case 'address':
      return `${match.field}=${match.ranges.map((range) => printRange(range, match.family)).join(',')}`;
    case 'address-bits':
      return `${match.field}&${printAddress(match.mask, match.family)}=${printAddress(match.value, match.family)}`;
    case 'name':
      return `${match.field}=${match.name}${match.prefix ? '*' : ''}`;
    case 'in-set':
      return `${match.exceptionsOnly === true ? 'except-' : ''}set ${match.set}(${match.keys.map((key) => ('side' in key ? key.side : key.field)).join(',')})`;
    case 'unknown':
      return `${match.scope === 'rule' ? '~' : '?'}{${match.reason}}`;
  }
}

export function printAction(action: Action): string {
  switch (action.kind) {
    case 'jump':
    case 'goto':
      return `${action.kind} ${action.chain}`;
    case 'reject':
      return `reject ${action.with ?? ''}`;
    case 'unknown':
      return `unknown ${action.outcomes.join('/')}`;
    case 'change':
      return `${action.changes
        .map((change) => {
          switch (change.kind) {
            case 'bits':
              return `${change.field}&${change.and}^${change.xor}`;
            case 'number':
              return `${change.field}:=${change.from === change.to ? change.from : `${change.from}-${change.to}`}`;
            case 'add':
              return `${change.field}+=${change.by}`;
            case 'address':
              return `${change.field}:=${printRange(change.range, change.family)}`;
            case 'address-bits':
              return `${change.field}&${printAddress(change.and, change.family)}^${printAddress(change.xor, change.family)}`;
            case 'name':
              return `${change.field}:=${change.name}`;
            case 'to-host':
            case 'from-host':
              return change.kind;
            case 'bind':
              return `${change.side} bound`;
            case 'unknown':
              return `${change.field}:=?`;
          }
        })
        .join(' ')} ${action.then}`;
    default:
      return action.kind;
  }
}

function printRange([from, to]: AddressRange, family: Family): string {
  return from === to
    ? printAddress(from, family)
    : `${printAddress(from, family)}-${printAddress(to, family)}`;
}

function printAddress(value: bigint, family: Family): string {
  if (family === 'ipv6') return `0x${value.toString(16)}`;
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
}
