import type { FindingKind } from './finding-kind.ts';
import { anyPort } from './kinds/any-port.ts';
import { anySourceAdmin } from './kinds/any-source-admin.ts';
import { clearTextService } from './kinds/clear-text-service.ts';
import { deadRule } from './kinds/dead-rule.ts';
import { defaultAccept } from './kinds/default-accept.ts';
import { ephemeralPort } from './kinds/ephemeral-port.ts';
import { expiredJustification } from './kinds/expired-justification.ts';
import { expiringSoon } from './kinds/expiring-soon.ts';
import { familyMismatch } from './kinds/family-mismatch.ts';
import { forbiddenPort } from './kinds/forbidden-port.ts';
import { notInPolicy } from './kinds/not-in-policy.ts';
import { obscurePort } from './kinds/obscure-port.ts';
import { possibleExposure } from './kinds/possible-exposure.ts';
import { redundantRule } from './kinds/redundant-rule.ts';
import { reflectionService } from './kinds/reflection-service.ts';
import { requiredPortClosed } from './kinds/required-port-closed.ts';
import { reservedOrDeassignedPort } from './kinds/reserved-or-deassigned-port.ts';
import { shadowedRule } from './kinds/shadowed-rule.ts';
import { stalePolicyEntry } from './kinds/stale-policy-entry.ts';
import { unassignedPort } from './kinds/unassigned-port.ts';
import { wideRange } from './kinds/wide-range.ts';

/** Every kind of finding, by code. A code is never reused or renumbered. */
export const findingKinds: readonly FindingKind[] = [
  unassignedPort,
  reservedOrDeassignedPort,
  ephemeralPort,
  obscurePort,
  wideRange,
  anyPort,
  anySourceAdmin,
  clearTextService,
  defaultAccept,
  possibleExposure,
  familyMismatch,
  notInPolicy,
  forbiddenPort,
  requiredPortClosed,
  stalePolicyEntry,
  expiredJustification,
  expiringSoon,
  deadRule,
  shadowedRule,
  reflectionService,
  redundantRule,
];
