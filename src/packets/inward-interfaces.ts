/**
 * Interfaces that by their name face machines and containers of one's own: LAN bridges, tunnels, container networks. Names such as
 * eth0 or en0 may face anything and are not among them.
 */
const inward =
  /^(lan|br-|brlan|bridge|docker|podman|cni|cali|flannel|weave|veth|vnet|virbr|vmbr|lxc|lxd|incus|kube-|nodelocal|tun|tap|wg|tailscale|ts[0-9]|zt|ipsec|vti|gre|dmz|int|mgmt|lo)/i;

/** Every interface of the list (as `from` elements write it) faces inward. */
export function faceInward(interfaces: readonly string[] | undefined): boolean {
  return interfaces !== undefined && interfaces.every((name) => !name.startsWith('!') && inward.test(name));
}
