import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Io } from '../../src/cli/io.ts';
import { nodeIo } from '../../src/cli/node-io.ts';

const real = nodeIo();

/** A real file system with a data folder of its own, and captured output. */
export function commandIo(changes: Partial<Io> = {}): {
  io: Io;
  out: () => string;
  err: () => string;
  data: string;
} {
  let out = '';
  let err = '';
  const data = mkdtempSync(join(tmpdir(), 'fw-audit-data-'));
  const io: Io = {
    ...real,
    stdout: (text) => void (out += text),
    stderr: (text) => void (err += text),
    env: { XDG_DATA_HOME: data },
    isTTY: false,
    columns: 100,
    color: false,
    unicode: true,
    ...changes,
  };
  return { io, out: () => out, err: () => err, data };
}
