import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Rule } from '../../model/firewall.ts';
import { all, and, none, type Match } from '../../model/match.ts';
import type { MatchParts } from './match-parts.ts';
import { condition } from './match-parts.ts';
import { unknownNarrowing, type Polarity } from './polarity.ts';
import { protocolName } from './protocols.ts';
import { authenticatedCondition } from './security.ts';
import type { WindowsRule } from './windows-rule.ts';

export interface LoweredRule {
  readonly in: readonly Rule[];
  readonly out: readonly Rule[];
  readonly understood: boolean;
}

/** Needed for Windows’ authenticated bypass and for `Security=` alike. */
const authenticated = condition(authenticatedCondition);

/**
 * One written rule as rules of the model: one for each direction and each action it may have. `profiles` are the bits of the
 * profiles in which the rule counts (a local rule does not where policy forbids local rules).
 */
export function lowerRule(
  rule: WindowsRule,
  profiles: number,
  parts: MatchParts,
  nextId: () => number,
): LoweredRule {
  parts.misread = false;
  parts.rule = rule.span;
  const enabled = rule.enabled !== false && rule.ignored === undefined;
  const lowered = { in: [] as Rule[], out: [] as Rule[] };
  const comment = rule.name;
  const label = rule.needsLabel ? labelOf(rule) : undefined;
  for (const direction of ['in', 'out'] as const) {
    if (rule.direction !== direction && rule.direction !== 'unknown') continue;
    for (const action of rule.action === 'unknown' ? (['allow', 'block'] as const) : [rule.action]) {
      const match = matchOf(rule, direction, action, profiles, parts);
      lowered[direction].push({
        id: nextId(),
        span: rule.span,
        match,
        action: action === 'block' ? { kind: 'drop' } : { kind: 'accept' },
        enabled,
        ...(action === 'bypass' && { bypass: true }),
        ...(comment !== '' && { comment }),
        ...(label !== undefined && { label }),
      });
    }
  }
  return { ...lowered, understood: rule.unknowns.length === 0 && !parts.misread };
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
  const of: Match[] = [parts.profiles(profiles)];
  if (profiles === 0) return none;

  if (rule.protocol === 'unknown') {
    of.push(unknownNarrowing('protocol', polarity, 'the export does not show the protocol'));
  } else if (rule.protocol !== 'any') of.push(parts.protocol(rule.protocol));
  of.push(transport(rule, inbound, polarity, parts));
  of.push(parts.addresses(rule.remoteAddresses, inbound ? 'source' : 'destination', polarity));
  of.push(parts.addresses(rule.localAddresses, inbound ? 'destination' : 'source', polarity));

  if (rule.program !== undefined) of.push(parts.program(rule.program));
  if (rule.service !== undefined) of.push(parts.service(rule.service));
  if (rule.package !== undefined) of.push(parts.package(rule.package));
  if (rule.interfaces !== undefined)
    of.push(parts.interfaces(rule.interfaces, inbound ? 'inInterface' : 'outInterface'));
  if (rule.interfaceTypes !== undefined) of.push(parts.interfaceTypes(rule.interfaceTypes, polarity));

  if (action === 'bypass') of.push(authenticated);
  for (const known of rule.conditions) of.push(condition(known));
  for (const unknown of rule.unknowns) of.push(condition(unknown));
  if (rule.hidden !== undefined) of.push(unknownNarrowing(`hidden:${rule.hidden}`, polarity, rule.hidden));
  if (rule.enabled === 'unknown') {
    of.push(unknownNarrowing('enabled', polarity, 'the export does not show whether the rule is enabled'));
  }
  if (rule.direction === 'unknown') {
    of.push(unknownNarrowing('direction', polarity, 'the export does not show the direction of the rule'));
  }
  if (rule.action === 'unknown') {
    of.push(
      unknownNarrowing('action', polarity, 'the export does not show whether the rule allows or blocks'),
    );
  }
  return and(...of);
}

/** Ports and ICMP types: both only mean something for their protocols (MS-GPFAS 2.2.2.19). */
function transport(rule: WindowsRule, inbound: boolean, polarity: Polarity, parts: MatchParts): Match {
  const { protocol, localPorts, remotePorts, icmp } = rule;
  const hasPorts = isLimited(localPorts) || isLimited(remotePorts);
  const hasTypes = isLimited(icmp);
  if (!hasPorts && !hasTypes) return all;
  const of: Match[] = [];
  if (hasPorts) {
    if (protocol === 6 || protocol === 17 || protocol === 'unknown') {
      if (protocol === 'unknown')
        of.push({
          kind: 'number',
          field: 'protocol',
          values: [
            [6, 6],
            [17, 17],
          ],
        });
      of.push(parts.ports(localPorts, inbound ? 'destinationPort' : 'sourcePort', polarity));
      of.push(parts.ports(remotePorts, inbound ? 'sourcePort' : 'destinationPort', polarity));
    } else of.push(refusable('ports', polarity));
  }
  if (hasTypes) {
    if (protocol === 1 || protocol === 58) of.push(parts.icmp(icmp, polarity));
    else of.push(refusable('ICMP types', polarity));
  }
  return and(...of);
}

function refusable(what: string, polarity: Polarity): Match {
  return unknownNarrowing(
    `refusable:${what}`,
    polarity,
    `the rule gives ${what} with a protocol that has none; Windows may refuse it`,
  );
}

function isLimited(lists: readonly { readonly text: string }[] | undefined): boolean {
  return lists?.some(({ text }) => text !== '' && text !== '*' && text.toLowerCase() !== 'any') === true;
}

/** Diagnostics about the rule as a whole, once a rule. */
export function ruleDiagnostics(rule: WindowsRule): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
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
  return found;
}

const longestLabel = 160;

/** One line that says what the rule says, for exports that spread it over many lines. */
function labelOf(rule: WindowsRule): string {
  const words = [
    rule.action === 'unknown' ? 'rule' : rule.action,
    rule.direction === 'unknown' ? '' : rule.direction,
  ];
  words.push(protocolName(rule.protocol));
  const say = (word: string, lists: readonly { readonly text: string }[] | undefined): void => {
    if (isLimited(lists)) words.push(word, lists!.map(({ text }) => text).join(','));
  };
  say('local port', rule.localPorts);
  say('remote port', rule.remotePorts);
  say('type', rule.icmp);
  say('from', rule.direction === 'out' ? rule.localAddresses : rule.remoteAddresses);
  say('to', rule.direction === 'out' ? rule.remoteAddresses : rule.localAddresses);
  if (rule.program !== undefined) words.push('program', rule.program);
  if (rule.service !== undefined) words.push('service', rule.service);
  const text = `${rule.name === '' ? (rule.id ?? 'rule') : rule.name}: ${words.filter((word) => word !== '').join(' ')}`;
  return text.length > longestLabel ? `${text.slice(0, longestLabel - 1)}…` : text;
}
