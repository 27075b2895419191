import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { allProfiles, type KnownCondition, type WindowsRule } from './windows-rule.ts';

/** A rule with more ways than this to be read is taken to be any of them. */
const mostReadings = 64;

/**
 * Each way to choose one of the values of every key; undefined if there are too many. A forged name or description imitates a value of
 * the rule, and nothing tells which of the two is real: the rule counts in each of its readings, perhaps.
 */
export function readingsOf<K, V>(
  conflicts: ReadonlyMap<K, readonly V[]>,
): readonly ReadonlyMap<K, V>[] | undefined {
  let readings: ReadonlyMap<K, V>[] = [new Map()];
  for (const [key, values] of conflicts) {
    if (readings.length * values.length > mostReadings) return undefined;
    readings = readings.flatMap((reading) => values.map((value) => new Map([...reading, [key, value]])));
  }
  return readings;
}

/** Whether a reading is the real one is a question of its own for each: what one allows, another may block. */
export function readingCondition(rule: string, reading: number, labels: readonly string[]): KnownCondition {
  const names = labels.map((label) => `“${label}”`).join(' and ');
  return { key: `windows:reading:${rule}:${reading}`, reason: `the rule has several values of ${names}` };
}

export type Dimension = Exclude<
  keyof WindowsRule,
  'span' | 'id' | 'name' | 'needsLabel' | 'store' | 'unknowns' | 'hidden' | 'ignored' | 'isReading'
>;

/** The rule with all that it may be in dimensions that nobody can tell. */
export function openedRule(rule: WindowsRule, dimensions: ReadonlySet<Dimension>): WindowsRule {
  const has = (dimension: Dimension): boolean => dimensions.has(dimension);
  const of = <D extends Dimension>(dimension: D): WindowsRule[D] | undefined =>
    has(dimension) ? undefined : rule[dimension];
  // What ports and types mean hangs on the protocol.
  const isOpen = has('protocol');
  return {
    ...rule,
    enabled: of('enabled') ?? 'unknown',
    direction: of('direction') ?? 'unknown',
    action: of('action') ?? 'unknown',
    profiles: of('profiles') ?? allProfiles,
    protocol: of('protocol') ?? 'unknown',
    localPorts: isOpen ? undefined : of('localPorts'),
    remotePorts: isOpen ? undefined : of('remotePorts'),
    icmp: isOpen ? undefined : of('icmp'),
    localAddresses: of('localAddresses'),
    remoteAddresses: of('remoteAddresses'),
    program: of('program'),
    service: of('service'),
    package: of('package'),
    interfaces: of('interfaces'),
    interfaceTypes: of('interfaceTypes'),
    conditions: of('conditions') ?? [],
  };
}

/** What several readings say is told once. */
export function addOnce(found: readonly Diagnostic[], diagnostics: Diagnostic[]): void {
  const told = new Set<string>();
  for (const one of found) {
    const key = `${one.code} ${one.span?.start ?? ''} ${one.message}`;
    if (!told.has(key)) diagnostics.push(one);
    told.add(key);
  }
}
