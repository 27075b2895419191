import { describe, expect, it } from 'vitest';
import { FALSE, TRUE } from '../../src/packets/bdd.ts';
import { PacketSpace } from '../../src/packets/packet-space.ts';
import { PortKeys } from '../../src/packets/port-keys.ts';

const space = new PacketSpace({
  family: 'ipv4',
  order: 'addresses-first',
  names: new Map(),
  fixed: new Map(),
  maxNodes: 1_000_000,
});

/** Ports whose low bits are as said. */
const lowBits = (mask: number, value: number): number => space.bitsEqual('destinationPort', mask, value);

describe('keys of protocols and ports', () => {
  it.each([
    ['every second port', lowBits(1, 1), false],
    ['every eighth port', lowBits(7, 1), false],
    ['every 64th port', lowBits(63, 1), true],
    ['one port', space.numberIn('destinationPort', [[22, 22]]), true],
  ])('%s', (_, test, inUse) => {
    const keys = new PortKeys(space, [test], true);
    expect(keys.total > 1).toBe(inUse);
    // Whatever they are, no port is lost.
    const held = keys.cut(test).reduce((sum, { from, to }) => sum + to - from + 1, 0);
    const rests = new Set(keys.cut(test).map(({ rest }) => rest));
    if (inUse) {
      expect(rests).toEqual(new Set([TRUE]));
      expect(held).toBe(test === lowBits(63, 1) ? 1024 : 1);
    } else expect(rests).toEqual(new Set([test]));
    expect(rests.has(FALSE)).toBe(false);
  });
});
