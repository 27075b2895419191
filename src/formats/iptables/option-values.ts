import type { OptionSyntax } from '../../../grammars/iptables/syntax.ts';
import type { ModuleUse, RuleContext } from './lowering.ts';
import { parseMarkAndMask, parseNumber } from './numbers.ts';
import { targetValues, typeOfService } from './target-values.ts';
import { isRange, numberFrom, numberUpTo, type ValueRule } from './value-rules.ts';

const byte = numberUpTo(255);
const word = numberUpTo(0xffff);
const long = numberUpTo(0xffffffff);

/** Seconds of each unit that a rate may be per, in the order in which the first letters decide. */
const rateUnits = [
  ['second', 1],
  ['minute', 60],
  ['hour', 3600],
  ['day', 86_400],
] as const;

/** The kernel counts in 1/10,000 s (XT_LIMIT_SCALE) or 1/1,000,000 s (XT_HASHLIMIT_SCALE_v2): a rate may not be above one each. */
const LIMIT_SCALE = 10_000;
const HASHLIMIT_SCALE = 1_000_000;

/** parse_rate of libxt_limit.c and libxt_hashlimit.c, which read the number as atoi does. */
function isRate(text: string, scale: number): boolean {
  const slash = text.indexOf('/');
  const unit = slash < 0 ? 'second' : text.slice(slash + 1).toLowerCase();
  const seconds = rateUnits.find(([name]) => unit !== '' && name.startsWith(unit))?.[1];
  const count = Number.parseInt(text, 10);
  return seconds !== undefined && count > 0 && Math.floor((seconds * scale) / count) > 0;
}

/** Packets or, with letters behind the number, bytes; of these the first letter of the unit of time counts (parse_bytes). */
const hashlimitRate: ValueRule = {
  expected: 'a rate: a number, or a number of bytes such as 512kb, per second, minute, hour or day',
  takes: (text) => isRate(text, HASHLIMIT_SCALE) || /^\s*\+?0*[1-9]\d*[a-z]+(?:\/[smhd][a-z]*)?$/i.test(text),
};

const names = (text: string): readonly string[] => text.split(' ');
function oneOf(words: readonly string[]): ValueRule {
  return { expected: `one of ${words.join(', ')}`, takes: (text) => words.includes(text) };
}

const hashModes = names('srcip dstip srcport dstport');
const directions = names('original reply both');

/** time_parse_weekdays of libxt_time.c: numbers, or what begins with two letters of a day; nothing may follow the last comma. */
function isWeekdays(text: string): boolean {
  const days = text.split(',');
  if (days.length > 1 && days.at(-1) === '') days.pop();
  return days.every((day) =>
    /^(?:\+?\d|0x)/.test(day)
      ? /^\+?\d+$|^0x[\da-f]+$/i.test(day) && Number(day) !== 0
      : /^(?:Mo|Tu|We|Th|Fr|Sa|Su)/.test(day),
  );
}

/** time_parse_date of libxt_time.c, which is content with days that the month does not have, and with no digits at all. */
function isDate(text: string): boolean {
  const [, year, ...rest] = /^(\d+)(?:-(\d*)(?:-(\d*)(?:T(\d*)(?::(\d*)(?::(\d*))?)?)?)?)?$/.exec(text) ?? [];
  const tops = [12, 31, 23, 59, 59];
  return (
    year !== undefined &&
    Number(year) >= 1970 &&
    Number(year) <= 2038 &&
    rest.every((part, i) => Number(part ?? 0) <= tops[i]!)
  );
}

const date: ValueRule = {
  expected: 'a date from 1970 to 2038: YYYY[-MM[-DD[Thh[:mm[:ss]]]]]',
  takes: isDate,
};

/** A length, or a mask whose bits are all in front. */
const maskLength: ValueRule = {
  expected: 'the length of a prefix, or a mask',
  takes: (text) => parseNumber(text.replace(/^\+/, ''), 128) !== undefined || /[.:]/.test(text),
};

const packetTypes = ['unicast', 'broadcast', 'multicast', 'host', 'bcast', 'mcast', 'otherhost'];

/** The ends of a time of day (time_parse_minutes of libxt_time.c); no digits are 0. */
const timeOfDay: ValueRule = {
  expected: 'a time of day: hh:mm or hh:mm:ss',
  takes: (text) =>
    /^\d*:\d*(:\d*)?$/.test(text) && text.split(':').every((part, i) => Number(part) < (i === 0 ? 24 : 60)),
};

const connectionStatus = names('NONE EXPECTED SEEN_REPLY ASSURED CONFIRMED');
const dccpTypes = names('REQUEST RESPONSE DATA ACK DATAACK CLOSEREQ CLOSE RESET SYNC SYNCACK INVALID');

/** A number of 64 bits. */
function isHuge(text: string): boolean {
  return /^\s*\+?(?:0x[\da-f]+|\d+)$/i.test(text) && hugeOf(text) < 1n << 64n;
}

function hugeOf(text: string): bigint {
  return BigInt(text.replace('+', '').trim());
}

/** Ends that are given, in order (connbytes_parse of libxt_connbytes.c). */
function isByteRange(text: string): boolean {
  const ends = text.split(':');
  if (ends.length > 2 || !ends.every((end) => isHuge(end) || (end === '' && ends.length === 2))) return false;
  const [from, to] = ends.map((end) => (end === '' ? undefined : hugeOf(end)));
  return from === undefined || to === undefined || from <= to;
}

/** Text with bytes between bars, of two digits each, with or without a blank between them (parse_hex_string of libxt_string.c). */
function isHexString(text: string): boolean {
  const parts = text.replace(/\\./g, 'x').split('|');
  // Nothing may follow a bar that opens bytes which are not closed.
  if (parts.length % 2 === 0 && parts.pop() !== '') return false;
  return text !== '' && parts.every((part, i) => i % 2 === 0 || /^ *(?:[\da-f]{2} *)+$/i.test(part));
}

/*
 * What iptables-restore 1.8.9 takes, of both kinds; asked of it value by value. Options that are not here take what their match reads
 * of them, or anything. From the option tables of libxt_*.c, libipt_*.c and libip6t_*.c.
 */
const values: Readonly<Record<string, ValueRule>> = {
  'connlimit connlimit-upto': numberUpTo(0xffffffff),
  'connlimit connlimit-above': numberUpTo(0xffffffff),
  'connmark mark': {
    expected: 'a mark: value or value/mask, both of 32 bits',
    takes: (text) => parseMarkAndMask(text) !== undefined,
  },
  'connbytes connbytes': {
    expected: 'a number or a range a:b of 64 bits, the smaller first',
    takes: isByteRange,
  },
  'connbytes connbytes-dir': oneOf(directions),
  'connbytes connbytes-mode': oneOf(names('packets bytes avgpkt')),
  'conntrack ctdir': {
    expected: 'ORIGINAL or REPLY',
    takes: (text) => /^(?:original|reply)$/i.test(text),
  },
  'conntrack ctexpire': {
    expected: 'a number or a range a:b, up to 4294967295',
    takes: (text) => isRange(text, 0xffffffff),
  },
  'conntrack ctstatus': {
    expected: `${connectionStatus.join(', ')}, separated by commas`,
    takes: (text) =>
      text
        .split(',')
        .every(
          (part) => part !== '' && connectionStatus.some((status) => status.startsWith(part.toUpperCase())),
        ),
  },
  'cpu cpu': long,
  'dccp dccp-types': {
    expected: `${dccpTypes.join(', ')}, separated by commas`,
    takes: (text) => text.split(',').every((type) => type === '' || dccpTypes.includes(type.toUpperCase())),
  },
  'dscp dscp': numberUpTo(63),
  'dscp dscp-class': {
    expected: 'a class: BE, EF, CS0 to CS7 or AF11 to AF43',
    takes: (text) => /^(be|ef|cs[0-7]|af[1-4][1-3])/i.test(text),
  },
  'ecn ecn-ip-ect': numberUpTo(3),
  'hashlimit hashlimit-upto': hashlimitRate,
  'hashlimit hashlimit-above': hashlimitRate,
  'hashlimit hashlimit-burst': {
    expected: 'a number from 1 to 1000000, or a number of bytes such as 5mb',
    takes: (text) => /^\s*\+?\d+[a-z]/i.test(text) || numberFrom(1, 1_000_000).takes(text),
  },
  'hashlimit hashlimit-mode': {
    expected: `${hashModes.join(', ')}, separated by commas`,
    takes: (text) => text.split(',').every((mode) => mode === '' || hashModes.includes(mode)),
  },
  'hashlimit hashlimit-srcmask': maskLength,
  'hashlimit hashlimit-dstmask': maskLength,
  'hashlimit hashlimit-htable-size': long,
  'hashlimit hashlimit-htable-max': long,
  'hashlimit hashlimit-htable-expire': numberFrom(1, 0xffffffff),
  'hashlimit hashlimit-htable-gcinterval': numberFrom(1, 0xffffffff),
  'hl hl-eq': byte,
  'hl hl-gt': byte,
  'hl hl-lt': byte,
  'limit limit': {
    expected: 'a rate: a number per second, minute, hour or day, at most 10000 a second',
    takes: (text) => isRate(text, LIMIT_SCALE),
  },
  'limit limit-burst': numberUpTo(10_000),
  'length length': {
    expected: 'a length or a range a:b, up to 65535',
    takes: (text) => isRange(text, 0xffff),
  },
  'mac mac-source': {
    expected: 'an address of six bytes in hexadecimal digits, with colons',
    // Dumps that are shown to others often have XX instead, which is no reason to doubt the rest.
    takes: (text) => /^[\da-fx]{0,2}(:[\da-fx]{0,2}){5}$/i.test(text),
  },
  'pkttype pkt-type': {
    expected: `one of ${packetTypes.join(', ')}`,
    takes: (text) => packetTypes.includes(text.toLowerCase()),
  },
  'policy pol': oneOf(names('none ipsec')),
  'policy dir': oneOf(names('in out')),
  'policy mode': oneOf(names('tunnel transport')),
  'quota quota': { expected: 'a number of bytes of 64 bits', takes: isHuge },
  'recent seconds': numberFrom(1, 0xffffffff),
  'recent hitcount': word,
  'statistic every': numberFrom(1, 0xffffffff),
  'statistic packet': long,
  'statistic probability': {
    expected: 'a number from 0 to 1',
    takes: (text) => text.trim() !== '' && Number(text) >= 0 && Number(text) <= 1,
  },
  'sctp chunk-types': {
    expected: 'all, any or only, and a list of chunks',
    takes: (text) => /^(?:all|any|only)$/i.test(text),
  },
  // The kernel has no other for text that may lie across the parts of a packet.
  'string algo': oneOf(names('bm kmp')),
  'string from': word,
  'string hex-string': {
    expected: 'text with bytes between bars, of two hexadecimal digits each: "|0d 0a|"',
    takes: isHexString,
  },
  'string to': word,
  'tcp tcp-option': numberFrom(1, 255),
  'time datestart': date,
  'time datestop': date,
  'time weekdays': {
    expected: 'days of the week, from 1 to 7 or by name (Mon,Tue), separated by commas',
    takes: isWeekdays,
  },
  'time monthdays': {
    expected: 'days of a month, from 1 to 31, separated by commas',
    takes: (text) => /^,*\d[\d,]*$/.test(text) && text.split(',').every((day) => Number(day) <= 31),
  },
  'time timestart': timeOfDay,
  'time timestop': timeOfDay,
  'ttl ttl-eq': byte,
  'ttl ttl-gt': byte,
  'ttl ttl-lt': byte,
  'tos tos': typeOfService,
  ...targetValues,
};

/** Refuses values of a match's or target's options that iptables-restore does not take. */
export function checkValues(use: ModuleUse, context: RuleContext): void {
  const isRight = use.options.map((option) => checkValue(use, option, context)).every(Boolean);
  if (isRight && use.name === 'statistic') checkEvery(use, context);
}

/** Packets of `--every` are counted from 0. */
function checkEvery({ options }: ModuleUse, context: RuleContext): void {
  const [every, packet] = ['every', 'packet'].map(
    (name) => options.find((option) => option.name === name)?.values[0],
  );
  if (every === undefined || packet === undefined || Number(packet) < Number(every)) return;
  context.refuse('--packet takes a number below that of --every', packet);
}

/** False where the value was refused. */
function checkValue(use: ModuleUse, option: OptionSyntax, context: RuleContext): boolean {
  const rule = values[`${use.name} ${option.name}`];
  const text = option.values[0];
  if (rule === undefined || text === undefined || rule.takes(text)) return true;
  context.refuse(`--${option.name} takes ${rule.expected}`, text);
  return false;
}
