import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { unescapeRegistry, type RegistryItem } from '../../../grammars/windows/registry-file.ts';
import { parseRuleString } from '../../../grammars/windows/rule-string.ts';
import type { Source } from '../../source/source.ts';
import { readLegacyException } from './legacy-exceptions.ts';
import { locateRegistryKey, type RegistryPlace } from './registry-places.ts';
import { readRegistryRules } from './registry-rule.ts';
import {
  windowsProfiles,
  type ProfileSettings,
  type WindowsFacts,
  type WindowsProfile,
  type WindowsRule,
} from './windows-rule.ts';

type ValueItem = Extract<RegistryItem, { kind: 'value' }>;

interface KeyContent {
  readonly place: RegistryPlace;
  readonly span: { start: number; end: number };
  /**
   * By name in capitals, in which the names of most rules are: a later value of the same name replaces the earlier one, as an import
   * would.
   */
  readonly values: Map<string, ValueItem>;
}

/** Rules and profile settings from registry statements, whatever kind of export they come from. */
export function readRegistry(items: Iterable<RegistryItem>, source: Source, dialect: string): WindowsFacts {
  const diagnostics: Diagnostic[] = [];
  const keys = new Map<string, KeyContent>();
  let current: KeyContent | undefined;
  let currentSet: string | undefined;
  for (const item of items) {
    switch (item.kind) {
      case 'key': {
        const path = item.path.toLowerCase();
        if (/\\select$/.test(path)) {
          current = undefined;
          currentSet = currentSet ?? '';
          break;
        }
        const place = locateRegistryKey(path);
        if (item.deleted) {
          for (const key of [...keys.keys()])
            if (key === path || key.startsWith(`${path}\\`)) keys.delete(key);
          current = undefined;
        } else if (place === undefined) current = undefined;
        else {
          current = keys.get(path);
          if (current === undefined) {
            current = { place, span: { start: item.start, end: item.end }, values: new Map() };
            keys.set(path, current);
          }
        }
        break;
      }
      case 'value':
        if (current === undefined) {
          // [HKLM\SYSTEM\Select] "Current"=dword:00000001 names the control set in force.
          if (currentSet === '' && item.name.toLowerCase() === 'current' && item.data.kind === 'number') {
            currentSet = `controlset${String(item.data.value).padStart(3, '0')}`;
          }
        } else if (item.data.kind === 'deleted') current.values.delete(item.name.toUpperCase());
        else current.values.set(item.name.toUpperCase(), item);
        break;
      case 'junk':
        diagnostics.push({
          code: 'FW1004',
          severity: 'error',
          message: `read “${item.text.slice(0, 80)}”, expected a key in brackets or "name"=value`,
          span: { source: source.id, start: item.start, end: item.end },
        });
    }
  }
  const inForce = contentsInForce([...keys.values()], currentSet);
  return {
    dialect,
    rules: { [Symbol.iterator]: () => writtenRules(inForce, source, diagnostics) },
    profiles: profileSettings(inForce, source),
    diagnostics,
    assumptions: [],
    lacks: missingStores(inForce),
  };
}

/** Rules are read one by one as they are asked for: only then do a large export's not all stand in memory at once. */
function* writtenRules(
  contents: readonly KeyContent[],
  source: Source,
  diagnostics: Diagnostic[],
): Generator<WindowsRule> {
  for (const { place, values } of contents) {
    if (place.kind === 'profile') continue;
    for (const item of values.values()) {
      const { data } = item;
      if (data.kind !== 'string') continue;
      const { raw, escaped, at } = data;
      const span = { source: source.id, start: item.start, end: item.end };
      if (place.kind === 'rules') {
        const context = { id: item.name, store: place.store, span, escaped };
        yield* readRegistryRules(parseRuleString(raw, at), context, diagnostics);
      } else yield readLegacyException(escaped ? unescapeRegistry(raw) : raw, place, span, diagnostics);
    }
  }
}

/** Group policy has keys of its own, which an export of one key or of one policy does not hold; device management writes local keys. */
function missingStores(contents: readonly KeyContent[]): readonly ('local' | 'policy')[] {
  if (!contents.some(holdsRules)) return [];
  const stores = new Set(contents.map(({ place }) => place.store));
  if (!stores.has('policy')) return ['policy'];
  return stores.has('local') ? [] : ['local'];
}

function holdsRules({ place, values }: KeyContent): boolean {
  if (place.kind !== 'profile')
    for (const { data } of values.values()) if (data.kind === 'string') return true;
  return false;
}

/** Of several control sets only the current one counts; the others are earlier states and spares. */
function contentsInForce(
  contents: readonly KeyContent[],
  selected: string | undefined,
): readonly KeyContent[] {
  const sets = new Set(contents.map(({ place }) => place.controlSet).filter((set) => set !== undefined));
  if (sets.size <= 1) return contents;
  const chosen = sets.has('currentcontrolset')
    ? 'currentcontrolset'
    : selected !== undefined && sets.has(selected)
      ? selected
      : [...sets].sort()[0];
  return contents.filter(({ place }) => place.controlSet === undefined || place.controlSet === chosen);
}

function profileSettings(contents: readonly KeyContent[], source: Source): readonly ProfileSettings[] {
  const found: ProfileSettings[] = [];
  const policyKeys = contents.flatMap(({ place }) =>
    place.kind === 'profile' && place.store === 'policy' ? [place.profile] : [],
  );
  for (const { place, values, span } of contents) {
    if (place.kind !== 'profile') continue;
    let profiles: readonly WindowsProfile[];
    if (place.profile !== 'standard') profiles = [place.profile];
    else if (place.store === 'local') profiles = ['private'];
    // A policy for Windows XP's two profiles speaks of both others, unless one of them has a key of its own (MS-GPFAS 2.2.3).
    else
      profiles = policyKeys.some((key) => key === 'private' || key === 'public') ? [] : ['private', 'public'];
    for (const profile of windowsProfiles) {
      if (profiles.includes(profile)) found.push(oneProfile(profile, place.store, values, span, source));
    }
  }
  return found;
}

function oneProfile(
  profile: WindowsProfile,
  store: 'local' | 'policy',
  values: ReadonlyMap<string, ValueItem>,
  span: { readonly start: number; readonly end: number },
  source: Source,
): ProfileSettings {
  const unknown: string[] = [];
  const flag = (name: string): boolean | undefined => {
    const item = values.get(name.toUpperCase());
    if (item === undefined) return undefined;
    if (item.data.kind === 'number' && item.data.value <= 1) return item.data.value === 1;
    unknown.push(`${name} is neither 0 nor 1`);
    return undefined;
  };
  const action = (name: string): 'allow' | 'block' | undefined => {
    const blocks = flag(name);
    return blocks === undefined ? undefined : blocks ? 'block' : 'allow';
  };
  const enabled = flag('EnableFirewall');
  const settings = {
    enabled,
    shieldsUp: flag('DoNotAllowExceptions'),
    inbound: action('DefaultInboundAction'),
    outbound: action('DefaultOutboundAction'),
    // Only policy can forbid local rules.
    localRules: store === 'policy' ? flag('AllowLocalPolicyMerge') : undefined,
  };
  const off = values.get('DISABLEDINTERFACES');
  const names =
    off?.data.kind === 'string' ? off.data.raw.split(',').filter((name) => name.trim() !== '') : [];
  const at = enabled === false ? values.get('ENABLEFIREWALL')! : span;
  return {
    profile,
    store,
    span: { source: source.id, start: at.start, end: at.end },
    ...settings,
    disabledInterfaces: names.length > 0 ? names.map((name) => name.trim()) : undefined,
    unknown: unknown.length > 0 ? unknown.join('; ') : undefined,
  };
}
