import type { RuleStore, WindowsProfile } from './windows-rule.ts';

/** What a registry key holds for the firewall. */
export type RegistryPlace = (
  | { readonly kind: 'rules'; readonly store: RuleStore }
  | {
      readonly kind: 'profile';
      readonly store: 'local' | 'policy';
      readonly profile: WindowsProfile | 'standard';
    }
  /** Windows XP's lists of ports and programs. */
  | {
      readonly kind: 'legacy-ports' | 'legacy-programs';
      readonly store: 'local' | 'policy';
      readonly profile: WindowsProfile | 'standard';
    }
) & {
  /** `currentcontrolset`, `controlset001`; undefined where there is none. */
  readonly controlSet: string | undefined;
};

const profileKeys = new Map<string, WindowsProfile | 'standard'>([
  ['domainprofile', 'domain'],
  ['privateprofile', 'private'],
  ['publicprofile', 'public'],
  // Locally the key of the private profile still has its Windows XP name.
  ['standardprofile', 'standard'],
]);

const ruleKeys = new Map<string, RuleStore>([
  ['firewallrules', 'local'],
  ['restrictedservices\\static\\system', 'hardening'],
  ['restrictedservices\\configurable\\system', 'hardening'],
  ['restrictedservices\\appiso\\firewallrules', 'local'],
  ['mdm\\firewallrules', 'mdm'],
]);

/** The place that a key path (in lower case) is, or undefined for keys that hold nothing for the firewall. */
export function locateRegistryKey(path: string): RegistryPlace | undefined {
  // `…\SharedAccess\Defaults\FirewallPolicy` holds what a reset would restore, not what counts.
  if (path.includes('\\sharedaccess\\defaults\\')) return undefined;
  const policy = path.lastIndexOf('\\windowsfirewall\\');
  if (policy >= 0) return placeOf(path.slice(policy + '\\windowsfirewall\\'.length), 'policy', undefined);
  const local = path.lastIndexOf('\\firewallpolicy\\');
  const controlSet = /\\((?:current)?controlset\d*)\\/.exec(path)?.[1];
  if (local >= 0) return placeOf(path.slice(local + '\\firewallpolicy\\'.length), 'local', controlSet);
  // A hive of its own, such as an exported policy, has the keys at or near its root.
  if (!path.startsWith('hkey_local_machine\\hive\\')) return undefined;
  for (let at = 'hkey_local_machine\\hive'.length; at >= 0; at = path.indexOf('\\', at + 1)) {
    const place = placeOf(path.slice(at + 1), 'local', controlSet);
    if (place !== undefined) return place;
  }
  return undefined;
}

function placeOf(
  rest: string,
  store: 'local' | 'policy',
  controlSet: string | undefined,
): RegistryPlace | undefined {
  const rules = ruleKeys.get(rest);
  if (rules !== undefined) {
    return { kind: 'rules', store: store === 'policy' && rules === 'local' ? 'policy' : rules, controlSet };
  }
  const slash = rest.indexOf('\\');
  const profile = profileKeys.get(slash < 0 ? rest : rest.slice(0, slash));
  if (profile === undefined) return undefined;
  if (slash < 0) return { kind: 'profile', store, profile, controlSet };
  switch (rest.slice(slash + 1)) {
    case 'globallyopenports\\list':
      return { kind: 'legacy-ports', store, profile, controlSet };
    case 'authorizedapplications\\list':
      return { kind: 'legacy-programs', store, profile, controlSet };
    default:
      return undefined;
  }
}
