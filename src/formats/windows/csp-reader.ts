import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source } from '../../source/source.ts';
import { parseProtocol } from './protocols.ts';
import { principalCondition } from './security.ts';
import {
  allProfiles,
  windowsProfiles,
  type KnownCondition,
  type ProfileSettings,
  type WindowsFacts,
  type WindowsProfile,
  type WindowsRule,
  type Written,
} from './windows-rule.ts';
import { visitXml, type XmlElement } from './xml-elements.ts';

/** The settings of one rule, by their paths below its name in lower case. */
export interface CspRule {
  readonly name: string;
  start: number;
  end: number;
  readonly settings: Map<string, Written>;
}

/** The Firewall CSP of device management (Intune) as SyncML: `./Vendor/MSFT/Firewall/MdmStore/FirewallRules/<name>/<setting>`. */
export function readCsp(source: Source): WindowsFacts {
  const diagnostics: Diagnostic[] = [];
  const rules = new Map<string, CspRule>();
  const profiles = new Map<WindowsProfile, ProfileSettings>();
  const visit = (element: XmlElement, parents: readonly string[]): void => {
    const uri = element.children
      .flatMap(({ name, children }) => (name === 'target' ? children : []))[0]
      ?.text.trim();
    const path = /\/MdmStore\/(.+)$/i.exec(uri ?? '')?.[1]?.split('/');
    if (path === undefined || parents.includes('delete') || parents.includes('get')) return;
    const data = element.children.find(({ name }) => name === 'data');
    const value: Written = { text: data?.text.trim() ?? '', at: element.start };
    const [place, name, ...setting] = path;
    if (place!.toLowerCase() === 'firewallrules' && name !== undefined) {
      const rule = rules.get(name) ?? { name, start: element.start, end: element.end, settings: new Map() };
      rules.set(name, rule);
      rule.end = element.end;
      if (setting.length > 0) rule.settings.set(setting.join('/').toLowerCase(), value);
    } else {
      const profile = windowsProfiles.find((one) => place!.toLowerCase() === `${one}profile`);
      if (profile !== undefined && name !== undefined) {
        const span = { source: source.id, start: element.start, end: element.end };
        const before = profiles.get(profile) ?? { profile, store: 'policy', span };
        profiles.set(profile, { ...before, ...profileSetting(name.toLowerCase(), value.text) });
      }
    }
  };
  visitXml(source, new Set(['item']), visit, diagnostics);
  return {
    dialect: 'csp',
    rules: [...rules.values()].map((rule) => readCspRule(rule, source.id, diagnostics)),
    profiles: [...profiles.values()],
    diagnostics,
    assumptions: [
      'The input is what management wants, not what the host has: other rules are taken not to exist',
    ],
  };
}

function profileSetting(name: string, value: string): Partial<ProfileSettings> {
  const truth = /^(?:true|1)$/i.test(value) ? true : /^(?:false|0)$/i.test(value) ? false : undefined;
  const action = value === '0' ? 'allow' : value === '1' ? 'block' : undefined;
  switch (name) {
    case 'enablefirewall':
      return truth === undefined ? { unknown: `EnableFirewall is “${value}”` } : { enabled: truth };
    case 'shielded':
      return truth === undefined ? { unknown: `Shielded is “${value}”` } : { shieldsUp: truth };
    case 'defaultinboundaction':
      return action === undefined ? { unknown: `DefaultInboundAction is “${value}”` } : { inbound: action };
    case 'defaultoutboundaction':
      return action === undefined ? { unknown: `DefaultOutboundAction is “${value}”` } : { outbound: action };
    case 'allowlocalpolicymerge':
      return truth === undefined ? { unknown: `AllowLocalPolicyMerge is “${value}”` } : { localRules: truth };
    default:
      return {};
  }
}

const known = new Set([
  'name',
  'description',
  'status',
  'edgetraversal',
  'enabled',
  'direction',
  'action',
  'action/type',
  'profiles',
  'protocol',
  'localportranges',
  'remoteportranges',
  'localaddressranges',
  'remoteaddressranges',
  'icmptypesandcodes',
  'app',
  'app/filepath',
  'app/servicename',
  'app/packagefamilyname',
  'interfacetypes',
  'localuserauthorizedlist',
  'localuserauthorizationlist',
  'policyappid',
]);

/** Defaults of the CSP: enabled, outbound, allow. */
export function readCspRule(
  { name, start, end, settings }: CspRule,
  source: number,
  diagnostics: Diagnostic[],
): WindowsRule {
  const span = { source, start, end };
  const unknowns: KnownCondition[] = [];
  const conditions: KnownCondition[] = [];
  const misread = (setting: string, text: string, expected: string): void => {
    diagnostics.push({
      code: 'FW1004',
      severity: 'error',
      message: `rule “${name}”: read “${text}” as ${setting}, expected ${expected}`,
      span,
    });
    unknowns.push({
      key: `windows:csp:${setting}=${text}`,
      reason: `${setting} “${text}” is not understood`,
    });
  };
  const word = <T>(
    setting: string,
    table: ReadonlyMap<string, T>,
    absent: T,
    expected: string,
  ): T | undefined => {
    const text = settings.get(setting)?.text;
    if (text === undefined) return absent;
    const value = table.get(text.toLowerCase());
    if (value === undefined) misread(setting, text, expected);
    return value;
  };
  const list = (setting: string): readonly Written[] | undefined => {
    const written = settings.get(setting);
    return written === undefined || written.text === '' || written.text === '*' ? undefined : [written];
  };
  const limit = (setting: string): string | undefined => {
    const text = settings.get(setting)?.text;
    return text === undefined || text === '' ? undefined : text;
  };
  const enabled = word('enabled', booleans, true, 'true or false');
  const direction = word('direction', directions, 'out', 'IN or OUT');
  const action = word(
    settings.has('action/type') ? 'action/type' : 'action',
    actions,
    'allow',
    '0 (block) or 1 (allow)',
  );
  const protocolText = limit('protocol');
  const protocol = protocolText === undefined ? 'any' : parseProtocol(protocolText);
  if (protocol === undefined) misread('protocol', protocolText!, 'a protocol number');
  const bits = limit('profiles');
  const profiles =
    bits === undefined || bits === '2147483647'
      ? allProfiles
      : /^[1-7]$/.test(bits)
        ? Number(bits)
        : undefined;
  if (profiles === undefined) misread('profiles', bits!, 'bits from 1 to 7');
  const users = limit('localuserauthorizedlist') ?? limit('localuserauthorizationlist');
  if (users !== undefined) conditions.push(principalCondition('local user', users));
  const app = limit('policyappid');
  if (app !== undefined)
    conditions.push({
      key: `windows:policyappid:${app.toLowerCase()}`,
      reason: `only for programs tagged ${app}`,
    });
  for (const [setting, { text }] of settings)
    if (!known.has(setting)) misread(setting, text, 'a setting of the Firewall CSP');
  return {
    span,
    id: name,
    name: settings.get('name')?.text ?? name,
    needsLabel: true,
    store: 'mdm',
    enabled: enabled ?? 'unknown',
    direction: direction ?? 'unknown',
    action: action ?? 'unknown',
    profiles: profiles ?? allProfiles,
    protocol: protocol ?? 'unknown',
    localPorts: list('localportranges'),
    remotePorts: list('remoteportranges'),
    localAddresses: list('localaddressranges'),
    remoteAddresses: list('remoteaddressranges'),
    icmp: list('icmptypesandcodes'),
    program: limit('app/filepath'),
    service: limit('app/servicename'),
    package: limit('app/packagefamilyname'),
    interfaceTypes: list('interfacetypes'),
    conditions,
    unknowns,
  };
}

const booleans = new Map<string, boolean>([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);
const directions = new Map<string, 'in' | 'out'>([
  ['in', 'in'],
  ['out', 'out'],
]);
const actions = new Map<string, 'allow' | 'block'>([
  ['0', 'block'],
  ['block', 'block'],
  ['1', 'allow'],
  ['allow', 'allow'],
]);
