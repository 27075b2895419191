import { incoming, outgoing } from './topology.ts';

type Side = 'in' | 'out';

/** An interface, with or without quotes; behind a selector may stand a set, a map, or in `fib` and concatenations what goes on. */
const name = '(?![.@]|(?:eq|ne|missing|exists|v?map|[io]if|mark|type|\\d+)(?![\\w.-]))"?([\\w.@:+*-]+)"?';

const pools: Readonly<Record<Side, readonly string[]>> = {
  in: incoming.map(({ name }) => name),
  out: outgoing.map(({ name }) => name),
};

/** What stands before an interface of a side, or a set of them: an option of iptables, an expression of nft. */
function before(side: Side): string {
  const letter = side.charAt(0);
  return `(?:(?:^|\\s)(?:-${letter}|--${side}-interface)[ =]|\\b${letter}if(?:name)?\\s+(?:!=\\s+)?)`;
}

/**
 * A ruleset of some other host with the lab's interfaces in the place of its own, so that probes meet its rules: another ruleset, but
 * one that people wrote. A name that stands on both sides becomes two, since no probe leaves by an interface that others come in by.
 */
export function withLabInterfaces(text: string): string {
  const known = new Map<string, string>();
  let result = text;
  for (const side of ['in', 'out'] as const) {
    const renamed = (found: string): string => `"${labName(side, found, known)}"`;
    result = result
      .replace(
        new RegExp(`(${before(side)})${name}`, 'gm'),
        (_, place: string, found: string) => place + renamed(found),
      )
      .replace(
        new RegExp(`(${before(side)})\\{([^}]*)\\}`, 'gm'),
        (_, place: string, list: string) =>
          `${place}{${list.replace(new RegExp(name, 'g'), (_all, found: string) => renamed(found))}}`,
      );
  }
  return result;
}

function labName(side: Side, given: string, known: Map<string, string>): string {
  const [, base = '', wildcard = ''] = /^(.*?)([+*]?)$/.exec(given) ?? [];
  if (base === '' || base === 'lo') return given;
  const key = `${side} ${base}`;
  let found = known.get(key);
  if (found === undefined) {
    const pool = pools[side];
    found = pool[[...known.keys()].filter((other) => other.startsWith(side)).length % pool.length]!;
    known.set(key, found);
  }
  return found + wildcard;
}
