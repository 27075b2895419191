/**
 * `npm run bench [-- --quick]`: whole-process time and peak memory of the shipped bundle, each beside the kernel's own tool on the same
 * file and beside an empty Node process, in the same run. Quick leaves out 100,000 rules and large JSON reports: some two minutes at most.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { generateJustified, generateRules, type Shape } from './generate.ts';

const folder = 'bench/out';
const bundle = 'dist/fw-audit.js';
const quick = process.argv.includes('--quick');
// A proxy's certificates make every Node start slower; they are no part of what is measured.
const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, ...environment } = process.env;

interface Measurement {
  readonly name: string;
  readonly rules: number;
  /** Milliseconds, median of `runs`. */
  readonly milliseconds: number;
  readonly megabytes: number;
  readonly runs: number;
  readonly beside: string;
  /** Milliseconds of the tool it is compared with; null where that cannot run here. */
  readonly besideMilliseconds: number | null;
}

/** Milliseconds after which a run counts as failed. */
const limit = 300_000;

function time(command: readonly string[], runs: number): number | null {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    const { status, error } = spawnSync(command[0]!, command.slice(1), {
      stdio: 'ignore',
      env: environment,
      timeout: limit,
    });
    times.push(performance.now() - start);
    if (error !== undefined || status === null || ![0, 1].includes(status)) return null;
  }
  return times.sort((a, b) => a - b)[runs >> 1]!;
}

interface MeasuredRun {
  readonly milliseconds: number;
  readonly megabytes: number;
}

/** One run of fw-audit, with its peak memory; noting that down costs some 20 ms. Undefined if it failed or took too long. */
function runWithMemory(args: readonly string[]): MeasuredRun | undefined {
  const file = `${folder}/memory`;
  rmSync(file, { force: true });
  const env = { ...environment, FW_AUDIT_BENCH_MEMORY: file };
  const start = performance.now();
  const { status } = spawnSync(process.execPath, ['--import', './bench/report-memory.mjs', bundle, ...args], {
    stdio: 'ignore',
    env,
    timeout: limit,
  });
  const milliseconds = performance.now() - start;
  if (status === null || ![0, 1].includes(status)) return undefined;
  return { milliseconds, megabytes: Number(readFileSync(file, 'utf8')) / 1e6 };
}

/** Milliseconds beyond which one run says enough. */
const long = 5_000;

/** Undefined where JSON of so many rules would be longer than fw-audit writes. */
function measureRules(shape: Shape, rules: number, format: 'terminal' | 'json'): Measurement | undefined {
  const file = `${folder}/${shape}-${rules}.rules`;
  writeFileSync(file, generateRules(shape, rules));
  const args = [file, '--format', format, '--no-policy', '--fail-on', 'none'];
  const first = runWithMemory(args);
  const runs = first === undefined || first.milliseconds > long ? 1 : quick ? 3 : 5;
  const milliseconds = runs === 1 ? first?.milliseconds : time([process.execPath, bundle, ...args], runs);
  if (first === undefined && format === 'json') return undefined;
  if (first === undefined || milliseconds === undefined || milliseconds === null)
    throw new Error(`fw-audit failed on ${file}, or took more than ${limit / 1000} s`);
  // In a network namespace of its own: nothing of this machine's firewall is read or touched.
  const besideMilliseconds = time(['unshare', '--net', 'iptables-legacy-restore', '--test', file], 3);
  rmSync(file, { force: true });
  return {
    name: `${shape}, ${format === 'json' ? 'JSON' : 'table'}`,
    rules,
    milliseconds,
    megabytes: first.megabytes,
    runs,
    beside: 'iptables-legacy-restore --test',
    besideMilliseconds,
  };
}

/** As many rules as entries of a policy that justifies them, beside the same without the policy. */
function measurePolicy(rules: number): Measurement {
  const file = `${folder}/justified.rules`;
  const policy = `${folder}/justified.yaml`;
  const text = generateJustified(rules);
  writeFileSync(file, text.rules);
  writeFileSync(policy, text.policy);
  const args = [file, '--policy', policy];
  const milliseconds = time([process.execPath, bundle, ...args], 5);
  const memory = runWithMemory(args);
  const besideMilliseconds = time([process.execPath, bundle, file, '--no-policy'], 5);
  if (milliseconds === null || memory === undefined)
    throw new Error(`fw-audit failed on ${file} with ${policy}`);
  for (const made of [file, policy]) rmSync(made, { force: true });
  return {
    name: `policy of ${rules.toLocaleString('en')} entries`,
    rules,
    milliseconds,
    megabytes: memory.megabytes,
    runs: 5,
    beside: 'fw-audit without policy',
    besideMilliseconds,
  };
}

/** Plain words need no option parser, so a start with options is measured too. */
function measureStart(name: string, given: readonly string[]): Measurement {
  const file = `${folder}/small.rules`;
  writeFileSync(file, generateRules('host', 12));
  const args = [file, ...given];
  const runs = quick ? 11 : 31;
  // Turn by turn, so that a busy moment of the machine weighs on both.
  const own: number[] = [];
  const empty: number[] = [];
  for (let i = 0; i < runs; i++) {
    own.push(time([process.execPath, bundle, ...args], 1)!);
    empty.push(time([process.execPath, '-e', '0'], 1)!);
  }
  const median = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1]!;
  return {
    name,
    rules: 12,
    milliseconds: median(own),
    megabytes: runWithMemory(args)?.megabytes ?? NaN,
    runs,
    beside: 'node -e 0',
    besideMilliseconds: median(empty),
  };
}

const columns = [
  ['rule set', 22],
  ['rules', 7],
  ['time', 9],
  ['memory', 8],
  ['beside', 40],
  ['ratio', 8],
] as const;

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell, i) => cell.padEnd(columns[i]![1])).join(' | ')} |\n`;
}

function rowOf({
  name,
  rules,
  milliseconds,
  megabytes,
  beside,
  besideMilliseconds: other,
}: Measurement): string {
  return line([
    name,
    rules.toLocaleString('en'),
    `${milliseconds.toFixed(0)} ms`,
    `${megabytes.toFixed(0)} MB`,
    other === null ? `${beside}: cannot run here` : `${beside}: ${other.toFixed(0)} ms`,
    other === null ? '' : `${(milliseconds / other).toFixed(2)} ×`,
  ]);
}

mkdirSync(folder, { recursive: true });
execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
const sizes = quick ? [1_000, 10_000] : [1_000, 10_000, 100_000];
const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 1e9)} GB`;
const date = new Date().toISOString().slice(0, 10);
process.stdout.write(`${machine} · Node ${process.version} · ${date}\n\n`);
process.stdout.write(
  line(columns.map(([name]) => name)) + line(columns.map(([, width]) => '-'.repeat(width))),
);
const rows: Measurement[] = [];
const add = (row: Measurement): void => {
  rows.push(row);
  process.stdout.write(rowOf(row));
};
add(measureStart('start, file only', []));
add(measureStart('start, with options', ['--no-policy', '--fail-on', 'none']));
add(measurePolicy(5_000));
for (const size of sizes) {
  for (const shape of ['host', 'router'] as const) {
    add(measureRules(shape, size, 'terminal')!);
    // A report in JSON holds every row in full, which takes a large rule set far longer than what a person is shown.
    if (quick && size > 1_000) continue;
    const json = measureRules(shape, size, 'json');
    if (json !== undefined) add(json);
    else
      process.stdout.write(
        `${shape}, JSON, ${size.toLocaleString('en')} rules: no report, it would be too long\n`,
      );
  }
}
writeFileSync(
  `${folder}/results.json`,
  `${JSON.stringify({ machine, node: process.version, date, rows }, null, 2)}\n`,
);
