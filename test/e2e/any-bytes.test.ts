import { fc } from '../property-testing.ts';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runBundle, TemporaryFolder, type Run } from './run-bundle.ts';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

/** An answer of ours, whatever the input: one of the documented exit codes, no stack trace, soon. */
function expectAnswer(run: Run, about: string): void {
  expect([0, 1, 3], `${about}\n${run.err}`).toContain(run.code);
  expect(run.out + run.err, about).not.toMatch(/internal error|^\s+at .*\.js:\d+/m);
  expect(run.milliseconds, about).toBeLessThan(20_000);
}

function expectRefusal(run: Run, about: string): void {
  expect(run.code, `${about}\n${run.out}\n${run.err}`).toBe(3);
  expect(run.out + run.err, about).toMatch(/error FW\d{4}: /);
  expectAnswer(run, about);
}

describe('input that is no export', () => {
  const inputs: readonly (readonly [string, string | Uint8Array])[] = [
    ['nothing', ''],
    ['one byte', 'x'],
    ['a NUL', '*filter\n:INPUT DROP [0:0]\n-A INPUT -s 10.0.0.1\0 -j ACCEPT\nCOMMIT\n'],
    ['only NULs', new Uint8Array(100_000)],
    ['an ELF header', Buffer.from('7f454c4602010100000000000000000003003e0001000000', 'hex')],
    ['half of UTF-16', Buffer.from('\ufeff*filter\n', 'utf16le').subarray(0, 9)],
    ['one line of 20 million characters', 'a'.repeat(20_000_000)],
    ['10 million line ends', '\n'.repeat(10_000_000)],
    ['deep JSON', '['.repeat(100_000)],
    ['deep braces', 'table inet x { '.repeat(20_000)],
    ['an XML bomb', '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><l>&b;</l>'],
    ['a page of HTML', '<!doctype html><title>404</title><p>Not found'],
  ];
  it.each(inputs)('%s is refused', (name, bytes) => {
    const path = folder.write('input', bytes);
    const run = runBundle([path]);
    if (name === 'nothing' || name === '10 million line ends') expectAnswer(run, name);
    else expectRefusal(run, name);
    expect(run.code).not.toBe(0);
  });

  it('random bytes are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 2000 }), (bytes) => {
        expectRefusal(runBundle([folder.write('random', bytes)]), Buffer.from(bytes).toString('hex'));
      }),
      { numRuns: 15 },
    );
  });
});

describe('exports that were damaged', () => {
  const fixtures = ['iptables', 'nftables', 'pf', 'windows'].flatMap((format) => {
    const root = join('fixtures', format);
    return readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => /(^|\/)input\.[^/]+$/.test(name))
      .sort()
      .filter((_, index) => index % 8 === 0)
      .map((name) => join(root, name));
  });

  it('are known', () => {
    expect(fixtures.length).toBeGreaterThan(5);
  });

  it.each(fixtures)('%s, cut short and with bytes changed', (path) => {
    const bytes = readFileSync(path);
    fc.assert(
      fc.property(
        fc.nat(bytes.length),
        fc.array(fc.tuple(fc.nat(Math.max(0, bytes.length - 1)), fc.nat(255)), { maxLength: 5 }),
        (length, changes) => {
          const damaged = Buffer.from(bytes);
          for (const [at, value] of changes) damaged[at] = value;
          const file = folder.write('damaged', damaged.subarray(0, length));
          expectAnswer(runBundle([file]), damaged.subarray(0, length).toString('base64'));
        },
      ),
      { numRuns: 4 },
    );
  });
});
