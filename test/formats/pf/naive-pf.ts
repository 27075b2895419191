import { parseRangeText } from '../../../src/packets/range-text.ts';
import { dice, rulesIn } from './print-rules.ts';
import { familyOf, pairsOf, places } from './random-rules.ts';
import type {
  RandomPacket,
  RandomPolicy,
  RandomRule,
  RandomStatement,
  RandomTranslation,
} from './random-rules.ts';

/** Answers what the rules leave open, by its name. */
export type Answers = (question: string) => boolean;

/** pf's algorithm word for word: top to bottom, the last match wins, quick ends it, tags stick (pf.conf(5)). */
export function naive(policy: RandomPolicy, packet: RandomPacket, answers: Answers): 'allow' | 'deny' {
  if (packet.iface === policy.skip) return 'allow';
  const { packet: translated, passed } = translate(policy.translations, packet);
  if (passed) return 'allow';
  const pf = new NaivePf(translated, rulesIn(policy.statements), answers, policy.dialect);
  pf.walk(policy.statements);
  return pf.verdict === 'pass' ? 'allow' : 'deny';
}

/** All that a policy can ask of one packet, so that every way to answer can be tried. */
export function questionsOf({ statements, dialect }: RandomPolicy, packet: RandomPacket): string[] {
  const all = rulesIn(statements);
  const asked = new Set<string>();
  const open = openTests(all, packet.direction, dialect);
  for (const rule of all) {
    if (open.has(rule)) asked.add(`tag ${rule.tagged.replace('! ', '')}`);
    if (rule.extra === 'user' || rule.extra === 'once') asked.add(rule.extra);
    else if (rule.extra === 'probability') asked.add(`probability ${dice(rule, all)}`);
    else if (rule.extra.endsWith('received-on em1') && packet.direction === 'out') asked.add('received-on');
  }
  return [...asked];
}

/**
 * The rules whose test of a tag a packet may meet that brought it along: none of the rules before sets it in this direction, or some
 * rule does on the way in to the one that is tested on the way out. On FreeBSD only rules set tags, so some rule must.
 */
function openTests(
  all: readonly RandomRule[],
  direction: RandomPacket['direction'],
  dialect: RandomPolicy['dialect'],
): ReadonlySet<RandomRule> {
  const asked = (way: string): RandomRule[] =>
    all.filter((rule) => rule.direction === '' || rule.direction === way);
  const onTheWayIn = new Set(direction === 'out' ? asked('in').map(({ tag }) => tag) : []);
  const before = new Set<string>();
  const open = new Set<RandomRule>();
  for (const rule of asked(direction)) {
    const name = rule.tagged.replace('! ', '');
    const isSet = dialect !== 'freebsd' || all.some((one) => one.tag === name);
    if (name !== '' && isSet && (!before.has(name) || onTheWayIn.has(name))) open.add(rule);
    before.add(rule.tag);
  }
  return open;
}

class NaivePf {
  verdict: 'pass' | 'block' = 'pass';
  private tag = '';
  /** The tag that the packet came with; a packet has one at most. */
  private readonly brought: string;
  private readonly open: ReadonlySet<RandomRule>;
  /** How many pass and block rules have matched. */
  private matched = 0;
  private packet: RandomPacket;
  private readonly all: readonly RandomRule[];
  private readonly answers: Answers;

  constructor(
    packet: RandomPacket,
    all: readonly RandomRule[],
    answers: Answers,
    dialect: RandomPolicy['dialect'],
  ) {
    this.packet = packet;
    this.all = all;
    this.answers = answers;
    this.open = openTests(all, packet.direction, dialect);
    this.brought = ['A', 'B'].find((name) => answers(`tag ${name}`)) ?? '';
  }

  /** True once the evaluation has ended. */
  walk(statements: readonly RandomStatement[]): boolean {
    for (const one of statements) {
      if (one.kind === 'antispoof') {
        if (!isSpoofed(one.target, this.packet)) continue;
        this.verdict = 'block';
        this.matched++;
        if (one.quick) return true;
        continue;
      }
      if (!ifaceFits(one.iface, this.packet.iface)) continue;
      if (one.kind === 'anchor') {
        const before = this.matched;
        if (this.walk(one.body)) return true;
        if (one.quick && this.matched > before) return true;
        continue;
      }
      if (!this.fits(one)) continue;
      if (one.tag !== '') this.tag = one.tag;
      if (one.action === 'match') this.change(one);
      else {
        this.verdict = one.action;
        this.matched++;
      }
      if (one.quick) return true;
    }
    return false;
  }

  private fits(one: RandomRule): boolean {
    const { packet } = this;
    if (one.direction !== '' && one.direction !== packet.direction) return false;
    if (one.protocols.length > 0 && !one.protocols.includes(packet.protocol)) return false;
    const family = familyOf(packet.source);
    const hosts = pairsOf(one).some(
      (pair) =>
        (pair.family === 0 || pair.family === family) &&
        hostFits(pair.from, packet.source) &&
        hostFits(pair.to, packet.destination),
    );
    if (!hosts) return false;
    if (one.ports.length > 0 && !one.ports.some((item) => portFits(item, packet.port))) return false;
    if (one.tagged !== '' && this.isTagged(one) === one.tagged.startsWith('!')) return false;
    return this.extraFits(one);
  }

  private isTagged(one: RandomRule): boolean {
    const tag = this.tag === '' && this.open.has(one) ? this.brought : this.tag;
    return tag === one.tagged.replace('! ', '');
  }

  private extraFits(one: RandomRule): boolean {
    switch (one.extra) {
      case 'user':
      case 'once':
        return this.answers(one.extra);
      case 'probability':
        return this.answers(`probability ${dice(one, this.all)}`);
      case 'received-on em1':
      case '! received-on em1': {
        const received =
          this.packet.direction === 'in' ? this.packet.iface === 'em1' : this.answers('received-on');
        return received !== one.extra.startsWith('!');
      }
      default:
        return true;
    }
  }

  /** What a match rule translates, later rules see. */
  private change(one: RandomRule): void {
    if (one.extra === 'nat-to') this.packet = { ...this.packet, source: places.natted };
    if (one.extra === 'rdr-to') this.packet = { ...this.packet, destination: places.inside };
    if (one.extra === 'rdr-to port')
      this.packet = { ...this.packet, destination: places.inside, port: places.insidePort };
  }
}

/** The old translation: rdr before binat on the way in, binat before nat on the way out, the first match of each kind. */
function translate(
  translations: readonly RandomTranslation[],
  packet: RandomPacket,
): { readonly packet: RandomPacket; readonly passed: boolean } {
  for (const kind of packet.direction === 'in' ? (['rdr', 'binat'] as const) : (['binat', 'nat'] as const)) {
    const found = translations.find((one) => one.kind === kind && translationFits(one, packet));
    if (found === undefined) continue;
    if (found.no) return { packet, passed: false };
    const port = found.moves ? places.insidePort : packet.port;
    const changed =
      packet.direction === 'in'
        ? { ...packet, destination: places.inside, port }
        : { ...packet, source: places.natted };
    return { packet: changed, passed: found.pass };
  }
  return { packet, passed: false };
}

function translationFits({ kind, no, iface, tcp, port }: RandomTranslation, packet: RandomPacket): boolean {
  if (iface !== packet.iface || familyOf(packet.source) !== 4) return false;
  if (tcp && packet.protocol !== 'tcp') return false;
  if (port !== '' && packet.port !== Number(port)) return false;
  if (kind === 'rdr') return packet.destination === places.outside;
  if (kind === 'nat' || packet.direction === 'out') return packet.source === places.inside;
  // Without an outer address there is nothing to come in to.
  return !no && packet.destination === places.natted;
}

function isSpoofed(target: string, packet: RandomPacket): boolean {
  if (packet.direction === 'out') return false;
  const [network, own] =
    target === 'em0'
      ? ['203.0.113.0/24', '203.0.113.10']
      : target === 'em1'
        ? ['10.0.0.0/24', '10.0.0.1']
        : ['127.0.0.0/8', ''];
  return (packet.iface !== target && inside(network!, packet.source)) || packet.source === own;
}

function inside(range: string, address: string): boolean {
  const outer = parseRangeText(range)!;
  const inner = parseRangeText(address)!;
  return (
    outer.family === inner.family && inner.range[0] >= outer.range[0] && inner.range[0] <= outer.range[1]
  );
}

function inTable(address: string): boolean {
  return (
    (inside('192.0.2.0/24', address) && address !== '192.0.2.1') ||
    inside('10.1.0.0/16', address) ||
    (inside('2001:db8::/32', address) && !inside('2001:db8:1::/48', address))
  );
}

function hostFits(item: string, address: string): boolean {
  if (item === '<any>') return true;
  const bare = item.replace(/^! /, '');
  return (bare === '<t>' ? inTable(address) : inside(bare, address)) !== item.startsWith('! ');
}

function portFits(item: string, port: number): boolean {
  switch (item) {
    case '22':
      return port === 22;
    case '= 80':
      return port === 80;
    case '!= 22':
      return port !== 22;
    case '80:90':
      return port >= 80 && port <= 90;
    case '22 >< 81':
      return port > 22 && port < 81;
    case '22 <> 81':
      return port < 22 || port > 81;
    case '<= 22':
      return port <= 22;
    default:
      return port > 80;
  }
}

function ifaceFits(items: readonly string[], iface: string): boolean {
  return (
    items.length === 0 ||
    items.some((item) => (item.startsWith('! ') ? item.slice(2) !== iface : item === iface))
  );
}
