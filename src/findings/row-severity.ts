import type { Exposure, Severity } from '../report/report.ts';

const ladder: readonly Severity[] = ['none', 'note', 'low', 'medium', 'high'];

/** The lower of two. */
export function atMost(severity: Severity, cap: Severity): Severity {
  return ladder.indexOf(severity) <= ladder.indexOf(cap) ? severity : cap;
}

export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return threshold !== 'none' && ladder.indexOf(severity) >= ladder.indexOf(threshold);
}

/**
 * Interfaces that by their name face machines and containers of one's own: LAN bridges, tunnels, container networks. Names such as
 * eth0 or en0 may face anything and are not among them.
 */
const inward =
  /^(lan|br-|brlan|bridge|docker|podman|cni|cali|flannel|weave|veth|vnet|virbr|vmbr|lxc|lxd|incus|kube-|nodelocal|tun|tap|wg|tailscale|ts[0-9]|zt|ipsec|vti|gre|dmz|int|mgmt|lo)/i;

/** True if every packet of the row arrives on such an interface. */
export function arrivesInside(row: Exposure): boolean {
  return row.from.every(
    ({ inInterfaces }) =>
      inInterfaces !== undefined && inInterfaces.every((name) => !name.startsWith('!') && inward.test(name)),
  );
}

/** What a row's finding weighs: less from inside, and next to nothing for what the host itself sends. */
export function rowSeverity(row: Exposure, severity: Severity): Severity {
  if (row.direction === 'out') return atMost(severity, 'note');
  return arrivesInside(row) ? atMost(severity, 'low') : severity;
}
