import { fingerprintOf, fingerprintText } from '../findings/fingerprint.ts';
import { parsePrefix, parseAddress } from '../packets/address-text.ts';
import type { Family } from '../packets/fields.ts';
import { transportOf } from '../ports/describe.ts';
import type {
  Exposure,
  Finding,
  Listener,
  Location,
  Report,
  RuleReference,
  Severity,
} from '../report/report.ts';
import { fromText, portsText, rowIdentity } from '../report/row-text.ts';
import { summaryOf } from '../report/summary.ts';
import type { HostListener } from './host-listener.ts';
import type { ListenerFindingKind } from './listener-findings.ts';
import { listenerNotReachable, listenerUnknownProcess, openWithoutListener } from './listener-findings.ts';

/**
 * The report with who listens on each open port (`exposure.listeners`; empty: nobody), and with findings where rules and listeners
 * disagree. A listener bound to loopback counts only for rows of the loopback interface.
 *
 * Rows that pass through the host, and rows that a translation sends elsewhere, are somebody else's ports: they get listeners where
 * the host shows one (a published container port), and no word where it does not. Inputs of several hosts are left as they are, with
 * a diagnostic. `severities` are a policy's, by the name of the finding; `none` leaves a finding out.
 */
export function joinListeners(
  report: Report,
  listeners: readonly HostListener[],
  severities: ReadonlyMap<string, Severity> = new Map(),
): Report {
  if (new Set(report.inputs.map(({ host }) => host)).size > 1) return withoutJoin(report);
  const index = indexListeners(listeners);
  const reachable = new Map<HostListener, Set<Family>>();
  const exposures = report.exposures.map((row): Exposure => {
    const found = listenersOf(row, index);
    if (found === undefined) return row;
    for (const one of found) {
      const families = reachable.get(one);
      if (families === undefined) reachable.set(one, new Set([row.family]));
      else families.add(row.family);
    }
    const elsewhere = row.direction === 'forward' || (row.translation !== undefined && !staysHere(row));
    return found.length === 0 && elsewhere ? row : { ...row, listeners: found.map(printed) };
  });
  const families = new Set(report.inputs.flatMap((input) => input.families));
  const added = [...rowFindings(report, exposures), ...unreachable(listeners, reachable, families)]
    .map((finding): Finding => ({ ...finding, severity: severities.get(finding.name) ?? finding.severity }))
    .filter(({ severity }) => severity !== 'none');
  const findings = sorted([...report.findings, ...added]);
  return { ...report, exposures, findings, summary: summaryOf(exposures, findings, report.inputs) };
}

function withoutJoin(report: Report): Report {
  return {
    ...report,
    diagnostics: [
      ...report.diagnostics,
      {
        code: 'FW1504',
        severity: 'error',
        message: 'the inputs describe several hosts, so it is not known whose listeners these are',
        help: 'Audit one host at a time; with --host several exports are one host.',
      },
    ],
  };
}

type ListenerIndex = ReadonlyMap<string, readonly HostListener[]>;

/** By protocol, ascending by port. */
function indexListeners(listeners: readonly HostListener[]): ListenerIndex {
  const index = new Map<string, HostListener[]>();
  for (const one of listeners) {
    const list = index.get(one.protocol);
    if (list === undefined) index.set(one.protocol, [one]);
    else list.push(one);
  }
  for (const list of index.values()) list.sort((a, b) => a.port - b.port);
  return index;
}

/** The listeners that the row's packets reach; undefined for a row that says nothing of listeners. */
function listenersOf(row: Exposure, index: ListenerIndex): HostListener[] | undefined {
  if (row.direction === 'out' || row.ports === null) return undefined;
  if (row.direction === 'forward' && row.translation === undefined) return undefined;
  if (transportOf(row.protocol) === undefined) return undefined;
  const { ports, translation } = row;
  const list = index.get(row.protocol) ?? [];
  const target = translation?.target;
  const there = target === undefined ? [] : atTarget(row, target, list);
  if (staysHere(row)) return there;
  const loopback = isLoopback(row);
  const here = between(list, ports).filter((one) => {
    if (!one.families.includes(row.family)) return false;
    if (one.loopback && !loopback && !isForLoopback(row)) return false;
    return one.wildcard || row.from.some(({ destinations }) => holdsAddress(destinations, one.address));
  });
  return [...new Set([...here, ...there])];
}

type Target = NonNullable<NonNullable<Exposure['translation']>['target']>;

/** Who holds the address and ports that a translation leads to; that an address of the outside is the host's own nobody says. */
function atTarget(row: Exposure, { address, ports }: Target, list: readonly HostListener[]): HostListener[] {
  const wanted = parseAddress(address)?.address;
  return between(list, ports).filter((one) => {
    if (!one.families.includes(row.family)) return false;
    if (one.wildcard) return isLoopbackRange(address);
    return wanted !== undefined && parseAddress(one.address)?.address === wanted;
  });
}

function between(list: readonly HostListener[], { from, to }: Target['ports']): HostListener[] {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]!.port < from) low = middle + 1;
    else high = middle;
  }
  const found: HostListener[] = [];
  for (let i = low; i < list.length && list[i]!.port <= to; i++) found.push(list[i]!);
  return found;
}

/** A translation leads to a loopback address, so to this host and to nobody who listens on the port as it was. */
function staysHere({ translation }: Exposure): boolean {
  return translation?.target !== undefined && isLoopbackRange(translation.target.address);
}

/** What reaches loopback addresses alone is what a translation has sent there, whatever interface it came in by. */
function isForLoopback({ from }: Exposure): boolean {
  return from.every(({ destinations }) => destinations?.every(isLoopbackRange) === true);
}

function isLoopbackRange(text: string): boolean {
  const prefix = parsePrefix(text);
  if (prefix === undefined) return false;
  const [from, to] = prefix.range;
  return prefix.family === 'ipv4' ? from >> 24n === 127n && to >> 24n === 127n : from === 1n && to === 1n;
}

/** Rows of `--loopback`: what the host may send to itself. */
function isLoopback({ scope, from }: Exposure): boolean {
  return (
    scope === 'loopback' ||
    from.every(
      ({ inInterfaces }) =>
        inInterfaces !== undefined && inInterfaces.every((name) => /^lo[0-9]*$/.test(name)),
    )
  );
}

/** An omitted list is any address; an address that cannot be read (a name, a cut one) is taken to be in it. */
function holdsAddress(destinations: readonly string[] | undefined, address: string): boolean {
  if (destinations === undefined) return true;
  const parsed = parseAddress(address);
  if (parsed === undefined) return true;
  return destinations.some((text) => {
    const prefix = parsePrefix(text);
    if (prefix === undefined) return true;
    const [from, to] = prefix.range;
    return prefix.family === parsed.family && parsed.address >= from && parsed.address <= to;
  });
}

function printed({ protocol, address, port, process, pid, user }: HostListener): Listener {
  return {
    protocol,
    address,
    port,
    ...(process !== undefined && { process }),
    ...(pid !== undefined && { pid }),
    ...(user !== undefined && { user }),
  };
}

function rowFindings(report: Report, exposures: readonly Exposure[]): Finding[] {
  return exposures.flatMap((row, exposure): Finding[] => {
    const { listeners } = row;
    if (listeners === undefined || isLoopback(row)) return [];
    const path = report.inputs[row.input]?.path ?? '';
    const rule = row.rules[row.rules.length - 1];
    const about = (kind: ListenerFindingKind, message: string, identity: readonly string[]): Finding => ({
      code: kind.code,
      name: kind.name,
      severity: kind.severity,
      message,
      help: kind.advice,
      exposure,
      ...(rule !== undefined && rule.line > 0 && { location: locationOfRule(rule) }),
      fingerprint: fingerprintOf(fingerprintText(kind.code, path, [...rowIdentity(row), ...identity])),
    });
    if (listeners.length === 0) {
      // What a policy of ACCEPT leaves open is told as that, not port by port.
      if (row.certainty === 'possible' || row.byDefault === true || row.policy?.verdict === 'justified')
        return [];
      const message = `${portsText(row)} is open to ${fromText(row)}, and nobody listens`;
      return [about(openWithoutListener, message, [])];
    }
    if (row.policy?.verdict === 'justified') return [];
    return listeners
      .filter((listener) => isUnclaimed(row, listener) && saysNothing(listener.process))
      .map((listener) => {
        const who =
          listener.process === undefined
            ? 'a process that the list does not name'
            : `${listener.process}, which runs anything,`;
        const at = `${listener.port}/${listener.protocol}`;
        return about(
          listenerUnknownProcess,
          `${who} listens on ${at}, open to ${fromText(row)}, and nobody has claimed that port`,
          [String(listener.port), listener.process ?? ''],
        );
      });
  });
}

const unclaimed = ['unassigned', 'not-listed', 'de-assigned', 'reserved'];

/** In a row of several statuses the port is among those that raised the flag. */
function isUnclaimed({ assignment, uses, scrutiny }: Exposure, { port }: Listener): boolean {
  if (assignment === null || uses.some(({ ports }) => port >= ports.from && port <= ports.to)) return false;
  if (assignment.status !== 'mixed') return unclaimed.includes(assignment.status);
  const reasons = scrutiny.reasons.some((reason) => unclaimed.includes(reason));
  return reasons && (scrutiny.ports ?? []).some(({ from, to }) => port >= from && port <= to);
}

/** Interpreters and relays: their own name says nothing of what they do. */
const anything =
  /^(python|perl|ruby|node|nodejs|java|php|bash|sh|dash|zsh|busybox|nc|ncat|netcat|socat|powershell|pwsh|cmd)[0-9.-]*(\.exe|\.openbsd|\.traditional)?$/i;

function saysNothing(process: string | undefined): boolean {
  return process === undefined || anything.test(process);
}

function locationOfRule({ path, line, text }: RuleReference): Location {
  return { path, line, column: 1, endLine: line, endColumn: text.length + 1 };
}

const familyNames: Readonly<Record<Family, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };

/** Listeners that no row lets anybody reach, over the families that the inputs speak of. */
function unreachable(
  listeners: readonly HostListener[],
  reachable: ReadonlyMap<HostListener, ReadonlySet<Family>>,
  covered: ReadonlySet<Family>,
): Finding[] {
  return listeners.flatMap((one): Finding[] => {
    const known = one.families.filter((family) => covered.has(family));
    if (one.loopback || known.length === 0 || reachable.has(one)) return [];
    const over = known.length === 2 ? '' : ` over ${familyNames[known[0]!]}`;
    const who = one.process ?? 'a process without a name in the list';
    const kind = listenerNotReachable;
    return [
      {
        code: kind.code,
        name: kind.name,
        severity: kind.severity,
        message: `${who} listens on ${one.port}/${one.protocol} (${one.address}), and the rules let nobody reach it${over}`,
        help: kind.advice,
        location: one.location,
        fingerprint: fingerprintOf(
          fingerprintText(kind.code, one.location.path, [
            one.protocol,
            one.address,
            String(one.port),
            one.process ?? '',
          ]),
        ),
      },
    ];
  });
}

const ladder = ['none', 'note', 'low', 'medium', 'high'];

/** Worst first; findings of one severity by code, those of one code as they come. */
function sorted(findings: readonly Finding[]): Finding[] {
  return findings
    .map((finding, i) => ({ finding, i }))
    .sort(
      (a, b) =>
        ladder.indexOf(b.finding.severity) - ladder.indexOf(a.finding.severity) ||
        (a.finding.code < b.finding.code ? -1 : a.finding.code > b.finding.code ? 1 : a.i - b.i),
    )
    .map(({ finding }) => finding);
}
