import { Lab } from './lab.ts';

/**
 * Why the kernel cannot be asked here, or undefined when it can. Where everything is required (FW_AUDIT_REQUIRE_ALL=1, as in CI),
 * a missing feature is an error and not a reason to skip.
 */
export function labMissing(): string | undefined {
  const reason = Lab.available();
  if (reason === undefined) return undefined;
  if (process.env['FW_AUDIT_REQUIRE_ALL'] === '1') throw new Error(reason);
  console.warn(`skipped: ${reason}`);
  return reason;
}
