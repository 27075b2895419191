import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { closedRules, openRules, runBundle, strangeRules, TemporaryFolder } from './run-bundle.ts';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());
const closed = folder.write('closed.rules', closedRules);
const open = folder.write('open.rules', openRules);
const strange = folder.write('strange.rules', strangeRules);

describe('exit codes', () => {
  it('0 when nothing is found', () => {
    const { code, out, err } = runBundle([closed]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('Nothing is open.');
  });

  it('1 at the threshold, 0 above it, whatever the format', () => {
    expect(runBundle([open]).code).toBe(1);
    expect(runBundle([open, '--fail-on', 'none']).code).toBe(0);
    for (const format of ['terminal', 'json', 'sarif', 'junit', 'markdown', 'github', 'csv', 'html']) {
      const { code, out, err } = runBundle([open, '-f', format]);
      expect([format, code, err]).toEqual([format, 1, '']);
      expect(out.length, format).toBeGreaterThan(50);
    }
  });

  it('2 for wrong usage, with a way out and nothing on standard output', () => {
    for (const args of [
      [],
      ['--nonsense', open],
      [open, '-f', 'yaml'],
      [open, '--today', 'tomorrow'],
      ['query', open, 'tcp/99999'],
      [open, '-o', 'report.xyz'],
      [open, '--policy', join(folder.path, 'none.yaml')],
    ]) {
      const { code, out, err } = runBundle(args);
      expect([args, code, out]).toEqual([args, 2, '']);
      expect(err).toMatch(/^fw-audit: /);
    }
  });

  it('2 for a broken policy, with the place', () => {
    const policy = folder.write('broken.yaml', 'version: 1\nallow:\n  - ports: [80/tcp]\n    reson: typo\n');
    const { code, err } = runBundle([open, '--policy', policy]);
    expect(code).toBe(2);
    expect(err).toMatch(/broken\.yaml:4:5 error FW3\d+: /);
    expect(err).toContain('reason');
  });

  it('3 for what cannot be read, with a report of what could', () => {
    const missing = runBundle([join(folder.path, 'missing.rules')]);
    expect([missing.code, missing.out]).toEqual([3, expect.stringContaining('FW1001')]);
    const both = runBundle([join(folder.path, 'missing.rules'), open]);
    expect(both.code).toBe(3);
    expect(both.out).toContain('3092/tcp');
  });

  it('3 for what is not recognised or not understood', () => {
    expect(runBundle([folder.write('prose.txt', 'Dear diary,\n')]).code).toBe(3);
    const { code, out } = runBundle([strange]);
    expect(code).toBe(3);
    expect(out).toContain('3092/tcp');
    expect(out).toContain('possible');
  });

  it('reads standard input', () => {
    const { code, out } = runBundle(['-'], { input: openRules });
    expect(code).toBe(1);
    expect(out).toContain('standard input');
  });

  it('says what a mistyped command may have meant', () => {
    const { code, out } = runBundle(['exlpain', '3092']);
    expect(code).toBe(3);
    expect(out).toContain('If a command was meant: fw-audit explain');
  });
});

describe('output', () => {
  it('goes to files by their ending, in one step, and leaves standard output alone', () => {
    const sarif = join(folder.path, 'r.sarif');
    const markdown = join(folder.path, 'r.md');
    const { code, out, err } = runBundle([open, '-o', sarif, '-o', markdown]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^fw-audit: 1 port open, \d+ findings?; written to .*r\.sarif, .*r\.md\n$/);
    expect(JSON.parse(readFileSync(sarif, 'utf8'))).toMatchObject({ version: '2.1.0' });
    expect(readFileSync(markdown, 'utf8')).toContain('3092');
  });

  it('may go to both: -f to standard output, -o to a file', () => {
    const sarif = join(folder.path, 's.sarif');
    expect(runBundle([open, '-f', 'json', '-o', sarif]).out).toMatch(/^\{\n {2}"schemaVersion": 1,/);
    expect(JSON.parse(readFileSync(sarif, 'utf8'))).toMatchObject({ version: '2.1.0' });
  });

  it('that cannot be written is a usage error', () => {
    const { code, err } = runBundle([open, '-o', join(folder.path, 'no/such/folder/r.json')]);
    expect([code, err]).toEqual([2, expect.stringContaining('cannot write')]);
  });

  it('is the same each time', () => {
    expect(runBundle([open, '-f', 'json']).out).toBe(runBundle([open, '-f', 'json']).out);
  });

  it('has colours only when asked or on a terminal', () => {
    expect(runBundle([open]).out).not.toContain('\u001b');
    expect(runBundle([open, '--color', 'always']).out).toContain('\u001b[');
    expect(runBundle([open], { env: { FORCE_COLOR: '1' } }).out).toContain('\u001b[');
    expect(runBundle([open], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } }).out).not.toContain('\u001b[');
    expect(runBundle([open, '--color', 'never'], { env: { FORCE_COLOR: '1' } }).out).not.toContain('\u001b[');
  });

  it('is ASCII in a locale that has no more', () => {
    expect(runBundle([open], { env: { LC_ALL: 'C' } }).out).toMatch(/^[\n -~]*$/);
  });
});

describe('a baseline', () => {
  it('silences what was known and nothing else', () => {
    const baseline = join(folder.path, 'baseline.json');
    expect(runBundle([open, '--write-baseline', baseline]).code).toBe(1);
    expect(runBundle([open, '--baseline', baseline]).code).toBe(0);
    const more = folder.write(
      'open2.rules',
      openRules.replace('COMMIT', '-A INPUT -p tcp --dport 3093 -j ACCEPT\nCOMMIT'),
    );
    expect(runBundle([more, '--baseline', baseline]).code).toBe(1);
  });
});

describe('folders and patterns', () => {
  it('take every export in them, and pass over the rest', () => {
    const root = join(folder.path, 'hosts');
    mkdirSync(join(root, 'b'), { recursive: true });
    folder.write('hosts/b/rules.v4', openRules);
    folder.write('hosts/a.rules', closedRules);
    folder.write('hosts/README.md', '# Hosts\n');
    const { code, out } = runBundle(['hosts', '-f', 'json'], { cwd: folder.path });
    expect(code).toBe(1);
    const report = JSON.parse(out) as { inputs: { path: string }[] };
    expect(report.inputs.map(({ path }) => path)).toEqual(['hosts/a.rules', 'hosts/b/rules.v4']);
    const pattern = runBundle(['hosts/*/rules.*', '-f', 'json'], { cwd: folder.path });
    expect((JSON.parse(pattern.out) as typeof report).inputs).toHaveLength(1);
    expect(runBundle(['hosts/*.nothing'], { cwd: folder.path }).code).toBe(3);
  });
});

describe('a reader that goes away', () => {
  it('is no error', () => {
    const script = folder.write(
      'head.sh',
      `node "$1" "$2" -f json --expand | head -c 1 >/dev/null; echo "\${PIPESTATUS[0]}"`,
    );
    chmodSync(script, 0o755);
    const many = folder.write(
      'many.rules',
      openRules.replace(
        'COMMIT',
        `${Array.from({ length: 3000 }, (_, i) => `-A INPUT -s 10.0.${i >> 8}.${i & 255} -p tcp --dport ${2 * i + 1} -j ACCEPT`).join('\n')}\nCOMMIT`,
      ),
    );
    const { execFileSync } = process.getBuiltinModule('node:child_process');
    const bundle = join(import.meta.dirname, '../../dist/fw-audit.js');
    expect(execFileSync('bash', [script, bundle, many], { encoding: 'utf8' }).trim()).toBe('1');
  });
});
