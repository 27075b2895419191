import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { generateRules } from '../../../bench/generate.ts';
import { audit, type AuditOptions } from '../../../src/audit.ts';
import { EngineThread } from '../../../src/cli/threads/engine-thread.ts';
import type { ListBuilder, ListTask } from '../../../src/packets/list-work.ts';

const program = pathToFileURL(resolve('dist/engine-worker.js'));
const text = generateRules('router', 12_000, 5);

/** All that an audit finds, with the sources and rules of every row. */
async function found(options: AuditOptions): Promise<string> {
  const report = await audit([{ id: 0, path: 'router.rules', text, encoding: 'utf-8' }], options);
  return JSON.stringify(report);
}

/** A thread, once it runs, that counts the lists it is given. */
async function counted(): Promise<ListBuilder & { readonly taken: () => number }> {
  const thread = EngineThread.start(program)!;
  for (let i = 0; i < 200 && !thread.isFree; i++) await pause(20);
  let taken = 0;
  return {
    taken: () => taken,
    get isFree() {
      return thread.isFree;
    },
    get isDone() {
      return thread.isDone;
    },
    begin(task: ListTask) {
      taken++;
      thread.begin(task);
    },
    end: () => thread.end(),
  };
}

describe('lists that another thread builds', () => {
  it('give the same report', async () => {
    const builder = await counted();
    const alone = await found({});
    expect(await found({ listBuilder: builder })).toBe(alone);
    expect(builder.taken()).toBeGreaterThan(0);
    // Again, with engines that the thread has not met.
    expect(await found({ listBuilder: builder })).toBe(alone);
  });

  it('meet the same ceiling of nodes', async () => {
    const builder = await counted();
    const outcomes = new Set<boolean>();
    for (const maxNodes of [5000, 40_000, 80_000, 120_000, 160_000, 10_000_000]) {
      const alone = await found({ maxNodes });
      outcomes.add(alone.includes('FW1007'));
      expect(await found({ maxNodes, listBuilder: builder }), String(maxNodes)).toBe(alone);
    }
    expect(builder.taken()).toBeGreaterThan(0);
    expect([...outcomes].sort()).toEqual([false, true]);
  });

  it('are built by the caller where there can be no thread', () => {
    expect(EngineThread.start(new URL('https://localhost/no-file.js'))).toBeUndefined();
  });

  it('are built by the caller where the thread does not run', async () => {
    const thread = EngineThread.start(pathToFileURL(resolve('dist/no-such-program.js')))!;
    await pause(200);
    expect(thread.isFree).toBe(false);
    expect(await found({ listBuilder: thread })).toBe(await found({}));
  });
});
