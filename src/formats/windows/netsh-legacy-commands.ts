import type { CommandWord } from '../../../grammars/windows/netsh-commands.ts';
import { settingsOf } from './netsh-settings.ts';
import type { Written } from './windows-rule.ts';

/** Settings of a rule as `netsh advfirewall firewall add rule` names them. */
export type RuleSettings = Map<string, Written>;

/** The parameters of each command in the order in which they may also stand without their names (`netsh firewall add portopening ?`). */
const parameters: ReadonlyMap<string, readonly string[]> = new Map([
  ['portopening', ['protocol', 'port', 'name', 'mode', 'scope', 'addresses', 'profile', 'interface']],
  ['allowedprogram', ['program', 'name', 'mode', 'scope', 'addresses', 'profile']],
]);

/**
 * The rules that an old `netsh firewall add portopening` or `add allowedprogram` adds; undefined for another command, or for one that
 * cannot be read. `words` begin behind `firewall`.
 */
export function legacyRules(words: readonly CommandWord[]): readonly RuleSettings[] | undefined {
  const [verb, kind] = words.slice(0, 2).map(({ text }) => text.toLowerCase());
  const names = kind === undefined || !/^(?:add|set)$/.test(verb!) ? undefined : parameters.get(kind);
  if (names === undefined) return undefined;
  const given = withNames(words.slice(2), names);
  const at = words[0]!.at;
  const value = (name: string): string => given.get(name)?.text.toLowerCase() ?? '';
  const port = given.get('port');
  const program = given.get('program');
  if (kind === 'portopening' ? port === undefined : program === undefined) return undefined;
  const protocols =
    kind === 'allowedprogram' ? ['any'] : value('protocol') === 'all' ? ['tcp', 'udp'] : [value('protocol')];
  if (protocols.some((protocol) => !/^(?:tcp|udp|any)$/.test(protocol))) return undefined;
  const remote = remoteOf(value('scope'), given.get('addresses'), at);
  if (remote === undefined || !/^(?:|enable|disable)$/.test(value('mode'))) return undefined;
  return protocols.map((protocol) => {
    const text = (written: string): Written => ({ text: written, at });
    const settings: RuleSettings = new Map([
      ['dir', text('in')],
      ['action', text('allow')],
      ['enable', text(value('mode') === 'disable' ? 'no' : 'yes')],
      ['protocol', text(protocol)],
      ['remoteip', remote],
    ]);
    const name = given.get('name');
    if (name !== undefined) settings.set('name', name);
    if (port !== undefined) settings.set('localport', port);
    if (program !== undefined) settings.set('program', program);
    return settings;
  });
}

/** Whether an old command leaves the firewall as it is taken to be: on, with its rules. */
export function keepsFirewallOn(words: readonly CommandWord[]): boolean {
  const written = words.map(({ text }) => text.toLowerCase()).join(' ');
  return /^set opmode (?:mode *= *)?enable$/.test(written);
}

/** Words with names, and words without in the order of the parameters. */
function withNames(words: readonly CommandWord[], names: readonly string[]): RuleSettings {
  if (words.some(({ text }) => text.includes('='))) return settingsOf(words);
  const end = words.findIndex(({ text }) => /^\d?>|^#/.test(text));
  const plain = end < 0 ? words : words.slice(0, end);
  return new Map(plain.slice(0, names.length).map(({ text, at }, i) => [names[i]!, { text, at }]));
}

function remoteOf(scope: string, addresses: Written | undefined, at: number): Written | undefined {
  if (scope === '' || scope === 'all') return { text: 'any', at };
  if (scope === 'subnet') return { text: 'localsubnet', at };
  return scope === 'custom' ? addresses : undefined;
}
