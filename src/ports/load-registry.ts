import { basename, join } from 'node:path';
import type { PortTable } from './port-table.ts';
import { transports } from './port-table.ts';
import { Registry, builtInRegistry } from './registry.ts';

/** The parts of the command line's Io that loading needs. */
export interface RegistryFiles {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The bytes of a file, or a sentence that says why they could not be read. */
  readonly readFile: (path: string) => Uint8Array | string;
  readonly kindOf: (path: string) => 'file' | 'folder' | 'other' | 'missing';
}

export type LoadedRegistry =
  | {
      readonly kind: 'loaded';
      readonly registry: Registry;
      readonly from: 'built-in' | 'user' | 'file';
      /** The file it was read from. */
      readonly path?: string;
      /** The user's own copy could not be used; the built-in data is used instead. */
      readonly warning?: string;
    }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * The registry to use: `file` (IANA's CSV, or what `registry update` wrote), else the user's updated copy, else the built-in data.
 * A named file that cannot be used is an error; a damaged copy in the user's folder is a warning.
 */
export async function loadRegistry(files: RegistryFiles, file?: string): Promise<LoadedRegistry> {
  if (file !== undefined) {
    const read = await readRegistryFile(files, file);
    return typeof read === 'string'
      ? { kind: 'failed', message: `${file}: ${read}` }
      : { kind: 'loaded', registry: read, from: 'file', path: file };
  }
  const path = userRegistryPath(files.env);
  if (path === undefined || files.kindOf(path) === 'missing') {
    return { kind: 'loaded', registry: builtInRegistry(), from: 'built-in' };
  }
  const read = await readRegistryFile(files, path);
  if (typeof read !== 'string') return { kind: 'loaded', registry: read, from: 'user', path };
  const warning = `${path}: ${read}; the built-in port data is used. Run fw-audit registry update to replace it, or delete it.`;
  return { kind: 'loaded', registry: builtInRegistry(), from: 'built-in', warning };
}

async function readRegistryFile(files: RegistryFiles, path: string): Promise<Registry | string> {
  const bytes = files.readFile(path);
  if (typeof bytes === 'string') return bytes;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return 'it is not UTF-8 text';
  }
  if (text.startsWith('{')) {
    const table = parseTable(text);
    return typeof table === 'string' ? table : new Registry(table);
  }
  const { readRegistryCsv } = await import('./read-registry-csv.ts');
  const reading = readRegistryCsv(text, `IANA CSV ${basename(path)}`);
  return reading.kind === 'table' ? new Registry(reading.table) : reading.why;
}

/**
 * Where `registry update` keeps its data: `$XDG_DATA_HOME/fw-audit/registry.json`, by default below `~/.local/share`
 * (XDG Base Directory Specification: a relative value is to be ignored), on Windows below %LOCALAPPDATA%. Undefined if the
 * environment names no home.
 */
export function userRegistryPath(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const xdg = env['XDG_DATA_HOME'];
  const home = env['HOME'];
  const local = env['LOCALAPPDATA'];
  const folder =
    xdg !== undefined && (xdg.startsWith('/') || /^[A-Za-z]:[\\/]/.test(xdg))
      ? xdg
      : home !== undefined && home !== ''
        ? join(home, '.local', 'share')
        : local !== undefined && local !== ''
          ? local
          : undefined;
  return folder === undefined ? undefined : join(folder, 'fw-audit', 'registry.json');
}

/** The text that `registry update` stores. */
export function tableText(table: PortTable): string {
  return `${JSON.stringify({ format: tableFormat, ...table })}\n`;
}

const tableFormat = 'fw-audit registry 1';

/** A stored table, or why it is none. Every run and record is checked, so that a damaged file cannot mislead a report. */
function parseTable(text: string): PortTable | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is damaged: not JSON';
  }
  const table = value as Partial<PortTable> & { readonly format?: unknown };
  if (table.format !== tableFormat) return 'it was not written by this version of fw-audit registry update';
  const { source, asOf, statuses, records } = table;
  const sound =
    typeof source === 'string' &&
    typeof asOf === 'string' &&
    typeof records === 'string' &&
    records.endsWith('\n') &&
    records.slice(0, -1).split('\n').every(isRecord) &&
    typeof statuses === 'object' &&
    statuses !== null &&
    transports.every((transport) => covers(statuses[transport]));
  if (!sound) return 'it is damaged';
  return { source, asOf, statuses, records };
}

function isRecord(line: string): boolean {
  return /^\d{1,5}\t[1-9a-f]\t(\|[^\t]+\|)?\t[^\t]*\t[^\t]*$/.test(line);
}

/** The runs name known statuses and add up to the ports 0-49151. */
function covers(runs: unknown): boolean {
  if (typeof runs !== 'string' || !/^([aprdunRDN]\d{1,5})+$/.test(runs)) return false;
  return (runs.match(/\d+/g) ?? []).reduce((sum, count) => sum + Number(count), 0) === 49_152;
}
