// Builds the command line: the bundle's chunks in packs of what is used together, with compiled code (see launcher.cjs).
import { build, transform } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What is packed together, the most usual first: a chunk goes to the first sample that loads it. */
const samples = [
  { pack: 'start', args: ['fixtures/iptables/web-server/input.rules'] },
  { pack: 'options', args: ['--no-policy', 'fixtures/iptables/web-server/input.rules'] },
  {
    pack: 'nftables',
    args: ['--no-policy', '--input-format', 'nftables', '-'],
    input:
      'table inet f { chain i { type filter hook input priority 0; policy drop; tcp dport { 22, 80 } accept; ct state established accept; }; }\n',
  },
  {
    pack: 'pf',
    args: ['--no-policy', '--input-format', 'pf', '-'],
    input:
      'set skip on lo0\next = "em0"\nblock in all\npass in on $ext proto tcp from any to any port { 22, 80 } keep state\n',
  },
  { pack: 'json', args: ['--no-policy', '-f', 'json', 'fixtures/iptables/web-server/input.rules'] },
];

export async function buildCli(folder) {
  const chunks = await commonJsChunks();
  const work = mkdtempSync(join(tmpdir(), 'fw-audit-build-'));
  try {
    // First every chunk alone, to learn which ones the samples load.
    const alone = new Map([...chunks.keys()].map((chunk) => [chunk, chunk.replace(/\.js$/, '')]));
    const trial = join(work, 'trial');
    writeProgram(trial, chunks, alone);
    const packs = new Map(alone);
    const packed = new Set();
    for (const sample of samples) {
      for (const chunk of run(trial, work, sample)) {
        if (packed.has(chunk)) continue;
        packed.add(chunk);
        packs.set(chunk, sample.pack);
      }
    }
    const named = withHashes(chunks, packs);
    const made = join(work, 'made');
    writeProgram(made, chunks, named);
    // The last run on a pack keeps its code, so the most usual sample comes last.
    for (const sample of [...samples].reverse()) run(made, work, sample);
    for (const pack of new Set(named.values())) {
      if (!samples.some((sample) => pack.startsWith(`${sample.pack}-`)))
        rmSync(join(made, 'packs', `${pack}.js.code`), { force: true });
    }
    writeFileSync(join(made, 'fw-audit.1'), await manual(work));
    return filesBelow(made).map(({ path, contents }) => ({ path: resolve(folder, path), contents }));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The manual page; SOURCE_DATE_EPOCH (reproducible-builds.org) fixes its date. */
async function manual(work) {
  const outfile = join(work, 'manual.mjs');
  await build({ entryPoints: ['src/cli/manual.ts'], outfile, bundle: true, format: 'esm', platform: 'node' });
  const { manualPage } = await import(pathToFileURL(outfile).href);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const epoch = process.env.SOURCE_DATE_EPOCH;
  const date = epoch === undefined ? new Date() : new Date(Number(epoch) * 1000);
  return manualPage(version, date.toISOString().slice(0, 10));
}

/** The bundle, split where parts load lazily, each chunk as CommonJS: esbuild splits ES modules only. */
async function commonJsChunks() {
  const { outputFiles } = await build({
    entryPoints: { 'fw-audit': 'src/cli/main.ts' },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    chunkNames: '[name]-[hash]',
    alias: { 'string-width': resolve('scripts/string-width.mjs') },
    logLevel: 'warning',
    write: false,
  });
  const converted = outputFiles.map(async ({ path, text }) => {
    const { code } = await transform(text, {
      format: 'cjs',
      platform: 'node',
      target: 'node20.19',
      supported: { 'dynamic-import': false },
      define: { 'import.meta.url': 'here' },
      minifySyntax: true,
      minifyWhitespace: true,
      charset: 'ascii',
    });
    return [basename(path), code];
  });
  return new Map(await Promise.all(converted));
}

/** Pack names that change with their content, so that a program being replaced never mixes two builds. */
function withHashes(chunks, packs) {
  const contents = new Map();
  for (const [chunk, pack] of packs) contents.set(pack, (contents.get(pack) ?? '') + chunks.get(chunk));
  return new Map(
    [...packs].map(([chunk, pack]) => {
      const hash = createHash('sha256').update(contents.get(pack)).digest('hex').slice(0, 8);
      return [chunk, chunks.has(`${pack}.js`) ? pack : `${pack}-${hash}`];
    }),
  );
}

function writeProgram(folder, chunks, packs) {
  mkdirSync(join(folder, 'packs'), { recursive: true });
  const texts = new Map();
  for (const [chunk, pack] of packs) {
    const definition = `${JSON.stringify(chunk)}(exports,require,module,here){${chunks.get(chunk)}}`;
    texts.set(pack, [...(texts.get(pack) ?? []), definition]);
  }
  for (const [pack, definitions] of texts)
    writeFileSync(join(folder, 'packs', `${pack}.js`), `({${definitions.join(',\n')}})`);
  const launcher = readFileSync('scripts/launcher.cjs', 'utf8').replace(
    '__PACKS__',
    JSON.stringify(Object.fromEntries(packs)),
  );
  writeFileSync(join(folder, 'fw-audit.js'), launcher);
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}\n');
}

function run(program, work, { args, input = '' }) {
  const result = join(work, 'loaded.json');
  rmSync(result, { force: true });
  const script = resolve('scripts/warm-up.cjs');
  const { NODE_OPTIONS: _options, ...env } = process.env;
  try {
    execFileSync(process.execPath, [script, join(program, 'fw-audit.js'), result, ...args], {
      input,
      stdio: ['pipe', 'ignore', 'ignore'],
      env,
    });
  } catch {
    // The exit code is the audit's, not a failure; a sample that loads nothing only costs speed.
  }
  return existsSync(result) ? JSON.parse(readFileSync(result, 'utf8')) : [];
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      return { path: path.slice(folder.length + 1), contents: readFileSync(path) };
    });
}
