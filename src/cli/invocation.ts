import type { CommandSpec } from './command-table.ts';
import type { OptionName } from './options.ts';

/** A command line that is well-formed: every value has the kind and is one of the choices that the tables declare. */
export interface Invocation {
  readonly kind: 'run';
  readonly command: CommandSpec;
  readonly positionals: readonly string[];
  readonly given: GivenOptions;
}

export type ParsedArguments =
  | Invocation
  | { readonly kind: 'help'; readonly command: CommandSpec | undefined }
  | { readonly kind: 'version' }
  /** Exit 2; `message` says what is wrong, `help` what to write. */
  | { readonly kind: 'wrong'; readonly message: string; readonly help: string };

/** The options that were given, by declared kind. */
export class GivenOptions {
  readonly #values: ReadonlyMap<OptionName, readonly string[]>;

  constructor(values: ReadonlyMap<OptionName, readonly string[]>) {
    this.#values = values;
  }

  flag(name: OptionName): boolean {
    return this.#values.has(name);
  }

  text(name: OptionName): string | undefined {
    return this.#values.get(name)?.[0];
  }

  number(name: OptionName): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : Number(text);
  }

  list(name: OptionName): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** The value of an option whose declared choices are `choices`; the parser has refused all others. */
  choice<const T extends string>(name: OptionName, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    return choices.find((choice) => choice === text);
  }
}
