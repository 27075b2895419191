import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Rule } from '../../model/firewall.ts';
import { type Conjunction, type Match, none } from '../../model/match.ts';
import type { MatchParts } from './match-parts.ts';
import { condition } from './match-parts.ts';
import { unknownNarrowing, type Polarity } from './polarity.ts';
import { protocolName } from './protocols.ts';
import { authenticatedCondition } from './security.ts';
import type { WindowsRule } from './windows-rule.ts';

/** Needed for Windows’ authenticated bypass and for `Security=` alike. */
const authenticated = condition(authenticatedCondition);
const accept: Rule['action'] = { kind: 'accept' };
const drop: Rule['action'] = { kind: 'drop' };

/**
 * Adds one written rule as rules of the model: one for each direction and each action it may have. `profiles` are the bits of the
 * profiles in which the rule counts (a local rule does not where policy forbids local rules). True if every part was understood.
 */
export function lowerRule(
  rule: WindowsRule,
  profiles: number,
  parts: MatchParts,
  nextId: () => number,
  target: Readonly<Record<'in' | 'out', Rule[]>>,
): boolean {
  parts.misread = false;
  parts.rule = rule.span;
  const label = rule.needsLabel ? labelOf(rule) : undefined;
  for (const direction of directions) {
    if (rule.direction !== direction && rule.direction !== 'unknown') continue;
    if (rule.action === 'unknown') {
      target[direction].push(
        modelRule(rule, 'allow', nextId(), matchOf(rule, direction, 'allow', profiles, parts), label),
      );
      target[direction].push(
        modelRule(rule, 'block', nextId(), matchOf(rule, direction, 'block', profiles, parts), label),
      );
    } else {
      const match = matchOf(rule, direction, rule.action, profiles, parts);
      target[direction].push(modelRule(rule, rule.action, nextId(), match, label));
    }
  }
  return rule.unknowns.length === 0 && !parts.misread;
}

const directions = ['in', 'out'] as const;

function modelRule(
  rule: WindowsRule,
  action: 'allow' | 'block' | 'bypass',
  id: number,
  match: Match,
  label: string | undefined,
): Rule {
  const { span, name } = rule;
  const enabled = rule.enabled !== false && rule.ignored === undefined;
  const does = action === 'block' ? drop : accept;
  // Most rules, as one literal: an object that is put together takes twice the room.
  if (action !== 'bypass' && name !== '' && label !== undefined)
    return { id, span, match, action: does, enabled, comment: name, label };
  return {
    id,
    span,
    match,
    action: does,
    enabled,
    ...(action === 'bypass' && { bypass: true }),
    ...(name !== '' && { comment: name }),
    ...(label !== undefined && { label }),
  };
}

function matchOf(
  rule: WindowsRule,
  direction: 'in' | 'out',
  action: 'allow' | 'block' | 'bypass',
  profiles: number,
  parts: MatchParts,
): Match {
  const polarity: Polarity = action === 'block' ? 'block' : 'allow';
  const inbound = direction === 'in';
  if (profiles === 0) return none;
  const of = parts.conjunction;
  of.add(parts.profiles(profiles));

  if (rule.protocol === 'unknown') {
    of.add(unknownNarrowing('protocol', polarity, 'the export does not show the protocol'));
  } else if (rule.protocol !== 'any') of.add(parts.protocol(rule.protocol));
  addTransport(rule, inbound, polarity, parts, of);
  of.add(parts.addresses(rule.remoteAddresses, inbound ? 'source' : 'destination', polarity));
  of.add(parts.addresses(rule.localAddresses, inbound ? 'destination' : 'source', polarity));

  if (rule.program !== undefined) of.add(parts.program(rule.program));
  if (rule.service !== undefined) of.add(parts.service(rule.service));
  if (rule.package !== undefined) of.add(parts.package(rule.package));
  if (rule.interfaces !== undefined)
    of.add(parts.interfaces(rule.interfaces, inbound ? 'inInterface' : 'outInterface'));
  if (rule.interfaceTypes !== undefined) of.add(parts.interfaceTypes(rule.interfaceTypes, polarity));

  if (action === 'bypass') of.add(authenticated);
  for (const known of rule.conditions) of.add(parts.condition(known));
  for (const unknown of rule.unknowns) of.add(parts.condition(unknown));
  if (rule.hidden !== undefined) of.add(parts.hidden(rule.hidden, polarity));
  if (rule.enabled === 'unknown') {
    of.add(unknownNarrowing('enabled', polarity, 'the export does not show whether the rule is enabled'));
  }
  if (rule.direction === 'unknown') {
    of.add(unknownNarrowing('direction', polarity, 'the export does not show the direction of the rule'));
  }
  if (rule.action === 'unknown') {
    of.add(
      unknownNarrowing('action', polarity, 'the export does not show whether the rule allows or blocks'),
    );
  }
  return of.end();
}

/** Ports and ICMP types: both only mean something for their protocols (MS-GPFAS 2.2.2.19). */
function addTransport(
  rule: WindowsRule,
  inbound: boolean,
  polarity: Polarity,
  parts: MatchParts,
  of: Conjunction,
): void {
  const { protocol, localPorts, remotePorts, icmp } = rule;
  if (isLimited(localPorts) || isLimited(remotePorts)) {
    if (protocol === 6 || protocol === 17 || protocol === 'unknown') {
      if (protocol === 'unknown') of.add(tcpOrUdp);
      of.add(parts.ports(localPorts, inbound ? 'destinationPort' : 'sourcePort', polarity));
      of.add(parts.ports(remotePorts, inbound ? 'sourcePort' : 'destinationPort', polarity));
    } else of.add(refusable('ports', polarity));
  }
  if (isLimited(icmp)) {
    if (protocol === 1 || protocol === 58) of.add(parts.icmp(icmp, polarity));
    else of.add(refusable('ICMP types', polarity));
  }
}

const tcpOrUdp: Match = {
  kind: 'number',
  field: 'protocol',
  values: [
    [6, 6],
    [17, 17],
  ],
};

function refusable(what: string, polarity: Polarity): Match {
  return unknownNarrowing(
    `refusable:${what}`,
    polarity,
    `the rule gives ${what} with a protocol that has none; Windows may refuse it`,
  );
}

function isLimited(lists: readonly { readonly text: string }[] | undefined): boolean {
  if (lists === undefined) return false;
  for (const { text } of lists) {
    if (text !== '' && text !== '*' && (text.length !== 3 || text.toLowerCase() !== 'any')) return true;
  }
  return false;
}

/** Diagnostics about the rule as a whole, once a rule. */
export function addRuleDiagnostics(rule: WindowsRule, found: Diagnostic[]): void {
  if (rule.ignored !== undefined) {
    found.push({
      code: 'FW1405',
      severity: 'warning',
      message: `rule “${rule.name}”: ${rule.ignored}, so Windows ignores it`,
      span: rule.span,
    });
  }
  const { protocol } = rule;
  const ports = isLimited(rule.localPorts) || isLimited(rule.remotePorts);
  const badPorts = ports && protocol !== 6 && protocol !== 17 && protocol !== 'unknown';
  const badTypes = isLimited(rule.icmp) && protocol !== 1 && protocol !== 58;
  if (badPorts || badTypes) {
    found.push({
      code: 'FW1407',
      severity: 'warning',
      message: `rule “${rule.name}” gives ${badPorts ? 'ports' : 'ICMP types'} with ${protocolName(protocol)}; Windows may refuse it`,
      span: rule.span,
      help: badPorts
        ? 'Ports need protocol TCP (6) or UDP (17).'
        : 'ICMP types need protocol ICMPv4 (1) or ICMPv6 (58).',
    });
  }
}

const longestLabel = 160;

/** One line that says what the rule says, for exports that spread it over many lines. */
function labelOf(rule: WindowsRule): string {
  const { direction } = rule;
  const words = [`${rule.name === '' ? (rule.id ?? 'rule') : rule.name}:`];
  words.push(rule.action === 'unknown' ? 'rule' : rule.action);
  if (direction !== 'unknown') words.push(direction);
  words.push(protocolName(rule.protocol));
  addList(words, 'local port', rule.localPorts);
  addList(words, 'remote port', rule.remotePorts);
  addList(words, 'type', rule.icmp);
  addList(words, 'from', direction === 'out' ? rule.localAddresses : rule.remoteAddresses);
  addList(words, 'to', direction === 'out' ? rule.remoteAddresses : rule.localAddresses);
  addWord(words, 'program', rule.program);
  addWord(words, 'service', rule.service);
  const text = words.join(' ');
  return text.length > longestLabel ? `${text.slice(0, longestLabel - 1)}…` : text;
}

function addList(
  words: string[],
  word: string,
  lists: readonly { readonly text: string }[] | undefined,
): void {
  if (!isLimited(lists)) return;
  words.push(word, lists!.length === 1 ? lists![0]!.text : lists!.map(({ text }) => text).join(','));
}

function addWord(words: string[], word: string, value: string | undefined): void {
  if (value === undefined) return;
  words.push(word);
  if (value !== '') words.push(value);
}
