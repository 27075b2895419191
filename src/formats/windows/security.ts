import type { KnownCondition } from './windows-rule.ts';

/** `Security=`, `Authentication`, `RMauth` …: the peer must have authenticated by IPsec. One question wherever it is asked. */
export const authenticatedCondition: KnownCondition = {
  key: 'windows:authenticated',
  reason: 'only connections that IPsec has authenticated',
};

export const encryptedCondition: KnownCondition = {
  key: 'windows:encrypted',
  reason: 'only connections that IPsec encrypts',
};

/** A list of users or computers as SDDL. */
export function principalCondition(what: string, sddl: string): KnownCondition {
  return { key: `windows:${what}:${sddl}`, reason: `only for the ${what}s in ${sddl}` };
}
