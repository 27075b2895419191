import { type AddressField, connectionStates, type NameField, type NumericField } from '../packets/fields.ts';
import type { PacketSpace, SpaceField } from '../packets/packet-space.ts';
import type { Packet } from './packet.ts';

/** The value of each variable for a concrete packet. Variables of fields that a packet does not have on arrival are false. */
export function packetBits(space: PacketSpace, packet: Packet): (level: number) => boolean {
  const bits = new Uint8Array(space.questionBase);
  const set = (field: SpaceField, value: bigint): void => {
    const levels = space.levelsOf(field);
    levels.forEach((level, i) => {
      bits[level] = Number((value >> BigInt(levels.length - 1 - i)) & 1n);
    });
  };
  const numbers: readonly (readonly [NumericField, number])[] = [
    ['protocol', packet.protocol],
    ['sourcePort', packet.sourcePort],
    ['destinationPort', packet.destinationPort],
    ['tcpFlags', packet.tcpFlags],
    ['state', connectionStates.indexOf(packet.state)],
  ];
  for (const [field, value] of numbers) set(field, BigInt(value));
  const addresses: readonly (readonly [AddressField, bigint])[] = [
    ['source', packet.source],
    ['destination', packet.destination],
  ];
  for (const [field, value] of addresses) set(field, value);
  for (const [field, name] of Object.entries(packet.names) as [NameField, string][]) {
    const table = space.namesOf(field);
    if (table !== undefined) set(field, BigInt(table.codes(table.classOf(name))[0]));
  }
  return (level) => bits[level] === 1;
}
