import { auditArguments } from './arguments-of.ts';
import type { ExitCode, Io } from './io.ts';
import type { Invocation } from './invocation.ts';
import { formatOf, intoFile } from './output-file.ts';
import { plainInvocation } from './plain-arguments.ts';

/** Runs one command line and returns the exit code. Each command loads only when it is asked for. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = plainInvocation(argv) ?? (await import('./parse-arguments.ts')).parseArguments(argv);
  switch (parsed.kind) {
    case 'help': {
      const { helpText } = await import('./help.ts');
      io.stdout(helpText(parsed.command, io.columns));
      return 0;
    }
    case 'version': {
      const { version } = await import('../version.ts');
      io.stdout(`fw-audit ${version}\n`);
      return 0;
    }
    case 'wrong':
      io.stderr(`fw-audit: ${parsed.message}\n${parsed.help}\n`);
      return 2;
    case 'run':
      return runTo(parsed, withColor(io, parsed.given.text('color')));
  }
}

function withColor(io: Io, when: string | undefined): Io {
  return when === 'always' ? { ...io, color: true } : when === 'never' ? { ...io, color: false } : io;
}

/** These write each `-o` themselves, in a format of its own; the others write one text. */
const writeThemselves = ['audit', 'diff', 'lint', 'policy'];

function runTo(invocation: Invocation, io: Io): Promise<ExitCode> {
  return writeThemselves.includes(invocation.command.name)
    ? runCommand(invocation, io)
    : intoFile(invocation.given, io, (to) => runCommand(invocation, to));
}

async function runCommand(invocation: Invocation, io: Io): Promise<ExitCode> {
  const { command, positionals, given } = invocation;
  const format = formatOf(given, ['terminal', 'json']) ?? 'terminal';
  switch (command.name) {
    case 'audit': {
      const { runAudit } = await import('./commands/audit.ts');
      return runAudit(
        {
          ...auditArguments(invocation, positionals),
          format: given.text('format'),
          output: given.list('output'),
        },
        io,
      );
    }
    case 'diff': {
      const { runDiff } = await import('./commands/diff.ts');
      const [before = '', after = ''] = positionals;
      const audit = auditArguments(invocation, [before, after]);
      return runDiff(
        {
          ...audit,
          before,
          after,
          format: given.choice('format', ['terminal', 'json', 'markdown']) ?? 'terminal',
          output: given.list('output'),
        },
        io,
      );
    }
    case 'lint': {
      const { runLint } = await import('./commands/lint.ts');
      const audit = auditArguments(invocation, positionals);
      return runLint({ ...audit, format: given.text('format'), output: given.list('output') }, io);
    }
    case 'explain': {
      const { runExplain } = await import('./commands/explain.ts');
      const { reportsOf } = await import('./rules-reports.ts');
      const reports = await reportsOf(invocation, io);
      return runExplain(
        {
          subjects: positionals,
          format: formatOf(given, ['terminal', 'json', 'markdown']) ?? 'terminal',
          registry: given.text('registry'),
        },
        io,
        reports,
      );
    }
    case 'ports': {
      const { runPorts } = await import('./commands/ports.ts');
      return runPorts(
        {
          range: positionals[0],
          unassigned: given.flag('unassigned'),
          stats: given.flag('stats'),
          status: given.text('status'),
          search: given.text('search'),
          suggest: given.number('suggest'),
          registry: given.text('registry'),
          format: formatOf(given, ['terminal', 'json', 'csv']) ?? 'terminal',
        },
        io,
      );
    }
    case 'registry': {
      const { runRegistry } = await import('./commands/registry.ts');
      const action = positionals[0] === 'update' ? 'update' : 'show';
      return runRegistry(
        {
          action,
          from: given.text('from'),
          insecure: given.flag('insecure'),
          registry: given.text('registry'),
          format,
        },
        io,
      );
    }
    case 'query': {
      const [path = '', port] = positionals;
      const { runQuery } = await import('./commands/query.ts');
      const audit = auditArguments(invocation, [path]);
      return runQuery({ ...audit, port, packet: given, batch: given.text('batch'), format }, io);
    }
    case 'policy': {
      const { runPolicy } = await import('./commands/policy.ts');
      const [action, ...paths] = positionals;
      const audit = auditArguments(invocation, paths);
      return runPolicy(
        {
          action:
            (['check', 'suggest', 'init', 'evidence'] as const).find((name) => name === action) ?? 'check',
          paths,
          policy: audit.policy,
          output: given.text('output'),
          today: audit.today,
          format: formatOf(given, ['terminal', 'json', 'markdown', 'csv']) ?? 'terminal',
          audit,
        },
        io,
      );
    }
    case 'formats': {
      const { runFormats } = await import('./commands/formats.ts');
      return runFormats({ name: positionals[0], format }, io);
    }
    case 'completion': {
      const { runCompletion } = await import('./commands/completion.ts');
      return runCompletion({ shell: positionals[0] }, io);
    }
    default:
      throw new Error(`the command ${command.name} is in the table but not wired`);
  }
}
