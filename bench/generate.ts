/**
 * Rule sets as large machines have them, in iptables-save syntax. The same shape, size and seed always give the same text.
 *
 * `host`: one flat INPUT chain of banned addresses and of services with their allowed clients, as fail2ban and configuration
 * management leave it. `router`: chains a zone, entered by source network and interface, rules of source × destination × ports, with
 * jumps between chains, rate limits and comments, as firewall generators write it.
 */
export type Shape = 'host' | 'router';

const servicePorts = [
  22, 25, 53, 80, 110, 123, 143, 161, 389, 443, 445, 465, 587, 636, 993, 995, 1433, 1521, 2049, 2379, 3000,
  3306, 3389, 5000, 5432, 5672, 5900, 6379, 6443, 8000, 8080, 8443, 9000, 9090, 9100, 9200, 10250, 11211,
  15672, 27017,
];

export function generateRules(shape: Shape, rules: number, seed = 1): string {
  const random = randomFrom(seed * 7919 + rules);
  return shape === 'host' ? hostRules(rules, random) : routerRules(rules, random);
}

/** A host of so many services, each on some port for one network, and a policy with an entry for each. */
export function generateJustified(services: number): { readonly rules: string; readonly policy: string } {
  const random = randomFrom(services);
  const uses = Array.from({ length: services }, (_, i) => ({
    network: network(random),
    port: random() < 0.5 ? pick(random, servicePorts) : 1024 + below(random, 64000),
    protocol: pick(random, ['tcp', 'tcp', 'udp']),
    name: `service ${i}`,
  }));
  const rules = uses.map(
    ({ network: from, port, protocol }) => `-A INPUT -s ${from} -p ${protocol} --dport ${port} -j ACCEPT`,
  );
  const policy = uses.map(
    ({ network: from, port, protocol, name }, i) =>
      `  - port: ${port}/${protocol}\n    from: [${from}]\n    reason: ${name}\n    owner: team-${i % 40}\n    ticket: OPS-${i}`,
  );
  const head = ['*filter', ':INPUT DROP [0:0]', ':FORWARD DROP [0:0]', ':OUTPUT ACCEPT [0:0]'];
  return {
    rules: [...head, ...rules, 'COMMIT', ''].join('\n'),
    policy: ['version: 1', 'allow:', ...policy, ''].join('\n'),
  };
}

type Random = () => number;

/** mulberry32: small, fast and the same everywhere. */
function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[below(random, items.length)]!;
}

function addressText(address: number): string {
  return [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255].join('.');
}

/** A network inside 10/8, 172.16/12, 192.168/16 or anywhere, of a length that rules really use. */
function network(
  random: Random,
  lengths: readonly number[] = [16, 20, 22, 24, 24, 24, 26, 28, 32, 32],
): string {
  const [base, fixed] = pick(random, [
    [0x0a000000, 8],
    [0x0a000000, 8],
    [0xac100000, 12],
    [0xc0a80000, 16],
    [(11 + below(random, 100)) * 0x1000000, 8],
  ] as const);
  const length = Math.max(fixed, pick(random, lengths));
  const host = below(random, 2 ** (32 - fixed));
  const mask = 2 ** 32 - 2 ** (32 - length);
  return `${addressText(((base + host) & mask) >>> 0)}/${length}`;
}

function ports(random: Random): string {
  if (random() < 0.7)
    return `-p ${pick(random, ['tcp', 'tcp', 'tcp', 'udp'])} --dport ${pick(random, servicePorts)}`;
  if (random() < 0.5) {
    const from = 1024 + below(random, 60000);
    return `-p tcp --dport ${from}:${from + 1 + below(random, 500)}`;
  }
  const some = new Set(Array.from({ length: 2 + below(random, 5) }, () => pick(random, servicePorts)));
  return `-p tcp -m multiport --dports ${[...some].join(',')}`;
}

function hostRules(count: number, random: Random): string {
  const lines = [
    '*filter',
    ':INPUT DROP [0:0]',
    ':FORWARD DROP [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    '-A INPUT -i lo -j ACCEPT',
    '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A INPUT -m conntrack --ctstate INVALID -j DROP',
  ];
  // What fail2ban and people have banned stands first; after it, each service for each of its clients.
  const bans = Math.min(200, Math.floor(count / 20));
  for (let i = 0; i < bans; i++) lines.push(`-A INPUT -s ${network(random, [32])} -j DROP`);
  const own = Array.from({ length: 40 }, () => 1024 + below(random, 48000));
  for (let i = 3 + bans; i < count; i++) {
    const kind = random();
    if (kind < 0.9) lines.push(`-A INPUT -s ${network(random)} ${ports(random)} -j ACCEPT`);
    else if (kind < 0.93) lines.push(`-A INPUT -p tcp --dport ${pick(random, own)} -j ACCEPT`);
    else
      lines.push(
        `-A INPUT -i eth${below(random, 4)} ${ports(random)} -m comment --comment "ticket ${i}" -j ACCEPT`,
      );
  }
  lines.push('COMMIT', '');
  return lines.join('\n');
}

function routerRules(count: number, random: Random): string {
  const zones = Math.max(4, Math.min(200, Math.floor(count / 60)));
  const names = Array.from({ length: zones }, (_, i) => `zone-${i}`);
  const lines = [
    '*filter',
    ':INPUT DROP [0:0]',
    ':FORWARD DROP [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ...names.map((name) => `:${name} - [0:0]`),
    '-A INPUT -i lo -j ACCEPT',
    '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A FORWARD -m conntrack --ctstate INVALID -j DROP',
  ];
  let written = 4;
  names.forEach((name, i) => {
    const entry = i % 3 === 0 ? 'INPUT' : 'FORWARD';
    // Every fourth zone is entered from an earlier one.
    const from = i > 4 && i % 4 === 0 ? names[below(random, i)]! : entry;
    lines.push(`-A ${from} -s ${network(random, [8, 12, 16, 16, 20])} -j ${name}`);
    written++;
  });
  for (; written < count - zones; written++) {
    const chain = pick(random, names);
    const kind = random();
    if (kind < 0.6)
      lines.push(`-A ${chain} -s ${network(random)} -d ${network(random)} ${ports(random)} -j ACCEPT`);
    else if (kind < 0.8)
      lines.push(`-A ${chain} -s ${network(random)} ${ports(random)} -m conntrack --ctstate NEW -j ACCEPT`);
    else if (kind < 0.9) lines.push(`-A ${chain} -d ${network(random)} -j DROP`);
    else if (kind < 0.97)
      lines.push(
        `-A ${chain} -i eth${below(random, 6)} -d ${network(random)} ${ports(random)} -m comment --comment "change ${written}" -j ACCEPT`,
      );
    else
      lines.push(
        `-A ${chain} -s ${network(random)} -p tcp --dport ${pick(random, servicePorts)} -m limit --limit 10/minute -j ACCEPT`,
      );
  }
  for (const name of names) lines.push(`-A ${name} -j RETURN`);
  lines.push('COMMIT', '');
  return lines.join('\n');
}
