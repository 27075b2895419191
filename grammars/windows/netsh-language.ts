/**
 * The words of `netsh advfirewall`, by Windows display language. netsh prints fixed labels at column 0 and values at column 38;
 * both are translated, tokens such as `TCP`, `LocalSubnet` and `BlockInbound` are not.
 *
 * To add a language, copy a file of `languages/`, fill it from a captured output and add it to `netsh-languages.ts`. Every list may
 * hold several spellings, because Windows versions differ; a word must not stand in two lists of one kind. Labels are written
 * without the final colon.
 */
export interface NetshLanguage {
  readonly code: string;
  readonly title: string;
  readonly labels: Readonly<Record<NetshField, readonly string[]>>;
  readonly words: Readonly<Record<NetshWord, readonly string[]>>;
  /** The headings of `show allprofiles`, without the colon. */
  readonly headings: Readonly<Record<'domain' | 'private' | 'public', readonly string[]>>;
  readonly settings: Readonly<Record<NetshSetting, readonly string[]>>;
  /** The line that ends a complete listing. */
  readonly end: readonly string[];
}

export const netshFields = [
  'name',
  'description',
  'enabled',
  'direction',
  'profiles',
  'grouping',
  'localIp',
  'remoteIp',
  'protocol',
  'localPort',
  'remotePort',
  'edge',
  'program',
  'service',
  'interfaceTypes',
  'security',
  'source',
  'action',
] as const;
export type NetshField = (typeof netshFields)[number];

export type NetshWord =
  | 'yes'
  | 'no'
  | 'in'
  | 'out'
  | 'domain'
  | 'private'
  | 'public'
  | 'any'
  | 'allow'
  | 'block'
  | 'bypass'
  | 'notRequired'
  | 'localSource'
  | 'policySource'
  | 'on'
  | 'off'
  | 'enabled'
  | 'disabled';

export type NetshSetting = 'state' | 'policy' | 'localRules';
