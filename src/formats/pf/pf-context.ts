import type { PfToken } from '../../../grammars/pf/tokens.ts';
import type { DiagnosticCode } from '../../diagnostics/codes.ts';
import type { DiagnosticSeverity } from '../../diagnostics/diagnostic.ts';
import type { UnknownMatch } from '../../model/match.ts';
import type { Span } from '../../source/source.ts';
import type { ReadOptions } from '../format.ts';
import type { DialectEvidence } from './dialect.ts';
import type { LoweringMemory } from './lowering-memory.ts';
import type { TableBook } from './tables.ts';
import type { TagBook } from './tags.ts';

/** What the parts of the lowering share while one input is read. */
export interface PfContext {
  readonly options: ReadOptions;
  readonly evidence: DialectEvidence;
  /** Output of pfctl, not a file for it: macros, lists and most checks are already behind it. */
  readonly printed: boolean;
  /** Certainly the rules that pf has loaded (rule numbers, counters): whatever we think of a rule, pfctl took it. */
  readonly loaded: boolean;
  readonly tables: TableBook;
  readonly tags: TagBook;
  /** Only while rules are lowered whose words stand nowhere. */
  readonly memory?: LoweringMemory;
  readonly report: (
    code: DiagnosticCode,
    severity: DiagnosticSeverity,
    span: Span,
    message: string,
    help?: string,
  ) => void;
}

/** What one rule's lowering learns besides its match. */
export interface RuleNotes {
  readonly context: PfContext;
  /** The statement's source. */
  readonly source: number;
  readonly span: Span;
  /** The anchor the rule stands in, for the names of tables; the empty string is the main rule set. */
  readonly anchor: string;
  /** Set once something in the rule is not understood. */
  obscure: boolean;
}

export function spanOf(token: PfToken, notes: RuleNotes): Span {
  return { source: notes.source, start: token.startOffset, end: token.endOffset + 1 };
}

/** pfctl would refuse the rule; with it, the file. */
export function refuse(notes: RuleNotes, at: PfToken | undefined, message: string, help?: string): void {
  const span = at === undefined ? notes.span : spanOf(at, notes);
  if (notes.context.loaded) notes.context.report('FW1004', 'warning', span, message, help);
  else
    notes.context.report('FW1301', 'error', span, `${message}; pfctl would load nothing of this file`, help);
}

/** Where OpenBSD and FreeBSD 15 agree in what they refuse, and nothing says that the input is for another system. */
export const olderSystems =
  'FreeBSD before 15 and macOS take it; if the rules are for one of them, say so with --dialect';

/** Help for what FreeBSD alone takes. */
export function unlessFreeBsd({ context }: RuleNotes): string | undefined {
  return context.evidence.dialect === undefined
    ? 'FreeBSD takes it; if the rules are for it, say so with --dialect freebsd'
    : undefined;
}

/** A fixed property of a packet or of the host that the input does not tell. */
export function unknownFact(key: string, reason: string): UnknownMatch {
  return { kind: 'unknown', scope: 'packet', key: `pf ${key}`, reason };
}

/** Something that may be answered differently each time. */
export function unknownChance(key: string, reason: string): UnknownMatch {
  return { kind: 'unknown', scope: 'rule', key: `pf ${key}`, reason };
}

/** The condition "the system is the one that reads this construct so". */
export function dialectQuestion(notes: RuleNotes, at: PfToken, message: string): UnknownMatch {
  notes.context.report(
    'FW1303',
    'warning',
    spanOf(at, notes),
    message,
    'name the system with --dialect openbsd, freebsd, macos or pfsense',
  );
  return unknownFact('dialect', 'which system the rules are for (--dialect)');
}
