import { isLost, type ExportedObject } from './exported-object.ts';
import { parseAction, parsePolicyBoolean } from './powershell-values.ts';
import { windowsProfiles, type ProfileSettings } from './windows-rule.ts';

/** One object of `Get-NetFirewallProfile`. */
export function readPowershellProfile(object: ExportedObject): readonly ProfileSettings[] {
  const text = (name: string): string | undefined => {
    const found = object.properties.get(name);
    return found === undefined ? undefined : (found.values[0] ?? '').trim();
  };
  const named = (text('profile') ?? text('name') ?? text('instanceid') ?? '').toLowerCase();
  const profile = windowsProfiles.find((one) => named === one || named.endsWith(`|${one}`));
  if (profile === undefined) return [];
  const unknown: string[] = [];
  const flag = (name: string): boolean | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    const read = parsePolicyBoolean(value);
    if (read === undefined) unknown.push(`${name} is “${value}”`);
    return read === 'unconfigured' ? undefined : read;
  };
  const action = (name: string): 'allow' | 'block' | undefined => {
    const value = text(name);
    if (value === undefined || value === '') return undefined;
    const read = parseAction(value);
    if (read === undefined) unknown.push(`${name} is “${value}”`);
    return read === 'unconfigured' ? undefined : read;
  };
  const allowInbound = flag('allowinboundrules');
  const aliases = (object.properties.get('disabledinterfacealiases')?.values ?? [])
    .flatMap((value) => value.split(','))
    .map((alias) => alias.trim())
    .filter((alias) => alias !== '' && !/^notconfigured$/i.test(alias));
  if (aliases.some(isLost)) unknown.push('the disabled interfaces were lost in the export');
  const store = (text('policystoresource') ?? '').toLowerCase();
  const settings = {
    enabled: flag('enabled'),
    shieldsUp: allowInbound === undefined ? undefined : !allowInbound,
    inbound: action('defaultinboundaction'),
    outbound: action('defaultoutboundaction'),
    localRules: flag('allowlocalfirewallrules'),
  };
  return [
    {
      profile,
      store: store === 'persistentstore' ? 'local' : 'effective',
      span: object.span,
      ...settings,
      disabledInterfaces: aliases.length > 0 ? aliases.filter((alias) => !isLost(alias)) : undefined,
      unknown: unknown.length > 0 ? unknown.join('; ') : undefined,
    },
  ];
}
