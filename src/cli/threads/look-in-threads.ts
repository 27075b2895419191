import { type AuditOptions, wantsUselessRules } from '../../audit.ts';
import type { Look } from '../../host-results.ts';
import type { Report } from '../../report/report.ts';
import type { Source } from '../../source/source.ts';
import type { Threads } from '../io.ts';
import { HostThread, LargeHost } from './host-thread.ts';
import type { PackedResults, Task } from './messages.ts';
import { joined, SentHost } from './sent-host.ts';

/**
 * Hosts are looked at in other threads, each source being one. What is concluded of all of them and made of the report, this thread
 * does as if it had looked itself, so that both give the same.
 *
 * Rows work out their sources and rules only when they are asked for them, and most of it never is. The threads keep what rows are made
 * of, and this one starts with rows that have empty lists: that shows what is asked for. The threads work it out, all at the same time,
 * and the conclusion and `use` begin anew, with new rows, until nothing is asked for that is not there. Only then the outcome counts, so
 * `use` must have no effect before it returns.
 *
 * Rows are asked in another order than in one thread, which only a ceiling of nodes can tell: the nodes that are made are the same, but
 * not when. As long as no packet set has more than half of the nodes allowed, not even `Bdd.attempt` meets its ceiling in any order.
 * Where one has more, this thread does everything alone.
 */
export async function lookInThreads<T>(
  look: Look,
  sources: readonly Source[],
  options: AuditOptions,
  threads: Threads,
  use: (report: Report) => Promise<T>,
): Promise<T> {
  const pool = new Pool(look, sources, options, threads);
  try {
    return await usedTogether(pool, look, sources, options, use);
  } catch (error) {
    if (!(error instanceof LargeHost)) throw error;
  } finally {
    pool.end();
  }
  return use(look.conclude(await look.hosts(sources, options), options));
}

async function usedTogether<T>(
  pool: Pool,
  look: Look,
  sources: readonly Source[],
  options: AuditOptions,
  use: (report: Report) => Promise<T>,
): Promise<T> {
  const hosts = (await pool.results()).map((results) => new SentHost(results));
  const met = [...sources, ...(options.ipsets ?? []), ...(options.tables?.values() ?? [])];
  const isComplete = (): boolean => hosts.every(({ missing }) => missing.length === 0);
  for (;;) {
    const report = await attempt(() => look.conclude(joined(hosts, met), options));
    if (isComplete()) {
      const used = await attempt(() => use(valueOf(report)));
      if (isComplete()) {
        for (const host of hosts) host.finish();
        return valueOf(used);
      }
    }
    await pool.workOut(hosts);
  }
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** What comes of rows that are not complete does not count, be it an exception. */
async function attempt<T>(make: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await make() };
  } catch (error) {
    return { error };
  }
}

function valueOf<T>(outcome: Outcome<T>): T {
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

class Pool {
  readonly #sources: readonly Source[];
  readonly #threads: readonly HostThread[];
  /** Who looked at each host. */
  readonly #threadOf: HostThread[] = [];

  constructor(look: Look, sources: readonly Source[], options: AuditOptions, { count, program }: Threads) {
    this.#sources = sources;
    let steps = 0;
    const step = (path: string): void => {
      options.progress?.(path, steps++, sources.length * 2);
    };
    this.#threads = Array.from(
      { length: Math.min(count, sources.length) },
      () => new HostThread(program, taskOf(look, options), step),
    );
  }

  /** Of each source, in their order. Throws what the first of those that failed threw, or `LargeHost`. */
  async results(): Promise<readonly PackedResults[]> {
    const found: PackedResults[] = [];
    const failed = new Map<number, unknown>();
    // The largest first, so that no thread starts with it when the others are done.
    const waiting = this.#sources
      .map((source, host) => ({ source, host }))
      .sort((a, b) => b.source.text.length - a.source.text.length || a.host - b.host);
    await Promise.all(
      this.#threads.map(async (thread) => {
        while (thread.isAlive) {
          const next = waiting.shift();
          if (next === undefined) return;
          this.#threadOf[next.host] = thread;
          try {
            found[next.host] = (await thread.ask({ kind: 'host', ...next })).results;
          } catch (error) {
            if (error instanceof LargeHost) throw error;
            failed.set(next.host, error);
          }
        }
      }),
    );
    if (failed.size > 0) throw failed.get(Math.min(...failed.keys()));
    return found;
  }

  async workOut(hosts: readonly SentHost[]): Promise<void> {
    await Promise.all(
      this.#threads.map(async (thread) => {
        for (const [host, sent] of hosts.entries()) {
          if (this.#threadOf[host] !== thread || sent.missing.length === 0) continue;
          sent.add((await thread.ask({ kind: 'parts', host, asked: sent.missing })).found);
        }
      }),
    );
  }

  end(): void {
    for (const thread of this.#threads) thread.end();
  }
}

function taskOf(look: Look, options: AuditOptions): Task {
  const { progress: _progress, include: _include, relativePath: _path, policy: _policy, ...rest } = options;
  const { knowledge, ...plain } = rest;
  return {
    look: look.name,
    options: { ...plain, uselessRules: wantsUselessRules(options) },
    ...(knowledge === undefined ? {} : { portTable: knowledge.registry.table }),
  };
}
