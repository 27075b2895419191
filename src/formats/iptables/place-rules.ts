import type { RuleContext } from './lowering.ts';

/*
 * Where the kernel takes a match or target: `table`, `hook` (built-in chains; of user chains their callers decide, which is not
 * checked here) and `protocol` as numbers. From the xt_match and xt_target structures of net/netfilter/xt_*.c and
 * net/ipv4/netfilter/ipt_*.c, Linux 6.x.
 */
const matchLines = `
cgroup hook=INPUT|OUTPUT|POSTROUTING
esp protocol=50
ipcomp protocol=108
osf hook=PREROUTING|INPUT|FORWARD protocol=6
owner hook=OUTPUT|POSTROUTING
rpfilter table=raw|mangle hook=PREROUTING
socket hook=PREROUTING|INPUT
tcpmss protocol=6
`;

const targetLines = `
CHECKSUM table=mangle
CLASSIFY hook=OUTPUT|FORWARD|POSTROUTING
CT table=raw
DNAT table=nat hook=PREROUTING|OUTPUT
DSCP table=mangle
ECN table=mangle
HL table=mangle
MASQUERADE table=nat hook=POSTROUTING
NETMAP table=nat
NOTRACK table=raw
REDIRECT table=nat hook=PREROUTING|OUTPUT
REJECT table=filter
SNAT table=nat hook=INPUT|POSTROUTING
SYNPROXY hook=INPUT|FORWARD protocol=6
TCPMSS protocol=6
TOS table=mangle
TPROXY table=mangle hook=PREROUTING protocol=6|17
TTL table=mangle
`;

interface Place {
  readonly tables: readonly string[];
  readonly hooks: readonly string[];
  readonly protocols: readonly number[];
}

const places = { match: new Map<string, Place>(), target: new Map<string, Place>() };

/** Refuses a match or target in a table, chain or protocol where the kernel does not take it. */
export function checkPlace(kind: 'match' | 'target', name: string, context: RuleContext): void {
  const place = placesOf(kind).get(name);
  if (place === undefined) return;
  const { table, hook, protocol } = context;
  const what = kind === 'match' ? `-m ${name}` : name;
  if (place.tables.length > 0 && table !== '' && !place.tables.includes(table))
    context.refuse(`${what} is only valid in the ${place.tables.join(' or ')} table, not in ${table}`, name);
  if (place.hooks.length > 0 && hook !== undefined && !place.hooks.includes(hook))
    context.refuse(`${what} cannot be used in ${hook}, only in ${place.hooks.join(', ')}`, name);
  if (place.protocols.length > 0 && (protocol.negated || !place.protocols.includes(protocol.number)))
    context.refuse(`${what} needs -p ${place.protocols.map(protocolName).join(' or -p ')}`, name);
}

function protocolName(number: number): string {
  return { 6: 'tcp', 17: 'udp', 50: 'esp', 108: 'ipcomp' }[number] ?? String(number);
}

function placesOf(kind: 'match' | 'target'): ReadonlyMap<string, Place> {
  const known = places[kind];
  if (known.size > 0) return known;
  for (const line of (kind === 'match' ? matchLines : targetLines).trim().split('\n')) {
    const [name = '', ...parts] = line.split(' ');
    const words = (key: string): readonly string[] =>
      parts
        .find((part) => part.startsWith(`${key}=`))
        ?.slice(key.length + 1)
        .split('|') ?? [];
    known.set(name, {
      tables: words('table'),
      hooks: words('hook'),
      protocols: words('protocol').map(Number),
    });
  }
  return known;
}
