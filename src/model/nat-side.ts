import type { NatSide } from './action.ts';
import type { Hook } from './firewall.ts';

/** The side of a connection that nat stages of the hook settle (nf_nat.h, HOOK2MANIP). */
export function natSide(hook: Hook): NatSide {
  return hook === 'input' || hook === 'postrouting' ? 'source' : 'destination';
}
