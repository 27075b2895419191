import { allProfiles, profileBits } from './windows-rule.ts';

/**
 * The enumerations of the NetSecurity module, as names and as the numbers that CIM, JSON and CLIXML carry. Tables are bound to the
 * property: 1 is True for a rule's Enabled and 2 False, while a profile's GpoBoolean has 0 False, 1 True, 2 NotConfigured.
 */
const ruleEnabled = new Map<string, boolean>([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['false', false],
  ['2', false],
  ['0', false],
  ['no', false],
]);

const directions = new Map<string, 'in' | 'out'>([
  ['inbound', 'in'],
  ['in', 'in'],
  ['1', 'in'],
  ['outbound', 'out'],
  ['out', 'out'],
  ['2', 'out'],
]);

const actions = new Map<string, 'allow' | 'block' | 'unconfigured'>([
  ['allow', 'allow'],
  ['2', 'allow'],
  ['block', 'block'],
  ['4', 'block'],
  ['notconfigured', 'unconfigured'],
  ['0', 'unconfigured'],
]);

const policyBooleans = new Map<string, boolean | 'unconfigured'>([
  ['false', false],
  ['0', false],
  ['true', true],
  ['1', true],
  ['notconfigured', 'unconfigured'],
  ['2', 'unconfigured'],
  ['', 'unconfigured'],
]);

export function parseRuleEnabled(text: string): boolean | undefined {
  return ruleEnabled.get(text.trim().toLowerCase());
}

export function parseDirection(text: string): 'in' | 'out' | undefined {
  return directions.get(text.trim().toLowerCase());
}

export function parseAction(text: string): 'allow' | 'block' | 'unconfigured' | undefined {
  return actions.get(text.trim().toLowerCase());
}

export function parsePolicyBoolean(text: string): boolean | 'unconfigured' | undefined {
  return policyBooleans.get(text.trim().toLowerCase());
}

/** `Domain, Private`, `Any`, or bits; 0 is Any, and so is every bit set (COM's NET_FW_PROFILE2_ALL). Undefined: not understood. */
export function parseProfiles(values: readonly string[]): number | undefined {
  let bits = 0;
  for (const value of values) {
    for (const piece of value.split(/[,;|]/)) {
      const word = piece.trim().toLowerCase();
      if (word === '') continue;
      if (word === 'any' || word === 'all' || word === '0') return allProfiles;
      if (word === 'domain' || word === 'private' || word === 'public') bits |= profileBits[word];
      else if (/^\d{1,10}$/.test(word)) {
        const number = Number(word);
        if (number === 2147483647) return allProfiles;
        if (number > allProfiles) return undefined;
        bits |= number;
      } else return undefined;
    }
  }
  return bits === 0 ? allProfiles : bits;
}
