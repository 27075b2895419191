import { reasonSentence } from '../../ports/reasons.ts';
import type { PortRange } from '../../ports/port-types.ts';
import type { Exposure, FromElement } from '../../report/report.ts';
import { outlineOf } from '../../report/row-outline.ts';
import { outlinedSources } from '../../report/row-text.ts';
import { missingPrefixes } from './all-but.ts';
import type { Row } from './rows.ts';
import type { Style } from './style.ts';

/** `3092/tcp`, `8000-8100/udp`, `icmp 8`, `every other protocol`. */
export function portText(row: Exposure): string {
  const { ports, protocol, protocols } = row;
  if (ports !== null) return `${rangeText(ports)}/${protocol}`;
  if (protocol === 'any') {
    return protocols === undefined ? 'any protocol' : `protocols ${protocols.map(rangeText).join(',')}`;
  }
  const types = row.from.length === 1 ? row.from[0]!.icmpTypes : undefined;
  if (types !== undefined) {
    const texts = types.map(({ type, code }) =>
      code === undefined ? rangeText(type) : `${rangeText(type)}/${rangeText(code)}`,
    );
    return `${protocol} ${texts.join(',')}`;
  }
  return /^\d+$/.test(protocol) ? `protocol ${protocol}` : protocol;
}

function rangeText({ from, to }: PortRange): string {
  return from === to ? String(from) : `${from}-${to}`;
}

const icmpNames = new Map([
  ['icmp 0', 'echo-reply'],
  ['icmp 3', 'destination-unreachable'],
  ['icmp 8', 'echo-request'],
  ['icmp 11', 'time-exceeded'],
  ['icmp 12', 'parameter-problem'],
  ['icmpv6 1', 'destination-unreachable'],
  ['icmpv6 2', 'packet-too-big'],
  ['icmpv6 3', 'time-exceeded'],
  ['icmpv6 4', 'parameter-problem'],
  ['icmpv6 128', 'echo-request'],
  ['icmpv6 129', 'echo-reply'],
  ['icmpv6 133', 'router-solicitation'],
  ['icmpv6 134', 'router-advertisement'],
  ['icmpv6 135', 'neighbor-solicitation'],
  ['icmpv6 136', 'neighbor-advertisement'],
]);

/** The service, or the status where nobody has claimed the port. */
export function serviceText(exposure: Exposure): string {
  const { assignment } = exposure;
  if (assignment === null) return icmpNames.get(portText(exposure)) ?? '';
  switch (assignment.status) {
    case 'assigned':
      return assignment.service ?? 'assigned';
    case 'assigned-private-use':
      return assignment.service ?? 'private use';
    case 'assigned-other-transport':
      return assignment.service === undefined
        ? 'other transport'
        : `${assignment.service} (not ${exposure.protocol})`;
    case 'mixed': {
      const counts = Object.entries(assignment.counts ?? {});
      const sum = (wanted: boolean): number =>
        counts
          .filter(([status]) => (status === 'assigned' || status === 'assigned-private-use') === wanted)
          .reduce((total, [, count]) => total + count, 0);
      return `${grouped(sum(true))} assigned, ${grouped(sum(false))} not`;
    }
    case 'not-listed':
      return 'not listed';
    case 'reserved':
    case 'de-assigned':
    case 'unassigned':
    case 'dynamic':
      return assignment.status;
  }
}

/** A row of more prefixes than this is outlined in the table. */
const LONG = 1000;

/** The row is so long that the table only outlines it. */
export function isOutlined(exposure: Exposure): boolean {
  return outlineOf(exposure).paths > LONG;
}

/** `anywhere`, `10.0.0.0/8 on eth0`, `anywhere → 172.17.0.2`. */
export function fromText({ exposure, onlyFamily }: Row, style: Style, most: number): string {
  const family = onlyFamily === undefined ? '' : ` (${onlyFamily})`;
  const outline = outlineOf(exposure);
  // To work out thousands of prefixes so that two may be shown takes longer than all the rest of a report.
  if (most < Infinity && isOutlined(exposure))
    return outlinedSources(outline, most) + (outline.toSome ? ` ${style.arrow} some addresses` : '') + family;
  const texts = [...new Set(exposure.from.map((element) => elementText(element, exposure, style, most)))];
  const shown = texts.slice(0, most).join('; ');
  const rest = texts.length > most ? ` and ${texts.length - most} more` : '';
  return `${shown}${rest}${family}`;
}

function elementText(
  element: FromElement,
  { scope, direction }: Exposure,
  style: Style,
  most: number,
): string {
  const { sources, destinations, inInterfaces, outInterfaces, sourcePorts } = element;
  const anyone = direction === 'out' ? 'this host' : scope === 'loopback' ? 'this host itself' : 'anywhere';
  let text = sources === undefined ? anyone : addresses(sources, most, style);
  if (inInterfaces !== undefined) text += ` on ${interfaces(inInterfaces, most, style)}`;
  if (destinations !== undefined || outInterfaces !== undefined) {
    text += ` ${style.arrow} ${destinations === undefined ? 'anywhere' : addresses(destinations, most, style)}`;
    if (outInterfaces !== undefined) text += ` on ${interfaces(outInterfaces, most, style)}`;
  }
  if (sourcePorts !== undefined) text += ` from port ${list(sourcePorts.map(rangeText), most, style)}`;
  const { profiles, programs, services, packages, interfaceTypes } = element;
  const bound = [
    ...(profiles === undefined ? [] : [list(profiles, most, style)]),
    ...(interfaceTypes === undefined ? [] : [list(interfaceTypes, most, style)]),
    ...(programs === undefined ? [] : [list(programs.map(lastPart), most, style)]),
    ...(services === undefined ? [] : [`service ${list(services, most, style)}`]),
    ...(packages === undefined ? [] : [`app ${list(packages, most, style)}`]),
  ];
  return bound.length === 0 ? text : `${text} (${bound.join(', ')})`;
}

function list(items: readonly string[], most: number, style: Style): string {
  const shown = items.slice(0, most).map(style.safe).join(', ');
  return items.length > most ? `${shown} and ${items.length - most} more` : shown;
}

function addresses(prefixes: readonly string[], most: number, style: Style): string {
  const missing = missingPrefixes(prefixes);
  if (missing === undefined) return list(prefixes, most, style);
  return missing.length === 0 ? 'anywhere' : `anywhere but ${missing.map(style.safe).join(' and ')}`;
}

function interfaces(names: readonly string[], most: number, style: Style): string {
  const but = names.filter((name) => name.startsWith('!')).map((name) => name.slice(1));
  return but.length === names.length ? `any but ${list(but, most, style)}` : list(names, most, style);
}

function lastPart(program: string): string {
  return program.slice(Math.max(program.lastIndexOf('\\'), program.lastIndexOf('/')) + 1);
}

/** One thing to say of a row, and a shorter way to say it. */
export interface WhyPart {
  readonly text: string;
  readonly short: string;
}

/** What is to be said of a row, the most important first. The table shows the first and whatever else fits. */
export function whyParts(row: Row, style: Style): WhyPart[] {
  const { exposure, findings } = row;
  const { policy, scrutiny, translation, listeners, uses, certainty, conditions } = exposure;
  const parts: WhyPart[] = [];
  const say = (text: string, short = text): void => void parts.push({ text, short });
  if (certainty === 'possible') {
    const texts = [...new Set(conditions.map(({ text }) => style.safe(text)))];
    // Some say themselves which way they decide; of the others each may be what opens the port or what closes it.
    const told = texts.filter((text) => /^(?:only|unless) /.test(text));
    const others = texts.filter((text) => !told.includes(text));
    const words = [...told, ...(others.length === 0 ? [] : [`hangs on: ${others.join('; ')}`])];
    say(words.length === 0 ? 'possible' : `possible, ${words.join('; ')}`);
  }
  if (policy?.verdict === 'forbidden') {
    say(
      `forbidden${policy.reason === undefined ? '' : `: ${style.safe(policy.reason)}`}${entry(policy.entry, style)}`,
    );
  } else if (policy?.verdict === 'expired') {
    say(`its justification ended on ${style.safe(policy.expires ?? '')}${entry(policy.entry, style)}`);
  } else if (policy?.verdict === 'justified') {
    const who = policy.owner === undefined ? '' : ` (${style.safe(policy.owner)})`;
    say(`justified: ${style.safe(policy.reason ?? '')}${who}`);
  }
  if (translation !== undefined) {
    const target = style.safe(translation.to);
    const port = exposure.ports === null ? '' : `${rangeText(exposure.ports)} `;
    say(`published: ${port}${style.arrow} ${target} by line ${translation.rule.line}`);
  }
  if (policy?.verdict !== 'justified') {
    if (findings.some(({ name }) => name === 'default-accept')) {
      say('the default is to accept, and nothing stops these');
    }
    // What stands in brackets behind a name explains it; `fw-audit explain` shows it whole.
    const known = [...new Set(uses.map(({ use }) => style.safe(use.replace(/ \([^)]*\)$/, ''))))];
    const used =
      known.length === 0
        ? ''
        : `, ${known.slice(0, 2).join(' and ')} ${known.length === 1 ? 'uses' : 'use'} it`;
    const reached = exposure.scope === 'internet' && exposure.direction !== 'out' && row.severity !== 'low';
    const reasons = scrutiny.reasons.filter((reason) => used === '' || reason !== 'known-unofficial-use');
    if (reasons.length === 0 && scrutiny.reasons.length > 0) say(`not assigned${used}`);
    reasons.forEach((reason, index) => {
      const sentence = reasonSentence(reason);
      // A sentence with a colon or semicolon explains after it what it has said before.
      const head = sentence.split(/[:;]/, 1)[0]!;
      if (index > 0) say(sentence, head);
      else if (used !== '') say(`${head}${used}`);
      else say(reached ? `${sentence}, and the internet can reach it` : sentence, head);
    });
    if (policy?.verdict === 'unlisted') say('the policy does not list it');
  }
  if (listeners !== undefined) {
    const names = [...new Set(listeners.map(({ process }) => style.safe(process ?? 'an unnamed process')))];
    const listening =
      names.length === 0
        ? 'nobody listens'
        : `${names.join(', ')} ${names.length === 1 ? 'listens' : 'listen'}`;
    parts.unshift({ text: listening, short: listening });
  }
  return parts;
}

function entry(place: string | undefined, style: Style): string {
  return place === undefined ? '' : ` (${style.safe(place)})`;
}

/** `5,466`: thousands grouped the English way, whatever the locale. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
