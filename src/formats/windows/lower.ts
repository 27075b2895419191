import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Chain, EntryPoint, Firewall, Rule } from '../../model/firewall.ts';
import type { Match } from '../../model/match.ts';
import { and } from '../../model/match.ts';
import type { Span } from '../../source/source.ts';
import { addRuleDiagnostics, lowerRule } from './lower-rule.ts';
import { MatchParts } from './match-parts.ts';
import { effectiveProfiles, type EffectiveProfile } from './effective-profiles.ts';
import { allProfiles, profileBits, type WindowsFacts, type WindowsRule } from './windows-rule.ts';

type Side = 'in' | 'out';

export interface LoweredFirewall {
  readonly firewall: Firewall;
  readonly diagnostics: readonly Diagnostic[];
  /** By source id. */
  readonly rules: ReadonlyMap<number, number>;
  readonly understood: ReadonlyMap<number, number>;
}

/**
 * From what was read to the model. Windows decides per profile, in this order (MS-GPFAS, MS-FASP 3.1): firewall off, shields up,
 * service hardening, then all rules of the direction at once (bypass over block over allow), then the default action.
 */
export function lowerWindows(facts: WindowsFacts): LoweredFirewall {
  // Policy mostly lets local rules count; where the export tells otherwise only behind its rules, they are read again.
  const assumed = effectiveProfiles(facts.profiles).withoutLocalRules;
  let lowered = lowerRules(facts.rules, assumed);
  const profiles = effectiveProfiles(facts.profiles);
  if (profiles.withoutLocalRules !== assumed) lowered = lowerRules(facts.rules, profiles.withoutLocalRules);
  const { parts, nextId, rules, hardening, counts } = lowered;
  const diagnostics: Diagnostic[] = [...facts.diagnostics, ...profiles.diagnostics, ...lowered.diagnostics];
  if (profiles.withoutLocalRules !== 0 && lowered.hasLocalRules) {
    diagnostics.push(localRulesIgnored(profiles.withoutLocalRules, profiles.mergeSpan));
  }
  for (const one of parts.diagnostics) diagnostics.push(one);

  const chains = new Map<string, Chain>();
  const entries: EntryPoint[] = [];
  for (const side of ['in', 'out'] as const) {
    const entry = buildChains(side, rules[side], hardening[side], profiles.profiles, parts, nextId);
    for (const chain of entry) chains.set(chain.id, chain);
    for (const family of ['ipv4', 'ipv6'] as const) {
      entries.push({
        direction: side,
        family,
        stages: [
          {
            name: `Windows Firewall ${side}`,
            hook: side === 'in' ? 'input' : 'output',
            priority: 0,
            chain: entry[0]!.id,
            kind: 'filter',
          },
        ],
      });
    }
  }

  const assumptions = [
    ...(facts.lacks ?? []).map((store) => missingStore[store]),
    ...facts.assumptions,
    ...profiles.assumptions,
  ];
  if (parts.expanded.size > 0) {
    assumptions.push(`${[...parts.expanded].sort().join(' and ')} taken as Windows’ usual folders`);
  }
  const firewall: Firewall = {
    format: 'windows',
    dialect: facts.dialect,
    entries,
    chains,
    sets: new Map(),
    assumptions,
  };
  return { firewall, diagnostics, rules: counts, understood: lowered.understood };
}

interface LoweredRules {
  readonly rules: Readonly<Record<Side, Rule[]>>;
  readonly hardening: Readonly<Record<Side, Rule[]>>;
  readonly parts: MatchParts;
  readonly nextId: () => number;
  readonly hasLocalRules: boolean;
  /** About rules as a whole. */
  readonly diagnostics: readonly Diagnostic[];
  /** By source id. */
  readonly counts: ReadonlyMap<number, number>;
  readonly understood: ReadonlyMap<number, number>;
}

/** `withoutLocalRules`: bits of the profiles in which local rules do not count. */
function lowerRules(written: Iterable<WindowsRule>, withoutLocalRules: number): LoweredRules {
  const parts = new MatchParts();
  const diagnostics: Diagnostic[] = [];
  let id = 0;
  const nextId = (): number => id++;
  const rules: Record<Side, Rule[]> = { in: [], out: [] };
  const hardening: Record<Side, Rule[]> = { in: [], out: [] };
  const understood = new Map<number, number>();
  const counts = new Map<number, number>();
  let hasLocalRules = false;
  for (const rule of written) {
    hasLocalRules ||= rule.store === 'local';
    if (rule.isReading !== true) addRuleDiagnostics(rule, diagnostics);
    const target = rule.store === 'hardening' ? hardening : rules;
    const isUnderstood = lowerRule(rule, profilesOf(rule, withoutLocalRules), parts, nextId, target);
    if (rule.isReading === true) continue;
    const { source } = rule.span;
    counts.set(source, (counts.get(source) ?? 0) + 1);
    if (isUnderstood) understood.set(source, (understood.get(source) ?? 0) + 1);
  }
  return { rules, hardening, parts, nextId, hasLocalRules, diagnostics, counts, understood };
}

const missingStore = {
  policy:
    'Only the local store was exported: rules from group policy and device management are taken not to exist',
  local: 'The export holds what group policy says: rules of the local store are taken not to exist',
} as const;

function profilesOf(rule: WindowsRule, withoutLocalRules: number): number {
  return rule.store === 'local' ? rule.profiles & ~withoutLocalRules & allProfiles : rule.profiles;
}

/** The chains of one direction, the entry chain first. */
function buildChains(
  side: Side,
  rules: readonly Rule[],
  hardening: readonly Rule[],
  profiles: readonly EffectiveProfile[],
  parts: MatchParts,
  nextId: () => number,
): readonly Chain[] {
  const before: Rule[] = [];
  const after: Rule[] = [];
  const synthetic = (span: Span, match: Match, action: Rule['action'], label: string): Rule => ({
    id: nextId(),
    span,
    match,
    action,
    enabled: true,
    label,
  });
  const here: Span = profiles[0]!.span ??
    rules[0]?.span ??
    hardening[0]?.span ?? { source: 0, start: 0, end: 0 };
  const defaults = profiles.map((profile) => (side === 'in' ? profile.inbound : profile.outbound));
  // A default that all profiles share is the chain's own; otherwise the odd ones are written out as rules.
  const shared = defaults.every((value) => value === defaults[0])
    ? defaults[0]!
    : side === 'in'
      ? 'block'
      : 'allow';
  profiles.forEach((profile, i) => {
    const span = profile.span ?? here;
    const match = parts.profiles(profileBits[profile.profile]);
    const title = `${profile.profile} profile`;
    if (profile.unknown !== undefined) {
      const reason = `${title}: ${profile.unknown}`;
      for (const kind of ['accept', 'drop'] as const) {
        const key = `windows:${title}:${kind}`;
        const may: Match = { kind: 'unknown', scope: 'packet', key, reason };
        before.push(synthetic(span, and(match, may), { kind }, reason));
      }
    }
    if (!profile.enabled) before.push(synthetic(span, match, { kind: 'accept' }, `${title}: firewall off`));
    else {
      if (profile.disabledInterfaces.length > 0) {
        const interfaces = parts.interfaces(
          profile.disabledInterfaces,
          side === 'in' ? 'inInterface' : 'outInterface',
        );
        const label = `${title}: firewall off on ${profile.disabledInterfaces.join(', ')}`;
        before.push(synthetic(span, and(match, interfaces), { kind: 'accept' }, label));
      }
      if (side === 'in' && profile.shieldsUp) {
        before.push(synthetic(span, match, { kind: 'drop' }, `${title}: all inbound blocked, rules ignored`));
      }
      if (defaults[i] !== shared) {
        const action: Rule['action'] = defaults[i] === 'allow' ? { kind: 'accept' } : { kind: 'drop' };
        after.push(synthetic(span, match, action, `${title}: default ${side}bound action ${defaults[i]!}`));
      }
    }
  });
  const fallthrough: Chain['fallthrough'] = shared === 'allow' ? { kind: 'accept' } : { kind: 'drop' };
  const name = side === 'in' ? 'inbound rules' : 'outbound rules';
  const written = profiles[0]!.span;
  const ending = { fallthrough, ...(written !== undefined && { fallthroughSpan: written }) };
  const ruleChain = `windows/${side}/rules`;
  if (before.length === 0 && after.length === 0 && hardening.length === 0) {
    return [{ id: ruleChain, name, order: 'block-wins', rules, ...ending }];
  }
  const chains: Chain[] = [
    { id: ruleChain, name, order: 'block-wins', rules, fallthrough: { kind: 'return' } },
  ];
  const hardeningChain = `windows/${side}/service-hardening`;
  const jumps: Rule[] = [];
  if (hardening.length > 0) {
    // A hardened service may do what its allow rules say and nothing else; the rules that follow still decide about that.
    const allowed = hardening.filter(({ action }) => action.kind === 'accept');
    const blocked = hardening.filter(({ action }) => action.kind === 'drop');
    chains.push({
      id: hardeningChain,
      name: `service hardening, ${side}bound`,
      order: 'first-match',
      rules: [...allowed.map((rule): Rule => ({ ...rule, action: { kind: 'return' } })), ...blocked],
      fallthrough: { kind: 'return' },
    });
    jumps.push(
      synthetic(here, { kind: 'all' }, { kind: 'jump', chain: hardeningChain }, 'service hardening'),
    );
  }
  jumps.push(synthetic(here, { kind: 'all' }, { kind: 'jump', chain: ruleChain }, name));
  return [
    {
      id: `windows/${side}`,
      name: `${side}bound`,
      order: 'first-match',
      rules: [...before, ...jumps, ...after],
      ...ending,
    },
    ...chains,
  ];
}

function localRulesIgnored(bits: number, span: Span | undefined): Diagnostic {
  const names = (['domain', 'private', 'public'] as const).filter(
    (profile) => (bits & profileBits[profile]) !== 0,
  );
  return {
    code: 'FW1411',
    severity: 'note',
    message: `group policy ignores local rules in the ${names.join(' and ')} profile${names.length > 1 ? 's' : ''}`,
    ...(span !== undefined && { span }),
  };
}
