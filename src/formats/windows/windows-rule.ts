import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../source/source.ts';

/** What every Windows export boils down to before it becomes a model: one written rule, in the words of its export. */
export interface WindowsRule {
  readonly span: Span;
  /** Registry value name or InstanceID. */
  readonly id?: string;
  readonly name: string;
  /** False when the text at `span` is a readable rule by itself (one command, one line of a table). */
  readonly needsLabel: boolean;
  readonly store: RuleStore;
  readonly enabled: boolean | 'unknown';
  readonly direction: 'in' | 'out' | 'unknown';
  readonly action: 'allow' | 'block' | 'bypass' | 'unknown';
  /** Bits of `profileBits`. */
  readonly profiles: number;
  /** IP protocol number; `any`; or `unknown` when the export does not say or the word is not known. */
  readonly protocol: number | 'any' | 'unknown';
  /** Absent: any. Each text may be a comma list. */
  readonly localPorts?: readonly Written[] | undefined;
  readonly remotePorts?: readonly Written[] | undefined;
  readonly localAddresses?: readonly WrittenAddress[] | undefined;
  readonly remoteAddresses?: readonly WrittenAddress[] | undefined;
  /** `8`, `8:*`, `3:4`; absent or `Any`: all types. */
  readonly icmp?: readonly Written[] | undefined;
  readonly program?: string | undefined;
  readonly service?: string | undefined;
  readonly package?: string | undefined;
  readonly interfaces?: readonly string[] | undefined;
  readonly interfaceTypes?: readonly Written[] | undefined;
  /** Conditions that we know but no file settles (authenticated peers, a local user, a Windows version). */
  readonly conditions: readonly KnownCondition[];
  /** Dimensions that this export does not show, in words; they may narrow the rule. */
  readonly hidden?: string | undefined;
  /** Parts that were not understood; each may narrow the rule. */
  readonly unknowns: readonly KnownCondition[];
  /** Another reading of the rule before it: the two are one rule of the export. */
  readonly isReading?: boolean;
  /** Windows ignores such a rule (no action, no direction): the reason. */
  readonly ignored?: string | undefined;
}

export interface Written {
  readonly text: string;
  /** Offset in the source. */
  readonly at: number;
  /** The source, where it is another one than the rule's (a filter in a file of its own). */
  readonly source?: number;
}

export interface WrittenAddress extends Written {
  /** The field itself belongs to a family (`RA4`); keywords in it speak of that family only. */
  readonly family?: 'ipv4' | 'ipv6' | undefined;
}

export interface KnownCondition {
  /** The same key is the same question. */
  readonly key: string;
  readonly reason: string;
}

/**
 * `local`: the persistent store; `policy`: group policy; `mdm`: Intune and other management; `hardening`: Windows service
 * hardening, which can only take away.
 */
export type RuleStore = 'local' | 'policy' | 'mdm' | 'hardening';

export type WindowsProfile = 'domain' | 'private' | 'public';
export const windowsProfiles: readonly WindowsProfile[] = ['domain', 'private', 'public'];
export const profileBits = { domain: 1, private: 2, public: 4 } as const satisfies Record<
  WindowsProfile,
  number
>;
export const allProfiles = 7;

/** One profile's settings as one store has them; an absent setting is left to the next store, then to Windows' default. */
export interface ProfileSettings {
  readonly profile: WindowsProfile;
  /** `policy` overrides `local`; `effective` (netsh, the active store) is already the outcome. */
  readonly store: 'local' | 'policy' | 'effective';
  readonly span: Span;
  readonly enabled?: boolean | undefined;
  /** `always`: shields up, every inbound rule is ignored. */
  readonly inbound?: 'allow' | 'block' | undefined;
  readonly shieldsUp?: boolean | undefined;
  readonly outbound?: 'allow' | 'block' | undefined;
  /** False: rules of the local store are ignored in this profile. */
  readonly localRules?: boolean | undefined;
  /** Interfaces on which the firewall is off. */
  readonly disabledInterfaces?: readonly string[] | undefined;
  /** A setting was there but not understood: what it says. */
  readonly unknown?: string | undefined;
}

/**
 * All that was read from the sources of one host, whatever their kind. Where `rules` is no array, they are read as they are asked for,
 * and everything else is complete only after the last one; to ask for them again is to read them again.
 */
export interface WindowsFacts {
  readonly dialect: string;
  readonly rules: Iterable<WindowsRule>;
  readonly profiles: readonly ProfileSettings[];
  readonly diagnostics: readonly Diagnostic[];
  readonly assumptions: readonly string[];
  /** Stores that count on the host and that this export does not hold. */
  readonly lacks?: readonly ('local' | 'policy')[];
}
