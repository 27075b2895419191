import type { Direction } from '../packets/fields.ts';

/** The question that address-type tests of every format ask about the destination. */
export const destinationIsHost = 'the destination is an address of this host';

/**
 * What the direction itself says: a question about packets that come in presumes that they were sent to this host, so what is neither
 * multicast nor the limited broadcast is one of its own addresses.
 */
export function premisesOf(direction: Direction): ReadonlyMap<string, boolean> {
  return direction === 'in' ? inward : none;
}

const inward: ReadonlyMap<string, boolean> = new Map([
  [destinationIsHost, true],
  ['destination address type BROADCAST', false],
  ['destination address type UNICAST', false],
]);

const none: ReadonlyMap<string, boolean> = new Map();
