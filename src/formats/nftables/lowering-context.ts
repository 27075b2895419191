import type { DiagnosticCode } from '../../diagnostics/codes.ts';
import type { DiagnosticSeverity } from '../../diagnostics/diagnostic.ts';
import type { ReadOptions } from '../format.ts';
import type { ChainPlace, ConntrackPlace } from './chain-places.ts';
import type { Reporter } from './reporter.ts';
import type { SetLibrary } from './set-library.ts';

/** A place for chains of a table. */
export type TablePlace = ChainPlace & { readonly family: string; readonly table: string };

/** What lowering one rule knows and tells; offsets are in the rule's own source. */
export class LoweringContext {
  /** The table's family: `ip`, `ip6`, `inet`, `netdev` … */
  readonly family: string;
  readonly table: string;
  /** The hook that packets come to the rule's chain from; undefined if there are several. */
  readonly hook: string | undefined;
  /** The type of the chain that packets come from. */
  readonly chainType: string | undefined;
  readonly conntrack: ConntrackPlace;
  readonly sets: SetLibrary;
  readonly options: ReadOptions;
  private readonly reporter: Reporter;
  source = 0;
  ruleStart = 0;
  ruleEnd = 0;
  /** False once a part of the rule was not understood. */
  understood = true;

  constructor(place: TablePlace, sets: SetLibrary, options: ReadOptions, reporter: Reporter) {
    this.family = place.family;
    this.table = place.table;
    this.hook = place.hook;
    this.chainType = place.type;
    this.conntrack = place.conntrack;
    this.sets = sets;
    this.options = options;
    this.reporter = reporter;
  }

  add(code: DiagnosticCode, severity: DiagnosticSeverity, message: string, at: number, help?: string): void {
    this.reporter.add(
      code,
      severity,
      message,
      { source: this.source, start: at, end: Math.max(at + 1, Math.min(this.ruleEnd, at + 1)) },
      help,
    );
  }

  /** nft refuses the value at this place. */
  refuse(message: string, at: number): void {
    this.understood = false;
    this.reporter.refuse(message, { source: this.source, start: at, end: at + 1 });
  }

  misunderstood(what: string, at: number): void {
    this.understood = false;
    this.add('FW1004', 'error', `${what} is unknown to fw-audit; the rule may match or not`, at);
  }

  /** A name that only the host can resolve. */
  unresolved(text: string, at: number): void {
    this.understood = false;
    if (text.startsWith('$')) return;
    this.add('FW1004', 'warning', `"${text}" is resolved by the host when it loads the rules`, at);
  }
}
