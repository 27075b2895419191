import type { OptionSyntax } from '../../../grammars/iptables/syntax.ts';
import { all, none, not, type Match } from '../../model/match.ts';
import { parseMaskedAddress } from './addresses.ts';
import { packetUnknown, type RuleContext } from './lowering.ts';
import { parseProtocol } from './protocols.ts';

/**
 * IPv6 extension headers given as `-p` never match: the kernel looks for the first header that is none (ip6_tables.c, ip6_packet_match).
 */
const extensionHeaders = [43, 44, 60];

/** An address that is no number of the family: a host name, or nothing the tool would take. */
export function unknownAddress(field: string, text: string, context: RuleContext): Match {
  const slash = text.lastIndexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const looksNumeric = /^[0-9.]+$/.test(host) || host.includes(':') || !/^[A-Za-z0-9_.-]+$/.test(host);
  if (
    looksNumeric ||
    parseMaskedAddress(
      `${context.family === 'ipv4' ? '0.0.0.0' : '::'}${text.slice(host.length)}`,
      context.family,
    ) === undefined
  )
    context.refuse(`an ${context.family === 'ipv4' ? 'IPv4' : 'IPv6'} address was expected`, text);
  else
    context.remark({
      code: 'FW1110',
      severity: 'warning',
      message: `the host name ${JSON.stringify(host)} is looked up when the rule is loaded; fw-audit never asks a name server`,
      help: 'Export the loaded rules with iptables-save, which prints addresses.',
      word: host,
    });
  return packetUnknown(`${field} is ${text}`);
}

/** `-p`, `-i`, `-o` and `-f`. */
export function lowerCondition(option: OptionSyntax, context: RuleContext): Match {
  const text = option.values[0] ?? '';
  let match: Match;
  switch (option.name) {
    case 'protocol':
      match = protocolMatch(text, option.negated, context);
      break;
    case 'fragments':
      if (context.family === 'ipv6') context.refuse('-f is for IPv4 only', option.text);
      match = { kind: 'number', field: 'fragment', values: [[1, 1]] };
      break;
    default:
      match = interfaceMatch(text, option.name === 'in-interface' ? 'inInterface' : 'outInterface', context);
  }
  return option.negated ? not(match) : match;
}

function protocolMatch(text: string, negated: boolean, context: RuleContext): Match {
  const number = parseProtocol(text);
  if (number === undefined) {
    context.refuse('a protocol name or a number up to 255 was expected', text);
    return packetUnknown(`protocol ${text}`);
  }
  if (number === 0) {
    if (negated) context.refuse('the rule would never match any protocol', text);
    return all;
  }
  if (context.family === 'ipv6' && extensionHeaders.includes(number)) {
    context.remark({
      code: 'FW1111',
      severity: 'warning',
      message: `-p ${text} never matches: extension headers are no upper protocol`,
      word: text,
    });
    return none;
  }
  return { kind: 'number', field: 'protocol', values: [[number, number]] };
}

function interfaceMatch(text: string, field: 'inInterface' | 'outInterface', context: RuleContext): Match {
  if (text === '' || text.length > 15) {
    context.refuse('an interface name has 1 to 15 characters', text);
    return packetUnknown(`${field} ${text}`);
  }
  if (text.endsWith('+')) {
    const name = text.slice(0, -1);
    return name === '' ? all : { kind: 'name', field, name, prefix: true };
  }
  if (text.includes(':')) {
    context.remark({
      code: 'FW1111',
      severity: 'warning',
      message: `${JSON.stringify(text)} is an address label; no packet has it as its interface`,
      word: text,
    });
    return none;
  }
  return { kind: 'name', field, name: text, prefix: false };
}
