import { fitText, textWidth } from '../../diagnostics/text-width.ts';
import { PortKnowledge, builtInKnowledge } from '../../ports/describe.ts';
import type { PortRun } from '../../ports/explain-port.ts';
import { portRuns } from '../../ports/explain-port.ts';
import { freePorts, suggestPorts } from '../../ports/free-ports.ts';
import { loadRegistry } from '../../ports/load-registry.ts';
import { transports } from '../../ports/port-table.ts';
import type { PortRange, PortStatus, RangeName } from '../../ports/port-types.ts';
import type { PortInfo, Registry } from '../../ports/registry.ts';
import { allStatuses, builtInRegistry, rangeBounds, rangeOf } from '../../ports/registry.ts';
import type { Style } from '../../reporters/terminal/style.ts';
import { styleFor } from '../../reporters/terminal/style.ts';
import type { PortsArguments } from '../command-arguments.ts';
import type { ExitCode, Io } from '../io.ts';

/** A line of the list: a run, and the curated uses of its ports. */
interface ListedRun extends PortRun {
  readonly uses: readonly string[];
}

/**
 * `fw-audit ports [<range>]`: the registry as a list, filtered by `--status`, `--search` or `--unassigned`; or its counts (`--stats`);
 * or free ports for a service of one's own (`--unassigned --suggest N`). Exit 2 for a range or status that is none.
 */
export async function runPorts(args: PortsArguments, io: Io): Promise<ExitCode> {
  const range = parseRange(args.range);
  if (typeof range === 'string') return usage(io, range);
  const status = allStatuses.find((one) => one === args.status);
  if (args.status !== undefined && status === undefined) {
    return usage(io, `--status ${args.status} is no status; it is one of ${allStatuses.join(', ')}`);
  }
  if (
    args.suggest !== undefined &&
    (!Number.isInteger(args.suggest) || args.suggest < 1 || args.suggest > 1000)
  ) {
    return usage(io, '--suggest needs a whole number from 1 to 1000');
  }
  const loaded = await loadRegistry(io, args.registry);
  if (loaded.kind === 'failed') return usage(io, loaded.message);
  if (loaded.warning !== undefined) io.stderr(`fw-audit: ${loaded.warning}\n`);
  const { registry } = loaded;
  const knowledge = registry === builtInRegistry() ? builtInKnowledge() : new PortKnowledge(registry);
  if (args.stats) return printStats(args, io, registry, range);
  if (args.unassigned || args.suggest !== undefined) return printFree(args, io, knowledge, range);
  const matches = args.search === undefined ? undefined : portsMatching(knowledge, args.search);
  const runs = portRuns(registry, range.from, range.to, knowledge.notes.uses)
    .filter(
      (run) =>
        status === undefined || run.transports.tcp.status === status || run.transports.udp.status === status,
    )
    .map((run): ListedRun => ({ ...run, uses: usesOf(knowledge, run) }))
    .filter((run) => matches === undefined || touchesAny(run, matches));
  return printRuns(args, io, registry, runs);
}

function usage(io: Io, message: string): ExitCode {
  io.stderr(`fw-audit: ${message}\n`);
  return 2;
}

/** `443`, `8000-8100`, `8000:8100`; nothing means all ports. */
function parseRange(text: string | undefined): PortRange | string {
  if (text === undefined) return { from: 0, to: 65535 };
  const named = (Object.keys(rangeBounds) as RangeName[]).find((name) => name === text);
  if (named !== undefined) return rangeBounds[named];
  const match = /^([0-9]{1,9})(?:[-:]([0-9]{1,9}))?$/.exec(text);
  if (match === null) return `"${text}" is no port or range; write 443 or 8000-8100`;
  const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
  if (from > 65535 || to > 65535) return `${text}: ports go from 0 to 65535`;
  return from > to ? `${text}: the range is reversed; write ${to}-${from}` : { from, to };
}

function usesOf(knowledge: PortKnowledge, run: PortRun): string[] {
  const near = knowledge.notes.uses.filter(({ ports }) => ports.from <= run.to && ports.to >= run.from);
  return [...new Set(near.map(({ use }) => use))];
}

/** Ports whose names, description, remark or curated use holds the word. */
function portsMatching(knowledge: PortKnowledge, word: string): readonly PortRange[] {
  const wanted = word.toLowerCase();
  return [
    ...knowledge.registry.search(word).map(({ port }) => ({ from: port, to: port })),
    ...knowledge.notes.uses.filter(({ use }) => use.toLowerCase().includes(wanted)).map(({ ports }) => ports),
  ];
}

function touchesAny(run: PortRange, ranges: readonly PortRange[]): boolean {
  return ranges.some(({ from, to }) => from <= run.to && to >= run.from);
}

function printRuns(args: PortsArguments, io: Io, registry: Registry, runs: readonly ListedRun[]): ExitCode {
  switch (args.format) {
    case 'json': {
      const ports = runs.map(({ uses, ...run }) => ({ ...run, ...(uses.length > 0 && { uses }) }));
      io.stdout(json(registry, { ports }));
      return 0;
    }
    case 'csv': {
      const head = ['from', 'to', 'range', 'tcp', 'tcp_service', 'udp', 'udp_service', 'uses'];
      const lines = runs.map(({ from, to, range, transports: { tcp, udp }, uses }) =>
        [from, to, range, tcp.status, tcp.service ?? '', udp.status, udp.service ?? '', uses.join('; ')].map(
          csvField,
        ),
      );
      io.stdout([head, ...lines].map((line) => `${line.join(',')}\r\n`).join(''));
      return 0;
    }
    case 'terminal': {
      if (runs.length === 0) {
        io.stdout('No port fits.\n');
        return 0;
      }
      const style = styleFor(io.color, io.unicode, io.columns);
      const rows = runs.map((run): Cells => [
        rangeText(run),
        style.safe(said(run.transports.tcp)),
        style.safe(said(run.transports.udp)),
        run.uses.join('; '),
      ]);
      io.stdout(table(['PORT', 'TCP', 'UDP', 'KNOWN USE'], rows, style));
      io.stdout(style.dim(`IANA's registry of ${registry.asOf} (${style.safe(registry.source)})`) + '\n');
      return 0;
    }
  }
}

function said(info: PortInfo): string {
  if (info.status === 'assigned') return info.service ?? 'assigned';
  return info.status === 'assigned-other-transport'
    ? `only ${(info.assignedOn ?? []).join(', ')}`
    : info.status;
}

function printFree(args: PortsArguments, io: Io, knowledge: PortKnowledge, range: PortRange): ExitCode {
  const { registry } = knowledge;
  const { ranges, left } = freePorts(knowledge, range);
  const chosen =
    args.suggest === undefined
      ? ranges
      : suggestPorts(ranges, args.suggest).map((port): PortRange => ({ from: port, to: port }));
  if (args.format === 'json') {
    const ports = chosen.flatMap(({ from, to }) => portRuns(registry, from, to));
    io.stdout(json(registry, { ports, leftOut: left }));
    return 0;
  }
  if (args.format === 'csv') {
    io.stdout(
      ['from,to,range', ...chosen.map(({ from, to }) => `${from},${to},${rangeOf(from)}`)].join('\r\n') +
        '\r\n',
    );
    return 0;
  }
  const style = styleFor(io.color, io.unicode, io.columns);
  for (const one of chosen) io.stdout(`${rangeText(one)}\n`);
  const free = ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  const reasons = [
    [left['known-use'], 'known software uses'],
    [left.remark, 'IANA has a remark on'],
    [left.listed, 'scanner lists name'],
    [left.ephemeral, 'Linux, Windows or macOS hand out by themselves'],
  ] as const;
  const out = reasons.filter(([count]) => count > 0).map(([count, why]) => `${count} that ${why}`);
  if (chosen.length > 0 && args.suggest === undefined) io.stdout('\n');
  io.stdout(
    style.dim(
      `${free} free on TCP and UDP${out.length === 0 ? '' : `; left out: ${out.join(', ')}`}. IANA's registry of ${registry.asOf}`,
    ) + '\n',
  );
  return 0;
}

function printStats(args: PortsArguments, io: Io, registry: Registry, range: PortRange): ExitCode {
  const stats = (Object.keys(rangeBounds) as RangeName[])
    .map((name) => {
      const from = Math.max(rangeBounds[name].from, range.from);
      const to = Math.min(rangeBounds[name].to, range.to);
      return { range: name, from, to };
    })
    .filter(({ from, to }) => from <= to)
    .map(({ range: name, from, to }) => ({
      range: name,
      from,
      to,
      ports: to - from + 1,
      transports: Object.fromEntries(
        transports.map((transport) => [transport, registry.countByStatus(from, to, transport)]),
      ) as Record<(typeof transports)[number], Partial<Record<PortStatus, number>>>,
    }));
  const rows = stats.flatMap((one) =>
    transports.map((transport) => ({ ...one, transport, counts: one.transports[transport] })),
  );
  switch (args.format) {
    case 'json':
      io.stdout(json(registry, { stats }));
      return 0;
    case 'csv': {
      const head = ['range', 'from', 'to', 'transport', ...allStatuses];
      const lines = rows.map(({ range: name, from, to, transport, counts }) =>
        [name, from, to, transport, ...allStatuses.map((status) => counts[status] ?? 0)].map(csvField),
      );
      io.stdout([head, ...lines].map((line) => `${line.join(',')}\r\n`).join(''));
      return 0;
    }
    case 'terminal': {
      const style = styleFor(io.color, io.unicode, io.columns);
      let last: RangeName | undefined;
      for (const { range: name, from, to, ports, transport, counts } of rows) {
        if (name !== last) {
          const title = `${name} ${from}-${to}, ${ports.toLocaleString('en')} ports`;
          io.stdout(`${last === undefined ? '' : '\n'}${style.bold(title)}\n`);
        }
        last = name;
        const parts = allStatuses.filter((status) => counts[status] !== undefined);
        const list = parts.map((status) => `${counts[status]!.toLocaleString('en')} ${status}`);
        io.stdout(`  ${transport.padEnd(4)}  ${list.join(', ')}\n`);
      }
      io.stdout(
        '\n' + style.dim(`IANA's registry of ${registry.asOf} (${style.safe(registry.source)})`) + '\n',
      );
      return 0;
    }
  }
}

type Cells = readonly [string, string, string, string];

/** The table in the width there is; only the last column is ever cut. */
function table(head: Cells, rows: readonly Cells[], style: Style): string {
  const widths = [0, 1, 2].map((i) =>
    Math.min(Math.max(...[head, ...rows].map((row) => textWidth(row[i]!))), 32),
  );
  const room = Math.max(10, style.columns - widths.reduce((sum, width) => sum + width + 2, 0));
  const line = (row: Cells): string =>
    [0, 1, 2]
      .map((i) => {
        const cell = fitText(row[i]!, widths[i]!, style.ellipsis);
        return cell + ' '.repeat(widths[i]! - textWidth(cell) + 2);
      })
      .join('')
      .concat(fitText(row[3], room, style.ellipsis))
      .trimEnd();
  return `${[style.bold(line(head)), ...rows.map(line)].join('\n')}\n`;
}

function rangeText({ from, to }: PortRange): string {
  return from === to ? String(from) : `${from}-${to}`;
}

function json(registry: Registry, value: object): string {
  return `${JSON.stringify({ registry: { source: registry.source, asOf: registry.asOf }, ...value }, null, 2)}\n`;
}

function csvField(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
