import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bundle, runBundle, TemporaryFolder } from './run-bundle.ts';

const input = resolve('fixtures/iptables/web-server/input.rules');
const folder = new TemporaryFolder();
afterAll(() => {
  folder.remove();
});

/** A copy of dist/ whose compiled code was changed. */
function copied(name: string, change: (file: string) => void): string {
  const copy = join(folder.path, name);
  cpSync(dirname(bundle), copy, { recursive: true });
  const codes = readdirSync(join(copy, 'packs')).filter((file) => file.endsWith('.code'));
  expect(codes.length).toBeGreaterThan(3);
  for (const file of codes) change(join(copy, 'packs', file));
  return join(copy, 'fw-audit.js');
}

function output(program: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, input], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(1);
  return stdout;
}

describe('compiled code beside the packs', () => {
  const expected = output(bundle);

  it('is not needed', () => {
    expect(output(copied('without', rmSync))).toBe(expected);
  });

  it('of another V8 is ignored', () => {
    const spoil = (file: string): void => {
      writeFileSync(file, Buffer.alloc(1000, 0x55));
    };
    expect(output(copied('spoiled', spoil))).toBe(expected);
  });
});

/** Whether a run loads code of Chevrotain, which names its exceptions in messages. */
function loadsChevrotain(file: string): boolean {
  const script = `
    process.argv.splice(1, 0, 'fw-audit');
    const { scripts } = require(${JSON.stringify(bundle)});
    process.on('exit', () => process.stderr.write([...scripts.keys()].join('\\n')));`;
  const { stderr } = spawnSync(process.execPath, ['-e', script, '--', '--no-policy', file], {
    encoding: 'utf8',
  });
  const packs = stderr.split('\n');
  expect(packs[0]).toContain('start');
  return packs.some((pack) => readFileSync(pack, 'utf8').includes('NoViableAltException'));
}

describe('Chevrotain', () => {
  it('is not loaded for plain lines of iptables-save', () => {
    expect(loadsChevrotain(input)).toBe(false);
  });

  it('is loaded for other lines', () => {
    expect(loadsChevrotain(resolve('fixtures/iptables/lines-by-hand/input.rules'))).toBe(true);
  });
});

describe('every part finds its pack', () => {
  const formats = 'terminal json markdown html sarif junit csv github'.split(' ');
  it.each(formats)('--format %s', (format) => {
    const { code, out, err } = runBundle(['--no-policy', '--format', format, input]);
    expect(err).toBe('');
    expect(code).toBe(1);
    expect(out).not.toBe('');
  });

  it.each([
    ['query', input, 'tcp/22'],
    ['explain', '3092'],
    ['ports', '8000-8010'],
    ['registry'],
    ['formats'],
    ['formats', 'iptables'],
    ['completion', 'bash'],
    ['policy', 'init', '--no-policy', input],
    ['--help'],
    ['--version'],
  ])('%s %s', (...args) => {
    const { code, out, err } = runBundle(args, { cwd: folder.path });
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).not.toBe('');
  });
});
