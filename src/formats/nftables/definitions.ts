import { parseNftables } from '../../../grammars/nftables/command-parser.ts';
import type { DefineSyntax } from '../../../grammars/nftables/syntax.ts';
import type { Source, Span } from '../../source/source.ts';
import type { ReadOptions } from '../format.ts';
import type { Reporter } from './reporter.ts';
import { type Room, type Scope, Substitution } from './variables.ts';

/** The variables of a script: `define`, `redefine`, `undefine`, and those that the command line gives. */
export class Definitions {
  private readonly given: ReadOptions['definitions'];
  private readonly reporter: Reporter;
  private readonly apart: boolean;
  private readonly room: Room = { taken: 0 };

  /** `apart`: the text is that of several calls of nft, whose variables a shell puts in. */
  constructor(given: ReadOptions['definitions'], reporter: Reporter, apart: boolean) {
    this.given = given;
    this.reporter = reporter;
    this.apart = apart;
  }

  /** The variables of the command line are there before the file begins, in its scope (libnftables.c, load_cmdline_vars). */
  ofCommandLine(source: Source, scope: Scope): void {
    for (const [name, value] of this.given) {
      const { commands, problems } = parseNftables(source.id, `define ${name} = ${value}\n`);
      const [command, ...rest] = commands;
      if (problems.length > 0 || rest.length > 0 || command?.kind !== 'define')
        this.reporter.refuse(`nft does not read ${value} as the value of the variable ${name}`, {
          source: source.id,
          start: 0,
          end: 0,
        });
      else this.define(command, scope);
    }
  }

  define(command: DefineSyntax, scope: Scope): void {
    if (command.kind === 'undefine') {
      if (!scope.undefine(command.name))
        this.reporter.refuse(`there is no variable "${command.name}"`, command.span);
      return;
    }
    if (command.value === undefined) return;
    // An outer scope counts (parser_bison.y, symbol_lookup).
    if (command.kind === 'define' && !this.apart && scope.find(command.name) !== undefined)
      this.reporter.refuse(
        this.given.has(command.name)
          ? `the variable "${command.name}" is given on the command line already`
          : `the variable "${command.name}" is defined already; "redefine" gives it another value`,
        command.span,
      );
    const value = this.substitution(scope, command.span).expression(command.value);
    scope.define(command.name, value);
  }

  /** Puts values in place of the variables that the scope knows, and reports those that it does not. */
  substitution(scope: Scope, span: Span): Substitution {
    return new Substitution(scope, this.room, (name, at, tooLarge = false) => {
      const place = { source: span.source, start: at, end: at + name.length + 1 };
      if (tooLarge)
        this.reporter.add(
          'FW1006',
          'error',
          `with $${name}, more is put in the place of variables here than fw-audit reads`,
          place,
          'The variable is read as one whose value is not known.',
        );
      else if (this.apart)
        this.reporter.add(
          'FW1203',
          'warning',
          `the value of $${name} is not known`,
          place,
          `It is kept as a condition of its rules; --define ${name}=VALUE gives it`,
        );
      else
        this.reporter.add(
          'FW1203',
          'error',
          `the variable $${name} is not defined here`,
          place,
          'nft refuses the file unless the variable is given with -D on its command line; --define NAME=VALUE gives it here',
        );
    });
  }
}
