import type { EntryPoint } from '../model/firewall.ts';

/** The interface by which a packet that a host sends to itself is told: the one it arrives on, or on its way out the one it leaves by. */
export function loopbackField({ direction }: EntryPoint): 'inInterface' | 'outInterface' {
  return direction === 'out' ? 'outInterface' : 'inInterface';
}
