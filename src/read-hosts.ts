import type { Diagnostic } from './diagnostics/diagnostic.ts';
import type { DetectedSource, Format, LocalAddress, Reading, ReadOptions } from './formats/format.ts';
import { detectFormat } from './formats/registry.ts';
import type { Firewall } from './model/firewall.ts';
import { mergeFirewalls } from './model/merge-firewalls.ts';
import type { NamedSet } from './model/named-set.ts';
import { checkReferences } from './model/check-references.ts';
import { readPassage } from './read-passage.ts';
import type { ReportInput } from './report/report.ts';
import type { Source } from './source/source.ts';

export interface ReadHostOptions {
  /** All sources describe one host: a packet must pass what each of them says. */
  readonly host?: boolean;
  /** `ipset save` files, known to every host. */
  readonly ipsets?: readonly Source[];
  /** `--input-format`; else detected by content. */
  readonly inputFormat?: string;
  readonly dialect?: string;
  readonly localAddresses?: readonly LocalAddress[];
  /** Interfaces known to have no address at all (`--local-address gif0=`). */
  readonly bareInterfaces?: readonly string[];
  readonly tables?: ReadonlyMap<string, Source>;
  /** pf anchors whose rules no input holds are empty. */
  readonly emptyAnchors?: boolean;
  readonly include?: ReadOptions['include'];
  /** `--define NAME=VALUE`: macros of pf, variables of nft and of shell scripts. */
  readonly definitions?: ReadonlyMap<string, string>;
  /** Told before each step that may take long: which input it is about, and how many steps are done of how many. */
  readonly progress?: (path: string, done: number, total: number) => void;
}

/** One host's firewall and the report inputs it was read from. */
export interface Host {
  readonly firewall: Firewall;
  readonly inputs: readonly number[];
  /** Index of the report input that a source id belongs to. */
  readonly inputOf: (source: number) => number | undefined;
}

export interface ReadHosts {
  readonly hosts: readonly Host[];
  readonly inputs: readonly ReportInput[];
  readonly diagnostics: ReadingDiagnostics;
  /** Everything that rules and diagnostics may point into: the inputs, what they include, and what came beside them. */
  readonly sources: readonly Source[];
}

/** By the step that they come from; reports tell them step by step, and in each input by input. */
export interface ReadingDiagnostics {
  /** About files that come beside the inputs. */
  readonly beside: readonly Diagnostic[];
  readonly reading: readonly Diagnostic[];
  /** About names that a host uses and does not have. */
  readonly references: readonly Diagnostic[];
}

export function inOrder({ beside, reading, references }: ReadingDiagnostics): readonly Diagnostic[] {
  return [...beside, ...reading, ...references];
}

/** Detects, parses and lowers every source, and puts together what describes one host. */
export async function readHosts(sources: readonly Source[], options: ReadHostOptions): Promise<ReadHosts> {
  const diagnostics = {
    beside: [] as Diagnostic[],
    reading: [] as Diagnostic[],
    references: [] as Diagnostic[],
  };
  const tables = options.tables ?? new Map<string, Source>();
  const met = new Map<number, Source>();
  for (const source of [...sources, ...(options.ipsets ?? []), ...tables.values()])
    met.set(source.id, source);
  const include =
    options.include ?? (() => 'no folder is allowed for includes; name one with --include-root');
  const readOptions: ReadOptions = {
    localAddresses: options.localAddresses ?? [],
    bareInterfaces: options.bareInterfaces ?? [],
    tables,
    emptyAnchors: options.emptyAnchors ?? false,
    include: (path, from) => {
      const found = include(path, from);
      if (typeof found !== 'string') for (const source of found) met.set(source.id, source);
      return found;
    },
    definitions: options.definitions ?? new Map<string, string>(),
    ...(options.dialect === undefined ? {} : { dialect: options.dialect }),
  };
  const sets = new Map<string, NamedSet>();
  for (const source of options.ipsets ?? []) {
    const { reading } = (await readSource(source, 'iptables', readOptions, diagnostics.beside)) ?? {};
    for (const [name, set] of reading?.firewall.sets ?? []) sets.set(name, set);
  }
  const read: { readonly input: number; readonly reading: Reading }[] = [];
  const inputs: ReportInput[] = [];
  const inputBySource = new Map<number, number>();
  const together =
    options.host === true
      ? await readTogether(sources, options.inputFormat, readOptions)
      : new Map<Source, Reading>();
  for (const [done, source] of sources.entries()) {
    // Reading is one half, what follows the other.
    options.progress?.(source.path, done, sources.length * 2);
    const found = await readSource(
      source,
      options.inputFormat,
      readOptions,
      diagnostics.reading,
      together.get(source),
    );
    if (found === undefined) continue;
    const { reading } = found;
    inputBySource.set(source.id, inputs.length);
    read.push({ input: inputs.length, reading });
    inputs.push({
      path: source.path,
      format: found.format,
      dialect: reading.firewall.dialect,
      families: reading.families,
      rules: reading.rules,
      understood: reading.understood,
      host: options.host === true ? 0 : inputs.length,
    });
  }
  const inputOf = (source: number): number | undefined => inputBySource.get(source);
  const groups = options.host === true ? (read.length === 0 ? [] : [read]) : read.map((one) => [one]);
  const hosts = groups.map((group): Host => ({
    firewall: mergeFirewalls(
      group.map(({ reading }) => reading.firewall),
      sets,
    ),
    inputs: group.map(({ input }) => input),
    inputOf,
  }));
  for (const host of hosts)
    for (const one of checkReferences(host.firewall)) diagnostics.references.push(one);
  return { hosts, inputs, diagnostics, sources: [...met.values()] };
}

async function readSource(
  source: Source,
  forced: string | undefined,
  options: ReadOptions,
  diagnostics: Diagnostic[],
  known?: Reading,
): Promise<{ readonly format: string; readonly reading: Reading } | undefined> {
  const detected = detectFormat(source, forced);
  if (detected === undefined) {
    diagnostics.push({
      code: 'FW1003',
      severity: 'error',
      ...(isBlank(source.text)
        ? {
            message: `${source.path}: the input is empty`,
            help: 'iptables-save and nft list ruleset print nothing where no table is loaded, and then every packet is accepted; some tools print nothing to others than root.',
          }
        : {
            message: `${source.path}: not recognised as an export of iptables, nftables, pf or Windows Firewall`,
            help: 'fw-audit formats lists what can be read; --input-format NAME forces one.',
          }),
      span: { source: source.id, start: 0, end: 0 },
    });
    return undefined;
  }
  const format = await detected.format.load(source, options.dialect ?? detected.detection.dialect);
  const alone = known ?? format.read(source, detected.detection, options);
  const reading = await withPassages(alone, source, options);
  for (const one of reading.diagnostics) diagnostics.push(one);
  return { format: reading.firewall.format, reading };
}

/** A reading together with those of the passages that other formats read. */
async function withPassages(reading: Reading, source: Source, options: ReadOptions): Promise<Reading> {
  if (reading.passages === undefined) return reading;
  const all = [reading];
  for (const passage of reading.passages) all.push(await readPassage(passage, source, options));
  // A source that says nothing in its own format is one of the other.
  const telling = all.filter(({ firewall }) => firewall.entries.length > 0);
  const firewall = mergeFirewalls((telling.length === 0 ? all : telling).map((one) => one.firewall));
  const assumptions = new Set([...firewall.assumptions, ...all.flatMap((one) => one.firewall.assumptions)]);
  const families = new Set(all.flatMap((one) => one.families));
  for (const family of ['IPv4', 'IPv6'] as const)
    if (families.has(family === 'IPv4' ? 'ipv4' : 'ipv6'))
      assumptions.delete(`${family} is not covered by this input`);
  return {
    firewall: { ...firewall, assumptions: [...assumptions] },
    diagnostics: all.flatMap((one) => one.diagnostics),
    rules: all.reduce((sum, one) => sum + one.rules, 0),
    understood: all.reduce((sum, one) => sum + one.understood, 0),
    families: [...families].sort(),
  };
}

function isBlank(text: string): boolean {
  return !/\S/.test(text);
}

/** Readings of sources that complete each other, where their format reads such sources as one. */
async function readTogether(
  sources: readonly Source[],
  forced: string | undefined,
  options: ReadOptions,
): Promise<ReadonlyMap<Source, Reading>> {
  const groups = new Map<string, { readonly format: Format; readonly inputs: DetectedSource[] }>();
  for (const source of sources) {
    const detected = detectFormat(source, forced);
    if (detected === undefined) continue;
    const group = groups.get(detected.format.name) ?? {
      format: await detected.format.load(source, options.dialect ?? detected.detection.dialect),
      inputs: [],
    };
    groups.set(detected.format.name, group);
    group.inputs.push({ source, detection: detected.detection });
  }
  const readings = new Map<Source, Reading>();
  for (const { format, inputs } of groups.values()) {
    if (inputs.length < 2 || format.readTogether === undefined) continue;
    format.readTogether(inputs, options).forEach((reading, i) => readings.set(inputs[i]!.source, reading));
  }
  return readings;
}
