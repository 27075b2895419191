/**
 * The lab's network. Three namespaces: the prober, the device under test, and a network behind it.
 *
 *   prober p0..p2 ──veth── eth0, eth1, wg0 │ device │ docker0, br-lan ──veth── network behind
 *
 * All addresses of the device are host routes (/32, /128), so there is no subnet, broadcast or anycast address that routing
 * would treat in a way of its own; everything else leaves by docker0, except 192.168.50.0/24 and fd00:50::/64 by br-lan.
 */
export interface LabInterface {
  readonly name: string;
  readonly mac: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

export const incoming: readonly LabInterface[] = [
  { name: 'eth0', mac: '02:fb:00:00:00:00', ipv4: '10.0.0.1', ipv6: 'fd00:0:0:1::1' },
  { name: 'eth1', mac: '02:fb:00:00:00:01', ipv4: '192.168.1.1', ipv6: 'fd00:0:0:2::1' },
  { name: 'wg0', mac: '02:fb:00:00:00:02', ipv4: '10.8.0.1', ipv6: 'fd00:0:0:3::1' },
];

export const outgoing: readonly (LabInterface & { readonly gateway4: string; readonly gateway6: string })[] =
  [
    {
      name: 'docker0',
      mac: '02:fb:00:00:00:10',
      ipv4: '172.18.0.1',
      ipv6: 'fd00:18::1',
      gateway4: '172.18.0.2',
      gateway6: 'fd00:18::2',
    },
    {
      name: 'br-lan',
      mac: '02:fb:00:00:00:11',
      ipv4: '192.168.40.1',
      ipv6: 'fd00:40::1',
      gateway4: '192.168.40.2',
      gateway6: 'fd00:40::2',
    },
  ];

/** Networks that leave by br-lan; all others leave by docker0. */
export const behindLan = { ipv4: '192.168.50.0/24', ipv6: 'fd00:50::/64' } as const;

/** Source addresses of probe frames begin with these five bytes, so that the counter tells them from the host's own noise. */
export const probeMacPrefix = [0x02, 0xfa, 0, 0, 0] as const;

export const localAddresses: readonly LabInterface[] = [...incoming, ...outgoing];
