import type { Firewall, Stage } from '../model/firewall.ts';
import type { NameField } from '../packets/fields.ts';

/**
 * The interface that a packet does not have at a hook, and whose name is the empty one to every test there: none to leave by before
 * the host has routed it, nor on its way into the host, and none it came by on its way out of the host (`indev` and `outdev` of
 * ip_tables.c, nft_meta.c). Rules get to ask for it in chains that several hooks share.
 */
export function absentInterface({ format }: Firewall, { hook }: Stage): NameField | undefined {
  if (format !== 'iptables' && format !== 'nftables') return undefined;
  switch (hook) {
    case 'ingress':
    case 'prerouting':
    case 'input':
      return 'outInterface';
    case 'output':
      return 'inInterface';
    case 'forward':
    case 'postrouting':
      return undefined;
  }
}
