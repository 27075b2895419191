import type { OptionSyntax } from '../../../grammars/iptables/syntax.ts';
import type { ModuleUse, RuleContext } from './lowering.ts';
import { parseMarkAndMask, parseNumber } from './numbers.ts';

/** What an option takes: how it is told, and in words. */
interface ValueRule {
  readonly expected: string;
  readonly takes: (text: string) => boolean;
}

function numberUpTo(max: number): ValueRule {
  return {
    expected: `a number from 0 to ${max}`,
    takes: (text) => parseNumber(text.replace(/^\+/, ''), max) !== undefined,
  };
}

const byte = numberUpTo(255);

/** Seconds of each unit that a rate may be per, in the order in which the first letters decide. */
const rateUnits = [
  ['second', 1],
  ['minute', 60],
  ['hour', 3600],
  ['day', 86_400],
] as const;

/** The kernel counts in 1/10,000 s (XT_LIMIT_SCALE): a rate may not be above one each. */
const RATE_SCALE = 10_000;

/** parse_rate of libxt_limit.c, which reads the number as atoi does. */
function isRate(text: string): boolean {
  const slash = text.indexOf('/');
  const unit = slash < 0 ? 'second' : text.slice(slash + 1).toLowerCase();
  const seconds = rateUnits.find(([name]) => unit !== '' && name.startsWith(unit))?.[1];
  const count = Number.parseInt(text, 10);
  return seconds !== undefined && count > 0 && Math.floor((seconds * RATE_SCALE) / count) > 0;
}

const packetTypes = ['unicast', 'broadcast', 'multicast', 'host', 'bcast', 'mcast', 'otherhost'];

/** The ends of a time of day (time_parse_minutes of libxt_time.c); no digits are 0. */
const timeOfDay: ValueRule = {
  expected: 'a time of day: hh:mm or hh:mm:ss',
  takes: (text) =>
    /^\d*:\d*(:\d*)?$/.test(text) && text.split(':').every((part, i) => Number(part) < (i === 0 ? 24 : 60)),
};

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
  'dscp dscp': numberUpTo(63),
  'dscp dscp-class': {
    expected: 'a class: BE, EF, CS0 to CS7 or AF11 to AF43',
    takes: (text) => /^(be|ef|cs[0-7]|af[1-4][1-3])/i.test(text),
  },
  'hl hl-eq': byte,
  'hl hl-gt': byte,
  'hl hl-lt': byte,
  'limit limit': {
    expected: 'a rate: a number per second, minute, hour or day, at most 10000 a second',
    takes: isRate,
  },
  'limit limit-burst': numberUpTo(10_000),
  'mac mac-source': {
    expected: 'an address of six bytes in hexadecimal digits, with colons',
    // Dumps that are shown to others often have XX instead, which is no reason to doubt the rest.
    takes: (text) => /^[\da-fx]{0,2}(:[\da-fx]{0,2}){5}$/i.test(text),
  },
  'pkttype pkt-type': {
    expected: `one of ${packetTypes.join(', ')}`,
    takes: (text) => packetTypes.includes(text.toLowerCase()),
  },
  'statistic probability': {
    expected: 'a number from 0 to 1',
    takes: (text) => text.trim() !== '' && Number(text) >= 0 && Number(text) <= 1,
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
};

/** Refuses values of a match's options that iptables-restore does not take. */
export function checkValues(use: ModuleUse, context: RuleContext): void {
  for (const option of use.options) checkValue(use, option, context);
}

function checkValue(use: ModuleUse, option: OptionSyntax, context: RuleContext): void {
  const rule = values[`${use.name} ${option.name}`];
  const text = option.values[0];
  if (rule === undefined || text === undefined || rule.takes(text)) return;
  context.refuse(`--${option.name} takes ${rule.expected}`, text);
}
