import { diagnosticCodes, type CodeEntry } from '../diagnostics/codes.ts';
import { findingKind } from '../findings/index.ts';
import { listenerFindings } from '../listeners/listener-findings.ts';
import { policyCodes } from '../policy/policy-types.ts';
import type { CodeDocumentation } from '../reporters/reporter.ts';

const entries = new Map<string, CodeEntry>(Object.entries({ ...diagnosticCodes, ...policyCodes }));

/** What a code means, whatever table it is in. */
export function codeDocumentation(code: string): CodeDocumentation | undefined {
  const kind = findingKind(code) ?? listenerFindings.find((one) => one.code === code);
  if (kind !== undefined) {
    const { name, explanation, advice, severity } = kind;
    return { name, explanation, advice, severity };
  }
  return entries.get(code);
}
