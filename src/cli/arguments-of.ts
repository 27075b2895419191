import type { AuditArguments } from './command-arguments.ts';
import type { Invocation } from './invocation.ts';

/** The reading and judging options of an invocation; options that the command does not have keep their defaults. */
export function auditArguments({ given }: Invocation, paths: readonly string[]): AuditArguments {
  const directions = ['in', 'forward', 'out', 'all'] as const;
  return {
    paths,
    host: given.flag('host'),
    inputFormat: given.text('input-format'),
    dialect: given.text('dialect'),
    ipset: given.list('ipset'),
    table: given.list('table'),
    emptyAnchors: given.flag('empty-anchors'),
    localAddress: given.list('local-address'),
    includeRoot: given.list('include-root'),
    define: given.list('define'),
    direction: directions.filter((direction) => given.list('direction').includes(direction)),
    loopback: given.flag('loopback'),
    expand: given.flag('expand'),
    maxNodes: given.number('max-nodes'),
    maxSize: given.number('max-size'),
    policy: given.flag('no-policy') ? false : given.text('policy'),
    failOn: given.choice('fail-on', ['none', 'note', 'low', 'medium', 'high']) ?? 'medium',
    today: given.text('today'),
    listeners: given.text('listeners'),
    baseline: given.text('baseline'),
    writeBaseline: given.text('write-baseline'),
    registry: given.text('registry'),
    quiet: given.flag('quiet'),
    verbose: given.flag('verbose'),
  };
}
