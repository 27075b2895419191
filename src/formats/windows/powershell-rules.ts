import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../source/source.ts';
import { readComRule } from './com-rules.ts';
import { filterKinds, kindOf, type ExportedObject, type FilterKind } from './exported-object.ts';
import { graphAssumption, readGraphProfile, readGraphRule } from './graph-rules.ts';
import { readPowershellProfile } from './powershell-profiles.ts';
import { Properties } from './properties.ts';
import { parseAction, parseDirection, parseProfiles, parseRuleEnabled } from './powershell-values.ts';
import { parseProtocol } from './protocols.ts';
import { authenticatedCondition, encryptedCondition, principalCondition } from './security.ts';
import {
  allProfiles,
  type KnownCondition,
  type ProfileSettings,
  type RuleStore,
  type WindowsFacts,
  type WindowsRule,
} from './windows-rule.ts';

/** What each filter adds to a rule, in the words of a message about its absence. */
const filterTitles: Readonly<Record<FilterKind, string>> = {
  port: 'protocol and ports',
  address: 'addresses',
  application: 'program',
  service: 'service',
  interface: 'interface',
  interfaceType: 'interface type',
  security: 'authentication',
};

/** The property whose presence says that the dimension was exported. */
const filterMarks: Readonly<Record<FilterKind, readonly string[]>> = {
  port: ['protocol'],
  address: ['remoteaddress', 'remoteaddresses'],
  application: ['program', 'applicationname'],
  service: ['service', 'servicename'],
  interface: ['interfacealias', 'interface'],
  interfaceType: ['interfacetype', 'interfacetypes'],
  security: ['authentication'],
};

/** Properties that a script may leave out of a dimension it shows (or call something else); each can narrow a rule. */
const parts: readonly {
  readonly kind: FilterKind;
  readonly names: readonly string[];
  readonly title: string;
  readonly of: 'ports' | 'icmp' | 'any';
}[] = [
  { kind: 'port', names: ['localport'], title: 'local ports', of: 'ports' },
  { kind: 'port', names: ['remoteport'], title: 'remote ports', of: 'ports' },
  { kind: 'port', names: ['icmptype'], title: 'ICMP types', of: 'icmp' },
  { kind: 'address', names: ['remoteaddress'], title: 'remote addresses', of: 'any' },
  { kind: 'address', names: ['localaddress'], title: 'local addresses', of: 'any' },
  { kind: 'application', names: ['package', 'packagefamilyname'], title: 'application package', of: 'any' },
  { kind: 'security', names: ['localuser'], title: 'local users', of: 'any' },
];

/** Objects of `Get-NetFirewallRule`, its filters and `Get-NetFirewallProfile`, joined by InstanceID. */
export function readPowershellObjects(objects: Iterable<ExportedObject>, dialect: string): WindowsFacts {
  const diagnostics: Diagnostic[] = [];
  const ruleObjects: ExportedObject[] = [];
  const profiles: ProfileSettings[] = [];
  const rules: WindowsRule[] = [];
  const filters = new Filters();
  for (const object of objects) {
    const kind = kindOf(object.properties);
    if (kind === undefined) continue;
    if (kind === 'rule') ruleObjects.push(object);
    else if (kind === 'com-rule') rules.push(readComRule(object, diagnostics));
    else if (kind === 'graph-rule') rules.push(readGraphRule(object, diagnostics));
    else if (kind === 'graph-profile') profiles.push(...readGraphProfile(object));
    else if (kind === 'profile') profiles.push(...readPowershellProfile(object));
    else filters.add(kind, object);
  }
  const hidden = new Map<string, { count: number; readonly first: Span }>();
  // The collector asks the active store, which holds every rule that counts.
  let localOnly = ruleObjects.length > 0 && !dialect.includes('collector');
  for (const object of ruleObjects) {
    const rule = readRule(object, filters, diagnostics);
    if (rule.hidden !== undefined && rule.isReading !== true) {
      const seen = hidden.get(rule.hidden);
      if (seen === undefined) hidden.set(rule.hidden, { count: 1, first: rule.span });
      else seen.count++;
    }
    if (rule.store !== 'local') localOnly = false;
    rules.push(rule);
  }
  for (const [what, { count, first }] of hidden) {
    diagnostics.push({
      code: 'FW1403',
      severity: 'warning',
      message: `${count} rule${count === 1 ? '' : 's'}: ${what}`,
      span: first,
      help: 'Run the collector command that “fw-audit formats windows” prints; it exports rules, filters and profiles together.',
    });
  }
  for (const one of filters.leftOver(rules.length)) diagnostics.push(one);
  const assumptions = dialect.includes('graph') ? [graphAssumption] : [];
  return { dialect, rules, profiles, diagnostics, assumptions, lacks: localOnly ? ['policy'] : [] };
}

/** Filter objects by the rule they belong to. */
class Filters {
  private readonly byKind = new Map<FilterKind, Map<string, ExportedObject[]>>();
  private readonly used = new Set<ExportedObject>();
  private first: Span | undefined;

  add(kind: FilterKind, object: ExportedObject): void {
    this.first ??= object.span;
    const id = idOf(object);
    const byId = this.byKind.get(kind) ?? new Map<string, ExportedObject[]>();
    this.byKind.set(kind, byId);
    const list = byId.get(id);
    if (list === undefined) byId.set(id, [object]);
    else list.push(object);
  }

  /** The one filter of a kind that belongs to the rule; `ambiguous` when several differ. */
  of(kind: FilterKind, rule: ExportedObject): ExportedObject | 'ambiguous' | undefined {
    const all = this.byKind.get(kind)?.get(idOf(rule));
    if (all === undefined) return undefined;
    const store = textOf(rule, 'policystoresource');
    // In the active store one InstanceID can stand once a policy store.
    const fitting =
      store === undefined ? all : all.filter((one) => (textOf(one, 'policystoresource') ?? store) === store);
    for (const one of all) this.used.add(one);
    const candidates = fitting.length > 0 ? fitting : all;
    return candidates.every((one) => sameValues(one, candidates[0]!)) ? candidates[0] : 'ambiguous';
  }

  leftOver(rules: number): readonly Diagnostic[] {
    let count = 0;
    let span: Span | undefined;
    for (const byId of this.byKind.values()) {
      for (const list of byId.values()) {
        for (const one of list) {
          if (this.used.has(one)) continue;
          count++;
          span ??= one.span;
        }
      }
    }
    if (count === 0 || span === undefined) return [];
    return [
      {
        code: 'FW1409',
        severity: rules === 0 ? 'error' : 'note',
        message: `${count} filter${count === 1 ? '' : 's'} belong${count === 1 ? 's' : ''} to no rule of the input`,
        span,
        help: 'Give the rules and their filters together: they are joined by InstanceID.',
      },
    ];
  }
}

function idOf(object: ExportedObject): string {
  const id = textOf(object, 'instanceid') ?? textOf(object, 'name') ?? textOf(object, 'id') ?? '';
  return id.toLowerCase();
}

function textOf(object: ExportedObject, name: string): string | undefined {
  return object.properties.get(name)?.values[0];
}

function sameValues(a: ExportedObject, b: ExportedObject): boolean {
  if (a === b) return true;
  for (const [name, { values }] of a.properties) {
    const other = b.properties.get(name);
    if (other === undefined || other.values.join('\0') !== values.join('\0')) return false;
  }
  return true;
}

/** A rule that brings all its properties itself. */
export function readRuleObject(object: ExportedObject, diagnostics: Diagnostic[]): WindowsRule {
  return readRule(object, new Filters(), diagnostics);
}

function readRule(object: ExportedObject, filters: Filters, diagnostics: Diagnostic[]): WindowsRule {
  const { span } = object;
  const name = textOf(object, 'displayname') ?? textOf(object, 'rulename') ?? textOf(object, 'name') ?? '';
  const unknowns: KnownCondition[] = object.reading === undefined ? [] : [object.reading];
  const conditions: KnownCondition[] = [];
  const missing: string[] = [];
  const bags: ExportedObject[] = [object];
  for (const kind of filterKinds) {
    if (filterMarks[kind].some((mark) => object.properties.has(mark))) continue;
    const filter = filters.of(kind, object);
    if (filter === undefined) missing.push(filterTitles[kind]);
    else if (filter === 'ambiguous') {
      unknowns.push({
        key: `windows:join:${idOf(object)}:${kind}`,
        reason: `several ${filterTitles[kind]} filters of the rule differ`,
      });
      diagnostics.push({
        code: 'FW1409',
        severity: 'error',
        message: `the rule “${name}” has several ${filterTitles[kind]} filters that differ`,
        span,
      });
    } else bags.push(filter);
  }
  const of = new Properties(bags, name, unknowns, diagnostics);

  const enabled = of.word('enabled', parseRuleEnabled, 'True or False');
  const direction = of.word('direction', parseDirection, 'Inbound or Outbound');
  const action = of.word('action', parseAction, 'Allow or Block');
  const profileValues = of.values('profile') ?? of.values('profiles');
  const profiles = profileValues === undefined ? undefined : parseProfiles(profileValues);
  if (profileValues === undefined) {
    unknowns.push({
      key: 'windows:missing:profile',
      reason: 'the export does not show “profile” of the rule',
    });
  } else if (profiles === undefined)
    of.misread('profile', profileValues.join(', '), 'Domain, Private, Public or Any');
  const protocolText = of.text('protocol');
  let protocol: WindowsRule['protocol'] = protocolText === undefined ? 'unknown' : 'any';
  if (protocolText !== undefined && protocolText !== '') {
    const number = parseProtocol(protocolText);
    if (number === undefined) of.misread('protocol', protocolText, 'a protocol');
    protocol = number ?? 'unknown';
  }
  const ports = protocol === 6 || protocol === 17 || protocol === 'unknown';
  // The module prints `RPC` as the ports of an ICMP rule, whose types share the field; they say nothing.
  const icmp = protocol === 1 || protocol === 58;
  for (const { kind, names, title, of: sort } of parts) {
    if (missing.includes(filterTitles[kind]) || (sort === 'ports' ? !ports : sort === 'icmp' && !icmp))
      continue;
    if (!names.some((one) => of.values(one) !== undefined)) missing.push(title);
  }

  addSecurity(of, conditions);
  const override = of.text('overrideblockrules')?.toLowerCase() === 'true';
  for (const [property, what] of restrictions) {
    const value = of.limit(property);
    if (value !== undefined)
      conditions.push({ key: `windows:${property}:${value.toLowerCase()}`, reason: `${what} ${value}` });
  }
  return {
    span,
    id: textOf(object, 'instanceid') ?? textOf(object, 'name') ?? name,
    name,
    needsLabel: object.needsLabel,
    store: storeOf(of),
    enabled: enabled ?? 'unknown',
    direction: direction ?? 'unknown',
    action: action === 'allow' ? (override ? 'bypass' : 'allow') : action === 'block' ? 'block' : 'unknown',
    profiles: profiles ?? allProfiles,
    protocol,
    localPorts: ports || !icmp ? of.list('localport') : undefined,
    remotePorts: ports || !icmp ? of.list('remoteport') : undefined,
    localAddresses: of.list('localaddress'),
    remoteAddresses: of.list('remoteaddress'),
    icmp: icmp ? of.list('icmptype') : undefined,
    program: of.limit('program'),
    service: of.limit('service') ?? of.limit('servicename'),
    package: of.limit('package') ?? of.limit('packagefamilyname'),
    interfaces: of.names('interfacealias'),
    interfaceTypes: of.list('interfacetype')?.map(interfaceTypeNames),
    conditions,
    hidden: missing.length > 0 ? hiddenReason(missing) : undefined,
    unknowns,
    ignored: action === 'unconfigured' ? 'its action is NotConfigured' : undefined,
    ...(object.isReading === true && { isReading: true }),
  };
}

const hiddenReasons = new Map<string, string>();

/** One string an export, so that all its rules share the same question. */
function hiddenReason(missing: readonly string[]): string {
  const list = missing.join(', ');
  let reason = hiddenReasons.get(list);
  if (reason === undefined) {
    reason = `the export does not show the ${list} of the rule`;
    hiddenReasons.set(list, reason);
  }
  return reason;
}

/** Properties that, when set, narrow a rule by something no file settles. */
const restrictions: readonly (readonly [property: string, what: string])[] = [
  ['owner', 'only for programs of the user'],
  ['localuser', 'only for the local users in'],
  ['platform', 'only on the Windows version'],
  ['dynamictarget', 'only for dynamic transports of kind'],
  ['dynamictransport', 'only for dynamic transports of kind'],
  ['policyappid', 'only for programs tagged'],
  ['remotedynamickeywordaddresses', 'only addresses of the dynamic keyword'],
];

function addSecurity(of: Properties, conditions: KnownCondition[]): void {
  const authentication = of.text('authentication')?.toLowerCase();
  if (authentication !== undefined && !/^(?:notrequired|0|any|)$/.test(authentication))
    conditions.push(authenticatedCondition);
  const encryption = of.text('encryption')?.toLowerCase();
  if (encryption !== undefined && !/^(?:notrequired|0|any|)$/.test(encryption))
    conditions.push(encryptedCondition);
  const user = of.limit('remoteuser');
  if (user !== undefined) conditions.push(authenticatedCondition, principalCondition('remote user', user));
  const machine = of.limit('remotemachine');
  if (machine !== undefined) conditions.push(authenticatedCondition, principalCondition('computer', machine));
}

/** InterfaceType bits: 0 Any, 1 Wired, 2 Wireless, 4 RemoteAccess. */
function interfaceTypeNames<T extends { readonly text: string }>(written: T): T {
  if (!/^[0-7]$/.test(written.text)) return written;
  const bits = Number(written.text);
  const names = ['Wired', 'Wireless', 'RemoteAccess'].filter((_, i) => (bits & (1 << i)) !== 0);
  return { ...written, text: names.length === 0 ? 'Any' : names.join(',') };
}

const stores = new Map<string, RuleStore>([
  ['grouppolicy', 'policy'],
  ['2', 'policy'],
  ['mdm', 'mdm'],
  ['6', 'mdm'],
  ['dynamic', 'mdm'],
  ['3', 'mdm'],
  ['generated', 'mdm'],
  ['4', 'mdm'],
  ['hardcoded', 'hardening'],
  ['5', 'hardening'],
]);

function storeOf(of: Properties): RuleStore {
  const source = of.text('policystoresource')?.toLowerCase();
  if (source === 'staticservicestore' || source === 'configurableservicestore') return 'hardening';
  return stores.get(of.text('policystoresourcetype')?.toLowerCase() ?? '') ?? 'local';
}
