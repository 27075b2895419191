import { parseMarkAndMask, parseNumber } from './numbers.ts';
import { numberFrom, numberUpTo, type ValueRule } from './value-rules.ts';

const byte = numberUpTo(255);
const word = numberUpTo(0xffff);
const long = numberUpTo(0xffffffff);

const mark: ValueRule = {
  expected: 'a mark: value or value/mask, both of 32 bits',
  takes: (text) => parseMarkAndMask(text.replace(/^\s*\+?/, '')) !== undefined,
};

const services = [
  'Minimize-Delay',
  'Maximize-Throughput',
  'Maximize-Reliability',
  'Minimize-Cost',
  'Normal-Service',
];
/** A name, or a value with or without a mask, of libxt_TOS.c and libxt_tos.c (tos_parse_symbolic). */
export const typeOfService: ValueRule = {
  expected: `a value of 8 bits, value/mask, or one of ${services.join(', ')}`,
  takes: (text) =>
    services.some((name) => name.toLowerCase() === text.toLowerCase()) ||
    (text.split('/').length <= 2 && text.split('/').every((part) => byte.takes(part))),
};

const levels = ['debug', 'info', 'notice', 'warning', 'error', 'crit', 'alert', 'emerg', 'panic'];
const events = [
  'new',
  'related',
  'destroy',
  'reply',
  'assured',
  'protoinfo',
  'helper',
  'mark',
  'natseqinfo',
  'secmark',
];

/** The first number must be smaller, and the kernel counts the queues in 16 bits. */
function isBalance(text: string): boolean {
  const [first, last, ...more] = text
    .split(':')
    .map((part, i) => (part === '' ? (i === 0 ? 0 : 0xffff) : parseNumber(part, 0xffff)));
  return (
    more.length === 0 && first !== undefined && last !== undefined && first < last && last - first < 0xffff
  );
}

const zone: ValueRule = {
  expected: 'a number from 0 to 65535, or "mark"',
  takes: (text) => text.toLowerCase() === 'mark' || word.takes(text),
};

/* What iptables-restore 1.8.9 takes for the options of targets, of both kinds and loaded into a kernel. From libxt_*.c and libipt_*.c. */
export const targetValues: Readonly<Record<string, ValueRule>> = {
  'CLASSIFY set-class': {
    expected: 'a class: two hexadecimal numbers with a colon between them',
    takes: (text) => /^\s*[-+]?[\da-f][\da-fx]*:\s*[-+]?[\da-f]/i.test(text),
  },
  'CONNMARK set-mark': mark,
  'CONNMARK set-xmark': mark,
  'CONNMARK and-mark': long,
  'CONNMARK or-mark': long,
  'CONNMARK xor-mark': long,
  'CONNMARK nfmask': long,
  'CONNMARK ctmask': long,
  'CT zone': zone,
  'CT zone-orig': zone,
  'CT zone-reply': zone,
  'CT ctevents': {
    expected: `events, separated by commas: ${events.join(', ')}`,
    takes: (text) => text.split(',').every((event) => events.includes(event)),
  },
  'DSCP set-dscp': numberUpTo(63),
  'DSCP set-dscp-class': {
    expected: 'a class: BE, EF, CS0 to CS7 or AF11 to AF43',
    takes: (text) => /^(be|ef|cs[0-7]|af[1-4][1-3])/i.test(text),
  },
  'HL hl-set': byte,
  'HL hl-inc': numberFrom(1, 255),
  'HL hl-dec': numberFrom(1, 255),
  'LOG log-level': {
    expected: `a number from 0 to 7, or one of ${levels.join(', ')}`,
    takes: (text) => levels.includes(text) || numberUpTo(7).takes(text),
  },
  'MARK and-mark': long,
  'MARK or-mark': long,
  'MARK xor-mark': long,
  'NFLOG nflog-group': word,
  'NFLOG nflog-range': long,
  'NFLOG nflog-size': long,
  'NFLOG nflog-threshold': word,
  'NFQUEUE queue-num': word,
  'NFQUEUE queue-balance': {
    expected: 'two numbers of queues, the first one smaller: 0:3',
    takes: isBalance,
  },
  'SYNPROXY mss': long,
  'SYNPROXY wscale': long,
  'TCPMSS set-mss': numberUpTo(65_515),
  'TOS set-tos': typeOfService,
  'TOS and-tos': byte,
  'TOS or-tos': byte,
  'TOS xor-tos': byte,
  'TPROXY tproxy-mark': mark,
  'TTL ttl-set': byte,
  'TTL ttl-inc': numberFrom(1, 255),
  'TTL ttl-dec': numberFrom(1, 255),
};
