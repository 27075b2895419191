// Builds dist/: one small entry, and chunks that load only when a format, command or reporter is met.
import { build } from 'esbuild';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPorts } from './build-ports.mjs';
import { buildSchemas } from './build-schemas.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
await Promise.all([buildPorts(), buildSchemas()]);
const entries = { 'fw-audit': 'src/cli/main.ts', index: 'src/index.ts' };
const present = Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(path)));
if (Object.keys(present).length > 0) {
  const { outputFiles } = await build({
    entryPoints: present,
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    chunkNames: 'chunks/[name]-[hash]',
    // Some CommonJS packages in the bundle call require() for Node's own modules.
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    logLevel: 'warning',
    write: false,
  });
  replaceFolder('dist', outputFiles);
  chmodSync('dist/fw-audit.js', 0o755);
}

/** Writes chunks before the entries that import them, each in one step, and only then removes what is no longer made: whoever runs dist/ meanwhile finds a whole program. */
function replaceFolder(folder, files) {
  mkdirSync(join(folder, 'chunks'), { recursive: true });
  const byDepth = [...files].sort((a, b) => b.path.split(sep).length - a.path.split(sep).length);
  for (const { path, contents } of byDepth) {
    if (existsSync(path) && Buffer.compare(readFileSync(path), contents) === 0) continue;
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, contents);
    renameSync(temporary, path);
  }
  const made = new Set(files.map(({ path }) => path));
  for (const name of readdirSync(folder, { recursive: true })) {
    const path = resolve(folder, name);
    if (/\.js$/.test(name) && !made.has(path)) rmSync(path, { force: true });
  }
}
