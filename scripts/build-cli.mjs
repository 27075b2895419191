// Builds the command line: the bundle's chunks in packs of what is used together, with compiled code (see launcher.cjs).
import { build } from 'esbuild';
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
import { fileURLToPath, pathToFileURL } from 'node:url';

function fixture(path) {
  const found = fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));
  if (!existsSync(found))
    throw new Error(`scripts/build-cli.mjs: there is no fixtures/${path} any more; name another`);
  return found;
}

/** What is packed together, the most usual first: chunks that the same samples load, except that the first takes all of its own. */
const samples = [
  { pack: 'start', args: [fixture('iptables/web-server/input.rules')] },
  { pack: 'json', args: ['-f', 'json', fixture('iptables/web-server/input.rules')] },
  { pack: 'sarif', args: ['-f', 'sarif', fixture('iptables/web-server/input.rules')] },
  { pack: 'yargs', args: ['--help'] },
  { pack: 'lines', args: [fixture('iptables/lines-by-hand/input.rules')] },
  { pack: 'script', args: [fixture('iptables/script/input.sh')] },
  { pack: 'nftables', args: [fixture('nftables/docker/input.nft')] },
  { pack: 'pf', args: [fixture('pf/p09-port-operators/input.conf')] },
  {
    pack: 'policy',
    args: ['--policy', fixture('repo/fw-audit.yaml'), fixture('iptables/web-server/input.rules')],
  },
  { pack: 'windows', args: [fixture('windows/twelve-reg/input.reg')] },
  { pack: 'windows', args: [fixture('windows/twelve-json-names/input.json')] },
];

export async function buildCli(folder) {
  const program = await bundle();
  const work = mkdtempSync(join(tmpdir(), 'fw-audit-build-'));
  try {
    // First every chunk alone, to learn which ones the samples load.
    const alone = new Map([...program.keys()].map((chunk) => [chunk, chunk.replace(/\.js$/, '')]));
    const trial = join(work, 'trial');
    await writeProgram(trial, program, alone);
    const loaders = new Map();
    for (const sample of samples) {
      for (const chunk of run(trial, work, sample))
        loaders.set(chunk, new Set([...(loaders.get(chunk) ?? []), sample.pack]));
    }
    const packs = new Map(alone);
    for (const [chunk, names] of loaders) {
      const [first] = samples;
      packs.set(chunk, names.has(first.pack) ? first.pack : [...names].join('+'));
    }
    const made = join(work, 'made');
    const names = await writeProgram(made, program, packs);
    const codeOf = (pack) => join(made, 'packs', `${names.get(pack)}.js.code`);
    // A run adds the functions it ran to the code of the packs it loaded. All of a pack's code is loaded with it, so that of the first
    // pack, which every run loads, is only what the most usual runs need.
    const [first, second, ...others] = samples;
    for (const sample of others) run(made, work, sample);
    rmSync(codeOf(first.pack), { force: true });
    for (const sample of [second, first]) run(made, work, sample);
    const loaded = new Set([...loaders.keys()].map((chunk) => packs.get(chunk)));
    for (const pack of names.keys()) if (!loaded.has(pack)) rmSync(codeOf(pack), { force: true });
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

const target = 'node20.19';

/** What is run: the command line, and each thread that it starts. */
const entries = ['fw-audit.js', 'host-worker.js', 'engine-worker.js'];

/** The bundle, split where parts load lazily: the text of each chunk, an ES module, and the chunks that it imports. */
async function bundle() {
  const { outputFiles, metafile } = await build({
    entryPoints: {
      'fw-audit': 'src/cli/main.ts',
      'host-worker': 'src/cli/host-worker.ts',
      'engine-worker': 'src/cli/engine-worker.ts',
    },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    chunkNames: '[name]-[hash]',
    alias: { 'string-width': resolve('scripts/string-width.mjs') },
    logLevel: 'warning',
    metafile: true,
    write: false,
  });
  const imports = new Map(
    Object.entries(metafile.outputs).map(([path, output]) => [
      basename(path),
      output.imports.map((imported) => basename(imported.path)),
    ]),
  );
  return new Map(
    outputFiles.map(({ path, text }) => [basename(path), { text, imports: imports.get(basename(path)) }]),
  );
}

/**
 * Writes a program and returns the file of each pack. A file's name changes with its content, so that a program being replaced never
 * mixes two builds.
 */
async function writeProgram(folder, program, packs) {
  mkdirSync(join(folder, 'packs'), { recursive: true });
  const named = async (pack) => {
    const text = await packText(pack, program, packs);
    const name = `${pack}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
    writeFileSync(join(folder, 'packs', `${name}.js`), text);
    return [pack, name];
  };
  const names = new Map(await Promise.all([...new Set(packs.values())].map(named)));
  const places = JSON.stringify(
    Object.fromEntries([...packs].map(([chunk, pack]) => [chunk, names.get(pack)])),
  );
  const launcher = readFileSync('scripts/launcher.cjs', 'utf8').replace('__PACKS__', places);
  for (const entry of entries) writeFileSync(join(folder, entry), launcher.replace('__ENTRY__', entry));
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  return names;
}

/**
 * A function that takes CommonJS's names and exports, for every chunk of the pack that others import, a function that runs the chunk
 * and returns its exports. Inside the pack esbuild links the chunks, each of which still runs when it is first needed.
 */
async function packText(pack, program, packs) {
  const wanted = new Set(entries);
  for (const [chunk, { imports }] of program)
    for (const imported of imports) if (packs.get(imported) !== packs.get(chunk)) wanted.add(imported);
  const entry = [...packs]
    .filter(([chunk, name]) => name === pack && wanted.has(chunk))
    .map(([chunk]) => `exports[${JSON.stringify(chunk)}] = () => require(${JSON.stringify(`./${chunk}`)});`);
  const { outputFiles } = await build({
    stdin: { contents: entry.join('\n') },
    plugins: [{ name: 'chunks', setup: (setup) => chunksOf(setup, pack, program, packs) }],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target,
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'here.url' },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    charset: 'ascii',
    logLevel: 'warning',
    write: false,
  });
  return `(function(exports,require,module,here){${outputFiles[0].text}})`;
}

/** esbuild's view of a pack: its chunks are there, those of other packs are asked for when the program runs. */
function chunksOf({ onResolve, onLoad }, pack, program, packs) {
  onResolve({ filter: /^\.\// }, ({ path }) =>
    packs.get(basename(path)) === pack
      ? { path: basename(path), namespace: 'chunk' }
      : { path, external: true },
  );
  onLoad({ filter: /.*/, namespace: 'chunk' }, ({ path }) => ({ contents: program.get(path).text }));
}

function run(program, work, { args }) {
  const result = join(work, 'loaded.json');
  rmSync(result, { force: true });
  const script = resolve('scripts/warm-up.cjs');
  const { NODE_OPTIONS: _options, ...env } = process.env;
  try {
    execFileSync(process.execPath, [script, join(program, 'fw-audit.js'), result, ...args], {
      // Where no policy is near.
      cwd: work,
      stdio: 'ignore',
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
