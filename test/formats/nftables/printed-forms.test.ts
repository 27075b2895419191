/**
 * What is open does not hang on the form in which a ruleset is given: the text that was loaded, what `nft list ruleset` prints of it,
 * and its JSON have the same exposures. So has an iptables ruleset and what nft prints of it, where it can.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFixtures } from '../../kernel/fixtures.ts';
import { type CaseKind, generateCase, type KernelCase } from '../../kernel/generate.ts';
import { labMissing } from '../../kernel/require-lab.ts';
import { type Audited, auditText, type OpenRow, PrintShop } from './printed-forms.ts';

const forms: readonly (readonly [name: string, words: readonly string[], path: string])[] = [
  ['nft list ruleset', [], 'rules.nft'],
  ['nft -a -s list ruleset', ['-a', '-s'], 'rules.nft'],
  ['nft -n list ruleset', ['-n'], 'rules.nft'],
  ['nft -j list ruleset', ['-j'], 'rules.json'],
];

/**
 * Matches that nft 1.0.6 prints otherwise than iptables 1.8.9 has loaded them: ranges and negations of `--ports`, so that none is
 * believed, nor DNAT, alone or among other states, nor any type of ICMP; the status NONE, a mark with bits outside its mask; the interface "none", which it calls INVAL/D, is the same but one name more.
 */
const misprinted =
  /--ports |--icmp-type (?:any|255) |--ctstate \S*(DNAT|SNAT)|--ctstatus \S*NONE|--mark \S+\/|-[sd] [0-9a-fA-F.:]+\/[0-9a-fA-F]+[.:]|! -[io] \+ /;

/** Types of addresses, which xt_addrtype.c takes together in IPv6 where the `fib` that nft prints takes any of them. */
const misprintedInIpv6 = /-m addrtype /;

/** What JSON and older texts say of an extension that nft does not know. */
const opaque = /\bxt (match|target)\b|"xt"|# xt_/;

/** Generous: a busy machine takes ten times as long as an idle one. */
const patience = 240_000;

/** nft 1.0.6 leaves devices out of its JSON, and writes some other word for the flag. */
const hiddenInJson = /hook ingress|flags dormant/;

describe.skipIf(labMissing() !== undefined)('the same exposures in every printed form', () => {
  let shop: PrintShop;
  beforeAll(async () => {
    shop = await PrintShop.open(`fwaudit-printed-${String(process.pid)}`);
  });
  afterAll(() => shop.close());

  /** How many forms of the loaded text nft could print. */
  async function compare(kind: KernelCase['kind'], text: string, name: string): Promise<number> {
    const family = kind === 'nft' ? undefined : kind.startsWith('ip6') ? 'ipv6' : 'ipv4';
    const path = family === undefined ? 'rules.nft' : family === 'ipv4' ? 'rules.v4' : 'rules.v6';
    const rowsOf = ({ rows }: Audited): readonly OpenRow[] =>
      rows.filter((row) => family === undefined || row.family === family);
    const written = await auditText(text, path);
    expect(written.errors, name).toEqual([]);
    let compared = 0;
    for (const [form, words, printedPath] of forms) {
      const printed = await shop.print(...words);
      if (opaque.test(printed) || (words.includes('-j') && hiddenInJson.test(text))) continue;
      const read = await auditText(printed, printedPath);
      const where = `${name}, ${form}`;
      expect(read.errors, where).toEqual([]);
      expect(read.understood, where).toBe(read.rules);
      expect(rowsOf(read), where).toEqual(rowsOf(written));
      compared++;
    }
    return compared;
  }

  it.each<readonly [CaseKind, number, number]>([
    ['nft', 8, 28],
    ['nft6', 8, 28],
    ['iptables-nft', 20, 20],
    ['ip6tables-nft', 20, 20],
  ])(
    'of random %s rulesets (%i of them)',
    async (kind, count, atLeast) => {
      let compared = 0;
      const lost = kind.startsWith('ip6') ? [misprinted, misprintedInIpv6] : [misprinted];
      for (let seed = 3000; seed < 3000 + count; seed++) {
        const { kind: loader, text, sets, name } = generateCase(kind, seed);
        if (sets !== '') continue;
        const printable =
          loader === 'nft'
            ? text
            : text
                .split('\n')
                .filter((line) => !lost.some((pattern) => pattern.test(line)))
                .join('\n');
        expect(await shop.load(loader, printable), name).toBeUndefined();
        compared += await compare(loader, printable, name);
      }
      expect(compared).toBeGreaterThanOrEqual(atLeast);
    },
    patience,
  );

  it.each(['docker', 'firewalld-style', 'intervals-and-concatenations', 'router-nat', 'three-families'])(
    'of fixtures/nftables/%s',
    async (name) => {
      const fixture = readFixtures('nftables').find((each) => each.name === `nftables/${name}`);
      const { text } = fixture!.cases[0]!;
      expect(await shop.load('nft', text)).toBeUndefined();
      expect(await compare('nft', text, name)).toBe(forms.length);
    },
    patience,
  );
});
