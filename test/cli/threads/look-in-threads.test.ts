import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateRules } from '../../../bench/generate.ts';
import type { Io, Threads } from '../../../src/cli/io.ts';
import { nodeIo } from '../../../src/cli/node-io.ts';
import { run } from '../../../src/cli/run.ts';

const program = pathToFileURL(resolve('dist/host-worker.js'));
const folder = mkdtempSync(join(tmpdir(), 'fw-audit-threads-'));
const home = process.cwd();

/** All that a run shows, writes and ends with. */
interface Outcome {
  readonly code?: number;
  readonly thrown?: string;
  readonly out: string;
  readonly err: string;
  readonly files: Readonly<Record<string, string>>;
}

async function outcome(args: readonly string[], threads: Io['threads']): Promise<Outcome> {
  let [out, err] = ['', ''];
  const files: Record<string, string> = {};
  const { threads: _real, progress: _silent, ...real } = nodeIo();
  const io: Io = {
    ...real,
    columns: 120,
    unicode: true,
    color: false,
    env: {},
    stdout: (text) => void (out += text),
    stderr: (text) => void (err += text),
    writeFile: (path, content) => void (files[path] = [content].flat().join('')),
    ...(threads === undefined ? {} : { threads }),
  };
  try {
    return {
      code: await run(args[0] === 'lint' ? args : [...args, '--today', '2026-11-23'], io),
      out,
      err,
      files,
    };
  } catch (error) {
    const { name, message } = error as Error;
    return { thrown: `${name}: ${message}`, out, err, files };
  }
}

/** How often threads were asked for, and given. */
let started = 0;

async function bothWays(...args: readonly string[]): Promise<Outcome> {
  const alone = await outcome(args, undefined);
  const before = started;
  const together = await outcome(args, (): Threads => {
    started++;
    return { count: 3, program };
  });
  expect(started, 'threads were used').toBe(before + 1);
  expect(together).toEqual(alone);
  return alone;
}

const formats = ['terminal', 'json', 'sarif', 'junit', 'markdown', 'github', 'csv', 'html'];

/** A file of each of the others. */
const written = ['json', 'sarif', 'xml', 'md', 'csv', 'html'].flatMap((ending) => ['-o', `report.${ending}`]);

const translating = `*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -d 192.0.2.1/32 -p tcp -m tcp --dport 8000:8100 -j DNAT --to-destination 10.0.0.5:80
-A PREROUTING -p udp -m udp --dport 5353 -j REDIRECT --to-ports 53
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
-A INPUT -p udp -m udp --dport 53 -m limit --limit 5/min -j ACCEPT
-A INPUT -m set --match-set admins src -p tcp -m tcp --dport 22 -j ACCEPT
-A FORWARD -d 10.0.0.5/32 -p tcp -m tcp --dport 80 -m comment --comment "fw-audit: ignore[FW2001,wide-range] the web farm" -j ACCEPT
-A FORWARD -p tcp -m tcp --dport 3092 -j ACCEPT
COMMIT
`;

beforeAll(() => {
  cpSync('fixtures/repo', join(folder, 'repo'), { recursive: true });
  const large = join(folder, 'large');
  mkdirSync(large);
  writeFileSync(join(large, 'a.rules'), generateRules('router', 500, 1));
  writeFileSync(join(large, 'b.rules'), generateRules('host', 400, 2));
  writeFileSync(join(large, 'c.rules'), translating);
  writeFileSync(join(large, 'd.rules'), generateRules('router', 300, 3));
  writeFileSync(join(large, 'e.rules'), ':INPUT nonsense\n-A FOO --bar\n');
  writeFileSync(
    join(folder, 'admins.ipset'),
    'create admins hash:net family inet\nadd admins 10.1.0.0/16\nadd admins nonsense\n',
  );
  writeFileSync(
    join(folder, 'policy.yaml'),
    `version: 1
allow:
  - ports: [80/tcp, 443/tcp, 1024-2000/tcp, 53/udp]
    from: [10.0.0.0/8, 172.16.0.0/12]
    reason: Inside
  - port: 5432/tcp
    inputs: ["large/a*"]
    reason: Database
    expires: 2026-01-01
deny:
  - port: 23/tcp
    reason: Never
severity:
  redundant-rule: low
`,
  );
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

describe('several inputs in threads give what one thread gives', () => {
  it.each(formats)('the example repository, %s', async (format) => {
    process.chdir(join(folder, 'repo'));
    const { code, out } = await bothWays('-f', format);
    expect(code).toBe(1);
    expect(out.length).toBeGreaterThan(1000);
  });

  it.each(['terminal', 'github'])('large rule sets without a policy, %s', async (format) => {
    process.chdir(folder);
    const { code, out } = await bothWays('large', '--no-policy', '-f', format, '--ipset', 'admins.ipset');
    expect(code).toBe(3);
    expect(out.length).toBeGreaterThan(1000);
  });

  it('large rule sets judged by a policy, in all formats at once', async () => {
    process.chdir(folder);
    const { code, files } = await bothWays('large', '--policy', 'policy.yaml', '--expand', ...written);
    expect(code).toBe(3);
    expect(Object.keys(files)).toHaveLength(6);
  });

  it.each([
    [['--verbose', '--direction', 'all']],
    [['--quiet']],
    [['--loopback', '--local-address', '192.0.2.1', '--fail-on', 'none']],
    [['--write-baseline', 'known.json']],
    [['--max-nodes', '3000']],
    [['--input-format', 'iptables', '--dialect', 'iptables-save']],
  ])('%j', async (options) => {
    process.chdir(folder);
    await bothWays('large', '--no-policy', ...options);
  });

  it('a baseline', async () => {
    process.chdir(folder);
    const { files } = await bothWays(
      'large/a.rules',
      'large/b.rules',
      '--no-policy',
      '--write-baseline',
      'known.json',
    );
    writeFileSync('known.json', files['known.json']!);
    const { code, out } = await bothWays('large', '--no-policy', '--baseline', 'known.json');
    expect(code).toBe(3);
    expect(out).toContain('suppressed by comment or baseline');
  });

  it('lint', async () => {
    process.chdir(folder);
    const { out } = await bothWays('lint', 'large');
    expect(out).toContain('any of these rules can go');
  });

  it('whatever the ceiling of nodes stops: the hosts, the report, or nothing', async () => {
    process.chdir(folder);
    const seen = new Set<string>();
    for (let nodes = 2000; nodes < 300_000; nodes *= 2) {
      const { code, thrown } = await bothWays(
        'large/a.rules',
        'large/c.rules',
        '--no-policy',
        '-f',
        'json',
        '--max-nodes',
        String(nodes),
      );
      seen.add(thrown ?? String(code));
    }
    expect(seen.size).toBeGreaterThan(1);
  });
});

describe('threads are not used', () => {
  it.each([
    [['--host', 'large/a.rules', 'large/b.rules']],
    [['large/a.rules']],
    [['large', '--include-root', '.']],
    [['large', '--listeners', 'admins.ipset']],
  ])('for %j', async (args) => {
    process.chdir(folder);
    let asked = 0;
    await outcome([...args, '--no-policy'], () => void asked++ as undefined);
    expect(asked).toBe(0);
  });

  it('for little work: the caller hears how much there is besides the largest input', async () => {
    process.chdir(folder);
    const spare: number[] = [];
    await outcome(
      ['large/b.rules', 'large/c.rules', '--no-policy'],
      (characters) => void spare.push(characters) as undefined,
    );
    expect(spare).toEqual([translating.length]);
    expect(nodeIo().threads?.(1000)).toBeUndefined();
  });
});

it('a thread that fails fails the run, with its own words', async () => {
  process.chdir(folder);
  writeFileSync('broken.mjs', `throw new RangeError('out of luck');`);
  const broken = pathToFileURL(resolve('broken.mjs'));
  const { thrown } = await outcome(['large', '--no-policy'], () => ({ count: 2, program: broken }));
  expect(thrown).toBe('RangeError: out of luck');
  writeFileSync('silent.mjs', 'process.exit(7);');
  const silent = pathToFileURL(resolve('silent.mjs'));
  const ended = await outcome(['large', '--no-policy'], () => ({ count: 2, program: silent }));
  expect(ended.thrown).toBe('Error: a thread ended with code 7 before it answered');
});

it('tells how far it is, step by step, and cleans up', async () => {
  process.chdir(folder);
  const shown: (string | undefined)[] = [];
  const io: Io = {
    ...nodeIo(),
    stdout: () => undefined,
    progress: (text) => void shown.push(text),
    threads: () => ({ count: 2, program }),
  };
  await run(['large/c.rules', 'large/d.rules', '--no-policy'], io);
  const steps = shown
    .slice(0, 4)
    .map((text) => /^fw-audit: (\d+) % large\/[cd]\.rules$/.exec(text ?? '')?.[1]);
  expect(steps).toEqual(['0', '25', '50', '75']);
  expect(shown.slice(4).every((text) => text === undefined)).toBe(true);
  expect(shown.length).toBeGreaterThan(4);
});
