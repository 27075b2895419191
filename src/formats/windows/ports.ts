import type { Interval } from '../../packets/interval.ts';
import { normalize, type IntervalSet } from '../../packets/interval.ts';
import type { KnownCondition } from './windows-rule.ts';

/** What a port list says: ports for certain, and ports that hang on something no file tells. */
export interface PortList {
  readonly any: boolean;
  readonly ports: IntervalSet;
  readonly conditional: readonly ConditionalPorts[];
  /** Words that were not understood. */
  readonly bad: readonly string[];
}

export interface ConditionalPorts extends KnownCondition {
  /** The ports it can mean; undefined is any. */
  readonly within: IntervalSet | undefined;
}

interface PortKeyword {
  readonly within: IntervalSet | undefined;
  /** Undefined: the keyword means exactly `within`. */
  readonly reason: string | undefined;
}

/**
 * MS-FASP 2.2.14 FW_PORT_KEYWORD, in the spellings of the registry, PowerShell, netsh and the console. Numbers: the dynamic range
 * since Windows Vista (RPC), the endpoint mapper's well-known port, and what the components listen on by default.
 */
const keywords = new Map<string, PortKeyword>();

function define(spellings: readonly string[], within: IntervalSet | undefined, reason?: string): void {
  for (const spelling of spellings) keywords.set(spelling, { within, reason });
}

define(
  ['rpc', 'rpc dynamic ports', 'rpcdynamicports', 'dynamic rpc'],
  [[49152, 65535]],
  'only the dynamic ports that the RPC runtime has given to the listening program',
);
define(['rpc-epmap', 'rpcepmap', 'rpc endpoint mapper'], [[135, 135]]);
define(
  ['iphttpsin', 'iptlsin', 'iphttps', 'iptls', 'ip-https', 'iphttps (in)', 'iphttps in'],
  [[443, 443]],
  'only while the IP-HTTPS transition service listens',
);
define(['iphttpsout', 'iptlsout'], [[443, 443]], 'only for the IP-HTTPS transition client');
define(['teredo', 'edge traversal'], undefined, 'only the port that the Teredo client uses');
define(['dhcp'], [[67, 68]], 'only the ports that the DHCP client or server uses');
define(['mdns'], [[5353, 5353]]);
define(
  ['ply2disc', 'playtodiscovery', 'play to discovery', 'playto discovery'],
  undefined,
  'only the port that Cast (Play To) discovery uses',
);
define(
  ['tcpcdpsvc', 'cdpsvc', 'wfdcdpsvc'],
  [[5040, 5040]],
  'only the port that the Connected Devices Platform service uses',
);
define(['cortanaout', 'cortana'], undefined, 'only the ports that Cortana uses');

const none: PortList = { any: false, ports: [], conditional: [], bad: [] };
const any: PortList = { any: true, ports: [[0, 65535]], conditional: [], bad: [] };

/** Reads a comma list of ports, ranges and keywords. `RPC-EPMap` holds a hyphen and is no range. */
export function parsePorts(text: string): PortList {
  const trimmed = text.trim();
  if (isAnyWord(trimmed)) return any;
  const ports: Interval[] = [];
  const conditional: ConditionalPorts[] = [];
  const bad: string[] = [];
  for (const part of trimmed.split(',')) {
    const word = part.trim();
    if (word === '') continue;
    if (isAnyWord(word)) return any;
    const range = parseRange(word);
    if (range !== undefined) {
      ports.push(range);
      continue;
    }
    const keyword = keywords.get(word.toLowerCase());
    if (keyword === undefined) bad.push(word);
    else if (keyword.reason === undefined) ports.push(...(keyword.within ?? []));
    else {
      conditional.push({
        key: `windows:ports:${keyword.reason}`,
        reason: `${word}: ${keyword.reason}`,
        within: keyword.within,
      });
    }
  }
  return { ...none, ports: normalize(ports), conditional, bad };
}

function isAnyWord(word: string): boolean {
  return word === '*' || word.toLowerCase() === 'any' || word.toLowerCase() === 'all ports';
}

/** A number or `from-to`, 0 to 65535; a reversed or too large one is not a range. */
function parseRange(word: string): Interval | undefined {
  const first = word.charCodeAt(0);
  if (first < 48 || first > 57) return undefined;
  const found = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(word);
  if (found === null) return undefined;
  const from = Number(found[1]);
  const to = found[2] === undefined ? from : Number(found[2]);
  return from <= to && to <= 65535 ? [from, to] : undefined;
}
