// Builds dist/: the library as ES modules, and the command line in packs that start fast.
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
import { dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildCli } from './build-cli.mjs';
import { buildEngine } from './build-engine.mjs';
import { buildPorts } from './build-ports.mjs';
import { buildSchemas } from './build-schemas.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
await Promise.all([buildEngine(), buildPorts(), buildSchemas()]);
const library = await build({
  entryPoints: { index: 'src/index.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
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
replaceFolder('dist', [...library.outputFiles, ...(await buildCli('dist'))]);
chmodSync('dist/fw-audit.js', 0o755);

/** Writes chunks before the entries that import them, each in one step, and only then removes what is no longer made: whoever runs dist/ meanwhile finds a whole program. */
function replaceFolder(folder, files) {
  for (const { path } of files) mkdirSync(dirname(path), { recursive: true });
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
    if (/\.(m?js|code)$/.test(name) && !made.has(path)) rmSync(path, { force: true });
  }
}
