import type { Span } from '../../source/source.ts';
import type { KnownCondition } from './windows-rule.ts';

/** One object of a PowerShell export, whatever the file holds it in: property names in lower case, values as text. */
export interface ExportedObject {
  readonly span: Span;
  readonly properties: ReadonlyMap<string, PropertyValue>;
  /** False where the text at `span` is a readable rule by itself. */
  readonly needsLabel: boolean;
  /** The export has several values of a property, and in this reading of it one of them counts. */
  readonly reading?: KnownCondition;
  /** Not the first of these readings. */
  readonly isReading?: boolean;
}

export interface PropertyValue {
  /** Empty for null. Numbers and booleans as PowerShell prints them (`1`, `True`). */
  readonly values: readonly string[];
  /** Offset of the value, or of its object where the container does not tell. */
  readonly at: number;
}

/** What an object is, by the properties it has. */
export type ObjectKind = 'rule' | 'profile' | 'com-rule' | 'graph-rule' | 'graph-profile' | FilterKind;

export const filterKinds = [
  'port',
  'address',
  'application',
  'service',
  'interface',
  'interfaceType',
  'security',
] as const;
export type FilterKind = (typeof filterKinds)[number];

/** Properties that only rules of Microsoft Graph have; in a rule that somebody has written, those of no interest are left out. */
const graphLists = ['localportranges', 'remoteportranges', 'localaddressranges', 'remoteaddressranges'];

/**
 * MSFT_NetFirewallRule has a direction and an action; the filter classes have neither, and each has properties of its own. Names of
 * classes are not asked, because `Select-Object` takes them away.
 */
export function kindOf(properties: ReadonlyMap<string, unknown>): ObjectKind | undefined {
  const has = (name: string): boolean => properties.has(name);
  if (has('trafficdirection') || has('profiletypes') || graphLists.some(has)) return 'graph-rule';
  if (has('jsonkey') && has('firewallenabled')) return 'graph-profile';
  if (has('defaultinboundaction')) return 'profile';
  if (has('applicationname') && has('localports') && has('direction')) return 'com-rule';
  if ((has('direction') || has('enabled')) && has('action')) return 'rule';
  if (has('direction') && has('enabled')) return 'rule';
  if (has('localport') && has('protocol')) return 'port';
  if (has('remoteaddress') && has('localaddress')) return 'address';
  if (has('program')) return 'application';
  if (has('authentication') && has('encryption')) return 'security';
  if (!has('instanceid')) return undefined;
  if (has('servicename') || has('service')) return 'service';
  if (has('interfacealias')) return 'interface';
  if (has('interfacetype')) return 'interfaceType';
  return undefined;
}

/** Words by which PowerShell says that a list did not survive the export. */
export function isLost(value: string): boolean {
  return /^System\.(?:String|Object|UInt\d+|Int\d+)\[\]$|^Microsoft\.Management\..*\[\]$|^(?:\.\.\.|…)$/.test(
    value,
  );
}
