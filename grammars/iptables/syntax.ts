/** Where something stands in the source text; half-open offsets. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/**
 * One option of an iptables command with the words it took, as getopt would hand it over.
 *
 * Options written alike in the same context are the same object, so whoever works on them can remember the result by identity.
 * `-m multiport` is itself the option `match`; the options of that match follow with `module: 'multiport'`.
 */
export interface OptionSyntax {
  /** Who owns the option: the command itself, a match or a target. */
  readonly owner: 'core' | 'match' | 'target';
  /** The match's or target's name; empty for the command's own options. */
  readonly module: string;
  /** The full long name without dashes (`destination-port` for `--dpo`); for an unknown option what was written. */
  readonly name: string;
  readonly negated: boolean;
  readonly values: readonly string[];
  /** False when neither the command nor a known module has such an option. */
  readonly known: boolean;
  /** Text of the option as written. */
  readonly text: string;
}

export type ProblemKind =
  | 'unknown-option'
  | 'ambiguous-option'
  | 'missing-value'
  | 'unexpected-negation'
  | 'old-negation'
  | 'glued-option'
  | 'stray-word'
  | 'unterminated-quote'
  | 'needless-value';

/** Something wrong inside one command; `word` is what was read. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly word: string;
  /** What the reader was looking for, in words. */
  readonly detail: string;
}

/** The options of one command line in order, with what was wrong. */
export interface CommandSyntax {
  readonly options: readonly OptionSyntax[];
  readonly problems: readonly Problem[];
}

/** Why iptables-restore refuses a line, and where: offsets are those of the line. */
export interface LineFault extends Extent {
  /** `blanks`: only blanks are too many, and the line means what it means without them. */
  readonly kind: 'unexpected' | 'blanks';
  /** What stands there; empty at the end of the line. */
  readonly read: string;
  /** What the grammar was looking for, in words. */
  readonly expected: string;
}

/** One line of iptables-save text. A line with a fault is what it could still be read as. */
export type RestoreLine =
  | { readonly kind: 'blank'; readonly fault?: LineFault }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'table'; readonly name: string; readonly fault?: LineFault }
  | { readonly kind: 'commit'; readonly fault?: LineFault }
  | {
      readonly kind: 'chain';
      readonly name: string;
      readonly policy: string | undefined;
      readonly fault?: LineFault;
    }
  | { readonly kind: 'command'; readonly command: CommandSyntax; readonly fault?: LineFault }
  /** A line that is none of these. */
  | { readonly kind: 'unknown'; readonly fault: LineFault };
