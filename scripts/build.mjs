// Builds dist/: one small entry, and chunks that load only when a format, command or reporter is met.
import { build } from 'esbuild';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildPorts } from './build-ports.mjs';
import { buildSchemas } from './build-schemas.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
await Promise.all([buildPorts(), buildSchemas()]);
const entries = { 'fw-audit': 'src/cli/main.ts', index: 'src/index.ts' };
const present = Object.fromEntries(Object.entries(entries).filter(([, path]) => existsSync(path)));
if (Object.keys(present).length > 0) {
  rmSync('dist', { recursive: true, force: true });
  await build({
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
  });
  chmodSync('dist/fw-audit.js', 0o755);
}
