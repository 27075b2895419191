import { connectionStates, protocolsTrackedByPort, type AddressField } from '../../../packets/fields.ts';
import { normalize, type Interval } from '../../../packets/interval.ts';
import { all, and, none, not, or, type Match } from '../../../model/match.ts';
import type { OptionSyntax } from '../../../../grammars/iptables/syntax.ts';
import { addressMatch, parseMaskedAddress } from '../addresses.ts';
import { packetUnknown, type ModuleUse, type RuleContext } from '../lowering.ts';
import { parseProtocol } from '../protocols.ts';
import { parsePorts, remarksOn } from '../service-ports.ts';

function stateTest(values: readonly Interval[]): Match {
  return { kind: 'number', field: 'state', values: normalize(values) };
}

const isNew = stateTest([[0, 0]]);
/** Established or related: the entry of the connection decides, and the input does not tell it. */
const isKnown = stateTest([[1, 2]]);

/** Invalid or untracked: the packet belongs to no connection that conntrack keeps. */
const hasNoEntry = stateTest([[3, 4]]);

const translated: Match = { kind: 'number', field: 'destinationTranslated', values: [[1, 1]] };

/**
 * A list of states. Names are not case-sensitive and may be cut short (parse_states compares only the letters given). SNAT and DNAT
 * are marks of the connection beside its state; no first packet of a connection has its source translated before POSTROUTING ends.
 */
function stateList(text: string, withTranslation: boolean, context: RuleContext): Match {
  const states: Interval[] = [];
  const others: Match[] = [];
  for (const name of text.split(',')) {
    const wanted = name.toLowerCase();
    const index = wanted === '' ? -1 : connectionStates.findIndex((state) => state.startsWith(wanted));
    if (index >= 0) states.push([index, index]);
    else if (withTranslation && wanted !== '' && 'dnat'.startsWith(wanted)) others.push(translated);
    else if (withTranslation && wanted !== '' && 'snat'.startsWith(wanted))
      others.push(and(isKnown, packetUnknown('ctstate SNAT')));
    else {
      context.refuse(
        `a connection state was expected: ${connectionStates.join(', ').toUpperCase()}${withTranslation ? ', SNAT, DNAT' : ''}`,
        name,
      );
      others.push(packetUnknown(`state ${name}`));
    }
  }
  return or(...(states.length === 0 ? [] : [stateTest(states)]), ...others);
}

/** `-m state --state`. */
export function lowerState(use: ModuleUse, context: RuleContext): Match {
  const parts = use.options.map((option) => {
    const match = stateList(option.values[0] ?? '', false, context);
    return option.negated ? not(match) : match;
  });
  if (parts.length === 0) context.refuse('-m state needs --state');
  return and(...parts);
}

/**
 * A test of the connection's entry: for the first packet it is `first` on the packet itself, for later packets the entry is not in the
 * input, and without an entry (invalid, untracked) the match is false even when negated (conntrack_mt).
 */
function entryTest(option: OptionSyntax, first: Match): Match {
  const text = `conntrack --${option.name} ${option.values.join(' ')}`;
  const later = packetUnknown(text);
  return or(
    and(isNew, option.negated ? not(first) : first),
    and(isKnown, option.negated ? not(later) : later),
  );
}

function entryAddress(option: OptionSyntax, field: AddressField, context: RuleContext): Match {
  const text = option.values[0] ?? '';
  const address = parseMaskedAddress(text, context.family);
  if (address !== undefined) return entryTest(option, addressMatch(field, context.family, address));
  context.remark({
    code: 'FW1110',
    severity: 'warning',
    message: `${JSON.stringify(text)} is no numeric address; fw-audit never asks a name server`,
    word: text,
  });
  return entryTest(option, packetUnknown(`${field} ${text}`));
}

/** A port of the connection's entry; in ICMP the destination "port" of the entry is type and code (nf_conntrack_proto_icmp.c). */
function entryPort(
  option: OptionSyntax,
  field: 'sourcePort' | 'originalSourcePort' | 'destinationPort' | 'originalDestinationPort',
  context: RuleContext,
): Match {
  const text = option.values[0] ?? '';
  const reading = parsePorts(text, context.protocol.number === 17 ? 17 : 6, context.lookup, 'decimal');
  for (const remark of remarksOn(text, reading, 'decimal')) context.remark(remark);
  if (reading.kind === 'backwards') return entryTest(option, none);
  if (reading.kind !== 'ports') {
    if (reading.kind === 'invalid') context.refuse(`a port was expected: ${reading.reason}`, text);
    else
      context.remark({
        code: 'FW1110',
        severity: 'warning',
        message: `no port is known for the service name ${JSON.stringify(reading.name)}`,
        word: reading.name,
      });
    return entryTest(option, packetUnknown(`${field} ${text}`));
  }
  const values = [reading.ports];
  const test: Match = { kind: 'number', field, values };
  const withPorts = protocolTest(protocolsTrackedByPort);
  const icmp = protocolTest([1, 58]);
  const first =
    field === 'sourcePort' || field === 'originalSourcePort'
      ? or(and(withPorts, test), and(not(withPorts), packetUnknown(`conntrack --${option.name} ${text}`)))
      : or(
          and(withPorts, test),
          and(icmp, { kind: 'number', field: 'sourcePort', values }),
          and(not(or(withPorts, icmp)), packetUnknown(`conntrack --${option.name} ${text}`)),
        );
  const { number, negated } = context.protocol;
  const certain = !negated && protocolsTrackedByPort.includes(number);
  return entryTest(option, certain ? test : first);
}

function protocolTest(numbers: readonly number[]): Match {
  return {
    kind: 'number',
    field: 'protocol',
    values: normalize(numbers.map((number): Interval => [number, number])),
  };
}

function conntrackOption(option: OptionSyntax, context: RuleContext): Match {
  const text = option.values[0] ?? '';
  switch (option.name) {
    case 'ctstate': {
      const match = stateList(text, true, context);
      return option.negated ? not(match) : match;
    }
    case 'ctproto': {
      const number = parseProtocol(text);
      if (number === undefined || number === 0) {
        context.refuse('a protocol other than 0 was expected', text);
        return packetUnknown(`conntrack --ctproto ${text}`);
      }
      return entryTest(option, protocolTest([number]));
    }
    case 'ctorigsrc':
      return entryAddress(option, 'originalSource', context);
    case 'ctrepldst':
      // Answers go to where the packet comes from by now.
      return entryAddress(option, 'source', context);
    case 'ctorigdst':
      return entryAddress(option, 'originalDestination', context);
    case 'ctreplsrc':
      return entryAddress(option, 'destination', context);
    case 'ctorigsrcport':
      return entryPort(option, 'originalSourcePort', context);
    case 'ctrepldstport':
      return entryPort(option, 'sourcePort', context);
    case 'ctorigdstport':
      return entryPort(option, 'originalDestinationPort', context);
    case 'ctreplsrcport':
      return entryPort(option, 'destinationPort', context);
    case 'ctstatus':
      return entryTest(option, none);
    case 'ctdir':
      return entryTest(option, text.toUpperCase() === 'ORIGINAL' ? all : none);
    default:
      return entryTest(option, packetUnknown(`conntrack --${option.name} ${text}`));
  }
}

/**
 * `-m conntrack`; its options must all hold. Only a packet without a connection's entry is never asked for more than its state: once
 * `--ctstate` has found it, all other options are passed over (conntrack_mt: `return info->match_flags & XT_CONNTRACK_STATE`).
 */
export function lowerConntrack(use: ModuleUse, context: RuleContext): Match {
  if (use.options.length === 0) context.refuse('-m conntrack needs at least one option');
  const isState = (option: OptionSyntax): boolean => option.name === 'ctstate';
  const states = use.options.filter(isState).map((option) => conntrackOption(option, context));
  const others = use.options
    .filter((option) => !isState(option))
    .map((option) => conntrackOption(option, context));
  if (states.length === 0 || others.length === 0) return and(...states, ...others);
  return and(...states, or(hasNoEntry, and(...others)));
}
