import { describe, expect, it } from 'vitest';
import { packetFromJson, packetFromOptions } from '../../src/cli/packet-request.ts';
import { parseArguments } from '../../src/cli/parse-arguments.ts';

function fromLine(line: string): unknown {
  const parsed = parseArguments(['query', 'rules', ...line.split(' ').filter((word) => word !== '')]);
  if (parsed.kind !== 'run') return parsed;
  const reading = packetFromOptions(parsed.given, parsed.positionals[1]);
  return reading.kind === 'packet' ? reading.packet : reading.message;
}

function fromJson(value: unknown): unknown {
  const reading = packetFromJson(typeof value === 'string' ? value : JSON.stringify(value));
  return reading.kind === 'packet' ? reading.packet : reading.message;
}

describe('a packet by options', () => {
  it('is TCP, new and inwards unless said otherwise', () => {
    expect(fromLine('')).toEqual({ direction: 'in', protocol: 6 });
  });

  it('takes what Windows adds to a packet', () => {
    expect(
      fromLine('--profile public --service sshd --package S-1-15-2-1 --interface-type wireless'),
    ).toEqual({
      direction: 'in',
      protocol: 6,
      profile: 'public',
      service: 'sshd',
      package: 'S-1-15-2-1',
      interfaceType: 'wireless',
    });
    expect(fromJson({ interfaceType: 'Wireless' })).toMatch(/interfaceType must be one of wired, wireless/);
  });

  it('takes the port in every usual spelling', () => {
    const ssh = { direction: 'in', protocol: 6, destinationPort: 22 };
    for (const port of ['tcp/22', '22/tcp', '22', '22/TCP']) expect(fromLine(port)).toEqual(ssh);
    expect(fromLine('53/udp')).toMatchObject({ protocol: 17, destinationPort: 53 });
    expect(fromLine('22 --protocol sctp')).toMatchObject({ protocol: 132 });
    expect(fromLine('tcp/22/tcp')).toMatch(/is no port/);
    expect(fromLine('22 --destination-port 23')).toMatch(/twice/);
    expect(fromLine('22/tcp --protocol udp')).toMatch(/twice/);
    expect(fromLine('70000')).toMatch(/destinationPort must be a whole number from 0 to 65535/);
  });

  it('takes every field', () => {
    expect(
      fromLine(
        '--direction forward --protocol icmpv6 --source 2001:db8::1 --destination 2001:db8::2 --icmp-type 128 --icmp-code 0 --in-interface eth0 --out-interface eth1 --state untracked',
      ),
    ).toEqual({
      direction: 'forward',
      protocol: 58,
      source: '2001:db8::1',
      destination: '2001:db8::2',
      icmpType: 128,
      icmpCode: 0,
      inInterface: 'eth0',
      outInterface: 'eth1',
      state: 'untracked',
    });
    expect(fromLine('--tcp-flags syn,ack')).toMatchObject({ tcpFlags: ['syn', 'ack'] });
    expect(fromLine('--tcp-flags none')).toMatchObject({ tcpFlags: [] });
    expect(fromLine('--tcp-flags sin')).toMatch(/tcpFlags must be a list of fin, syn/);
  });
});

describe('a packet by JSON', () => {
  it('has the same fields', () => {
    expect(
      fromJson({
        protocol: 'udp',
        source: '10.1.2.3',
        sourcePort: 40000,
        destination: '192.0.2.1',
        destinationPort: 53,
      }),
    ).toEqual({
      direction: 'in',
      protocol: 17,
      source: '10.1.2.3',
      sourcePort: 40000,
      destination: '192.0.2.1',
      destinationPort: 53,
    });
  });

  it.each([
    ['[1]', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['{', /^not JSON: /],
    [{ destinatonPort: 1 }, 'unknown key "destinatonPort"; did you mean "destinationPort"?'],
    [{ __proto__x: 1 }, /^unknown key/],
    [{ destinationPort: '22' }, /whole number/],
    [{ destinationPort: 1.5 }, /whole number/],
    [{ protocol: 'tpc' }, /protocol must be/],
    [{ protocol: 256 }, /protocol must be/],
    [{ source: '010.0.0.1' }, /source must be one IPv4 or IPv6 address/],
    [{ source: '10.0.0.0/8' }, /source must be one/],
    [{ source: '10.0.0.1', destination: '::1' }, /one family/],
    [{ direction: 'all' }, /direction must be one of in, forward, out/],
    [{ state: 'open' }, /state must be one of/],
    [{ tcpFlags: 'syn' }, /tcpFlags must be a list/],
  ])('%j is an error that says why', (value, message) => {
    expect(fromJson(value)).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });
});
