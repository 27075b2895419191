import { protocolsWithPorts, tcpFlagBits, type TcpFlag } from '../../../packets/fields.ts';
import { normalize, type Interval, type IntervalSet } from '../../../packets/interval.ts';
import { all, and, none, not, or, type Match } from '../../../model/match.ts';
import type { OptionSyntax } from '../../../../grammars/iptables/syntax.ts';
import { packetUnknown, type ModuleUse, type RuleContext } from '../lowering.ts';
import { parseNumber } from '../numbers.ts';
import { parsePorts, type PortNumbers, remarksOn } from '../service-ports.ts';

type PortField = 'sourcePort' | 'destinationPort';

function portTest(field: PortField, values: IntervalSet): Match {
  return values.length === 1 && isWhole(values[0]!) ? all : { kind: 'number', field, values };
}

function isWhole([from, to]: Interval): boolean {
  return from === 0 && to === 65535;
}

/** One port operand as intervals, or the match that stands for it when it cannot be told. */
function readPorts(text: string, context: RuleContext, numbers: PortNumbers = 'as-in-c'): Interval | Match {
  const reading = parsePorts(text, context.protocol.number, context.lookup, numbers);
  for (const remark of remarksOn(text, reading, numbers)) context.remark(remark);
  switch (reading.kind) {
    case 'ports':
      return reading.ports;
    case 'unknown-name':
      context.remark({
        code: 'FW1110',
        severity: 'warning',
        message: `no port is known for the service name ${JSON.stringify(reading.name)}`,
        help: 'Write the port as a number.',
        word: reading.name,
      });
      return packetUnknown(`port ${reading.name}`);
    case 'backwards':
      return none;
    case 'invalid':
      context.refuse(`a port was expected: ${reading.reason}`, text);
      return packetUnknown(`port ${text}`);
  }
}

function isInterval(value: Interval | Match): value is Interval {
  return Array.isArray(value);
}

function singlePort(option: OptionSyntax, field: PortField, context: RuleContext): Match {
  const text = option.values[0] ?? '';
  const decimal = option.module === 'udp' || option.module === 'dccp';
  const ports = readPorts(text, context, decimal ? 'decimal' : 'as-in-c');
  if (option.negated && isInterval(ports) && isWhole(ports) && losesInvertedWhole(option, context))
    return all;
  const match = isInterval(ports) ? portTest(field, [ports]) : ports;
  return option.negated ? not(match) : match;
}

/**
 * `! --dport 0:65535` fits nothing, but iptables-nft 1.8.8 to 1.8.10 leaves every whole range out, inverted or not, so that the rule fits
 * all ports ("extensions: tcp/udp: Save/xlate inverted full ranges" and its companions mended it in 1.8.11).
 */
function losesInvertedWhole(option: OptionSyntax, context: RuleContext): boolean {
  // Only tcp and udp have such an expression (add_nft_tcp, add_nft_udp).
  if (option.module !== 'tcp' && option.module !== 'udp') return false;
  const affected = isAffected(context);
  if (affected === false) return false;
  const loads = 'a range of all ports as if it were not there, inverted or not';
  context.remark({
    code: 'FW1118',
    severity: affected === true ? 'warning' : 'note',
    message:
      affected === true
        ? `iptables-nft ${String(context.nftRelease)} loads ${loads}: the rule fits every port`
        : `iptables-nft 1.8.8 to 1.8.10 would load ${loads}; the rule is read as every other release does, and fits nothing`,
    help: 'Remove the rule: no packet has a port outside 0 to 65535.',
    word: option.text,
  });
  return affected === true;
}

/** The rules were loaded by a release that makes tests of ports expressions of its own and gets inverted ones wrong; undefined: not known. */
function isAffected({ nftRelease }: RuleContext): boolean | undefined {
  return nftRelease === undefined ? undefined : nftRelease !== false && /^1\.8\.(?:8|9|10)$/.test(nftRelease);
}

/** `--sport` and `--dport` of a transport match; undefined for the match's other options. */
function portOption(option: OptionSyntax, context: RuleContext): Match | undefined {
  if (option.name === 'source-port') return singlePort(option, 'sourcePort', context);
  if (option.name === 'destination-port') return singlePort(option, 'destinationPort', context);
  return undefined;
}

/**
 * The loaders refuse a transport match without its `-p`; iptables-nft takes `! -p tcp … --dport` and means the bytes where the
 * port would stand, in any other protocol.
 */
function requireProtocol(numbers: readonly number[], use: ModuleUse, context: RuleContext): Match {
  const { number, negated } = context.protocol;
  if (numbers.includes(number)) {
    if (negated)
      context.remark({
        code: 'FW1101',
        severity: 'warning',
        message: `iptables-legacy refuses -m ${use.name} under a negated protocol; iptables-nft compares the bytes where the port would be`,
      });
    return all;
  }
  context.refuse(
    `-m ${use.name} needs ${use.name === 'multiport' ? 'a protocol with ports' : `-p ${use.name}`} in the same rule`,
    use.options[0]?.text,
  );
  return packetUnknown(`-m ${use.name} without its protocol`);
}

function flagMask(text: string): number | undefined {
  let mask = 0;
  for (const name of text.split(',')) {
    const flag = name.toLowerCase();
    // libxt_tcp.c knows no ECE and CWR; ALL is the six classic flags.
    if (flag === 'all') mask |= 0x3f;
    else if (flag === 'none') mask |= 0;
    else if (flag in tcpFlagBits && flag !== 'ece' && flag !== 'cwr') mask |= tcpFlagBits[flag as TcpFlag];
    else return undefined;
  }
  return mask;
}

function tcpFlags(option: OptionSyntax, context: RuleContext): Match {
  const [maskText = '', compareText = ''] = option.values;
  const mask = flagMask(maskText);
  const value = flagMask(compareText);
  if (mask === undefined || value === undefined) {
    context.refuse(
      'TCP flags are SYN, ACK, FIN, RST, URG, PSH, ALL or NONE',
      mask === undefined ? maskText : compareText,
    );
    return packetUnknown(`tcp flags ${maskText} ${compareText}`);
  }
  // (flags & mask) == value can never hold when value asks for a bit outside the mask.
  const match: Match =
    (value & ~mask) !== 0 ? none : mask === 0 ? all : { kind: 'bits', field: 'tcpFlags', mask, value };
  return option.negated ? not(match) : match;
}

const syn: Match = {
  kind: 'bits',
  field: 'tcpFlags',
  mask: tcpFlagBits.fin | tcpFlagBits.syn | tcpFlagBits.rst | tcpFlagBits.ack,
  value: tcpFlagBits.syn,
};

export function lowerTcp(use: ModuleUse, context: RuleContext): Match {
  const parts = [requireProtocol([6], use, context)];
  const together = bothInverted(use, context);
  if (together !== undefined) parts.push(together);
  for (const option of use.options) {
    if (together !== undefined && isPort(option)) continue;
    const port = portOption(option, context);
    if (port !== undefined) parts.push(port);
    else if (option.name === 'tcp-flags') parts.push(tcpFlags(option, context));
    else if (option.name === 'syn') parts.push(option.negated ? not(syn) : syn);
    else parts.push(otherOption(use, option));
  }
  return and(...parts);
}

function isPort(option: OptionSyntax): boolean {
  return option.name === 'source-port' || option.name === 'destination-port';
}

/**
 * iptables-nft 1.8.8 to 1.8.10 loads `! --sport A ! --dport B` as one comparison of both ports, which only refuses packets that have
 * both ("nft: Do not combine inverted payload matches" mended it in 1.8.11), and prints it as it was written. Undefined: not so here.
 */
function bothInverted(use: ModuleUse, context: RuleContext): Match | undefined {
  const ports = use.options.filter(isPort);
  const [first, second] = ports;
  if (ports.length !== 2 || first?.name === second?.name || !ports.every(({ negated }) => negated))
    return undefined;
  // Port 0, in whatever base, is what the tool takes for a port that is not given.
  const single = (text = ''): boolean => /^[^:]+$/.test(text) && !/^0(?:x0*|0*)$/i.test(text);
  if (!ports.every(({ values }) => single(values[0]))) return undefined;
  const certain = isAffected(context);
  if (certain === false) return undefined;
  context.remark({
    code: 'FW1117',
    severity: certain === true ? 'warning' : 'note',
    message:
      certain === true
        ? `iptables-nft ${String(context.nftRelease)} loads two inverted ports as "not both": a packet with one of them matches`
        : 'iptables-nft 1.8.8 to 1.8.10 would load two inverted ports as "not both"; they are read as every other release does',
    help: 'Write two rules, or use -m multiport for one of the ports.',
    ...(first === undefined ? {} : { word: first.text }),
  });
  if (certain !== true) return undefined;
  const tests = ports.map((option) => portOption({ ...option, negated: false }, context));
  return not(and(...tests.filter((test) => test !== undefined)));
}

/** Ports are modelled; what else the match can ask (TCP options, chunk types) is not in a packet's first header fields. */
function otherOption(use: ModuleUse, option: OptionSyntax): Match {
  const match = packetUnknown(`${use.name} --${option.name} ${option.values.join(' ')}`);
  return option.negated ? not(match) : match;
}

/** Matches of transport protocols that have ports: udp, udplite, sctp, dccp. */
export function lowerTransport(protocol: number): (use: ModuleUse, context: RuleContext) => Match {
  return (use, context) => {
    const parts = [requireProtocol([protocol], use, context)];
    // Only tcp and udp have such an expression (add_nft_tcp, add_nft_udp).
    const together = protocol === 17 ? bothInverted(use, context) : undefined;
    if (together !== undefined) parts.push(together);
    for (const option of use.options)
      if (together === undefined || !isPort(option))
        parts.push(portOption(option, context) ?? otherOption(use, option));
    return and(...parts);
  };
}

const maximalPorts = 15;

/** `-m multiport`: up to 15 ports in one list, a range takes two places; `--ports` is source or destination. */
export function lowerMultiport(use: ModuleUse, context: RuleContext): Match {
  const parts = [requireProtocol(protocolsWithPorts, use, context)];
  if (use.options.length === 0) context.refuse('-m multiport needs --sports, --dports or --ports');
  if (use.options.length > 1)
    context.refuse('one -m multiport takes one list of ports', use.options[1]?.text);
  if (context.protocol.negated) context.refuse('-m multiport does not work with a negated protocol');
  for (const option of use.options) {
    const intervals: Interval[] = [];
    const unknowns: Match[] = [];
    let places = 0;
    for (const text of (option.values[0] ?? '').split(',')) {
      const ports = readPorts(text, context);
      // Unlike other matches of ports.
      if (/^:|:$/.test(text)) context.refuse('-m multiport takes ports and ranges with both ends', text);
      places += text.includes(':') ? 2 : 1;
      if (isInterval(ports)) intervals.push(ports);
      else unknowns.push(ports);
    }
    if (places > maximalPorts)
      context.refuse(
        `-m multiport takes at most ${maximalPorts} ports, a range counts as two`,
        option.values[0],
      );
    const values = normalize(intervals);
    const fields: readonly PortField[] =
      option.name === 'source-ports'
        ? ['sourcePort']
        : option.name === 'destination-ports'
          ? ['destinationPort']
          : ['sourcePort', 'destinationPort'];
    const tests = values.length === 0 ? [] : fields.map((field) => portTest(field, values));
    const match = or(...tests, ...unknowns);
    parts.push(option.negated ? not(match) : match);
  }
  return and(...parts);
}

/* Names of libxt_icmp.h with type and code. */
const icmpNames =
  'echo-reply 0,pong 0,destination-unreachable 3,network-unreachable 3/0,host-unreachable 3/1,protocol-unreachable 3/2,' +
  'port-unreachable 3/3,fragmentation-needed 3/4,source-route-failed 3/5,network-unknown 3/6,host-unknown 3/7,' +
  'network-prohibited 3/9,host-prohibited 3/10,TOS-network-unreachable 3/11,TOS-host-unreachable 3/12,' +
  'communication-prohibited 3/13,host-precedence-violation 3/14,precedence-cutoff 3/15,source-quench 4,redirect 5,' +
  'network-redirect 5/0,host-redirect 5/1,TOS-network-redirect 5/2,TOS-host-redirect 5/3,echo-request 8,ping 8,' +
  'router-advertisement 9,router-solicitation 10,time-exceeded 11,ttl-exceeded 11,ttl-zero-during-transit 11/0,' +
  'ttl-zero-during-reassembly 11/1,parameter-problem 12,ip-header-bad 12/0,required-option-missing 12/1,' +
  'timestamp-request 13,timestamp-reply 14,address-mask-request 17,address-mask-reply 18';

const icmp6Names =
  'destination-unreachable 1,no-route 1/0,communication-prohibited 1/1,beyond-scope 1/2,address-unreachable 1/3,' +
  'port-unreachable 1/4,failed-policy 1/5,reject-route 1/6,packet-too-big 2,time-exceeded 3,ttl-exceeded 3,' +
  'ttl-zero-during-transit 3/0,ttl-zero-during-reassembly 3/1,parameter-problem 4,bad-header 4/0,' +
  'unknown-header-type 4/1,unknown-option 4/2,echo-request 128,ping 128,echo-reply 129,pong 129,mld-listener-query 130,' +
  'mld-listener-report 131,mld-listener-done 132,mld-listener-reduction 132,router-solicitation 133,' +
  'router-advertisement 134,neighbour-solicitation 135,neighbor-solicitation 135,neighbour-advertisement 136,' +
  'neighbor-advertisement 136,redirect 137';

function nameEntry(entry: string): [string, Interval] {
  const [name = '', type = ''] = entry.split(' ');
  return [name.toLowerCase(), typeAndCode(type) ?? [0, 0]];
}

/** `type` or `type/code` as values of the first 16 bits of an ICMP header. */
function typeAndCode(text: string): Interval | undefined {
  const slash = text.indexOf('/');
  const type = parseNumber(slash < 0 ? text : text.slice(0, slash), 255);
  if (type === undefined) return undefined;
  if (slash < 0) return [type << 8, (type << 8) | 255];
  const code = parseNumber(text.slice(slash + 1), 255);
  return code === undefined ? undefined : [(type << 8) | code, (type << 8) | code];
}

/** A type by number or by a name or its unambiguous beginning (parse_icmp in libxt_icmp.h). */
function icmpType(text: string, typeNames: () => ReadonlyMap<string, Interval>): Interval | undefined {
  const numeric = typeAndCode(text);
  if (numeric !== undefined) return numeric;
  const wanted = text.toLowerCase();
  const names = typeNames();
  const exact = names.get(wanted);
  if (exact !== undefined || wanted === '') return exact;
  const found = [...names].filter(([name]) => name.startsWith(wanted));
  return found.length === 1 ? found[0]![1] : undefined;
}

const anyType: Interval = [0xff00, 0xffff];

/** `-m icmp` and `-m icmp6`; type 255 (`any`) is every type of ICMP, which ICMPv6 does not know. */
export function lowerIcmp(version: 4 | 6): (use: ModuleUse, context: RuleContext) => Match {
  const protocol = version === 4 ? 1 : 58;
  let names: ReadonlyMap<string, Interval> | undefined;
  // Made when first asked for: iptables-save writes types as numbers.
  const typeNames = (): ReadonlyMap<string, Interval> =>
    (names ??= new Map((version === 4 ? icmpNames : icmp6Names).split(',').map(nameEntry)));
  return (use, context) => {
    const parts = [
      requireProtocol([protocol], { ...use, name: version === 4 ? 'icmp' : 'ipv6-icmp' }, context),
    ];
    for (const option of use.options) {
      const text = option.values[0] ?? '';
      const values = text.toLowerCase() === 'any' && version === 4 ? anyType : icmpType(text, typeNames);
      let match: Match;
      // Whatever code comes with it (ip_tables.c, icmp_type_code_match).
      if (version === 4 && values !== undefined && values[0] >> 8 === 255) match = all;
      else if (values !== undefined) match = { kind: 'number', field: 'sourcePort', values: [values] };
      else {
        context.refuse('an ICMP type was expected: a name, a number, or type/code', text);
        match = packetUnknown(`icmp type ${text}`);
      }
      parts.push(option.negated ? not(match) : match);
    }
    return and(...parts);
  };
}
