import { fc } from '../../property-testing.ts';
import { expect, it } from 'vitest';
import { evaluate } from '../../../src/analysis/evaluate.ts';
import { interpret } from '../../../src/analysis/interpret.ts';
import { packetBits } from '../../../src/analysis/packet-bits.ts';
import type { Packet } from '../../../src/analysis/packet.ts';
import { readSource, textSource } from './probe.ts';

const base =
  'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy';
const policy = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall';

const fields = fc
  .array(
    fc.constantFrom(
      'Profile=Domain|',
      'Profile=Private|',
      'Profile=Public|',
      'LPort=22|',
      'LPort2_10=80-90|',
      'LPort=RPC|',
      'RPort=443|',
      'RA4=10.0.0.0/8|',
      'RA6=2001:db8::/32|',
      'RA4=LocalSubnet|',
      'LA4=192.0.2.1|',
      'App=C:\\\\a.exe|',
      'App=C:\\\\b.exe|',
      'Svc=s|',
      'IFType=Wireless|',
      'Security=Authenticate|',
      'FutureKey=1|',
      'ICMP4=8:*|',
    ),
    { maxLength: 4 },
  )
  .map((list) => [...new Set(list)].join(''));
const ruleText = fc
  .record({
    action: fc.constantFrom('Allow', 'Allow', 'Block', 'ByPass'),
    active: fc.constantFrom('TRUE', 'TRUE', 'TRUE', 'FALSE'),
    direction: fc.constantFrom('In', 'In', 'Out'),
    protocol: fc.constantFrom('', 'Protocol=6|', 'Protocol=6|', 'Protocol=17|', 'Protocol=1|'),
    fields,
  })
  .map(
    (r) => `v2.31|Action=${r.action}|Active=${r.active}|Dir=${r.direction}|${r.protocol}${r.fields}Name=x|`,
  );
const dwords = fc
  .array(
    fc.constantFrom(
      '"EnableFirewall"=dword:00000000',
      '"DefaultInboundAction"=dword:00000000',
      '"DefaultOutboundAction"=dword:00000001',
      '"DoNotAllowExceptions"=dword:00000001',
      '"AllowLocalPolicyMerge"=dword:00000000',
      '"DisabledInterfaces"="eth1"',
    ),
    { maxLength: 2 },
  )
  .map((list) => list.join('\n'));

const file = fc
  .record({
    local: fc.array(ruleText, { maxLength: 8 }),
    policy: fc.array(ruleText, { maxLength: 3 }),
    hardening: fc.array(ruleText, { maxLength: 2 }),
    domain: dwords,
    standard: dwords,
    policyPublic: dwords,
  })
  .map((parts) =>
    [
      'Windows Registry Editor Version 5.00',
      ...section(`${base}\\FirewallRules`, parts.local),
      ...section(`${base}\\RestrictedServices\\Static\\System`, parts.hardening),
      ...section(`${policy}\\FirewallRules`, parts.policy),
      `[${base}\\DomainProfile]`,
      parts.domain,
      `[${base}\\StandardProfile]`,
      parts.standard,
      `[${policy}\\PublicProfile]`,
      parts.policyPublic,
      '',
    ].join('\n'),
  );

function section(key: string, rules: readonly string[]): readonly string[] {
  return [`[${key}]`, ...rules.map((rule, i) => `"${i}"="${rule}"`)];
}

const packet: fc.Arbitrary<Packet> = fc
  .record({
    family: fc.constantFrom('ipv4' as const, 'ipv6' as const),
    protocol: fc.constantFrom(6, 17, 1, 47),
    near: fc.boolean(),
    destinationPort: fc.constantFrom(21, 22, 80, 90, 91, 49152, 65535),
    sourcePort: fc.constantFrom(443, 40000, 0x0800),
    profile: fc.constantFrom('domain', 'private', 'public'),
    program: fc.constantFrom('C:\\a.exe', 'C:\\b.exe', 'C:\\c.exe'),
    service: fc.constantFrom('s', 't'),
    interfaceType: fc.constantFrom('wired', 'wireless'),
    inInterface: fc.constantFrom('eth0', 'eth1'),
  })
  .map((p): Packet => {
    const v4 = p.family === 'ipv4';
    return {
      family: p.family,
      protocol: p.protocol,
      source: v4 ? (p.near ? 0x0a010203n : 0x0b000001n) : p.near ? 0x20010db8n << 96n : 1n,
      destination: v4 ? (p.near ? 0xc0000201n : 0xc0000202n) : 2n,
      sourcePort: p.sourcePort,
      destinationPort: p.destinationPort,
      tcpFlags: 2,
      state: 'new',
      names: {
        profile: p.profile,
        program: p.program,
        service: p.service,
        interfaceType: p.interfaceType,
        inInterface: p.inInterface,
        outInterface: p.inInterface,
      },
    };
  });

/** A fixed answer to each open question: whether its words, mixed with the seed, hash to an even number. */
function answerOf(reason: string, seed: number): boolean {
  let hash = seed;
  for (let i = 0; i < reason.length; i++) hash = (Math.imul(hash, 31) + reason.charCodeAt(i)) | 0;
  return (hash & 4) === 0;
}

it('evaluates random policies as a packet walks through them', () => {
  fc.assert(
    fc.property(
      file,
      fc.array(packet, { minLength: 12, maxLength: 12 }),
      fc.integer(),
      (text, packets, seed) => {
        const { firewall } = readSource(textSource(text));
        for (const entry of firewall.entries) {
          const evaluation = evaluate(firewall, entry, {
            state: 'new',
            tcpFlags: 2,
            hostAddresses: [],
            maxNodes: 1e6,
          });
          const { space, questions, accepted } = evaluation;
          for (const one of packets) {
            if (one.family !== entry.family) continue;
            const bits = packetBits(space, one);
            const evaluated = space.bdd.holds(accepted, (level) =>
              level >= space.questionBase ? answerOf(questions.at(level)!.reason, seed) : bits(level),
            );
            const walked = interpret(firewall, entry, one, {
              oracle: {
                packet: (_key, reason) => answerOf(reason, seed),
                visit: (_rule, reason) => answerOf(reason, seed),
                pick: (_rule, from) => from,
              },
              hostAddresses: [],
              markIsTracked: false,
            });
            expect(evaluated).toBe(walked.verdict === 'accept');
          }
        }
      },
    ),
    { numRuns: 400 },
  );
});
