import { tcpFlagBits } from '../../src/packets/fields.ts';
import { addressBytes, addressValue } from './addresses.ts';
import { crc32c, internetChecksum } from './checksum.ts';
import { isIcmp } from './probe-packet.ts';
import type { ProbePacket } from './probe-packet.ts';
import { incoming, probeMacPrefix } from './topology.ts';

/**
 * Builds the Ethernet frame of a probe. Its id travels where no translation reaches it and where the sentinel looks for it:
 * the TCP sequence number, SCTP's initiate tag, DCCP's sequence number, and bytes 8 to 11 of every other transport header.
 * Checksums are right, for conntrack calls a packet with a wrong one INVALID.
 */
export function buildFrame(packet: ProbePacket, id: number): Uint8Array {
  const transport = transportOf(packet, id);
  const source = addressBytes(packet.family, addressValue(packet.source));
  const destination = addressBytes(packet.family, addressValue(packet.destination));
  const ip = packet.family === 'ipv4' ? 20 : 40;
  const frame = new Uint8Array(Math.max(60, 14 + ip + transport.length));
  const view = new DataView(frame.buffer);
  const port = incoming.findIndex(({ name }) => name === packet.inInterface);
  if (port < 0) throw new Error(`the lab has no incoming interface ${packet.inInterface}`);
  frame.set(macBytes(incoming[port]!.mac), 0);
  frame.set([...probeMacPrefix, port], 6);
  view.setUint16(12, packet.family === 'ipv4' ? 0x0800 : 0x86dd);
  if (packet.family === 'ipv4') {
    frame[14] = 0x45;
    view.setUint16(16, ip + transport.length);
    view.setUint16(18, id & 0xffff);
    frame[22] = 64;
    frame[23] = packet.protocol;
    frame.set(source, 26);
    frame.set(destination, 30);
    view.setUint16(24, internetChecksum(frame, 14, 34));
  } else {
    frame[14] = 0x60;
    view.setUint16(18, transport.length);
    frame[20] = packet.protocol;
    frame[21] = 255;
    frame.set(source, 22);
    frame.set(destination, 38);
  }
  const at = 14 + ip;
  frame.set(transport, at);
  const end = at + transport.length;
  const checksumAt = checksumOffset(packet);
  if (packet.protocol === 132) {
    view.setUint32(at + 8, crc32c(frame, at, end), true);
  } else if (checksumAt !== undefined) {
    // ICMPv4 alone has no pseudo header. For UDP-Lite conntrack computes UDP's (nf_conntrack_proto_udp.c, udplite_error), so that
    // packets as RFC 3828 wants them are INVALID to it; these are probes of rulesets, so they are made the way conntrack likes.
    const pseudoProtocol = packet.protocol === 136 ? 17 : packet.protocol;
    const pseudo =
      packet.protocol === 1 ? 0 : wordSum(source) + wordSum(destination) + pseudoProtocol + transport.length;
    const sum = internetChecksum(frame, at, end, pseudo);
    view.setUint16(
      at + checksumAt,
      sum === 0 && (packet.protocol === 17 || packet.protocol === 136) ? 0xffff : sum,
    );
  }
  return frame;
}

function checksumOffset(packet: ProbePacket): number | undefined {
  if (isIcmp(packet)) return 2;
  if (packet.protocol === 6) return 16;
  if (packet.protocol === 17 || packet.protocol === 136 || packet.protocol === 33) return 6;
  return undefined;
}

function transportOf(packet: ProbePacket, id: number): Uint8Array {
  const bytes = new Uint8Array(lengthOf(packet.protocol));
  const view = new DataView(bytes.buffer);
  if (isIcmp(packet)) {
    bytes[0] = packet.icmpType;
    bytes[1] = packet.icmpCode;
    view.setUint32(4, id);
    view.setUint32(8, id);
    return bytes;
  }
  view.setUint16(0, packet.sourcePort);
  view.setUint16(2, packet.destinationPort);
  switch (packet.protocol) {
    case 6:
      view.setUint32(4, id);
      bytes[12] = 5 << 4;
      bytes[13] = packet.tcpFlags.reduce((bits, flag) => bits | tcpFlagBits[flag], 0);
      view.setUint16(14, 64240);
      break;
    case 17:
      view.setUint16(4, bytes.length);
      view.setUint32(8, id);
      break;
    case 33:
      // DCCP-Request with a long sequence number (RFC 4340, 5.1); checksum over everything.
      bytes[4] = 5;
      bytes[8] = 1;
      view.setUint32(12, id);
      view.setUint32(16, 42);
      break;
    case 132:
      // One INIT chunk; its packet carries the verification tag 0 (RFC 4960, 8.5.1).
      bytes[12] = 1;
      view.setUint16(14, 20);
      view.setUint32(16, id);
      view.setUint32(20, 65536);
      view.setUint16(24, 1);
      view.setUint16(26, 1);
      break;
    default:
      view.setUint32(8, id);
  }
  return bytes;
}

function lengthOf(protocol: number): number {
  switch (protocol) {
    case 6:
    case 33:
      return 20;
    case 132:
      return 32;
    default:
      return 16;
  }
}

function wordSum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!;
  return sum;
}

export function macBytes(mac: string): readonly number[] {
  return mac.split(':').map((byte) => Number.parseInt(byte, 16));
}
