/**
 * What fw-audit does with each construct of pf.
 *
 * `exact`: modelled as pf does it. `condition`: understood, but what it asks is not in the input, so answers that hang on it are
 * "possible". `neutral`: read, and of no consequence for what may pass. `unknown`: kept, and whatever it touches is "possible".
 */
export type SupportState = 'exact' | 'condition' | 'neutral' | 'unknown';

export interface SupportRow {
  readonly construct: string;
  readonly state: SupportState;
  readonly note: string;
  /** A statement that shows it; a test reads each one. */
  readonly example: string;
}

export const support: readonly SupportRow[] = [
  row(
    'macros',
    'exact',
    'expanded as text, also inside lists and other macros',
    'p = "22"\npass in proto tcp to port $p',
  ),
  row(
    'lists',
    'exact',
    'kept as a product, never written out',
    'pass in on { em0 em1 } proto { tcp udp } to port { 22 80 }',
  ),
  row(
    '`pass`, `block`, `match`',
    'exact',
    'the last match wins; nothing matching passes',
    'block return in all',
  ),
  row('`quick`', 'exact', 'also on anchors', 'pass in quick all'),
  row(
    'direction, interface, `! iface`',
    'exact',
    'a name without a digit at its end is a group',
    'pass in on ! em0',
  ),
  row(
    'interface groups',
    'condition',
    '`lo` is lo0; groups of cloned drivers (`wg`, `vlan` …) are their interfaces',
    'pass in on egress',
  ),
  row(
    'address families',
    'exact',
    'implied by addresses and translation targets; combinations that mix them do not exist',
    'pass in inet6',
  ),
  row('protocols', 'exact', 'numbers and the names of /etc/protocols', 'pass in proto esp'),
  row(
    'addresses, networks, ranges',
    'exact',
    'short networks, host bits cut off',
    'pass in from 10/8 to 192.0.2.1 - 192.0.2.9',
  ),
  row('interface addresses, `self`', 'condition', 'exact with --local-address', 'pass in from any to (em0)'),
  row('host names', 'condition', 'never looked up', 'pass in from www.example.com'),
  row(
    'tables',
    'exact',
    'longest prefix wins, `!` makes holes',
    'table <t> const { 10/8 !10.1/16 }\npass in from <t>',
  ),
  row(
    'tables of unknown content',
    'condition',
    'persistent, from files, filled by overload; exact with --table',
    'table <t> persist\npass in from ! <t>',
  ),
  row(
    '`no-route`, `urpf-failed`, `route`',
    'condition',
    'depend on the routing table',
    'block in from urpf-failed',
  ),
  row(
    'ports',
    'exact',
    'all operators; a range is read with base 0, a lone number is decimal',
    'pass in proto tcp to port 22 <> 25',
  ),
  row('ICMP types and codes', 'exact', '', 'pass in inet proto icmp icmp-type unreach code needfrag'),
  row(
    '`flags`',
    'exact',
    'stateful pass rules have `flags S/SA` unless they say otherwise',
    'pass in proto tcp flags any',
  ),
  row(
    'state options',
    'neutral',
    'limits still let the first connections in',
    'pass in keep state (max 10, source-track rule)',
  ),
  row(
    'states kept only on request',
    'neutral',
    'pf before OpenBSD 4.1 and FreeBSD 7: the first packet of a flow fits no state, and a SYN alone fits any usual flag test',
    'pass in proto tcp to port 22 flags S/SA keep state',
  ),
  row('`tag`, `tagged`', 'exact', 'tags stick, whichever rule wins', 'match in tag A\npass in tagged A'),
  row(
    '`user`, `group`',
    'condition',
    'depend on who owns the socket; packets without one are of `unknown`',
    'pass in proto tcp user root',
  ),
  row(
    '`os`',
    'condition',
    'a guess about the sender of TCP packets',
    'pass in proto tcp from any os "OpenBSD"',
  ),
  row('`tos`, `prio`', 'condition', 'the packet carries them', 'pass in tos 0x10'),
  row('`probability`, `once`', 'condition', 'dice', 'pass in probability 50%'),
  row('`received-on`', 'condition', 'exact for packets that come in', 'pass out received-on em1'),
  row('`rdomain`', 'condition', 'depends on the interface', 'pass in on rdomain 1'),
  row('`fragment`', 'exact', 'grants no new connection', 'pass in fragment'),
  row('inline anchors', 'exact', 'nested, named or not', 'anchor "a" on em0 {\n  pass in quick\n}'),
  row(
    'anchors without rules',
    'condition',
    'filled while pf runs: everything asked of them is possible; with `--empty-anchors` they hold none',
    'anchor "ftp-proxy/*"',
  ),
  row(
    '`load anchor`, `include`',
    'condition',
    'exact where the file can be read',
    'anchor a\nload anchor a from "/etc/a.conf"',
  ),
  row(
    '`antispoof`',
    'exact',
    'in place; needs --local-address for interfaces other than lo0',
    'antispoof quick for lo0',
  ),
  row('`set skip`', 'exact', 'neither filtered nor translated', 'set skip on lo0\nblock'),
  row('`set block-policy`', 'exact', '', 'set block-policy return\nblock in'),
  row(
    '`state limiter`, `source limiter`',
    'neutral',
    'limits still let the first connections in',
    'state limiter "dns" id 1 limit 1000\npass in proto udp to port 53 state limiter "dns" (no-match)',
  ),
  row(
    'other `set` options',
    'neutral',
    'checked as far as pfctl checks them',
    'set limit states 1000\nblock in',
  ),
  row(
    '`nat-to`, `rdr-to`, `binat-to`',
    'exact',
    '`match` changes what later rules see; `pass` changes when it wins; of a pool, any address',
    'match in on em0 proto tcp to port 80 rdr-to 10.0.0.1 port 8080',
  ),
  row(
    '`af-to`, `route-to`, `reply-to`, `dup-to`, `divert-to`',
    'neutral',
    'the packet has passed; where it goes is another matter',
    'pass in on em0 route-to (em1 192.0.2.1)',
  ),
  row(
    '`nat`, `rdr`, `binat` with `->`',
    'exact',
    'before the filter; first match; `pass` skips the filter',
    'rdr pass on em0 inet proto tcp to port 80:89 -> 10.0.0.1 port 8000:*',
  ),
  row(
    '`nat-anchor`, `rdr-anchor`, `binat-anchor`',
    'condition',
    'without rules: translated anywhere, past the filter or not',
    'rdr-anchor "miniupnpd"',
  ),
  row('`scrub`', 'neutral', 'drops only what is malformed', 'scrub in all no-df'),
  row(
    '`altq`, `queue`, `dnpipe`, `dummynet`',
    'neutral',
    'checked as far as pfctl checks them',
    'altq on em0 priq bandwidth 1Mb queue { q }\nqueue q priq(default)\npass in queue q',
  ),
  row('`ether` rules', 'condition', 'a block may stop any frame', 'ether block in on em0\npass in'),
  row(
    'anything else',
    'unknown',
    'the rule is kept with what was understood of it',
    'pass in proto tcp to port 22 frobnicate',
  ),
];

function row(construct: string, state: SupportState, note: string, example: string): SupportRow {
  return { construct, state, note, example };
}

/** The table as grammars/pf/README.md holds it. */
export function supportTable(): string {
  const lines = support.map(
    ({ construct, state, note, example }) =>
      `| ${construct} | ${state} | ${note} | ${example
        .split('\n')
        .map((line) => `\`${line.trim()}\``)
        .join(' ')} |`,
  );
  return ['| construct | support | note | example |', '| --- | --- | --- | --- |', ...lines].join('\n');
}
