import type { Transport } from './port-types.ts';
import type { ServiceEntry } from './registry.ts';
import { builtInRegistry } from './registry.ts';

/**
 * Names that /etc/services files have and IANA's registry has not, or has with another port first. Read in Debian's netbase and in
 * FreeBSD's, OpenBSD's and macOS' /etc/services; a name is here only if those that know it agree.
 */
const aliases = new Map<string, { readonly port: number; readonly transports: readonly Transport[] }>(
  (
    [
      ['sink', 9, 'tcp udp'],
      ['null', 9, 'tcp udp'],
      ['users', 11, 'tcp udp'],
      ['quote', 17, 'tcp udp'],
      ['ttytst', 19, 'tcp udp'],
      ['source', 19, 'tcp udp'],
      ['fsp', 21, 'udp'],
      ['mail', 25, 'tcp'],
      ['timserver', 37, 'tcp udp'],
      ['resource', 39, 'udp'],
      ['nicname', 43, 'tcp'],
      ['whois', 43, 'tcp'],
      ['bootp', 67, 'udp'],
      ['dhcps', 67, 'udp'],
      ['dhcpc', 68, 'udp'],
      ['link', 87, 'tcp'],
      ['kerberos5', 88, 'tcp udp'],
      ['kerberos-sec', 88, 'tcp udp'],
      ['krb5', 88, 'tcp udp'],
      ['hosts2-ns', 81, 'tcp udp'],
      ['hostnames', 101, 'tcp'],
      ['tsap', 102, 'tcp'],
      ['csnet-ns', 105, 'tcp udp'],
      ['poppassd', 106, 'tcp'],
      ['pop-2', 109, 'tcp'],
      ['pop2', 109, 'tcp'],
      ['pop-3', 110, 'tcp'],
      ['portmapper', 111, 'tcp udp'],
      ['portmap', 111, 'tcp udp'],
      ['rpcbind', 111, 'tcp udp'],
      ['authentication', 113, 'tcp'],
      ['tap', 113, 'tcp'],
      ['readnews', 119, 'tcp'],
      ['untp', 119, 'tcp'],
      ['loc-srv', 135, 'tcp udp'],
      ['imap2', 143, 'tcp'],
      ['snmp-trap', 162, 'tcp udp'],
      ['snmptrap', 162, 'tcp udp'],
      ['z3950', 210, 'tcp udp'],
      ['imap3', 220, 'tcp udp'],
      ['ssmtp', 465, 'tcp'],
      ['smtps', 465, 'tcp'],
      ['rlogin', 513, 'tcp'],
      ['whod', 513, 'udp'],
      ['cmd', 514, 'tcp'],
      ['rsh', 514, 'tcp'],
      ['spooler', 515, 'tcp'],
      ['route', 520, 'udp'],
      ['routed', 520, 'udp'],
      ['router', 520, 'udp'],
      ['timeserver', 525, 'udp'],
      ['uucpd', 540, 'tcp'],
      ['remotefs', 556, 'tcp'],
      ['rfs_server', 556, 'tcp'],
      ['rfs', 556, 'tcp'],
      ['snews', 563, 'tcp'],
      ['ssl-ldap', 636, 'tcp udp'],
      ['kerberos-adm', 749, 'tcp'],
      ['kpasswd', 464, 'tcp udp'],
      ['swat', 901, 'tcp'],
      ['ftps-data', 989, 'tcp'],
      ['imaps', 993, 'tcp'],
      ['ircs', 994, 'tcp'],
      ['pop3s', 995, 'tcp'],
      ['spop3', 995, 'tcp'],
      ['socks', 1080, 'tcp'],
      ['rmiregistry', 1099, 'tcp'],
      ['lotusnotes', 1352, 'tcp'],
      ['lotusnote', 1352, 'tcp'],
      ['ingres', 1524, 'tcp'],
      ['radius', 1812, 'tcp udp'],
      ['radacct', 1813, 'tcp udp'],
      ['nfsd', 2049, 'tcp udp'],
      ['zephyr-srv', 2102, 'tcp udp'],
      ['zephyr-clt', 2103, 'tcp udp'],
      ['zephyr-hm', 2104, 'tcp udp'],
      ['cvspserver', 2401, 'tcp udp'],
      ['ipsec-nat-t', 4500, 'udp'],
      ['ipsec-msft', 4500, 'udp'],
      ['iax', 4569, 'udp'],
      ['sip-tls', 5061, 'tcp'],
      ['xmpp-client', 5222, 'tcp'],
      ['jabber-client', 5222, 'tcp'],
      ['xmpp-server', 5269, 'tcp'],
      ['jabber-server', 5269, 'tcp'],
      ['postgres', 5432, 'tcp'],
      ['nrpe', 5666, 'tcp'],
      ['x11-0', 6000, 'tcp'],
      ['x11-1', 6001, 'tcp'],
      ['ircd', 6667, 'tcp'],
      ['webcache', 8080, 'tcp'],
      ['http-alt', 8080, 'tcp udp'],
      ['bacula-dir', 9101, 'tcp'],
      ['amandaidx', 10082, 'tcp'],
    ] as const
  ).map(([name, port, on]) => [name, { port, transports: on.split(' ') as Transport[] }]),
);

/**
 * The port that a rule means by a service name, as `getservbyname(3)` would answer on a usual system: exact and case-sensitive.
 *
 * `protocol` undefined asks for any transport; a name that is registered for other transports only is answered all the same, as
 * pf and nft do. Undefined if no such name is known: a rule with such a name is not understood.
 * Where the registry has one name on several ports, the lowest counts, which is the first line of /etc/services.
 */
export function portByName(name: string, protocol?: Transport): number | undefined {
  const alias = aliases.get(name);
  if (alias !== undefined && (protocol === undefined || alias.transports.includes(protocol)))
    return alias.port;
  return entryOn(builtInRegistry().entriesNamed(name), protocol)?.port ?? alias?.port;
}

/** The name that `/etc/services` prints for a port, such as `ssh`; undefined for an unassigned one. */
export function nameByPort(port: number, protocol: Transport): string | undefined {
  return builtInRegistry().statusOf(port, protocol).service;
}

function entryOn(
  entries: readonly ServiceEntry[],
  protocol: Transport | undefined,
): ServiceEntry | undefined {
  return (
    entries.find(({ transports }) => protocol === undefined || transports.includes(protocol)) ?? entries[0]
  );
}
