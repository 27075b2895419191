/** The comparison itself: one ruleset, one kernel, one audit, packet by packet. */
import type { Exposure } from '../../src/report/report.ts';
import { addressValue } from './addresses.ts';
import { auditCase } from './audit-case.ts';
import type { KernelCase, LoadedText } from './generate.ts';
import type { Lab, ProbeResult } from './lab.ts';
import { minimizeLines } from './minimize.ts';
import { generateProbes } from './probes.ts';
import { queryLine } from './probe-packet.ts';
import { BadQuery } from '../../src/query.ts';
import type { ProbePacket } from './probe-packet.ts';
import { Random } from './random.ts';
import { rowHolds } from './row-holds.ts';
import { localAddresses } from './topology.ts';

export interface Difference {
  /** `query` and `rows` differ from the kernel; `conditional`: the query did not commit itself. */
  readonly kind: 'query' | 'rows' | 'conditional';
  readonly packet: ProbePacket;
  readonly direction: 'in' | 'forward';
  readonly outInterface: string | undefined;
  readonly kernel: ProbeResult;
  /** What the audit said, in words. */
  readonly answer: string;
}

export interface Comparison {
  /** What the loader said when it refused the ruleset; nothing was compared then. */
  readonly refused?: string;
  readonly packets: number;
  /** Questions put to the audit: a packet that is translated is asked about in both directions. */
  readonly asked: number;
  readonly accepted: number;
  readonly differences: readonly Difference[];
}

const own: ReadonlySet<bigint> = new Set(
  localAddresses.flatMap(({ ipv4, ipv6 }) => [addressValue(ipv4), addressValue(ipv6)]),
);

/** Loads the case on the device. True when all of it was taken. */
async function load(lab: Lab, kernelCase: KernelCase): Promise<string | undefined> {
  if (kernelCase.sets !== '') {
    const sets = await lab.load('ipset', kernelCase.sets);
    if (sets.code !== 0) return sets.stderr;
  }
  const { beside } = kernelCase;
  const texts: LoadedText[] = [kernelCase];
  if (beside !== undefined) texts.splice(beside.isFirst ? 0 : 1, 0, beside);
  for (const { kind, text } of texts) {
    const loaded = await lab.load(kind, text);
    if (loaded.code !== 0) return loaded.stderr;
  }
  return undefined;
}

export async function compareCase(
  lab: Lab,
  kernelCase: KernelCase,
  packets: readonly ProbePacket[],
): Promise<Comparison> {
  let results: readonly ProbeResult[];
  try {
    const refused = await load(lab, kernelCase);
    if (refused !== undefined) return { refused, packets: 0, asked: 0, accepted: 0, differences: [] };
    results = await lab.probe(packets);
  } finally {
    await lab.reset();
  }
  const { query, exposures } = await auditCase(kernelCase);
  const differences: Difference[] = [];
  let asked = 0;
  packets.forEach((packet, i) => {
    const kernel = results[i]!;
    for (const { direction, outInterface } of questions(packet, kernel)) {
      asked++;
      const allowed = kernel.verdict === direction;
      const where = { packet, direction, outInterface, kernel };
      const answer = query(queryLine(packet, direction, outInterface));
      const reasons = answer.rules.map(({ line, text }) => `${String(line)}: ${text}`);
      if (answer.verdict === 'conditional') {
        differences.push({
          ...where,
          kind: 'conditional',
          answer: `conditional: ${[...answer.conditions, ...reasons].join(' | ')}`,
        });
      } else if ((answer.verdict === 'allow') !== allowed) {
        differences.push({ ...where, kind: 'query', answer: [answer.verdict, ...reasons].join(' | ') });
      }
      // Rows speak of packets that belong to no flow, as all probes are, and of a TCP flow's SYN alone.
      if (exposures !== undefined && (packet.protocol !== 6 || packet.tcpFlags.join() === 'syn')) {
        const held = exposures.filter((each) => rowHolds(each, packet, direction, outInterface ?? ''));
        const row = held.find(({ certainty }) => certainty === 'certain') ?? held[0];
        const said = row?.certainty === 'certain';
        if (row?.certainty === 'possible')
          differences.push({ ...where, kind: 'conditional', answer: rowText(row) });
        else if (said !== allowed)
          differences.push({ ...where, kind: 'rows', answer: row === undefined ? 'no row' : rowText(row) });
      }
    }
  });
  return {
    packets: packets.length,
    asked,
    accepted: results.filter(({ verdict }) => verdict !== 'none').length,
    differences,
  };
}

/**
 * What to ask about a packet. The question presumes where an untranslated packet goes, so it is put for the direction that its
 * destination has by itself, and for the one that routing chose after translation.
 */
function questions(
  packet: ProbePacket,
  kernel: ProbeResult,
): readonly { readonly direction: 'in' | 'forward'; readonly outInterface: string | undefined }[] {
  const natural = own.has(addressValue(packet.destination)) ? 'in' : 'forward';
  const directions = new Set<'in' | 'forward'>([natural]);
  if (kernel.routedTo !== 'none') directions.add(kernel.routedTo);
  return [...directions].map((direction) => ({
    direction,
    outInterface: direction === 'in' ? undefined : (kernel.outInterface ?? 'docker0'),
  }));
}

function rowText(row: Exposure): string {
  const ports = row.ports === null ? '' : ` ${String(row.ports.from)}-${String(row.ports.to)}`;
  return `${row.certainty} row ${row.direction} ${row.protocol}${ports} from ${JSON.stringify(row.from).slice(0, 300)} by ${row.rules.map(({ line }) => String(line)).join()}`;
}

export function probesFor(kernelCase: KernelCase, seed: number, count: number): readonly ProbePacket[] {
  return generateProbes(
    new Random(seed ^ 0x5bd1e995),
    kernelCase.family,
    `${kernelCase.text}${kernelCase.beside?.text ?? ''}${kernelCase.sets}`,
    count,
  );
}

/** Leaves out lines as long as the kernel and the audit still differ in the same way about this packet. */
export async function minimizeDifference(
  lab: Lab,
  kernelCase: KernelCase,
  difference: Difference,
): Promise<KernelCase> {
  const differs = async (candidate: KernelCase): Promise<boolean> => {
    try {
      const { differences } = await compareCase(lab, candidate, [difference.packet]);
      return differences.some(
        ({ kind, direction }) => kind === difference.kind && direction === difference.direction,
      );
    } catch (error) {
      // Too little is left to be an export.
      if (error instanceof BadQuery) return false;
      throw error;
    }
  };
  let smallest = kernelCase;
  const { beside } = kernelCase;
  if (beside !== undefined) {
    const shortest = await minimizeLines(beside.text, (shorter) =>
      differs({ ...kernelCase, beside: { ...beside, text: shorter } }),
    );
    smallest = { ...smallest, beside: { ...beside, text: shortest } };
  }
  const text = await minimizeLines(smallest.text, (shorter) => differs({ ...smallest, text: shorter }));
  const sets = await minimizeLines(smallest.sets, (shorter) => differs({ ...smallest, text, sets: shorter }));
  return { ...smallest, text, sets };
}

export function describeDifference(difference: Difference, kernelCase: KernelCase): string {
  const { packet, direction, outInterface, kernel } = difference;
  return [
    `${difference.kind === 'conditional' ? 'UNDECIDED' : 'DIFFERENCE'} (${difference.kind}) in ${kernelCase.name} [${kernelCase.kind}]`,
    `  packet  ${JSON.stringify(queryLine(packet, direction, outInterface))}`,
    `  kernel  ${kernel.verdict === 'none' ? 'dropped' : `accepted (${kernel.verdict})`}, routed to ${kernel.routedTo}`,
    `  audit   ${difference.answer}`,
    ...(kernelCase.sets === '' ? [] : ['  sets', indent(kernelCase.sets)]),
    '  ruleset',
    indent(kernelCase.text),
    ...(kernelCase.beside === undefined
      ? []
      : [
          `  beside (loaded ${kernelCase.beside.isFirst ? 'first' : 'last'})`,
          indent(kernelCase.beside.text),
        ]),
  ].join('\n');
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
