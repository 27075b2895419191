import type { Family } from '../../../packets/fields.ts';
import { isUnresolved, readable } from '../lowering.ts';
import { isTableName, type TableName } from '../ruleset.ts';

/** What a call of nft may do to the packets of the families. */
export type NftEffect =
  /** Tables are set up or changed; `shared` is one that is a table of iptables too, where iptables is the one that uses nf_tables. */
  | { readonly kind: 'changes'; readonly families: readonly Family[]; readonly shared?: TableName }
  /** `flush ruleset`. */
  | { readonly kind: 'clears'; readonly families: readonly Family[] };

const both: readonly Family[] = ['ipv4', 'ipv6'];

/** Families of nft(8). What arp and bridge tables see is not routed. */
const familiesOf: ReadonlyMap<string, readonly Family[]> = new Map([
  ['ip', ['ipv4']],
  ['ip6', ['ipv6']],
  ['inet', both],
  ['netdev', both],
  ['arp', []],
  ['bridge', []],
]);

/** Commands that only print. */
const printing = new Set(['list', 'monitor', 'describe', 'export', 'get', 'help', '']);

/** Options that take the next word. */
const valued = new Set(['-I', '--includepath', '-D', '--define']);

/** What `nft ARGS` may do. nft joins its words with blanks, so a command may be one word or many. */
export function nftEffects(args: readonly string[]): readonly NftEffect[] {
  let at = 0;
  while (args[at]?.startsWith('-') === true) {
    const word = args[at]!;
    if (/^(?:-[a-z]*[chvV]|--(?:check|help|version))$/.test(word)) return [];
    if (/^(?:-[a-z]*[fi]|--(?:file|interactive))/.test(word)) return [{ kind: 'changes', families: both }];
    at += valued.has(word) ? 2 : 1;
  }
  const text = args.slice(at).join(' ');
  return withoutBlocks(text)
    .split(/[;\n]/)
    .flatMap((command) => effectOf(command.trim()));
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

function effectOf(command: string): readonly NftEffect[] {
  const [verb = '', object = '', first = '', second = ''] = command.split(/\s+/);
  if (printing.has(verb)) return [];
  const known = familiesOf.get(first);
  if (verb === 'flush' && object === 'ruleset')
    return [{ kind: 'clears', families: first === '' ? both : (known ?? both) }];
  if (isUnresolved(`${verb} ${object} ${first}`)) return [{ kind: 'changes', families: both }];
  // The family may be left out, and is ip then.
  const families = known ?? ['ipv4'];
  const name = known === undefined ? first : second;
  if (families.length === 0) return [];
  return families.length === 1 && isTableName(readable(name))
    ? [{ kind: 'changes', families, shared: readable(name) as TableName }]
    : [{ kind: 'changes', families }];
}
