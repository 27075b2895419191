import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../source/source.ts';
import { parseProtocol } from './protocols.ts';
import type { RegistryPlace } from './registry-places.ts';
import { profileBits, type KnownCondition, type WindowsRule, type WrittenAddress } from './windows-rule.ts';

type LegacyPlace = Extract<RegistryPlace, { kind: 'legacy-ports' | 'legacy-programs' }>;

/**
 * Windows XP's exceptions, `80:TCP:*:Enabled:Web` and `C:\a.exe:LocalSubNet:Enabled:A`. Later systems still apply the ones in group
 * policy; local ones count on old systems only.
 */
export function readLegacyException(
  text: string,
  place: LegacyPlace,
  span: Span,
  diagnostics: Diagnostic[],
): WindowsRule {
  const unknowns: KnownCondition[] = [];
  const conditions: KnownCondition[] =
    place.store === 'policy'
      ? []
      : [
          {
            key: 'windows:legacy-local',
            reason: 'local exceptions of this form count on Windows XP and 2003 only',
          },
        ];
  const ports = place.kind === 'legacy-ports';
  const found = ports
    ? /^(\d{1,5}(?:-\d{1,5})?):(TCP|UDP):([^:]*):(Enabled|Disabled)(?::(.*))?$/i.exec(text)
    : /^(.+):([^:]*):(Enabled|Disabled)(?::([^:]*))?$/i.exec(text);
  if (found === null) {
    diagnostics.push({
      code: 'FW1004',
      severity: 'error',
      message: `read “${text}”, expected ${ports ? 'port:TCP or UDP:scope:Enabled or Disabled:name' : 'program:scope:Enabled or Disabled:name'}`,
      span,
    });
    unknowns.push({ key: `windows:legacy:${text}`, reason: `“${text}” is not understood` });
  }
  const scope = found?.[ports ? 3 : 2] ?? '*';
  const state = found?.[ports ? 4 : 3] ?? 'enabled';
  const profiles =
    place.profile === 'standard'
      ? place.store === 'local'
        ? profileBits.private
        : profileBits.private | profileBits.public
      : profileBits[place.profile];
  return {
    span,
    id: text,
    name: found?.[ports ? 5 : 4] ?? text,
    needsLabel: false,
    store: place.store,
    enabled: state.toLowerCase() === 'enabled',
    direction: 'in',
    action: 'allow',
    profiles,
    protocol: ports ? (parseProtocol(found?.[2] ?? '') ?? 'unknown') : 'any',
    localPorts: ports && found !== null ? [{ text: found[1]!, at: span.start }] : undefined,
    remoteAddresses:
      scope === '*' || scope === '' ? undefined : [{ text: scope, at: span.start } satisfies WrittenAddress],
    program: ports ? undefined : found?.[1],
    conditions,
    unknowns,
  };
}
