import { evaluate, type Evaluation } from './analysis/evaluate.ts';
import { interpret, type Interpretation } from './analysis/interpret.ts';
import { markIsTracked } from './analysis/mark-is-tracked.ts';
import { packetBits } from './analysis/packet-bits.ts';
import { type Packet, synOnly } from './analysis/packet.ts';
import { packetIn } from './analysis/packet-in.ts';
import { oracleOf, plainWorld, wayTo, type World, worldWhere } from './analysis/worlds.ts';
import { type AuditOptions, defaultMaxNodes } from './audit.ts';
import type { EntryPoint } from './model/firewall.ts';
import { knownSpellings, type Spelling } from './formats/windows/known-spellings.ts';
import { FALSE, type Node, TRUE } from './packets/bdd.ts';
import { parseAddress } from './packets/address-text.ts';
import {
  type ConnectionState,
  type Direction,
  type Family,
  type NameField,
  protocolNumbers,
  tcpFlagBits,
  type TcpFlag,
} from './packets/fields.ts';
import type { PacketSpace, SpaceField } from './packets/packet-space.ts';
import { type Host, inOrder, readHosts } from './read-hosts.ts';
import { decidingReferences } from './report/deciding-references.ts';
import { reportDiagnostic } from './report/report-diagnostic.ts';
import type { ReportDiagnostic, ReportInput, RuleReference } from './report/report.ts';
import { RuleReferences } from './report/rule-reference.ts';
import type { Source } from './source/source.ts';

/** One packet as asked about: a line of `query --batch`. An absent field is any value, and the answer holds for all of them. */
export interface QueryPacket {
  readonly direction?: Direction;
  /** Name or number; default tcp. */
  readonly protocol?: string | number;
  readonly source?: string;
  readonly sourcePort?: number;
  readonly destination?: string;
  readonly destinationPort?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  /** Absent: any but loopback. */
  readonly inInterface?: string;
  readonly outInterface?: string;
  /** Default new, also for ICMP messages that netfilter never calls new. */
  readonly state?: ConnectionState;
  /** Default SYN alone. */
  readonly tcpFlags?: readonly TcpFlag[];
  readonly profile?: string;
  readonly program?: string;
  readonly service?: string;
  /** SID of an application package. */
  readonly package?: string;
  /** `wired`, `wireless` or `remote-access`. */
  readonly interfaceType?: string;
}

export interface QueryAnswer {
  readonly verdict: 'allow' | 'deny' | 'conditional';
  /** How it is denied. */
  readonly action?: 'drop' | 'reject';
  /** The rules that decided, last one last. */
  readonly rules: readonly RuleReference[];
  /** What a conditional verdict hangs on. */
  readonly conditions: readonly string[];
}

const leftOpen = 'what the question leaves open';

/** A question that makes no sense (mixed families, a bad address); the message says why. */
export class BadQuery extends Error {}

export interface Query {
  readonly inputs: readonly ReportInput[];
  readonly diagnostics: readonly ReportDiagnostic[];
  /** Throws `BadQuery`, or `TooComplex` from evaluating. */
  readonly query: (packet: QueryPacket) => QueryAnswer;
}

/** Reads the sources, which must describe one host, and answers questions about single packets. */
export async function createQuery(sources: readonly Source[], options: AuditOptions = {}): Promise<Query> {
  const read = await readHosts(sources, { ...options, host: true });
  const { hosts, inputs, diagnostics } = read;
  const references = new RuleReferences(read.sources);
  const host = hosts[0];
  const asked = host === undefined ? undefined : new HostQuery(host, options, references);
  return {
    inputs,
    diagnostics: inOrder(diagnostics).map((one) => reportDiagnostic(one, read.sources)),
    query: (packet) => {
      if (asked === undefined) throw new BadQuery('no input could be read, so there is nothing to ask');
      return asked.answer(packet);
    },
  };
}

/** Packet fields that a question fixes; the others are free. */
interface Asked {
  readonly entry: EntryPoint | undefined;
  readonly direction: Direction;
  readonly packet: Packet;
  /** With the question's name for each. */
  readonly free: ReadonlyMap<SpaceField, string>;
}

class HostQuery {
  private readonly evaluations = new Map<string, Evaluation>();
  private readonly host: Host;
  private readonly options: AuditOptions;
  private readonly references: RuleReferences;
  private spellings: Spelling | undefined;

  constructor(host: Host, options: AuditOptions, references: RuleReferences) {
    this.host = host;
    this.options = options;
    this.references = references;
  }

  answer(question: QueryPacket): QueryAnswer {
    const answers = this.familiesOf(question).map((family) => this.answerIn(family, question));
    return answers.length === 1 ? answers[0]! : ofEitherFamily(answers);
  }

  /** Addresses say the family, and so does ICMP; without them a packet may be of any that the input covers. */
  private familiesOf({
    direction = 'in',
    protocol = 'tcp',
    source,
    destination,
  }: QueryPacket): readonly Family[] {
    const from = addressOf('source', source);
    const to = addressOf('destination', destination);
    if (from !== undefined && to !== undefined && from.family !== to.family)
      throw new BadQuery('source and destination are of different families');
    const said = from?.family ?? to?.family;
    if (said !== undefined) return [said];
    const covered = this.host.firewall.entries
      .filter((entry) => entry.direction === direction)
      .map((entry) => entry.family);
    const number = protocolOf(protocol);
    if (number === protocolNumbers.icmp && covered.includes('ipv4')) return ['ipv4'];
    if (number === protocolNumbers.icmpv6 && covered.includes('ipv6')) return ['ipv6'];
    if (covered.length > 0) return (['ipv4', 'ipv6'] as const).filter((family) => covered.includes(family));
    return [number === protocolNumbers.icmpv6 ? 'ipv6' : 'ipv4'];
  }

  private answerIn(family: Family, question: QueryPacket): QueryAnswer {
    const asked = this.read(question, family);
    if (asked.entry === undefined) {
      return {
        verdict: 'conditional',
        rules: [],
        conditions: [
          `${asked.packet.family === 'ipv4' ? 'IPv4' : 'IPv6'}, ${asked.direction}, is not covered by this input`,
        ],
      };
    }
    const evaluation = this.evaluation(asked.entry, asked.packet);
    const rest = restricted(evaluation, asked);
    const conditions = rest === TRUE || rest === FALSE ? [] : this.conditions(evaluation, rest, asked);
    const verdict = rest === TRUE ? 'allow' : rest === FALSE ? 'deny' : 'conditional';
    const ways =
      verdict === 'conditional'
        ? this.bothWays(evaluation, rest, asked)
        : [wayTo(verdict === 'allow' ? 'accept' : 'drop', (world) => this.walk(asked, asked.packet, world))];
    return {
      verdict,
      ...(verdict === 'deny' && ways[0]!.action !== 'accept' ? { action: ways[0]!.action } : {}),
      rules: uniqueReferences(ways.flatMap((way) => decidingReferences(way, this.references))),
      conditions,
    };
  }

  /** How the packet gets in, and how it does not: a world for each, as far as they are found. */
  private bothWays(evaluation: Evaluation, rest: Node, asked: Asked): readonly Interpretation[] {
    const found = (['accept', 'drop'] as const).flatMap((verdict) => {
      const where = verdict === 'accept' ? rest : evaluation.space.bdd.not(rest);
      const way = where === FALSE ? undefined : this.wayWhere(evaluation, where, asked);
      return way?.verdict === verdict ? [way] : [];
    });
    return found.length > 0 ? found : [this.walk(asked, asked.packet, plainWorld)];
  }

  /** `where`: a function of what the question leaves open, and of what the input does. */
  private wayWhere(evaluation: Evaluation, where: Node, asked: Asked): Interpretation | undefined {
    const { space } = evaluation;
    const { bdd, questionBase } = space;
    const packets = bdd.exists(where, (level) => level >= questionBase);
    const packet = packetIn(space, packets, asked.packet);
    const bits = packetBits(space, packet);
    let open = where;
    while (open > TRUE && bdd.levelOf(open) < questionBase) open = bdd.next(open, bits);
    const world = worldWhere(evaluation, open);
    return world === undefined ? undefined : this.walk(asked, packet, world);
  }

  private evaluation(entry: EntryPoint, packet: Packet): Evaluation {
    const key = `${entry.direction} ${entry.family} ${packet.state} ${packet.tcpFlags}`;
    let evaluation = this.evaluations.get(key);
    if (evaluation === undefined) {
      evaluation = evaluate(this.host.firewall, entry, {
        state: packet.state,
        tcpFlags: packet.tcpFlags,
        hostAddresses: this.options.localAddresses ?? [],
        maxNodes: this.options.maxNodes ?? defaultMaxNodes,
      });
      this.evaluations.set(key, evaluation);
    }
    return evaluation;
  }

  /** The way of a packet, by the chains that the question asks. */
  private walk(asked: Asked, packet: Packet, world: World): Interpretation {
    const entry = asked.entry!;
    return interpret(this.host.firewall, entry, packet, {
      oracle: oracleOf(world),
      hostAddresses: this.options.localAddresses ?? [],
      markIsTracked: markIsTracked(this.host.firewall, entry),
    });
  }

  private conditions(evaluation: Evaluation, rest: Node, asked: Asked): readonly string[] {
    const { space, questions } = evaluation;
    const found = new Set<string>();
    const fieldLevels = new Set<number>();
    for (const level of space.bdd.support(withoutLoopback(space, rest, asked))) {
      if (level < space.questionBase) fieldLevels.add(level);
      else {
        const reason = questions.at(level)?.reason;
        if (reason !== undefined) found.add(reason);
      }
    }
    const open = [...asked.free].filter(([field]) =>
      space.levelsOf(field).some((level) => fieldLevels.has(level)),
    );
    if (open.length > 0) found.add(`${leftOpen}: ${open.map(([, word]) => word).join(', ')}`);
    return [...found];
  }

  private read(question: QueryPacket, family: Family): Asked {
    const direction = question.direction ?? 'in';
    const protocol = protocolOf(question.protocol ?? 'tcp');
    const source = addressOf('source', question.source);
    const destination = addressOf('destination', question.destination);
    const icmp = protocol === protocolNumbers.icmp || protocol === protocolNumbers.icmpv6;
    const free = new Map<SpaceField, string>();
    const leave = (field: SpaceField, word: string): void => void free.set(field, word);
    if (source === undefined) leave('source', 'source');
    if (destination === undefined) leave('destination', 'destination');
    let first = question.sourcePort ?? 0;
    if (icmp) {
      first = ((question.icmpType ?? 0) << 8) | (question.icmpCode ?? 0);
      if (question.icmpType === undefined) leave('sourcePort', 'icmpType');
    } else if (question.sourcePort === undefined) leave('sourcePort', 'sourcePort');
    if (question.destinationPort === undefined)
      leave('destinationPort', icmp ? 'the ICMP checksum' : 'destinationPort');
    const names: Partial<Record<NameField, string>> = {};
    const name = (field: NameField, value: string | undefined): void => {
      if (value === undefined) leave(field, field);
      else names[field] = value;
    };
    name('inInterface', question.inInterface);
    name('outInterface', question.outInterface);
    name('profile', question.profile);
    name('program', this.spelt('program', question.program));
    name('service', this.spelt('service', question.service));
    name('package', question.package);
    name('interfaceType', question.interfaceType);
    let tcpFlags = 0;
    for (const flag of question.tcpFlags ?? []) tcpFlags |= tcpFlagBits[flag];
    return {
      direction,
      entry: this.host.firewall.entries.find(
        (entry) => entry.direction === direction && entry.family === family,
      ),
      free,
      packet: {
        family,
        protocol,
        source: source?.address ?? defaults[family].source,
        destination: destination?.address ?? defaults[family].destination,
        sourcePort: first,
        destinationPort: question.destinationPort ?? 0,
        tcpFlags: question.tcpFlags === undefined ? synOnly : tcpFlags,
        state: question.state ?? 'new',
        names:
          direction === 'out' || names.inInterface !== undefined ? names : { ...names, inInterface: 'any0' },
      },
    };
  }

  /** A program or service as the rules spell it: Windows compares without case and expands variables. */
  private spelt(field: 'program' | 'service', text: string | undefined): string | undefined {
    if (text === undefined || this.host.firewall.format !== 'windows') return text;
    this.spellings ??= knownSpellings(this.host.firewall);
    return this.spellings(field, text) ?? text;
  }
}

/** A question that names no address is about packets of all families: what holds for one alone hangs on that. */
function ofEitherFamily(answers: readonly QueryAnswer[]): QueryAnswer {
  const [first] = answers as readonly [QueryAnswer, ...QueryAnswer[]];
  const isSame = answers.every(({ verdict }) => verdict === first.verdict);
  // As for one family: the way in before the way that ends outside.
  const letIn = [...answers].sort((a, b) => Number(a.verdict === 'deny') - Number(b.verdict === 'deny'));
  const rules = uniqueReferences(letIn.flatMap((one) => one.rules));
  const conditions = new Set(answers.flatMap((one) => one.conditions));
  if (isSame) return { ...first, rules, conditions: [...conditions] };
  return { verdict: 'conditional', rules, conditions: [...conditions, `${leftOpen}: family`] };
}

function uniqueReferences(all: readonly RuleReference[]): readonly RuleReference[] {
  const key = ({ path, line, text }: RuleReference): string => `${path}:${line} ${text}`;
  return [...new Map(all.map((one) => [key(one), one])).values()];
}

const defaults: Readonly<Record<Family, { readonly source: bigint; readonly destination: bigint }>> = {
  ipv4: { source: parseAddress('198.51.100.7')!.address, destination: parseAddress('192.0.2.1')!.address },
  ipv6: { source: parseAddress('2001:db8:1::7')!.address, destination: parseAddress('2001:db8::1')!.address },
};

function protocolOf(protocol: string | number): number {
  if (typeof protocol === 'number') {
    if (Number.isInteger(protocol) && protocol >= 0 && protocol <= 255) return protocol;
  } else {
    const name = protocol.toLowerCase();
    const alias = name === 'ipv6-icmp' || name === 'icmp6' ? 'icmpv6' : name;
    if (Object.hasOwn(protocolNumbers, alias)) return protocolNumbers[alias as keyof typeof protocolNumbers];
    if (/^\d{1,3}$/.test(name) && Number(name) <= 255) return Number(name);
  }
  throw new BadQuery(`"${protocol}" is no IP protocol; write a name such as tcp, or a number from 0 to 255`);
}

function addressOf(what: string, text: string | undefined): ReturnType<typeof parseAddress> {
  if (text === undefined) return undefined;
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new BadQuery(`${what} "${text}" is no IPv4 or IPv6 address`);
  return parsed;
}

/** What is left of the accepted set once the known fields have their values: constant, or a function of the free ones and the open questions. */
function restricted(evaluation: Evaluation, asked: Asked): Node {
  const { space } = evaluation;
  const { bdd } = space;
  let { accepted } = evaluation;
  if (asked.free.has('inInterface') && asked.direction !== 'out') {
    // Any interface means any but loopback; what is true of those must not hang on it.
    for (const loopback of ['lo', 'lo0']) {
      accepted = bdd.choose(
        space.nameIs('inInterface', { name: loopback, prefix: false }, true),
        accepted,
        FALSE,
      );
    }
  }
  const freeLevels = new Set<number>();
  for (const field of asked.free.keys()) for (const level of space.levelsOf(field)) freeLevels.add(level);
  const bits = packetBits(space, asked.packet);
  const memo = new Map<Node, Node>();
  const walk = (node: Node): Node => {
    if (node <= TRUE) return node;
    const level = bdd.levelOf(node);
    if (level >= space.questionBase) return node;
    if (!freeLevels.has(level)) return walk(bdd.next(node, bits));
    let result = memo.get(node);
    if (result === undefined) {
      result = bdd.like(node, walk(bdd.missOf(node)), walk(bdd.matchOf(node)));
      memo.set(node, result);
    }
    return result;
  };
  const rest = walk(accepted);
  if (!asked.free.has('inInterface') || asked.direction === 'out') return rest;
  // Put loopback back as "the same as the others", so that it cannot make the answer conditional.
  return bdd.diff(notLoopback(space), rest) === FALSE ? TRUE : rest;
}

function notLoopback(space: PacketSpace): Node {
  return space.bdd.and(
    space.nameIs('inInterface', { name: 'lo', prefix: false }, true),
    space.nameIs('inInterface', { name: 'lo0', prefix: false }, true),
  );
}

/** Without the interface where an answer is the same for all but loopback, which `restricted` has taken out. */
function withoutLoopback(space: PacketSpace, rest: Node, asked: Asked): Node {
  if (!asked.free.has('inInterface') || asked.direction === 'out') return rest;
  const { bdd } = space;
  const levels = new Set(space.levelsOf('inInterface'));
  const isInterface = (level: number): boolean => levels.has(level);
  const others = notLoopback(space);
  const some = bdd.exists(bdd.and(rest, others), isInterface);
  const every = bdd.forAll(bdd.or(rest, bdd.not(others)), isInterface);
  return some === every ? some : rest;
}
