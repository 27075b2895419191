// Writes src/generated/engine.ts, the packet-set engine of src/packets/engine as WebAssembly, if what it is made of has changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = `${root}src/packets/engine`;
const generated = `${root}src/generated/engine.ts`;

/** Safe to call from several processes at once: the file is replaced in one step. */
export async function buildEngine() {
  const { version } = createRequire(import.meta.url)('assemblyscript/package.json');
  const hash = createHash('sha256')
    .update(version)
    .update(readFileSync(fileURLToPath(import.meta.url)));
  for (const name of readdirSync(sources).sort()) hash.update(readFileSync(`${sources}/${name}`));
  const stamp = `// ${hash.digest('hex')}\n`;
  if (existsSync(generated) && readFileSync(generated, 'utf8').startsWith(stamp)) return;
  // The compiler is large, and mostly there is nothing to compile.
  const { default: asc } = await import('assemblyscript/asc');
  let code;
  const { error, stderr } = await asc.main(
    [
      'index.ts',
      ...['--baseDir', sources, '--outFile', 'engine.wasm', '-O3', '--noAssert'],
      // No objects of the runtime: memory.ts hands out all room.
      ...['--runtime', 'stub'],
      ...[
        '--importMemory',
        '--sharedMemory',
        '--maximumMemory',
        '65536',
        '--zeroFilledMemory',
        '--enable',
        'threads',
      ],
    ],
    { writeFile: (_name, contents) => void (code = contents) },
  );
  if (error !== null) throw new Error(`the engine does not compile:\n${stderr}`);
  mkdirSync(`${root}src/generated`, { recursive: true });
  const text = Buffer.from(code).toString('base64');
  const temporary = `${generated}.${process.pid}.tmp`;
  writeFileSync(temporary, `${stamp}export const engineCode =\n  '${text}';\n`);
  renameSync(temporary, generated);
}
