import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { bundle, closedRules, openRules, runBundle, TemporaryFolder } from './run-bundle.ts';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());
const open = folder.write('open.rules', openRules);
const closed = folder.write('closed.rules', closedRules);

describe('-o', () => {
  it('- is standard output', () => {
    const { code, out } = runBundle([open, '-f', 'json', '-o', '-'], { cwd: folder.path });
    expect([code, JSON.parse(out)]).toMatchObject([1, { schemaVersion: 1 }]);
    const changes = runBundle(['diff', closed, open, '-f', 'json', '-o', '-'], { cwd: folder.path });
    expect(JSON.parse(changes.out)).toMatchObject({ summary: { opened: 1 } });
    expect(existsSync(join(folder.path, '-'))).toBe(false);
  });

  it.each([
    ['explain.json', ['explain', '3092'], 0],
    ['explain.md', ['explain', '3092'], 0],
    ['ports.csv', ['ports', '80-90'], 0],
    ['query.json', ['query', open, '3092/tcp'], 0],
    ['registry.json', ['registry'], 0],
    ['formats.json', ['formats'], 0],
  ])('writes %s, in the format that the ending names', (name, args, code) => {
    const path = join(folder.path, name);
    const run = runBundle([...args, '-o', path]);
    expect([run.code, run.out, run.err]).toEqual([code, '', '']);
    const ending = name.replace(/^.*\./, '');
    const shown = runBundle([...args, '-f', ending === 'md' ? 'markdown' : ending]);
    expect(readFileSync(path, 'utf8')).toBe(shown.out);
  });

  it('says what it cannot write', () => {
    for (const args of [[open], ['explain', '22'], ['diff', open, closed]]) {
      const { code, out, err } = runBundle([...args, '-o', join(folder.path, 'none', 'a.json')]);
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(/cannot write .*a\.json: no such file or folder/);
    }
  });
});

describe.skipIf(!existsSync('/dev/full'))('a full disk', () => {
  it.each([[[open]], [['explain', '22']], [['--help']]])('%j ends with 2 and one line', (args) => {
    const command = `"$0" "$@" > /dev/full`;
    const { status, stderr } = spawnSync('sh', ['-c', command, process.execPath, bundle, ...args], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([2, 'fw-audit: cannot write the answer: no space left\n']);
  });
});

describe.skipIf(process.platform !== 'linux')('too little address space', () => {
  it('ends with 2 and says which limit to lift', () => {
    const command = `ulimit -v 8000000; exec "$0" "$@"`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath, bundle, open], {
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^fw-audit: packet sets need 10 GB of address space .*\(ulimit -v unlimited\)\n$/);
  });
});

describe('nothing to audit is never clean', () => {
  it('a folder or pattern without any export', () => {
    mkdirSync(join(folder.path, 'empty'));
    mkdirSync(join(folder.path, 'notes'));
    folder.write('notes/read.me', 'hello\n');
    for (const path of ['empty', 'notes', 'notes/*']) {
      const { code, out } = runBundle([path], { cwd: folder.path });
      expect([path, code]).toEqual([path, 3]);
      expect(out).toContain(`FW1003: ${path}: no file found there is an export`);
    }
  });

  it('an export beside it is still told', () => {
    const { code, out } = runBundle(['notes', closed], { cwd: folder.path });
    expect(code).toBe(3);
    expect(out).toContain('No open port was found in what could be read');
  });

  it('an empty input, with what that may mean', () => {
    const { code, out } = runBundle(['-'], { input: '\n' });
    expect(code).toBe(3);
    expect(out).toContain('the input is empty');
    expect(out).toContain('every packet is accepted');
  });

  it('a side of diff that was not read', () => {
    const { code, out } = runBundle(['diff', open, 'none'], { cwd: folder.path });
    expect(code).toBe(3);
    expect(out).toContain('Nothing was compared: no export was read of the side after.');
  });

  it('a ceiling of nodes', () => {
    const { code, out } = runBundle([open, '--max-nodes', '3']);
    expect(code).toBe(3);
    expect(out).toContain('What is open is not known.');
    expect(out).toContain('Not everything that is open is known');
    expect(out).not.toContain('No port open');
  });
});

describe('query says what an answer hangs on', () => {
  const answer = (...args: readonly string[]): { verdict: string; conditions: readonly string[] } =>
    JSON.parse(runBundle(['query', ...args, '-f', 'json']).out) as never;

  it('and names only the fields that matter', () => {
    const rules = folder.write(
      'fields.rules',
      closedRules.replace(
        'COMMIT',
        `-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp --dport 22 -s 10.0.0.0/8 -j ACCEPT
-A INPUT -p tcp --dport 80 -i eth0 -j ACCEPT
-A INPUT -p icmp --icmp-type 8 -j ACCEPT
COMMIT`,
      ),
    );
    const left = (fields: string) => ({
      verdict: 'conditional',
      conditions: [`what the question leaves open: ${fields}`],
    });
    expect(answer(rules, '22/tcp')).toMatchObject(left('source'));
    expect(answer(rules, '80/tcp')).toMatchObject(left('inInterface'));
    expect(answer(rules, '--protocol', 'icmp')).toMatchObject(left('icmpType'));
    expect(answer(rules, '23/tcp')).toMatchObject({ verdict: 'deny', conditions: [] });
  });
});

it('lint tells of more rules than a stack holds arguments', () => {
  const dead = Array.from({ length: 130_000 }, (_, i) => `-A INPUT -p tcp --dport ${i % 60_000} -j ACCEPT`);
  const rules = folder.write(
    'dead.rules',
    openRules.replace('COMMIT', `-A INPUT -j DROP\n${dead.join('\n')}\nCOMMIT`),
  );
  const { code, out, err } = runBundle(['lint', rules]);
  expect([code, err]).toEqual([1, '']);
  expect(out).toContain('130,000 findings');
}, 60_000);
