/**
 * The table that tells which probes came through: the last chain on the input hook, and the last ones on
 * forward and postrouting, write down the id of each and drop it, just before conntrack would confirm the flow (at INT_MAX, for IPv6 at INT_MAX - 1). Because it drops, no flow is ever confirmed and no answer is sent: each probe is the first packet of a new flow.
 * The first chain on the devices' ingress counts probes, which proves that none was lost on the way; the first ones on input and forward
 * tell where a (perhaps translated) packet was to go.
 */
import { incoming, outgoing, probeMacPrefix } from './topology.ts';

export const sentinelTable = 'fwa_sentinel';

const idSet = 'typeof tcp sequence; flags dynamic; size 4000000;';
const record = (set: string): string =>
  [
    `meta l4proto { tcp } add @${set} { @th,32,32 } return`,
    `meta l4proto { dccp } add @${set} { @th,96,32 } return`,
    `meta l4proto { sctp } add @${set} { @th,128,32 } return`,
    `add @${set} { @th,64,32 }`,
  ].join('\n    ');

const mac = [...probeMacPrefix, 0].map((byte) => byte.toString(16).padStart(2, '0')).join(':');

export const sentinelText = `
table inet ${sentinelTable} {
  set accepted_in { ${idSet} }
  set accepted_forward { ${idSet} }
  set accepted_out { ${idSet} }
  set to_host { ${idSet} }
  set to_docker { ${idSet} }
  set to_lan { ${idSet} }
  chain record_in {
    ${record('accepted_in')}
  }
  chain record_forward {
    ${record('accepted_forward')}
  }
  chain record_out {
    ${record('accepted_out')}
  }
  chain record_host {
    ${record('to_host')}
  }
  chain record_docker {
    ${record('to_docker')}
  }
  chain record_lan {
    ${record('to_lan')}
  }
  chain leave {
    type filter hook forward priority -2147483648; policy accept;
    oifname "${outgoing[0]!.name}" jump record_docker
    oifname "${outgoing[1]!.name}" jump record_lan
  }
  chain enter {
    type filter hook input priority -2147483648; policy accept;
    jump record_host
  }
  chain last_in {
    type filter hook input priority 2147483600; policy drop;
    ct state new continue
    jump record_in
  }
  chain last_forward {
    type filter hook forward priority 2147483600; policy accept;
    jump record_forward
  }
  chain last_out {
    type filter hook postrouting priority 2147483600; policy drop;
    jump record_out
  }
}
`;

/** Counts what the devices receive, before any other rule sees it. */
export const arrivalText = `
table netdev ${sentinelTable} {
  counter arrived { }
  chain arrive {
    type filter hook ingress devices = { ${incoming.map(({ name }) => `"${name}"`).join(', ')} } priority -2147483648; policy accept;
    ether saddr & ff:ff:ff:ff:ff:00 == ${mac} counter name arrived
  }
}
`;

export interface SentinelReading {
  /** Probes that entered the device, repeated ones counted each time. */
  readonly arrived: number;
  readonly acceptedIn: ReadonlySet<number>;
  readonly acceptedForward: ReadonlySet<number>;
  /** Where those went that no rule before routing dropped. */
  readonly toHost: ReadonlySet<number>;
  readonly toDocker: ReadonlySet<number>;
  readonly toLan: ReadonlySet<number>;
}

interface NftListing {
  readonly nftables: readonly {
    readonly counter?: { readonly name: string; readonly packets: number };
    readonly set?: {
      readonly name: string;
      readonly elem?: readonly (number | { readonly elem: { readonly val: number } })[];
    };
  }[];
}

/** Reads what `nft -j list table` says of the two tables. */
export function readSentinel(tableJson: string, arrivalJson: string): SentinelReading {
  const listing = JSON.parse(tableJson) as NftListing;
  const arrivals = JSON.parse(arrivalJson) as NftListing;
  const ids = (name: string): ReadonlySet<number> => {
    const found = listing.nftables.find((item) => item.set?.name === name)?.set;
    if (found === undefined) throw new Error(`the sentinel has lost its set ${name}`);
    return new Set(
      (found.elem ?? []).map((element) => (typeof element === 'number' ? element : element.elem.val)),
    );
  };
  // What leaves may also be an answer of the host's own (a reset, an ICMP error): those never came through forward.
  const forwarded = ids('accepted_forward');
  const left = ids('accepted_out');
  const counter = arrivals.nftables.find((item) => item.counter?.name === 'arrived')?.counter;
  if (counter === undefined) throw new Error('the sentinel has lost its counter');
  return {
    arrived: counter.packets,
    acceptedIn: ids('accepted_in'),
    acceptedForward: new Set([...forwarded].filter((id) => left.has(id))),
    toHost: ids('to_host'),
    toDocker: ids('to_docker'),
    toLan: ids('to_lan'),
  };
}
