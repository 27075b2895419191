import { parentPort, workerData } from 'node:worker_threads';
import { type AuditOptions, defaultMaxNodes } from '../audit.ts';
import type { HostResults, Look } from '../host-results.ts';
import { TooComplex } from '../packets/bdd.ts';
import { PortKnowledge } from '../ports/describe.ts';
import { Registry } from '../ports/registry.ts';
import { packRow, partOf, quickParts } from '../report/packed-row.ts';
import { type Answer, type Order, sentError, type Step, type Task } from './threads/messages.ts';

/** A thread that looks at hosts and keeps what it found, since most of what rows can tell is never asked for. */
const { look: name, options, portTable } = workerData as Task;
const port = parentPort!;
const lookedAt = new Map<number, HostResults>();

const settings: AuditOptions = {
  ...options,
  ...(portTable === undefined ? {} : { knowledge: new PortKnowledge(new Registry(portTable)) }),
  progress: (path) => {
    port.postMessage({ kind: 'step', path } satisfies Step);
  },
};

port.on('message', (order: Order) => {
  carryOut(order).then(
    (answer) => {
      const nodes = lookedAt.get(order.host)?.nodes() ?? 0;
      port.postMessage(nodes > (settings.maxNodes ?? defaultMaxNodes) / 2 ? large : answer);
    },
    (error: unknown) => {
      port.postMessage(error instanceof TooComplex ? large : failed(error));
    },
  );
});

async function carryOut(order: Order): Promise<Answer> {
  if (order.kind === 'parts') {
    const { exposures } = lookedAt.get(order.host)!;
    return {
      kind: 'parts',
      found: order.asked.map(({ row, part, cut }) => partOf(exposures[row]!, part, cut)),
    };
  }
  const look = await lookNamed(name);
  const results = await look.hosts([order.source], settings);
  lookedAt.set(order.host, results);
  const { exposures, sources: _sources, nodes: _nodes, ...plain } = results;
  const parts = exposures.flatMap((exposure, row) =>
    quickParts(exposure).map((part) => ({ row, part, value: partOf(exposure, part) })),
  );
  return { kind: 'host', results: { ...plain, rows: exposures.map(packRow), parts } };
}

async function lookNamed(wanted: Look['name']): Promise<Look> {
  return wanted === 'lint' ? (await import('../lint.ts')).linting : (await import('../audit.ts')).auditing;
}

const large: Answer = { kind: 'large' };

function failed(error: unknown): Answer {
  return { kind: 'failed', error: sentError(error) };
}
