import { mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { RegistryChange } from '../../ports/compare-registries.ts';
import type { LoadedRegistry } from '../../ports/load-registry.ts';
import { loadRegistry, tableText, userRegistryPath } from '../../ports/load-registry.ts';
import type { Transport } from '../../ports/port-types.ts';
import { Registry, rangeBounds } from '../../ports/registry.ts';
import { styleFor } from '../../reporters/terminal/style.ts';
import type { RegistryArguments } from '../command-arguments.ts';
import type { DownloadLimits } from '../download.ts';
import type { ExitCode, Io } from '../io.ts';

/** IANA's own copy. */
export const ianaCsv =
  'https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.csv';

/** The file is 1.2 MB (2026); a hundredfold is not the registry. */
const defaultLimits: DownloadLimits = { maxBytes: 64_000_000, idleMs: 30_000, totalMs: 300_000 };

/**
 * `fw-audit registry`: which port data is used and of what date. `fw-audit registry update`: reads IANA's CSV from a file or address,
 * checks it, and only then replaces the user's copy in one step; on any error the old data stays. Exit 3 if it could not be updated.
 */
export async function runRegistry(
  args: RegistryArguments,
  io: Io,
  limits: DownloadLimits = defaultLimits,
): Promise<ExitCode> {
  const loaded = await loadRegistry(io, args.registry);
  if (loaded.kind === 'failed') {
    io.stderr(`fw-audit: ${loaded.message}\n`);
    return 2;
  }
  if (loaded.warning !== undefined) io.stderr(`fw-audit: ${loaded.warning}\n`);
  return args.action === 'update' ? update(args, io, loaded.registry, limits) : show(args, io, loaded);
}

function show(
  args: RegistryArguments,
  io: Io,
  loaded: LoadedRegistry & { readonly kind: 'loaded' },
): ExitCode {
  const { registry, from, path } = loaded;
  const counts = (['tcp', 'udp'] as const).map(
    (transport) => [transport, assignedCount(registry, transport)] as const,
  );
  if (args.format === 'json') {
    const value = {
      source: registry.source,
      asOf: registry.asOf,
      from,
      ...(path !== undefined && { path }),
      assigned: Object.fromEntries(counts),
    };
    io.stdout(`${JSON.stringify(value, null, 2)}\n`);
    return 0;
  }
  const style = styleFor(io.color, io.unicode, io.columns);
  const { from: first, to: last } = rangeBounds.registered;
  const lines = [
    `${style.bold('Port data')}  IANA's registry of ${registry.asOf}`,
    `Source     ${style.safe(registry.source)}`,
    `Used       ${from === 'built-in' ? 'the data built into this version' : from === 'user' ? 'your own copy' : 'the file of --registry'}${path === undefined ? '' : `, ${style.safe(path)}`}`,
    `Assigned   ${counts.map(([transport, count]) => `${count.toLocaleString('en')} of ${(last - first + 1).toLocaleString('en')} registered ports on ${transport}`).join(', ')}`,
    '',
    style.dim('fw-audit registry update fetches the present list from IANA.'),
  ];
  io.stdout(`${lines.join('\n')}\n`);
  return 0;
}

function assignedCount(registry: Registry, transport: Transport): number {
  const { from, to } = rangeBounds.registered;
  return registry.countByStatus(from, to, transport).assigned ?? 0;
}

async function update(
  args: RegistryArguments,
  io: Io,
  before: Registry,
  limits: DownloadLimits,
): Promise<ExitCode> {
  const target = userRegistryPath(io.env);
  if (target === undefined) {
    io.stderr('fw-audit: the environment names no home folder to keep port data in; set XDG_DATA_HOME\n');
    return 2;
  }
  const from = args.from ?? ianaCsv;
  const fail = (why: string): ExitCode => {
    io.stderr(`fw-audit: ${from}: ${why}. The port data is unchanged (${before.source}, ${before.asOf}).\n`);
    return 3;
  };
  const read = await readCsv(from, args.insecure ?? false, io, limits);
  if (typeof read === 'string') return fail(read);
  const { readRegistryCsv } = await import('../../ports/read-registry-csv.ts');
  const reading = readRegistryCsv(read.text, `IANA CSV ${read.name}`);
  if (reading.kind === 'refused') return fail(reading.why);
  const after = new Registry(reading.table);
  try {
    mkdirSync(dirname(target), { recursive: true });
  } catch (error) {
    return fail(
      `${dirname(target)} cannot be made: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const problem = io.writeFile(target, tableText(reading.table));
  if (problem !== undefined) return fail(`${target} cannot be written: ${problem}`);
  const { compareRegistries } = await import('../../ports/compare-registries.ts');
  const changes = compareRegistries(before, after);
  if (args.format === 'json') {
    const value = {
      source: after.source,
      asOf: after.asOf,
      path: target,
      rows: reading.rows,
      previous: { source: before.source, asOf: before.asOf },
      changes,
    };
    io.stdout(`${JSON.stringify(value, null, 2)}\n`);
    return 0;
  }
  io.stdout(changeText(changes, before, after, target, io));
  return 0;
}

/** The CSV's text and a short name for it, or why there is none. */
async function readCsv(
  from: string,
  insecure: boolean,
  io: Io,
  limits: DownloadLimits,
): Promise<{ readonly text: string; readonly name: string } | string> {
  let bytes: Uint8Array;
  let name: string;
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(from)) {
    const { download } = await import('../download.ts');
    let shown = 0;
    const progress = (received: number, total: number | undefined): void => {
      if (!io.isTTY || received - shown < 100_000) return;
      shown = received;
      io.stderr(
        `\rDownloading ${megabytes(received)}${total === undefined ? '' : ` of ${megabytes(total)}`}`,
      );
    };
    const answer = await download(from, { limits, insecure, progress });
    if (shown > 0) io.stderr('\r\u001b[K');
    if (answer.kind === 'failed') return answer.why;
    ({ bytes } = answer);
    name = `from ${from}`;
    io.stderr(`Downloaded ${megabytes(bytes.length)} from ${new URL(answer.url).host}\n`);
  } else {
    const file = io.readFile(from);
    if (typeof file === 'string') return file;
    if (file.length > limits.maxBytes) {
      return `it is larger than ${Math.round(limits.maxBytes / 1e6)} MB; this is not the registry`;
    }
    bytes = file;
    name = basename(from);
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), name };
  } catch {
    return 'it is not UTF-8 text';
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

const mostChanges = 20;

function changeText(
  changes: readonly RegistryChange[],
  before: Registry,
  after: Registry,
  target: string,
  io: Io,
): string {
  const style = styleFor(io.color, io.unicode, io.columns);
  const lines = [`Port data is now IANA's registry of ${after.asOf}, kept in ${style.safe(target)}`];
  if (after.asOf < before.asOf) {
    lines.push(`It is older than what was used before (${before.asOf}); delete the file to go back.`);
  }
  if (changes.length === 0)
    lines.push(`Nothing changed against ${style.safe(before.source)} of ${before.asOf}.`);
  else {
    lines.push(`${changes.length} changes against ${style.safe(before.source)} of ${before.asOf}:`);
    for (const { port, transport, before: was, after: is } of changes.slice(0, mostChanges)) {
      lines.push(
        `  ${port}/${transport}  ${style.safe(sideText(was))} ${style.arrow} ${style.safe(sideText(is))}`,
      );
    }
    if (changes.length > mostChanges)
      lines.push(`  and ${changes.length - mostChanges} more; --format json has all`);
  }
  return `${lines.join('\n')}\n`;
}

function sideText({ status, service }: RegistryChange['before']): string {
  return service ?? status;
}
