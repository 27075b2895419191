import { matchModules } from './modules.ts';
import type { OptionSyntax } from './syntax.ts';

/*
 * What the extensions print behind the columns of `iptables -L` (the print functions in extensions/libxt_*.c). Each phrase is turned
 * into the options that the same rule has in iptables-save, so there is one meaning for both.
 */

type Parts = readonly (string | undefined)[];

/** One phrase: its text at the current place, and the options it stands for. */
interface Phrase {
  readonly pattern: RegExp;
  readonly options: (parts: Parts) => readonly OptionSyntax[];
}

function phrase(pattern: string, options: (parts: Parts) => readonly OptionSyntax[]): Phrase {
  return { pattern: new RegExp(`(?:${pattern})(?=\\s|$)`, 'y'), options };
}

/** An option as the reader of iptables-save would make it. */
export function option(
  owner: 'core' | 'match' | 'target',
  module: string,
  name: string,
  values: readonly string[],
  negated = false,
): OptionSyntax {
  return {
    owner,
    module,
    name,
    negated,
    values,
    known: true,
    text: [`${negated ? '! ' : ''}--${name}`, ...values].join(' '),
  };
}

/** `-m module` with one option. */
function match(module: string, name: string, values: readonly string[], negated = false): OptionSyntax[] {
  return [load(module), option('match', module, name, values, negated)];
}

function load(module: string): OptionSyntax {
  return option('core', '', 'match', [module]);
}

function target(module: string, name: string, ...values: string[]): OptionSyntax[] {
  return [option('target', module, name, values)];
}

/** A match whose printed words need not be told apart, since nothing of it can be decided from a file. */
function opaque(module: string, text: string): OptionSyntax[] {
  const known = matchModules.has(module);
  return [load(module), { ...option('match', module, text.trim(), []), known, text: text.trim() }];
}

/** Ports of tcp, udp, sctp, dccp: `spt:`, `spts:`, `dpt:`, `dpts:` with `!` behind the colon. */
function portPhrase(side: 's' | 'd'): Phrase {
  return phrase(`${side}pts?:(!)?(\\S+)`, ([, not, ports = '']) => [
    option('match', '', side === 's' ? 'source-port' : 'destination-port', [ports], not !== undefined),
  ]);
}

/** A match of a header that may stand alone, `esp spi:4`: by itself it asks for the header only. */
function headerPhrase(names: string, words: string): Phrase {
  return phrase(`${names}(?: +(${words}))?(?= |$)`, ([, name = '', rest = '']) => {
    const module = name === 'comp' ? 'ipcomp' : name;
    return rest === '' ? [load(module)] : opaque(module, rest);
  });
}

/** TCP flags in numbers, `0x17/0x02`, as the names that the option takes. */
function flagNames(text: string): string {
  if (!text.startsWith('0x')) return text;
  const bits = Number.parseInt(text.slice(2), 16);
  const names = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'].filter((_, bit) => (bits & (1 << bit)) !== 0);
  return names.length === 0 ? 'NONE' : names.join(',');
}

const entryOptions =
  'ctproto|ctorigsrcport|ctorigdstport|ctreplsrcport|ctrepldstport|ctorigsrc|ctorigdst|ctreplsrc|ctrepldst|ctstatus|ctexpire|ctdir';

const phrases: readonly Phrase[] = [
  // Protocol matches announce themselves; what follows belongs to them.
  phrase('(tcp|udp|sctp|dccp|udplite|UDPlite)', ([, name = '']) => [load(name.toLowerCase())]),
  portPhrase('s'),
  portPhrase('d'),
  phrase('flags:\\s?(!)?([^/\\s]+)/(\\S+)', ([, not, mask = '', value = '']) => [
    option('match', 'tcp', 'tcp-flags', [flagNames(mask), flagNames(value)], not !== undefined),
  ]),
  phrase('(?<!\\bdccp (?:[sd]pts?:\\S+ )*)option=(!)?(\\S+)', ([, not, number = '']) => [
    option('match', 'tcp', 'tcp-option', [number], not !== undefined),
  ]),
  phrase('icmp ?(!)?\\s?type (\\d+) codes? (\\d+)', ([, not, type = '', code = '']) =>
    match('icmp', 'icmp-type', [`${type}/${code}`], not !== undefined),
  ),
  phrase('icmp ?(!)?\\s?type (\\d+)', ([, not, type = '']) =>
    match('icmp', 'icmp-type', [type], not !== undefined),
  ),
  phrase('ipv6-icmp ?(!)?\\s?type (\\d+) codes? (\\d+)', ([, not, type = '', code = '']) =>
    match('icmp6', 'icmpv6-type', [`${type}/${code}`], not !== undefined),
  ),
  phrase('ipv6-icmp ?(!)?\\s?type (\\d+)', ([, not, type = '']) =>
    match('icmp6', 'icmpv6-type', [type], not !== undefined),
  ),
  phrase('ipv6-icmp (!)?(\\S+)', ([, not, type = '']) =>
    match('icmp6', 'icmpv6-type', [type], not !== undefined),
  ),
  phrase('icmp (!)?(\\S+)', ([, not, type = '']) => match('icmp', 'icmp-type', [type], not !== undefined)),
  phrase('multiport (sports|dports|ports)\\s+(!)?\\s?(\\S+)', ([, side, not, ports = '']) =>
    match(
      'multiport',
      side === 'sports' ? 'source-ports' : side === 'dports' ? 'destination-ports' : 'ports',
      [ports],
      not !== undefined,
    ),
  ),
  phrase('(! ?)?state (\\S+)', ([, not, states = '']) =>
    match('state', 'state', [states], not !== undefined),
  ),
  phrase('(! ?)?ctstate (\\S+)', ([, not, states = '']) =>
    match('conntrack', 'ctstate', [states], not !== undefined),
  ),
  phrase(`(! ?)?(${entryOptions}) (\\S+)`, ([, not, name = '', value = '']) =>
    match('conntrack', name, [value], not !== undefined),
  ),
  phrase('(! ?)?match-set (\\S+) (\\S+)( return-nomatch)?', ([, not, name = '', flags = '', holes]) => [
    ...match('set', 'match-set', [name, flags], not !== undefined),
    ...(holes === undefined ? [] : [option('match', 'set', 'return-nomatch', [])]),
  ]),
  phrase('(! ?)?set (\\S+) ((?:src|dst)(?:,(?:src|dst))*)', ([, not, name = '', flags = '']) =>
    match('set', 'match-set', [name, flags], not !== undefined),
  ),
  phrase('(packets|bytes)-(eq|lt|gt) (\\d+)', ([, unit = '', relation = '', count = '']) => [
    option('match', 'set', `${unit}-${relation}`, [count]),
  ]),
  phrase('(?:mark|MARK) match (! ?)?(\\S+)', ([, not, mark = '']) =>
    match('mark', 'mark', [mark], not !== undefined),
  ),
  phrase('(?:connmark|CONNMARK) match\\s+(! ?)?(\\S+)', ([, not, mark = '']) =>
    match('connmark', 'mark', [mark], not !== undefined),
  ),
  phrase('source IP range (! ?)?(\\S+)', ([, not, range = '']) =>
    match('iprange', 'src-range', [range], not !== undefined),
  ),
  phrase('destination IP range (! ?)?(\\S+)', ([, not, range = '']) =>
    match('iprange', 'dst-range', [range], not !== undefined),
  ),
  phrase(
    'ADDRTYPE match((?: (?:src-type|dst-type) !?[A-Z,]+)*)( limit-(?:in|out))?',
    ([, types = '', limit]) => [
      load('addrtype'),
      ...[...types.matchAll(/(src-type|dst-type) (!)?(\S+)/g)].map(([, name = '', not, list = '']) =>
        option('match', 'addrtype', name, [list], not !== undefined),
      ),
      ...(limit === undefined
        ? []
        : [option('match', 'addrtype', limit.trim().replace('limit-', 'limit-iface-'), [])]),
    ],
  ),
  phrase('MAC ?(! ?)?([0-9A-Fa-f:]{17})', ([, not, mac = '']) =>
    match('mac', 'mac-source', [mac], not !== undefined),
  ),
  phrase(
    'limit: avg (\\S+) burst (\\d+) mode (\\S+)(?: (?:htable-\\S+|srcmask|dstmask) \\S+)*',
    ([text = '']) => opaque('hashlimit', text),
  ),
  phrase('limit: avg (\\S+) burst (\\d+)', ([, rate = '', burst = '']) => [
    ...match('limit', 'limit', [rate]),
    option('match', 'limit', 'limit-burst', [burst]),
  ]),
  phrase(
    'limit: (?:up to|above|above or equal to) \\S+(?: (?:burst|mode|srcmask|dstmask|htable-\\S+) \\S+)*(?: rate-match)?',
    ([text = '']) => opaque('hashlimit', text),
  ),
  phrase('(?:! ?)?#conn\\s?(?:(?:src|dst)?/\\S+)? (?:>|<=|<|>=) \\d+', ([text = '']) =>
    opaque('connlimit', text),
  ),
  phrase('(! ?)?recent: SET name: (\\S+)(?: side: \\S+)?(?: mask: \\S+)?', ([, not, name = '']) => [
    ...match('recent', 'set', [], not !== undefined),
    option('match', 'recent', 'name', [name]),
  ]),
  phrase(
    '(! ?)?recent: (CHECK|UPDATE|REMOVE)(?: (?:seconds|hit_count): \\d+| reap| TTL-Match)* name: (\\S+)(?: side: \\S+)?(?: mask: \\S+)?',
    ([, not, verb, name = '']) => [
      ...match(
        'recent',
        verb === 'CHECK' ? 'rcheck' : verb === 'UPDATE' ? 'update' : 'remove',
        [],
        not !== undefined,
      ),
      option('match', 'recent', 'name', [name]),
    ],
  ),
  phrase('(! ?)?owner (UID|GID) match (! ?)?(\\S+)', ([, before, kind, not, id = '']) =>
    match(
      'owner',
      kind === 'UID' ? 'uid-owner' : 'gid-owner',
      [id],
      before !== undefined || not !== undefined,
    ),
  ),
  phrase('(?:! ?)?owner socket exists', ([text = '']) => opaque('owner', text)),
  phrase('PKTTYPE (=|!=) (\\S+)', ([, relation, type = '']) =>
    match('pkttype', 'pkt-type', [type], relation === '!='),
  ),
  phrase(
    'STRING match\\s+!?\\s?(?:"(?:[^"\\\\]|\\\\.)*"|\\S+) ALGO name \\S+(?: FROM \\d+)?(?: TO \\d+)?(?: ICASE)?',
    ([text = '']) => opaque('string', text),
  ),
  phrase(
    'TIME(?: from \\S+ to \\S+)?(?: on (?:[A-Za-z,]+|(?:\\d+(?:st|nd|rd|th),?)+))*(?: starting from \\S+(?: [\\d:]{8})?)?(?: until date \\S+(?: [\\d:]{8})?)?(?: UTC| localtz)?(?: contiguous)?',
    ([text = '']) => opaque('time', text),
  ),
  phrase('length (?:! ?)?[\\d:]+', ([text = '']) => opaque('length', text)),
  phrase('TTL match TTL ?(?:==|!=|<|>) ?\\d+', ([text = '']) => opaque('ttl', text)),
  phrase('HL match HL ?(?:==|!=|<|>) ?\\d+', ([text = '']) => opaque('hl', text)),
  phrase('(?:TOS|tos) match ?(?:! ?)?\\S+', ([text = '']) => opaque('tos', text)),
  phrase('DSCP match (?:! ?)?\\S+', ([text = '']) => opaque('dscp', text)),
  phrase(
    'statistic mode (?:random (?:! ?)?probability [\\d.]+|nth (?:! ?)?every \\d+(?: packet \\d+)?)',
    ([text = '']) => opaque('statistic', text),
  ),
  phrase('PHYSDEV match(?: !? ?--physdev-\\S+(?: [^-\\s]\\S*)?)*', ([text = '']) => opaque('physdev', text)),
  phrase(
    'policy match dir (?:in|out) pol (?:none|ipsec)(?: (?:strict|\\[\\d+\\]|(?:reqid|spi|proto|mode|tunnel-dst|tunnel-src) (?:! ?)?\\S+))*',
    ([text = '']) => opaque('policy', text),
  ),
  phrase('(?:! ?)?helper match (?:! ?)?"[^"]*"', ([text = '']) => opaque('helper', text)),
  phrase('(?:! ?)?connbytes \\S+ connbytes mode \\S+ connbytes direction \\S+', ([text = '']) =>
    opaque('connbytes', text),
  ),
  phrase('quota: \\d+ bytes', ([text = '']) => opaque('quota', text)),
  phrase('rpfilter(?: (?:loose|validmark|accept-local|invert))*', ([text = '']) => opaque('rpfilter', text)),
  phrase('socket(?: --\\S+)*', ([text = '']) => opaque('socket', text)),
  phrase('(?:! ?)?cgroup \\S+', ([text = '']) => opaque('cgroup', text)),
  phrase('(?:! ?)?u32 (?:! ?)?"[^"]*"', ([text = '']) => opaque('u32', text)),
  // Types, chunks and options of the protocol printed before, perhaps with ports between.
  phrase(
    '(?<=\\bdccp (?:[sd]pts?:\\S+ )*)(?:option=\\S+|(?:! ?)?(?:[A-Z]+|\\d+)(?:,\\S+)?(?= |$))',
    ([text = '']) => [option('match', 'dccp', 'dccp-types', [text])],
  ),
  phrase('(?<=\\bsctp (?:[sd]pts?:\\S+ )*)(?:! ?)?(?:any|all|only) \\S+', ([text = '']) => [
    option('match', 'sctp', 'chunk-types', [text]),
  ]),
  headerPhrase('(ah|esp)', '(?:spis?:!?[\\d:]+)?(?: ?length:!?\\d+)?(?: reserved)?'),
  headerPhrase('(comp)', '(?:spis?:!?[\\d:]+)?(?: \\[INVALID\\])?'),
  headerPhrase(
    '(rt)',
    '(?:(?: ?(?:type|segslefts?|length):!?[\\d:]+)*)(?: reserved)?(?: 0-addrs \\S+)?(?: 0-not-strict)?',
  ),
  headerPhrase('(frag)', '(?:ids?:!?[\\d:]+)?(?: ?length:!?\\d+)?(?: ?(?:reserved|first|more|last))*'),
  headerPhrase('(hbh|dst)', '(?:length:!?\\d+)?(?: ?opts \\S+)?'),
  headerPhrase('(mh)', '(?:!?(?:\\d+|[a-z]+(?:-[a-z]+)+)(?::\\S+)?)?'),
  phrase('ipv6header flags:\\S+(?: soft)?', ([text = '']) => opaque('ipv6header', text)),
  phrase('tcpmss match !?[\\d:]+', ([text = '']) => opaque('tcpmss', text)),
  phrase('(?:! )?(?:realm|cpu) (?:! )?\\S+', ([text = '']) =>
    opaque(text.includes('cpu') ? 'cpu' : 'realm', text),
  ),
  phrase('(?:! )?(?:src|dst)-group \\S+', ([text = '']) => opaque('devgroup', text)),
  phrase('cluster(?: !?(?:node_mask|total_nodes|hash_seed)=\\w+)+', ([text = '']) => opaque('cluster', text)),
  phrase('connlabel (?:! )?\\S+(?: set)?', ([text = '']) => opaque('connlabel', text)),
  phrase('OS fingerprint match (?:! )?\\S+', ([text = '']) => opaque('osf', text)),
  phrase('match bpf (?:pinned \\S+|[\\d ,]+)', ([text = '']) => opaque('bpf', text)),

  phrase('reject-with (\\S+)', ([, answer = '']) => target('REJECT', 'reject-with', answer)),
  phrase(
    // Without -n flags are words behind the level (LOG_print in libxt_LOG.c).
    'LOG (?:flags (?:0x)?[0-9a-fA-F]+ )?(?:UNKNOWN )?level \\S+(?: (?:tcp-sequence|tcp-options|ip-options|uid|macdecode|unknown-flags))*(?: prefix (?:"(?:[^"\\\\]|\\\\.)*"|`[^\']*\'))?',
    () => [],
  ),
  phrase('LOG flags \\S+', () => []),
  phrase(
    '(?:nflog-(?:prefix\\s+"(?:[^"\\\\]|\\\\.)*"|prefix\\s+\\S+|group \\d+|range \\d+|size \\d+|threshold \\d+)|NFLOG|ULOG (?:copy_range \\d+ )?nlgroup \\d+(?: prefix `[^\']*\')?(?: queue_threshold \\d+)?)',
    () => [],
  ),
  phrase('to:(\\S+)', ([, to = '']) => [option('target', '', 'to', [to])]),
  phrase('redir ports (\\S+)', ([, ports = '']) => target('REDIRECT', 'to-ports', ports)),
  phrase('masq ports: ?(\\S+)', ([, ports = '']) => target('MASQUERADE', 'to-ports', ports)),
  phrase('(?:random-fully|random|persistent)', () => []),
  phrase('MARK (set|xset|and|or|xor) (\\S+)', ([, verb, mark = '']) =>
    target('MARK', verb === 'set' || verb === 'xset' ? 'set-xmark' : `${verb ?? ''}-mark`, mark),
  ),
  phrase('CONNMARK restore(?: .*)?', () => target('CONNMARK', 'restore-mark')),
  phrase('CONNMARK (?:save|set|xset|and|or|xor)(?: .*)?', () => []),
  phrase('CT notrack|NOTRACK', () => target('CT', 'notrack')),
  phrase('CT (?:helper|zone|zone-orig|zone-reply|timeout|ctevents|expevents) \\S+', () => []),
  phrase('NFQUEUE (?:num (\\d+)|balance (\\S+))(?: bypass)?(?: cpu-fanout)?', ([, number, range]) =>
    target('NFQUEUE', number === undefined ? 'queue-balance' : 'queue-num', number ?? range ?? ''),
  ),
  phrase('TPROXY redirect \\S*:(\\d+)(?: mark \\S+)?', ([, port = '']) => target('TPROXY', 'on-port', port)),
  phrase(
    '(add|del|map)-set (\\S+) (\\S+)(?: timeout \\d+)?(?: exist)?(?: map-\\S+)*',
    ([, verb = '', name = '', flags = '']) => target('SET', `${verb}-set`, name, flags),
  ),
  phrase('(SNPT|DNPT) src-pfx (\\S+) dst-pfx (\\S+)', ([, name = '', from = '', to = '']) => [
    ...target(name, 'src-pfx', from),
    ...target(name, 'dst-pfx', to),
  ]),
  phrase('HMARK .*|timeout:\\d+ label:\\S+(?: .*)?|name \\S+ interval \\S+ ewmalog \\S+', () => []),
  phrase('SYNPROXY(?: (?:sack-perm|timestamp|ecn|(?:wscale|mss) \\d+))*', () => []),
  phrase(
    '(?:TCPMSS (?:clamp to PMTU|set \\d+)|TTL (?:set to|increment by|decrement by) \\d+|HL (?:set to|increment by|decrement by) \\d+|DSCP set \\S+|TOS (?:set|and|or|xor) \\S+|CHECKSUM fill|CLASSIFY set \\S+|AUDIT \\S+|TEE gw:\\S+(?: oif=\\S+)?|TCPOPTSTRIP options \\S+|ECN(?: \\S+)*|SECMARK selctx \\S+|CONNSECMARK \\S+)',
    () => [],
  ),
];

/**
 * The options behind the columns of a row. A word that begins no known phrase becomes an unknown option, so nothing is lost.
 * `target` tells whose `to:` it is.
 */
export function readPhrases(text: string, targetName: string): OptionSyntax[] {
  const options: OptionSyntax[] = [];
  let module = '';
  const used = new Set<string>();
  let at = 0;
  while (at < text.length) {
    if (text[at] === ' ' || text[at] === '\t') {
      at++;
      continue;
    }
    if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      const close = end < 0 ? text.length : end;
      options.push(...match('comment', 'comment', [text.slice(at + 2, close).trim()]));
      at = close + 2;
      continue;
    }
    const read = readPhrase(text, at);
    if (read === undefined) {
      let end = at;
      while (end < text.length && text[end] !== ' ' && text[end] !== '\t') end++;
      const word = text.slice(at, end);
      options.push({ ...option('core', '', word, []), known: false, text: word });
      at = end;
      continue;
    }
    const again = continues(read.options, module, used);
    for (const found of read.options) {
      if (isLoad(found)) {
        if (again) continue;
        module = found.values[0] ?? '';
        used.clear();
      }
      const assigned = assign(found, module, targetName);
      if (assigned.owner === 'match') used.add(assigned.name);
      options.push(assigned);
    }
    at = read.end;
  }
  return options;
}

function isLoad(found: OptionSyntax): boolean {
  return found.owner === 'core' && found.name === 'match';
}

/**
 * One match prints its options as several phrases (`ctstate NEW ctproto 6`); only a repeated option shows that a second match of the
 * same name begins. A multiport has one option only.
 */
function continues(options: readonly OptionSyntax[], module: string, used: ReadonlySet<string>): boolean {
  const [first, ...rest] = options;
  if (first === undefined || !isLoad(first) || first.values[0] !== module || module === 'multiport')
    return false;
  return rest.length > 0 && rest.every((option) => !used.has(option.name));
}

function readPhrase(text: string, at: number): { options: readonly OptionSyntax[]; end: number } | undefined {
  for (const { pattern, options } of phrases) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null && found[0] !== '') return { options: options(found), end: pattern.lastIndex };
  }
  return undefined;
}

/** Ports belong to the protocol match printed before them, `to:` to the row's target. */
function assign(found: OptionSyntax, module: string, targetName: string): OptionSyntax {
  if (found.owner === 'match' && found.module === '') return { ...found, module };
  if (found.owner === 'target' && found.module === '') {
    const name = targetName === 'SNAT' ? 'to-source' : targetName === 'NETMAP' ? 'to' : 'to-destination';
    return { ...found, module: targetName, name };
  }
  return found;
}
