import type { Family } from '../../../packets/fields.ts';
import { isUnresolved, readable } from '../lowering.ts';
import { programName } from './prefixes.ts';

/** The program a command runs, of those that set up packet filters. */
export type Tool =
  | { readonly kind: 'iptables' | 'restore'; readonly family: Family; readonly args: readonly string[] }
  | { readonly kind: 'ipset' | 'nft'; readonly args: readonly string[] };

/** Tells the tool by its name, or, where a script gets it from elsewhere, by the name of the variable (`$IPT`, `${IP6TABLES}`). */
export function toolOf(words: readonly string[]): Tool | undefined {
  const [command = '', ...args] = words;
  const guess = isUnresolved(command) ? variableName(readable(command)) : programName(command);
  const iptables = /^ip(6?)tables(?:-legacy|-nft)?(-restore)?$/.exec(guess);
  if (iptables !== null)
    return {
      kind: iptables[2] === undefined ? 'iptables' : 'restore',
      family: iptables[1] === '6' ? 'ipv6' : 'ipv4',
      args,
    };
  return guess === 'ipset' || guess === 'nft' ? { kind: guess, args } : undefined;
}

function variableName(text: string): string {
  const name = (/^\$\{?(\w+)/.exec(text)?.[1] ?? '').toLowerCase();
  if (/^(?:ip6t|ipt6|ip6tables?(?:_?(?:cmd|bin|command))?|iptables6|cmd_ip6tables)$/.test(name))
    return 'ip6tables';
  if (/^(?:ipt|ipt4|iptables?4?(?:_?(?:cmd|bin|command))?|cmd_iptables|fw)$/.test(name)) return 'iptables';
  return /^(ipset|nft)(?:_?(?:cmd|bin|command))?$/.exec(name)?.[1] ?? '';
}
