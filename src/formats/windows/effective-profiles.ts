import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../source/source.ts';
import { profileBits, windowsProfiles, type ProfileSettings, type WindowsProfile } from './windows-rule.ts';

/** What counts in one profile once every store has spoken. */
export interface EffectiveProfile {
  readonly profile: WindowsProfile;
  readonly enabled: boolean;
  readonly shieldsUp: boolean;
  readonly inbound: 'allow' | 'block';
  readonly outbound: 'allow' | 'block';
  readonly disabledInterfaces: readonly string[];
  readonly span: Span | undefined;
  /** A setting of the profile that is not understood: it may switch the firewall off, or block everything. */
  readonly unknown: string | undefined;
}

export interface EffectiveProfiles {
  readonly profiles: readonly EffectiveProfile[];
  /** Bits of the profiles in which local rules do not count. */
  readonly withoutLocalRules: number;
  readonly mergeSpan: Span | undefined;
  readonly assumptions: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Group policy over the effective state over the local store (MS-GPFAS 3.2.5); what nobody sets is on, block in, allow out. */
const strength = { local: 0, effective: 1, policy: 2 } as const;

export function effectiveProfiles(settings: readonly ProfileSettings[]): EffectiveProfiles {
  const ordered = [...settings].sort((a, b) => strength[a.store] - strength[b.store]);
  const diagnostics: Diagnostic[] = [];
  const silent: WindowsProfile[] = [];
  const silentAbout: Record<'inbound' | 'outbound', WindowsProfile[]> = { inbound: [], outbound: [] };
  let withoutLocalRules = 0;
  let mergeSpan: Span | undefined;
  const profiles = windowsProfiles.map((profile): EffectiveProfile => {
    let enabled: boolean | undefined;
    let shieldsUp: boolean | undefined;
    let inbound: 'allow' | 'block' | undefined;
    let outbound: 'allow' | 'block' | undefined;
    let localRules: boolean | undefined;
    let disabledInterfaces: readonly string[] | undefined;
    let span: Span | undefined;
    let unknown: string | undefined;
    for (const one of ordered) {
      if (one.profile !== profile) continue;
      span = one.span;
      enabled = one.enabled ?? enabled;
      shieldsUp = one.shieldsUp ?? shieldsUp;
      inbound = one.inbound ?? inbound;
      outbound = one.outbound ?? outbound;
      disabledInterfaces = one.disabledInterfaces ?? disabledInterfaces;
      if (one.localRules !== undefined) {
        localRules = one.localRules;
        if (!localRules) mergeSpan = one.span;
      }
      if (one.unknown !== undefined) {
        unknown = one.unknown;
        diagnostics.push({
          code: 'FW1412',
          severity: 'error',
          message: `${profile} profile: ${one.unknown}`,
          span: one.span,
        });
      }
    }
    if (span === undefined || enabled === undefined) silent.push(profile);
    if (inbound === undefined) silentAbout.inbound.push(profile);
    if (outbound === undefined) silentAbout.outbound.push(profile);
    if (localRules === false) withoutLocalRules |= profileBits[profile];
    return {
      profile,
      enabled: enabled ?? true,
      shieldsUp: shieldsUp ?? false,
      inbound: inbound ?? 'block',
      outbound: outbound ?? 'allow',
      disabledInterfaces: disabledInterfaces ?? [],
      span,
      unknown,
    };
  });
  const assumptions =
    silent.length === 0 ? [] : [...assumedStates(silent, silentAbout), ...assumedDefaults(silentAbout)];
  return { profiles, withoutLocalRules, mergeSpan, assumptions, diagnostics };
}

const defaults = { inbound: 'blocking inbound', outbound: 'allowing outbound' } as const;
const directions = ['inbound', 'outbound'] as const;

/** Profiles of which nobody says whether the firewall is on in them. */
function assumedStates(
  silent: readonly WindowsProfile[],
  silentAbout: Readonly<Record<'inbound' | 'outbound', readonly WindowsProfile[]>>,
): readonly string[] {
  if (silent.length < windowsProfiles.length) {
    return [
      `The input does not say whether the firewall is on in the ${silent.join(' and ')} profile: taken as on, as Windows’ default is`,
    ];
  }
  const assumed = directions.filter((one) => silentAbout[one].length === windowsProfiles.length);
  const byDefault =
    assumed.length === 0
      ? ''
      : `, ${assumed.map((one) => defaults[one]).join(' and ')} connections by default`;
  return [`The input does not say whether the firewall is on: taken as on in every profile${byDefault}`];
}

/** Where a default action is set in some profiles, the others have that of Windows. */
function assumedDefaults(
  silentAbout: Readonly<Record<'inbound' | 'outbound', readonly WindowsProfile[]>>,
): readonly string[] {
  return directions
    .filter((one) => silentAbout[one].length > 0 && silentAbout[one].length < windowsProfiles.length)
    .map(
      (one) =>
        `The input does not say what becomes of ${one} connections that no rule decides in the ${silentAbout[one].join(' and ')} profile: taken as ${one === 'inbound' ? 'blocked' : 'allowed'}, as Windows’ default is`,
    );
}
