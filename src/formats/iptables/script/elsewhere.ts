import { behindOptions, programName, withoutPrefixes } from './prefixes.ts';

/** A command, and where it runs. */
export interface Started {
  /** In words where other packets pass than those of this host: `the network namespace blue`. Undefined for this host. */
  readonly where: string | undefined;
  readonly words: readonly string[];
}

const containerTools = new Set([
  'docker',
  'podman',
  'nerdctl',
  'kubectl',
  'crictl',
  'oc',
  'lxc',
  'incus',
  'lxd',
]);
const entering = new Set(['lxc-attach', 'systemd-nspawn', 'machinectl', 'vagrant', 'runc']);
const remote = new Set(['ssh', 'sshpass', 'rsh', 'pdsh', 'mosh']);

/* Options of nsenter(1) and unshare(1) that take a value; those of namespaces take one only as a part of their word. */
const nsenterLetters = 'tSG';
const nsenterLong = ['target', 'setuid', 'setgid'];
const unshareLetters = 'RwSG';
const unshareLong = ['root', 'wd', 'setuid', 'setgid', 'propagation', 'setgroups'];

/** Tells a command that runs in another network namespace, in a container or on another host; undefined for one that runs here. */
function elsewhere(words: readonly string[]): Started | undefined {
  const [first = '', ...rest] = words;
  const name = programName(first);
  if (name === 'ip') {
    const at = behindOptions(words, 1, 'nfrlc', ['netns', 'family', 'rcvbuf', 'loops']);
    // `ip -all netns exec COMMAND` runs in every named namespace.
    const named = rest.slice(0, at).some((word) => /^-a(?:ll)?$/.test(word)) ? 0 : 1;
    if (!/^netns$/.test(words[at] ?? '') || !/^e(?:x(?:ec?)?)?$/.test(words[at + 1] ?? '')) return undefined;
    return {
      where: named === 1 ? `the network namespace ${words[at + 2] ?? ''}` : 'other network namespaces',
      words: words.slice(at + 2 + named),
    };
  }
  if (name === 'nsenter') return nsenter(words);
  if (name === 'unshare') {
    const at = behindOptions(words, 1, unshareLetters, unshareLong);
    const own = words.slice(1, at).some((word) => /^(?:-[a-zA-Z]*n|--net(?:=|$))/.test(word));
    return own ? { where: 'a network namespace of its own', words: words.slice(at) } : undefined;
  }
  if (remote.has(name)) return { where: 'another host', words: rest };
  if (
    containerTools.has(name) &&
    /^(?:exec|run|compose)$/.test(rest.find((word) => !word.startsWith('-')) ?? '')
  )
    return { where: 'a container', words: rest };
  return entering.has(name) ? { where: 'a container', words: rest } : undefined;
}

function nsenter(words: readonly string[]): Started | undefined {
  const at = behindOptions(words, 1, nsenterLetters, nsenterLong);
  const options = words.slice(1, at);
  const entersNet = options.some((word) => /^(?:-[a-zA-Z]*[na]|--net(?:=|$)|--all$)/.test(word));
  const text = options.join(' ');
  // Process 1 is the host's init, so its namespace is the host's.
  const host = /(?:^| )(?:-\w*t ?|--target[ =])1(?: |$)/.test(text) && !/(?:-n|--net=)\S*\//.test(text);
  return entersNet && !host && !/(?:-n|--net=)\/proc\/1\/ns\/net/.test(text)
    ? { where: 'another network namespace', words: words.slice(at) }
    : undefined;
}

/** The words behind nsenter and unshare that run in the host's own network namespace. */
function withoutNamespaces(words: readonly string[]): readonly string[] {
  const name = programName(words[0] ?? '');
  if (name === 'nsenter')
    return withoutPrefixes(words.slice(behindOptions(words, 1, nsenterLetters, nsenterLong)));
  if (name === 'unshare')
    return withoutPrefixes(words.slice(behindOptions(words, 1, unshareLetters, unshareLong)));
  return words;
}

/** The command that words start, whatever starts it, and where it runs if that is not here. */
export function startedBy(words: readonly string[]): Started {
  let left = withoutPrefixes(words);
  for (;;) {
    const other = elsewhere(left);
    if (other !== undefined) return other;
    const inside = withoutNamespaces(left);
    if (inside === left) return { where: undefined, words: left };
    left = inside;
  }
}
