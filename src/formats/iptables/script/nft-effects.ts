import type { Family } from '../../../packets/fields.ts';
import { isUnresolved, readable } from '../lowering.ts';
import { isTableName, type TableName } from '../ruleset.ts';

/** What a call of nft is given. */
export type NftCall =
  /** Nothing is changed: the version, a check of a file. */
  | { readonly kind: 'prints' }
  | {
      readonly kind: 'commands';
      readonly text: string;
      readonly defines: readonly (readonly [string, string])[];
    }
  | {
      readonly kind: 'file';
      /** `-` is standard input. */
      readonly file: string;
      readonly json: boolean;
      readonly defines: readonly (readonly [string, string])[];
    };

/** What one command of nft does to packets. */
export interface NftCommand {
  readonly prints: boolean;
  /** What it does is in a variable. */
  readonly isUnknown: boolean;
  /** It only adds to what is there. */
  readonly adds: boolean;
  /** `flush ruleset`. */
  readonly clearsAll: boolean;
  /** Whose packets it is about; none for arp and bridge tables, which see nothing that is routed. */
  readonly families: readonly Family[];
  /** A table that is one of iptables too, where iptables is the one that uses nf_tables. */
  readonly table: TableName | undefined;
}

export const bothFamilies: readonly Family[] = ['ipv4', 'ipv6'];

/** Families of nft(8). What arp and bridge tables see is not routed. */
const familiesOf: ReadonlyMap<string, readonly Family[]> = new Map([
  ['ip', ['ipv4']],
  ['ip6', ['ipv6']],
  ['inet', bothFamilies],
  ['netdev', bothFamilies],
  ['arp', []],
  ['bridge', []],
]);

/** Commands that only print. */
const printing = new Set(['list', 'monitor', 'describe', 'export', 'get', 'help', '']);

/** Commands that add, and a block of a table, of which `add` is left out. */
const adding = new Set(['add', 'insert', 'create', 'table', 'chain', 'rule', 'define', 'include']);

/** nft joins its words with blanks, so a command may be one word or many. */
export function nftCallOf(args: readonly string[]): NftCall {
  const defines: [string, string][] = [];
  let file: string | undefined;
  let json = false;
  let at = 0;
  for (; args[at]?.startsWith('-') === true && args[at] !== '-'; at++) {
    const word = args[at]!;
    const next = (): string => args[++at] ?? '';
    const [long = '', glued] = word.startsWith('--') ? word.split(/=([^]*)/) : [''];
    if (long !== '') {
      if (/^--(?:check|help|version)$/.test(long)) return { kind: 'prints' };
      if (long === '--file') file = glued ?? next();
      else if (long === '--interactive') file = '-';
      else if (long === '--json') json = true;
      else if (long === '--includepath') at += glued === undefined ? 1 : 0;
      else if (long === '--define') defines.push(defineOf(glued ?? next()));
      continue;
    }
    for (let i = 1; i < word.length; i++) {
      const letter = word[i]!;
      const value = (): string => word.slice(i + 1) || next();
      if (/[chvV]/.test(letter)) return { kind: 'prints' };
      if (letter === 'j') json = true;
      if (letter === 'i') file = '-';
      if (letter === 'f') file = value();
      else if (letter === 'D') defines.push(defineOf(value()));
      else if (letter === 'I') value();
      else continue;
      break;
    }
  }
  if (file !== undefined) return { kind: 'file', file, json, defines };
  return { kind: 'commands', text: args.slice(at).join(' '), defines };
}

function defineOf(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** The commands in a text for nft, as far as their first words tell. */
export function nftCommands(text: string): readonly NftCommand[] {
  return withoutBlocks(text.replace(/\\\n/g, ' '))
    .split(/[;\n]/)
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((command) => command !== '')
    .map(commandOf);
}

/** The text without what stands in braces, where semicolons end no command. */
function withoutBlocks(text: string): string {
  let depth = 0;
  let kept = '';
  for (const c of text) {
    if (c === '{') depth++;
    else if (c === '}') depth--;
    else if (depth <= 0) kept += c;
  }
  return kept;
}

function commandOf(command: string): NftCommand {
  const [verb = '', ...others] = command.split(/\s+/);
  const prints = printing.has(verb);
  // `table inet x {…}` and `rule inet x y …` are `add`.
  const isObject = /^(?:table|chain|rule|set|map|element|flowtable)$/.test(verb);
  const [object = '', first = '', second = ''] = isObject ? [verb, ...others] : others;
  const clearsAll = verb === 'flush' && object === 'ruleset';
  const known = familiesOf.get(first);
  const unknownPlace = isUnresolved(`${verb} ${object} ${first}`) || command.includes('$');
  // The family may be left out, and is ip then.
  const families =
    clearsAll && first === '' ? bothFamilies : (known ?? (unknownPlace ? bothFamilies : ['ipv4']));
  const name = readable(known === undefined ? first : second);
  return {
    prints,
    isUnknown: verb.startsWith('$'),
    adds: (adding.has(verb) || isObject) && object !== 'element',
    clearsAll,
    families: prints ? [] : families,
    table: families.length === 1 && isTableName(name) ? name : undefined,
  };
}

/** Whether a call of nft with these words may change what packets meet. */
export function nftChanges(args: readonly string[]): boolean {
  const call = nftCallOf(args);
  if (call.kind !== 'commands') return call.kind === 'file';
  return nftCommands(call.text).some(({ prints, families }) => !prints && families.length > 0);
}
