import { commandNamed, defaultCommand } from './command-table.ts';
import { GivenOptions, type Invocation } from './invocation.ts';

/**
 * The invocation of a command line of plain words, `fw-audit rules.v4 rules.v6`: an audit with every default. Undefined for all others.
 *
 * It is what a pre-commit hook runs on every commit, and loading the option parser would take a third of its time to find no option.
 * So the parser loads for what needs one: an argument that starts with `-` (except `-` itself, standard input) or a command's name.
 */
export function plainInvocation(argv: readonly string[]): Invocation | undefined {
  if (argv.some((word) => word.startsWith('-') && word !== '-')) return undefined;
  if (argv[0] !== undefined && commandNamed(argv[0]) !== undefined) return undefined;
  const command = commandNamed(defaultCommand)!;
  return { kind: 'run', command, positionals: argv, given: new GivenOptions(new Map()) };
}
