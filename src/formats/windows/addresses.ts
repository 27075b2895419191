import { addressBits, type AddressRange, type Family } from '../../packets/fields.ts';
import type { KnownCondition } from './windows-rule.ts';

/** What one address term says. */
export type AddressTerm =
  | { readonly kind: 'any' }
  | { readonly kind: 'range'; readonly family: Family; readonly range: AddressRange }
  /** A keyword: addresses that only the host knows. `family` where the keyword or its field names one. */
  | { readonly kind: 'keyword'; readonly family?: Family; readonly condition: KnownCondition }
  | { readonly kind: 'bad' };

/** MS-FASP 2.2.21 FW_ADDRESS_KEYWORD in the spellings of the registry, PowerShell, netsh and the console. */
const keywords = new Map<string, string>([
  ['localsubnet', 'LocalSubnet: only the subnets of the host’s own interfaces'],
  ['local subnet', 'LocalSubnet: only the subnets of the host’s own interfaces'],
  ['dns', 'DNS: only the configured DNS servers'],
  ['dns servers', 'DNS: only the configured DNS servers'],
  ['dhcp', 'DHCP: only the configured DHCP servers'],
  ['dhcp servers', 'DHCP: only the configured DHCP servers'],
  ['wins', 'WINS: only the configured WINS servers'],
  ['wins servers', 'WINS: only the configured WINS servers'],
  ['defaultgateway', 'DefaultGateway: only the default gateways'],
  ['default gateway', 'DefaultGateway: only the default gateways'],
  ['internet', 'Internet: only addresses that network isolation counts as internet'],
  ['intranet', 'Intranet: only addresses that network isolation counts as intranet'],
  ['rmtintranet', 'IntranetRemoteAccess: only the intranet reached by remote access'],
  ['intranetremoteaccess', 'IntranetRemoteAccess: only the intranet reached by remote access'],
  ['remotecorpnetwork', 'IntranetRemoteAccess: only the intranet reached by remote access'],
  ['ply2renders', 'PlayToDevice: only discovered Cast (Play To) devices'],
  ['playtodevice', 'PlayToDevice: only discovered Cast (Play To) devices'],
  ['playtorenderers', 'PlayToDevice: only discovered Cast (Play To) devices'],
  ['captiveportal', 'CaptivePortal: only captive portal hosts'],
]);

/** One address as any export writes it: `*`, an address, `a-b`, `net/len`, `net/mask` or a keyword with an optional 4 or 6. */
export function parseAddress(text: string, field?: Family): AddressTerm {
  const word = text.trim();
  const first = word.charCodeAt(0);
  if ((first < 48 || first > 57) && first !== 58 && !word.includes(':')) return parseKeyword(word, field);
  const dash = word.indexOf('-');
  if (dash > 0) {
    const from = parseOne(word.slice(0, dash).trim());
    const to = parseOne(word.slice(dash + 1).trim());
    if (from === undefined || to?.family !== from.family || to.value < from.value) return { kind: 'bad' };
    return { kind: 'range', family: from.family, range: [from.value, to.value] };
  }
  const slash = word.indexOf('/');
  const address = slash < 0 ? word : word.slice(0, slash);
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  const length = slash < 0 ? addressBits[family] : parseMask(word.slice(slash + 1), family);
  if (length === undefined) return { kind: 'bad' };
  if (family === 'ipv4') {
    const value = parseIpv4(address);
    if (value === undefined) return { kind: 'bad' };
    const size = 2 ** (32 - length);
    const from = value - (value % size);
    const first = BigInt(from);
    return { kind: 'range', family, range: [first, size === 1 ? first : BigInt(from + size - 1)] };
  }
  const value = parseIpv6(address);
  if (value === undefined) return { kind: 'bad' };
  const host = (1n << BigInt(128 - length)) - 1n;
  const from = value & ~host;
  return { kind: 'range', family, range: [from, from | host] };
}

function parseKeyword(word: string, field: Family | undefined): AddressTerm {
  const lower = word.toLowerCase();
  if (lower === '*' || lower === 'any') return { kind: 'any' };
  let family = field;
  let reason = keywords.get(lower);
  if (reason === undefined && (lower.endsWith('4') || lower.endsWith('6'))) {
    reason = keywords.get(lower.slice(0, -1));
    family = lower.endsWith('4') ? 'ipv4' : 'ipv6';
  }
  if (reason === undefined) return { kind: 'bad' };
  const condition = { key: `windows:address:${reason.slice(0, reason.indexOf(':'))}`, reason };
  return family === undefined ? { kind: 'keyword', condition } : { kind: 'keyword', family, condition };
}

interface OneAddress {
  readonly family: Family;
  readonly value: bigint;
}

function parseOne(text: string): OneAddress | undefined {
  if (text.includes(':')) {
    const value = parseIpv6(text);
    return value === undefined ? undefined : { family: 'ipv6', value };
  }
  const value = parseIpv4(text);
  return value === undefined ? undefined : { family: 'ipv4', value: BigInt(value) };
}

/** A prefix length, or for IPv4 a contiguous mask. */
function parseMask(text: string, family: Family): number | undefined {
  if (/^\d{1,3}$/.test(text)) {
    const length = Number(text);
    return length <= addressBits[family] ? length : undefined;
  }
  if (family !== 'ipv4') return undefined;
  const mask = parseIpv4(text);
  if (mask === undefined) return undefined;
  const inverted = ~mask >>> 0;
  return (inverted & (inverted + 1)) === 0 ? Math.clz32(inverted) : undefined;
}

/** Four decimal numbers without leading zeros (`010` is octal to some tools, so it is refused). */
function parseIpv4(text: string): number | undefined {
  let value = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let i = 0; i <= text.length; i++) {
    const c = i < text.length ? text.charCodeAt(i) : 46;
    if (c === 46) {
      if (digits === 0 || part > 255) return undefined;
      value = value * 256 + part;
      part = 0;
      digits = 0;
      dots++;
    } else if (c >= 48 && c <= 57) {
      if (digits > 0 && part === 0) return undefined;
      part = part * 10 + (c - 48);
      if (++digits > 3) return undefined;
    } else return undefined;
  }
  return dots === 4 ? value : undefined;
}

/** RFC 4291 text, with an optional zone (`%eth0`), which is dropped: Windows' scope ids say nothing in an export. */
function parseIpv6(text: string): bigint | undefined {
  let words = text.replace(/%[0-9A-Za-z._-]+$/, '');
  const lastColon = words.lastIndexOf(':');
  if (words.includes('.')) {
    const embedded = parseIpv4(words.slice(lastColon + 1));
    if (embedded === undefined) return undefined;
    words = `${words.slice(0, lastColon + 1)}${(embedded >>> 16).toString(16)}:${(embedded & 0xffff).toString(16)}`;
  }
  const halves = words.split('::');
  if (halves.length > 2) return undefined;
  const head = halves[0] === '' ? [] : halves[0]!.split(':');
  const tail = halves.length === 1 || halves[1] === '' ? [] : halves[1]!.split(':');
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  let value = 0n;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  for (const group of groups) {
    if (!/^[0-9A-Fa-f]{1,4}$/.test(group)) return undefined;
    value = (value << 16n) | BigInt(parseInt(group, 16));
  }
  return value;
}
