import { decode, type Decoded } from '../source/decode.ts';
import type { ReadOptions, LocalAddress } from '../formats/format.ts';
import { parseRangeText } from '../packets/range-text.ts';
import type { ReportDiagnostic } from '../report/report.ts';
import { positionAt, type Source, type Span } from '../source/source.ts';
import { templateSign } from '../source/template.ts';
import type { AuditArguments } from './command-arguments.ts';
import type { FoundFiles } from './find-files.ts';
import type { Io } from './io.ts';
import { nearestCommand } from './nearest-command.ts';

/** Everything an audit reads, read and decoded. Ids of all sources are distinct, the inputs' own first. */
export interface Inputs {
  readonly kind: 'inputs';
  readonly sources: readonly Source[];
  readonly ipsets: readonly Source[];
  readonly tables: ReadonlyMap<string, Source>;
  readonly localAddresses: readonly LocalAddress[];
  readonly bareInterfaces: readonly string[];
  readonly include: ReadOptions['include'];
  readonly definitions: ReadonlyMap<string, string>;
  /** Every source read so far, included files too once they are; places are shown in these. */
  readonly read: readonly Source[];
  /** What could not be read or decoded, and which encodings were assumed. */
  readonly diagnostics: readonly ReportDiagnostic[];
}

/** The command line asks for something that makes no sense: exit 2. */
export interface UsageProblem {
  readonly kind: 'usage';
  readonly message: string;
}

export type InputArguments = Pick<
  AuditArguments,
  'paths' | 'ipset' | 'table' | 'localAddress' | 'includeRoot' | 'define' | 'inputFormat' | 'maxSize'
>;

export async function readInputs(args: InputArguments, io: Io): Promise<Inputs | UsageProblem> {
  const found = await findPaths(args.paths, io);
  if (found.kind === 'usage') return found;
  const reader = new Reader(io, args.maxSize);
  const sources: Source[] = [];
  const fruitless = new Set(found.searched);
  for (const { path, named, from } of found.paths) {
    const source = named ? await reader.read(path) : await readRecognised(reader, path, args.inputFormat);
    if (source !== undefined) fruitless.delete(from);
    const template = source === undefined ? undefined : templateDiagnostic(source, named);
    if (template !== undefined) reader.diagnostics.push(template);
    else if (source !== undefined) sources.push(source);
  }
  const missing = [
    ...found.missing.map((path) =>
      pathProblem(path, 'FW1001', 'no such file, and no file matches it', meantCommand(path)),
    ),
    ...[...fruitless].map((path) =>
      pathProblem(path, 'FW1003', 'no file found there is an export that is recognised', unrecognisedHelp),
    ),
  ];

  const ipsets: Source[] = [];
  for (const path of args.ipset) {
    const source = await reader.read(path);
    if (source !== undefined) ipsets.push(source);
  }
  const tables = new Map<string, Source>();
  for (const text of args.table) {
    const equals = text.indexOf('=');
    if (equals <= 0 || equals === text.length - 1) return usage(`--table needs NAME=FILE, not "${text}"`);
    const source = await reader.read(text.slice(equals + 1));
    if (source !== undefined) tables.set(text.slice(0, equals), source);
  }
  const localAddresses: LocalAddress[] = [];
  const bareInterfaces: string[] = [];
  for (const text of args.localAddress) {
    if (text.length > 1 && text.endsWith('=')) {
      bareInterfaces.push(text.slice(0, -1));
      continue;
    }
    const address = parseLocalAddress(text);
    if (address === undefined) return usage(`--local-address needs [IFACE=]ADDRESS or IFACE=, not "${text}"`);
    localAddresses.push(address);
  }
  const definitions = new Map<string, string>();
  for (const text of args.define) {
    const equals = text.indexOf('=');
    if (equals <= 0) return usage(`--define needs NAME=VALUE, not "${text}"`);
    definitions.set(text.slice(0, equals), text.slice(equals + 1));
  }
  const include =
    args.includeRoot.length === 0
      ? () => 'no folder is allowed for includes; name one with --include-root'
      : (await import('./include-files.ts')).includeFiles(args.includeRoot, io, (path) =>
          reader.readNow(path),
        );
  return {
    kind: 'inputs',
    sources,
    ipsets,
    tables,
    localAddresses,
    bareInterfaces,
    include,
    definitions,
    read: reader.taken,
    diagnostics: [...missing, ...reader.diagnostics],
  };
}

const unrecognisedHelp = { help: 'fw-audit formats lists what can be read; --input-format NAME forces one.' };

function pathProblem(
  path: string,
  code: string,
  problem: string,
  more: { readonly help?: string },
): ReportDiagnostic {
  return {
    code,
    severity: 'error',
    message: `${path}: ${problem}`,
    ...more,
    location: { path, line: 1, column: 1, endLine: 1, endColumn: 1 },
  };
}

/** The first word of `fw-audit exlpain 3092` is taken for a file, since none but the commands' names is a command. */
function meantCommand(path: string): { readonly help?: string } {
  const command = /^[a-z]+$/.test(path) ? nearestCommand(path) : undefined;
  return command === undefined ? {} : { help: `If a command was meant: fw-audit ${command}` };
}

function usage(message: string): UsageProblem {
  return { kind: 'usage', message };
}

interface Found extends FoundFiles {
  readonly kind: 'found';
}

/** Plain files need no look into folders; the code that does loads only for others. */
async function findPaths(paths: readonly string[], io: Io): Promise<Found | UsageProblem> {
  if (paths.filter((path) => path === '-').length > 1)
    return usage('standard input (-) can be read once only');
  if (paths.every((path) => path === '-' || ['file', 'other'].includes(io.kindOf(path)))) {
    const unique = [...new Set(paths)];
    return {
      kind: 'found',
      paths: unique.map((path) => ({ path, named: true, from: path })),
      missing: [],
      searched: [],
    };
  }
  const { findFiles } = await import('./find-files.ts');
  return { kind: 'found', ...(await findFiles(paths, io)) };
}

/** A file that a folder or pattern brought in counts only if it is an export; a README beside it is no error. */
async function readRecognised(
  reader: Reader,
  path: string,
  inputFormat: string | undefined,
): Promise<Source | undefined> {
  const { detectFormat } = await import('../formats/registry.ts');
  const decoded = reader.decode(path);
  if (decoded?.kind !== 'text') return undefined;
  if (inputFormat === undefined && (await detectFormat(decoded.source)) === undefined) return undefined;
  return reader.take(decoded);
}

/** A template is skipped. Named on the command line that is an error; found in a folder it is worth a word. */
function templateDiagnostic(source: Source, named: boolean): ReportDiagnostic | undefined {
  const sign = templateSign(source.path, source.text);
  if (sign === undefined) return undefined;
  return located(
    {
      code: 'FW1012',
      severity: named ? 'error' : 'warning',
      message: `${source.path} is a template (${sign.language}) and was skipped: what it opens is known only once it is filled in`,
      help: 'Audit the file that the template makes.',
      span: { source: source.id, start: sign.offset, end: sign.offset + 2 },
    },
    source,
  );
}

class Reader {
  readonly diagnostics: ReportDiagnostic[] = [];
  readonly taken: Source[] = [];
  readonly #io: Io;
  readonly #maxSize: number | undefined;
  #nextId = 0;

  constructor(io: Io, maxSize: number | undefined) {
    this.#io = io;
    this.#maxSize = maxSize;
  }

  async read(path: string): Promise<Source | undefined> {
    const bytes = path === '-' ? await this.#io.stdin() : this.#io.readFile(path);
    return this.#decodeAndTake(path, bytes);
  }

  readNow(path: string): Source | undefined {
    return this.#decodeAndTake(path, this.#io.readFile(path));
  }

  /** Decodes a file that may turn out to be none of ours; nothing is reported of it yet. */
  decode(path: string): Decoded | undefined {
    const bytes = this.#io.readFile(path);
    return typeof bytes === 'string' ? undefined : this.#decode(bytes, path);
  }

  take(decoded: Extract<Decoded, { kind: 'text' }>): Source {
    this.#nextId++;
    this.taken.push(decoded.source);
    for (const note of decoded.notes) this.diagnostics.push(located(note, decoded.source));
    return decoded.source;
  }

  #decode(bytes: Uint8Array, path: string): Decoded {
    return decode(bytes, path, this.#nextId, this.#maxSize === undefined ? {} : { maxSize: this.#maxSize });
  }

  #decodeAndTake(path: string, bytes: Uint8Array | string): Source | undefined {
    if (typeof bytes === 'string') {
      this.diagnostics.push(pathProblem(path, 'FW1001', `cannot be read: ${bytes}`, {}));
      return undefined;
    }
    const decoded = this.#decode(bytes, path);
    if (decoded.kind === 'text') return this.take(decoded);
    this.diagnostics.push(located(decoded.diagnostic, decoded.source));
    return undefined;
  }
}

interface Placed {
  readonly code: string;
  readonly severity: ReportDiagnostic['severity'];
  readonly message: string;
  readonly help?: string;
  readonly span?: Span;
}

function located({ code, severity, message, help, span }: Placed, source: Source): ReportDiagnostic {
  const start = positionAt(source, span?.start ?? 0);
  const end = positionAt(source, span?.end ?? 0);
  return {
    code,
    severity,
    message,
    ...(help === undefined ? {} : { help }),
    location: {
      path: source.path,
      line: start.line,
      column: start.column,
      endLine: end.line,
      endColumn: end.column,
    },
  };
}

/** `192.0.2.1`, `192.0.2.0/24`, `eth0=192.0.2.1`. An IPv6 address holds no `=`. */
function parseLocalAddress(text: string): LocalAddress | undefined {
  const equals = text.indexOf('=');
  const name = equals < 0 ? undefined : text.slice(0, equals);
  const address = parseRangeText(equals < 0 ? text : text.slice(equals + 1));
  if (address === undefined || name === '') return undefined;
  const { family, range } = address;
  return name === undefined ? { family, range } : { interface: name, family, range };
}
