import { matchModules, targetModules } from '../../../grammars/iptables/modules.ts';

/** Who would have to be loaded for an option: `-p tcp or -p udp` for `--dport`. */
export function ownerOf(name: string): string | undefined {
  const matches = [...matchModules.values()].filter((module) => module.options.has(name));
  const targets = [...targetModules.values()].filter((module) => module.options.has(name));
  const owners = [
    ...matches.map((module) =>
      protocolMatches.has(module.name) ? `-p ${module.name}` : `-m ${module.name}`,
    ),
    ...targets.map((module) => `-j ${module.name}`),
  ];
  return owners.length === 0 ? undefined : owners.slice(0, 3).join(' or ');
}

const protocolMatches = new Set(['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'icmp']);
