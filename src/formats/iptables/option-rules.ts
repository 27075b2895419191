import { matchModules, targetModules } from '../../../grammars/iptables/modules.ts';
import type { ModuleUse, RuleContext } from './lowering.ts';

/*
 * One line a module: groups of options, of each of which at least one must stand there; with `/` instead of `|` also one at most; a
 * group in brackets may be left out. From the option tables and final checks of the extensions (xtables 1.8.9, libxt_*.c, libipt_*.c,
 * libip6t_*.c), whose words for it are `must be specified` and `cannot be used together with`.
 */
const matchLines = `
bpf bytecode/object-pinned
cgroup cgroup/path
cluster cluster-total-nodes cluster-local-node/cluster-local-nodemask cluster-hash-seed
comment comment
connbytes connbytes connbytes-dir connbytes-mode
connlabel label
connlimit connlimit-upto/connlimit-above
connmark mark
cpu cpu
devgroup src-group|dst-group
dscp dscp/dscp-class
ecn ecn-tcp-cwr|ecn-tcp-ece|ecn-ip-ect
hashlimit hashlimit-upto/hashlimit-above hashlimit-name
helper helper
hl hl-eq/hl-lt/hl-gt
icmp icmp-type
icmp6 icmpv6-type
ipv6header header
length length
mac mac-source
mark mark
nfacct nfacct-name
osf genre
owner uid-owner|gid-owner|pid-owner|sid-owner|cmd-owner|socket-exists
physdev physdev-in|physdev-out|physdev-is-in|physdev-is-out|physdev-is-bridged
pkttype pkt-type
policy dir
quota quota
realm realm
recent set/rcheck/update/remove
statistic mode probability/every
string algo string/hex-string
tcpmss mss
tos tos
ttl ttl-eq/ttl-lt/ttl-gt
u32 u32
`;

const targetLines = `
AUDIT type
CHECKSUM checksum-fill
CLASSIFY set-class
CONNMARK set-xmark/set-mark/and-mark/or-mark/xor-mark/save-mark/restore-mark
CONNSECMARK save/restore
DNPT src-pfx dst-pfx
DSCP set-dscp/set-dscp-class
HL hl-set/hl-dec/hl-inc
IDLETIMER timeout label
LED led-trigger-id
MARK set-xmark/set-mark/and-mark/or-mark/xor-mark
NETMAP to
NFQUEUE [queue-num/queue-balance]
SECMARK selctx
SET add-set|del-set|map-set
SNPT src-pfx dst-pfx
TCPMSS set-mss/clamp-mss-to-pmtu
TEE gateway
TOS set-tos/and-tos/or-tos/xor-tos
TPROXY on-port
TTL ttl-set/ttl-dec/ttl-inc
`;

interface Group {
  readonly names: readonly string[];
  readonly required: boolean;
  readonly exclusive: boolean;
}

/** Options of these may come several times: a policy has sections, and translation once took several ranges. */
const repeating = ['policy', 'rateest', 'set', 'DNAT', 'SNAT', 'SAME', 'ULOG'];

const rules = { match: new Map<string, readonly Group[]>(), target: new Map<string, readonly Group[]>() };

/** Refuses a match or target that lacks an option, or has two that exclude each other, or one twice. */
export function checkOptions(kind: 'match' | 'target', use: ModuleUse, context: RuleContext): void {
  const module = (kind === 'match' ? matchModules : targetModules).get(use.name);
  if (module === undefined) return;
  const names = use.options.map(({ name }) => name);
  const flag = kind === 'match' ? `-m ${use.name}` : `-j ${use.name}`;
  for (const { names: group, required, exclusive } of groupsOf(kind, use.name)) {
    const given = group.filter((name) => names.includes(name));
    if (required && given.length === 0) context.refuse(`${flag} needs ${listed(group)}`, use.name);
    else if (exclusive && given.length > 1)
      context.refuse(`--${given[0]!} cannot be used together with --${given[1]!}`, `--${given[1]!}`);
  }
  if (use.name === 'statistic' && names.includes('every') && !names.includes('packet'))
    context.refuse('--every needs --packet', '--every');
  if (repeating.includes(use.name)) return;
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) context.refuse(`--${twice} can only be used once`, `--${twice}`);
}

function listed(names: readonly string[]): string {
  const options = names.map((name) => `--${name}`);
  return options.length === 1 ? options[0]! : `${options.slice(0, -1).join(', ')} or ${options.at(-1)!}`;
}

function groupsOf(kind: 'match' | 'target', name: string): readonly Group[] {
  const known = rules[kind];
  if (known.size === 0) {
    for (const line of (kind === 'match' ? matchLines : targetLines).trim().split('\n')) {
      const [module = '', ...groups] = line.split(' ');
      known.set(module, groups.map(groupOf));
    }
  }
  return known.get(name) ?? [];
}

function groupOf(text: string): Group {
  const inner = text.replace(/^\[|\]$/g, '');
  return { names: inner.split(/[|/]/), required: inner === text, exclusive: inner.includes('/') };
}
