import { incoming, outgoing } from './topology.ts';

type Side = 'in' | 'out';

const pools: Readonly<Record<Side, readonly string[]>> = {
  in: incoming.map(({ name }) => name),
  out: outgoing.map(({ name }) => name),
};

/** What an interface is called by an option or expression, by the side that it is about. */
const places: Readonly<Record<Side, readonly RegExp[]>> = {
  in: [
    /((?:^|\s)(?:-i|--in-interface)[ =])"?([\w.@:+*-]+)"?/gm,
    /(\biif(?:name)?\s+(?:!=\s+)?)"?([\w.@:+*-]+)"?/g,
  ],
  out: [
    /((?:^|\s)(?:-o|--out-interface)[ =])"?([\w.@:+*-]+)"?/gm,
    /(\boif(?:name)?\s+(?:!=\s+)?)"?([\w.@:+*-]+)"?/g,
  ],
};
const sets: Readonly<Record<Side, RegExp>> = {
  in: /(\biif(?:name)?\s+(?:!=\s+)?)\{([^}]*)\}/g,
  out: /(\boif(?:name)?\s+(?:!=\s+)?)\{([^}]*)\}/g,
};

/**
 * A ruleset of some other host with the lab's interfaces in the place of its own, so that probes meet its rules: another ruleset, but
 * one that people wrote. A name that stands on both sides becomes two, since no probe leaves by an interface that others come in by.
 */
export function withLabInterfaces(text: string): string {
  const known = new Map<string, string>();
  let result = text;
  for (const side of ['in', 'out'] as const) {
    const renamed = (name: string): string => labName(side, name, known);
    for (const place of places[side])
      result = result.replace(place, (_, before: string, name: string) => `${before}"${renamed(name)}"`);
    result = result.replace(
      sets[side],
      (_, before: string, list: string) =>
        `${before}{${list.replace(/"?([\w.@:+*-]+)"?/g, (_all, name: string) => `"${renamed(name)}"`)}}`,
    );
  }
  return result;
}

function labName(side: Side, name: string, known: Map<string, string>): string {
  const [, base = '', wildcard = ''] = /^(.*?)([+*]?)$/.exec(name) ?? [];
  if (base === '' || base === 'lo') return name;
  const key = `${side} ${base}`;
  let found = known.get(key);
  if (found === undefined) {
    const pool = pools[side];
    found = pool[[...known.keys()].filter((other) => other.startsWith(side)).length % pool.length]!;
    known.set(key, found);
  }
  return found + wildcard;
}
