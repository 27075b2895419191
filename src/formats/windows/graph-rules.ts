import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { readCspRule } from './csp-reader.ts';
import type { ExportedObject } from './exported-object.ts';
import {
  profileBits,
  windowsProfiles,
  type ProfileSettings,
  type WindowsRule,
  type Written,
} from './windows-rule.ts';

/** Settings of the Firewall CSP by their names in Microsoft Graph (resource type windowsFirewallRule); the defaults are the same. */
const settingNames: readonly (readonly [graph: string, csp: string])[] = [
  ['displayname', 'name'],
  ['protocol', 'protocol'],
  ['localportranges', 'localportranges'],
  ['remoteportranges', 'remoteportranges'],
  ['localaddressranges', 'localaddressranges'],
  ['remoteaddressranges', 'remoteaddressranges'],
  ['filepath', 'app/filepath'],
  ['servicename', 'app/servicename'],
  ['packagefamilyname', 'app/packagefamilyname'],
  ['localuserauthorizations', 'localuserauthorizedlist'],
];

const words: readonly (readonly [graph: string, csp: string, ReadonlyMap<string, string>])[] = [
  [
    'trafficdirection',
    'direction',
    new Map([
      ['in', 'IN'],
      ['out', 'OUT'],
    ]),
  ],
  [
    'action',
    'action/type',
    new Map([
      ['allowed', '1'],
      ['blocked', '0'],
    ]),
  ],
];

/** A rule that Intune hands out, as Microsoft Graph shows it. Absent and `notConfigured` leave a setting to its default. */
export function readGraphRule(object: ExportedObject, diagnostics: Diagnostic[]): WindowsRule {
  const { span, properties } = object;
  const settings = new Map<string, Written>();
  const put = (name: string, text: string): void => {
    if (text !== '') settings.set(name, { text, at: span.start });
  };
  const valuesOf = (name: string): readonly string[] =>
    (properties.get(name)?.values ?? []).map((value) => value.trim()).filter((value) => value !== '');
  for (const [graph, csp] of settingNames) put(csp, valuesOf(graph).join(','));
  for (const [graph, csp, table] of words) {
    const [value = 'notConfigured'] = valuesOf(graph);
    // A word that is in no table goes on as it is: it is refused there with its name.
    if (value !== 'notConfigured') put(csp, table.get(value) ?? value);
  }
  const named = (name: string): string[] =>
    valuesOf(name).flatMap((value) => value.split(',').map((one) => one.trim()));
  let bits = 0;
  let odd: string | undefined;
  for (const value of named('profiletypes')) {
    const profile = windowsProfiles.find((one) => one === value.toLowerCase());
    if (profile !== undefined) bits |= profileBits[profile];
    else if (value !== 'notConfigured') odd = value;
  }
  if (odd !== undefined || bits !== 0) put('profiles', odd ?? String(bits));
  put(
    'interfacetypes',
    named('interfacetypes')
      .filter((value) => value !== 'notConfigured')
      .join(','),
  );
  for (const [flag, ranges] of [
    ['useanylocaladdressrange', 'localaddressranges'],
    ['useanyremoteaddressrange', 'remoteaddressranges'],
  ] as const) {
    if (valuesOf(flag)[0] === 'True') settings.delete(ranges);
  }
  const name = valuesOf('displayname')[0] ?? '';
  return readCspRule({ name, start: span.start, end: span.end, settings }, span.source, diagnostics);
}

/** One profile of a windows10EndpointProtectionConfiguration (resource type windowsFirewallNetworkProfile). */
export function readGraphProfile(object: ExportedObject): readonly ProfileSettings[] {
  const text = (name: string): string => object.properties.get(name)?.values[0] ?? '';
  const profile = windowsProfiles.find((one) => text('jsonkey').toLowerCase() === `firewallprofile${one}`);
  if (profile === undefined) return [];
  const isSet = (name: string): boolean => text(name) === 'True';
  /** Of two opposite settings, the first counts if both are set. */
  const either = <T>(first: string, yes: T, second: string, no: T): T | undefined =>
    isSet(first) ? yes : isSet(second) ? no : undefined;
  const state = text('firewallenabled').toLowerCase();
  return [
    {
      profile,
      store: 'policy',
      span: object.span,
      enabled: state === 'allowed' ? true : state === 'blocked' ? false : undefined,
      shieldsUp: either('incomingtrafficblocked', true, 'incomingtrafficrequired', false),
      inbound: either('inboundconnectionsblocked', 'block', 'inboundconnectionsrequired', 'allow'),
      outbound: either('outboundconnectionsblocked', 'block', 'outboundconnectionsrequired', 'allow'),
      localRules: either(
        'policyrulesfromgrouppolicymerged',
        true,
        'policyrulesfromgrouppolicynotmerged',
        false,
      ),
    },
  ];
}

/** What is to be said of every input of this kind. */
export const graphAssumption =
  'The input is what management wants, not what the host has: other rules are taken not to exist';
