/** A piece of a shell word. `quoted` pieces are not split into several words. */
export type ShellPart =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  /** `$name`, `${name}`, `${name:-operand}`; operator is what stands between name and operand. */
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly operator: string;
      readonly operand: string;
      readonly quoted: boolean;
    }
  /** `$(…)` or backquotes: never executed. */
  | { readonly kind: 'command'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'arithmetic'; readonly text: string; readonly quoted: boolean };

export interface ShellWord {
  readonly parts: readonly ShellPart[];
  readonly start: number;
  readonly end: number;
}

export interface ShellAssignment {
  readonly name: string;
  /** `name[index]=value`. */
  readonly index?: string;
  /** `name+=value`. */
  readonly append: boolean;
  /** One word, or the words of `name=(…)`. */
  readonly values: readonly ShellWord[];
  readonly array: boolean;
}

/** Input or output of a command; a here-document has the place of its body. */
export interface ShellRedirect {
  readonly operator: string;
  readonly target: ShellWord;
  readonly body?: {
    readonly start: number;
    readonly end: number;
    /** Nothing in it is expanded. */
    readonly literal: boolean;
    /** `<<-`: lines lose the tabs that they begin with. */
    readonly stripTabs: boolean;
  };
}

export type ShellStatement =
  | {
      readonly kind: 'simple';
      readonly assignments: readonly ShellAssignment[];
      readonly words: readonly ShellWord[];
      readonly redirects: readonly ShellRedirect[];
      readonly start: number;
      readonly end: number;
      /** What is written, where it does not stand there itself: code that another command hands to a shell. */
      readonly text?: string;
    }
  | { readonly kind: 'pipeline'; readonly negated: boolean; readonly parts: readonly ShellStatement[] }
  | { readonly kind: 'and' | 'or'; readonly left: ShellStatement; readonly right: ShellStatement }
  | {
      readonly kind: 'if';
      readonly branches: readonly {
        readonly condition: readonly ShellStatement[];
        readonly body: readonly ShellStatement[];
      }[];
      readonly otherwise: readonly ShellStatement[];
    }
  | {
      readonly kind: 'for';
      readonly name: string;
      readonly items: readonly ShellWord[] | undefined;
      readonly body: readonly ShellStatement[];
    }
  | {
      readonly kind: 'while';
      /** `until`. */
      readonly negated: boolean;
      readonly condition: readonly ShellStatement[];
      readonly body: readonly ShellStatement[];
      /** Done behind each run of the body, also one that `continue` ends. */
      readonly step?: ShellStatement;
      readonly redirects: readonly ShellRedirect[];
    }
  | {
      readonly kind: 'case';
      readonly subject: ShellWord;
      readonly arms: readonly {
        readonly patterns: readonly ShellWord[];
        readonly body: readonly ShellStatement[];
      }[];
    }
  | { readonly kind: 'function'; readonly name: string; readonly body: ShellStatement }
  | { readonly kind: 'group'; readonly body: readonly ShellStatement[] };
