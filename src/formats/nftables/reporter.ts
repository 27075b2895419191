import type { DiagnosticCode } from '../../diagnostics/codes.ts';
import type { Diagnostic, DiagnosticSeverity } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../source/source.ts';

/** Collects what there is to say about an input; said twice about the same place, it is said once. */
export class Reporter {
  readonly diagnostics: Diagnostic[] = [];
  private readonly said = new Set<string>();

  add(code: DiagnosticCode, severity: DiagnosticSeverity, message: string, span?: Span, help?: string): void {
    const key = `${code} ${span?.source ?? ''} ${span?.start ?? ''} ${message}`;
    if (this.said.has(key)) return;
    this.said.add(key);
    this.diagnostics.push({
      code,
      severity,
      message,
      ...(span === undefined ? {} : { span }),
      ...(help === undefined ? {} : { help }),
    });
  }

  /** nft would refuse this. */
  refuse(message: string, span: Span): void {
    this.add(
      'FW1201',
      'error',
      message,
      span,
      'nft loads nothing of a file with an error in it; mend this and check with "nft -c -f"',
    );
  }
}
