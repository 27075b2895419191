import { option, readPhrases } from './listing-phrases.ts';
import type { CommandSyntax, OptionSyntax } from './syntax.ts';

/** A line of `iptables -L`. */
export type ListingLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'chain'; readonly name: string; readonly policy: string | undefined }
  | { readonly kind: 'header'; readonly columns: ListingColumns }
  | { readonly kind: 'rule'; readonly command: CommandSyntax }
  | { readonly kind: 'unknown' };

/** Which columns a listing has; `-L` alone shows no interfaces. */
export interface ListingColumns {
  readonly numbers: boolean;
  readonly counters: boolean;
}

const chainLine = /^Chain (\S+) \((?:policy (\S+?)(?: .*)?|-?\d+ references)\)\s*$/;
const headerLine =
  /^\s*(num\s+)?(pkts\s+bytes\s+)?target\s+prot\s+opt\s+(in\s+out\s+)?source\s+destination\s*$/;

/** Reads a line of a listing; rows need the columns of the header before them. */
export function parseListingLine(line: string, columns: ListingColumns | undefined): ListingLine {
  if (/^\s*$/.test(line)) return { kind: 'blank' };
  const chain = chainLine.exec(line);
  if (chain !== null) return { kind: 'chain', name: chain[1] ?? '', policy: chain[2] };
  const header = headerLine.exec(line);
  if (header !== null)
    return {
      kind: 'header',
      columns: { numbers: header[1] !== undefined, counters: header[2] !== undefined },
    };
  const command = columns === undefined ? undefined : parseRow(line, columns);
  return command === undefined ? { kind: 'unknown' } : { kind: 'rule', command };
}

/** A blank target leaves its column of 9 characters and the spaces around it empty; between filled columns there are never that many. */
const blankTarget = 10;

interface Cursor {
  readonly line: string;
  at: number;
}

/** The next word and how many spaces stood before it. */
function nextWord(cursor: Cursor): { word: string; gap: number } {
  const start = cursor.at;
  const { line } = cursor;
  while (cursor.at < line.length && (line[cursor.at] === ' ' || line[cursor.at] === '\t')) cursor.at++;
  const first = cursor.at;
  while (cursor.at < line.length && line[cursor.at] !== ' ' && line[cursor.at] !== '\t') cursor.at++;
  return { word: line.slice(first, cursor.at), gap: first - start };
}

/**
 * Columns are padded but long values push the rest to the right, so a row is read word by word: every column is filled except the
 * target, and in older IPv6 listings `opt`.
 */
function parseRow(line: string, columns: ListingColumns): CommandSyntax | undefined {
  const cursor: Cursor = { line, at: 0 };
  if (columns.numbers && !/^\d+$/.test(nextWord(cursor).word)) return undefined;
  if (columns.counters) {
    if (!/^\d+[KMGT]?$/.test(nextWord(cursor).word) || !/^\d+[KMGT]?$/.test(nextWord(cursor).word))
      return undefined;
  }
  const before = cursor.at;
  const first = nextWord(cursor);
  let target = first.word;
  if (first.gap >= blankTarget) {
    target = '';
    cursor.at = before;
  }
  const protocol = nextWord(cursor).word;
  const beforeOpt = cursor.at;
  const opt = nextWord(cursor).word;
  if (opt !== '--' && opt !== '-f' && opt !== '!f' && opt !== '----') cursor.at = beforeOpt;
  const inInterface = columns.counters ? nextWord(cursor).word : '*';
  const outInterface = columns.counters ? nextWord(cursor).word : '*';
  const source = nextWord(cursor).word;
  const destination = nextWord(cursor).word;
  if (destination === '') return undefined;
  const options: OptionSyntax[] = [];
  if (protocol !== 'all' && protocol !== '0') options.push(negatable('protocol', protocol));
  if (opt === '-f' || opt === '!f') options.push(option('core', '', 'fragments', [], opt === '!f'));
  if (inInterface !== '*' && inInterface !== 'any') options.push(negatable('in-interface', inInterface));
  if (outInterface !== '*' && outInterface !== 'any') options.push(negatable('out-interface', outInterface));
  if (!isAny(source)) options.push(negatable('source', address(source)));
  if (!isAny(destination)) options.push(negatable('destination', address(destination)));
  let rest = line.slice(cursor.at).trimStart();
  const goto = rest.startsWith('[goto]');
  if (goto) rest = rest.slice('[goto]'.length);
  if (target !== '') options.push(option('core', '', goto ? 'goto' : 'jump', [target]));
  return { options: [...options, ...readPhrases(rest, target)], problems: [] };
}

function negatable(name: string, value: string): OptionSyntax {
  return value.startsWith('!')
    ? option('core', '', name, [value.slice(1)], true)
    : option('core', '', name, [value]);
}

function isAny(address: string): boolean {
  return address === '0.0.0.0/0' || address === '::/0' || address === 'anywhere' || address === 'default';
}

/* Without -n addresses are printed by name; these names mean the same everywhere (/etc/networks, /etc/hosts, the multicast block's own name). */
const names: ReadonlyMap<string, string> = new Map([
  ['localhost', '127.0.0.1'],
  ['loopback/8', '127.0.0.0/8'],
  ['localnet', '0.0.0.0'],
  ['link-local/16', '169.254.0.0/16'],
  ['base-address.mcast.net/4', '224.0.0.0/4'],
  ['BASE-ADDRESS.MCAST.NET/4', '224.0.0.0/4'],
]);

function address(text: string): string {
  const not = text.startsWith('!') ? '!' : '';
  return not + (names.get(text.slice(not.length)) ?? text.slice(not.length));
}
