/**
 * A network of its own inside the kernel, to ask the kernel itself what a ruleset lets through: see topology.ts for the shape and
 * sentinel.ts for how verdicts are read. Everything lives in namespaces named after this process; the host's own firewall and
 * network are never touched.
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildFrame } from './frames.ts';
import type { ProbePacket } from './probe-packet.ts';
import { runCommand } from './run-command.ts';
import type { CommandResult } from './run-command.ts';
import { readSentinel, arrivalText, sentinelTable, sentinelText } from './sentinel.ts';
import type { SentinelReading } from './sentinel.ts';
import { behindLan, incoming, outgoing } from './topology.ts';

export type RulesetKind =
  'iptables-legacy' | 'iptables-nft' | 'ip6tables-legacy' | 'ip6tables-nft' | 'nft' | 'ipset';

export type LabVerdict = 'in' | 'forward' | 'none';

export interface ProbeResult {
  /** The hook at whose end the packet came out accepted. */
  readonly verdict: LabVerdict;
  /** The hook to which routing took the packet, translated or not; `none` when it was dropped before. */
  readonly routedTo: LabVerdict;
  /** With `routedTo: forward`, the interface by which it was to leave. */
  readonly outInterface?: string;
}

const loaders: Readonly<Record<RulesetKind, readonly string[]>> = {
  'iptables-legacy': ['iptables-legacy-restore', '-w'],
  'iptables-nft': ['iptables-nft-restore', '-w'],
  'ip6tables-legacy': ['ip6tables-legacy-restore', '-w'],
  'ip6tables-nft': ['ip6tables-nft-restore', '-w'],
  nft: ['nft', '-f', '-'],
  ipset: ['ipset', 'restore'],
};

const tools = ['ip', 'nft', 'ipset', 'cc', ...Object.values(loaders).map(([tool]) => tool!)];

const emptyLegacy = [
  ['raw', ['PREROUTING', 'OUTPUT']],
  ['mangle', ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']],
  ['nat', ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING']],
  ['filter', ['INPUT', 'FORWARD', 'OUTPUT']],
  ['security', ['INPUT', 'FORWARD', 'OUTPUT']],
] as const;
const emptyTables = emptyLegacy
  .map(([table, chains]) => `*${table}\n${chains.map((chain) => `:${chain} ACCEPT\n`).join('')}COMMIT\n`)
  .join('');

/** How often a batch is sent again when the counter says that frames were lost. */
const sendAttempts = 5;

export class Lab {
  readonly #name: string;
  readonly #folder: string;
  readonly #legacyUsed = new Set<'iptables' | 'ip6tables'>();
  #setsUsed = false;
  #sender: ChildProcess | undefined;
  #answers: Interface | undefined;
  #closed = false;
  #nextId = 1;
  readonly #closeNow = (): void => {
    this.close();
  };
  readonly #closeAndExit = (): void => {
    this.close();
    process.exit(130);
  };

  private constructor(name: string) {
    this.#name = name;
    this.#folder = mkdtempSync(join(tmpdir(), `${name}-`));
    process.once('exit', this.#closeNow);
    process.once('SIGINT', this.#closeAndExit);
    process.once('SIGTERM', this.#closeAndExit);
  }

  /** Why no lab can be built here; undefined when it can. */
  static available(): string | undefined {
    if (process.platform !== 'linux') return 'the kernel tests need Linux';
    if (process.getuid?.() !== 0) return 'the kernel tests need root, to make network namespaces';
    const paths = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
    const missing = tools.filter((tool) => !paths.some((path) => existsSync(join(path, tool))));
    if (missing.length > 0) return `the kernel tests need ${[...new Set(missing)].join(', ')}`;
    const trial = `fwa-${String(process.pid)}-trial`;
    try {
      execFileSync('ip', ['netns', 'add', trial], { stdio: 'pipe' });
    } catch (error) {
      return `this kernel gives no network namespace: ${String(error)}`;
    }
    try {
      execFileSync('ip', ['netns', 'exec', trial, 'nft', '-f', '-'], { input: sentinelText, stdio: 'pipe' });
      return undefined;
    } catch (error) {
      return `this kernel lacks what the sentinel needs: ${String(error)}`;
    } finally {
      execFileSync('ip', ['netns', 'del', trial], { stdio: 'pipe' });
    }
  }

  /** Builds the namespaces. The caller closes the lab; the end of the process does so too. */
  static async open(): Promise<Lab> {
    removeLeftovers();
    const lab = new Lab(`fwa-${String(process.pid)}-${String(Lab.#opened++)}`);
    try {
      await lab.#build();
    } catch (error) {
      lab.close();
      throw error;
    }
    return lab;
  }

  static #opened = 0;

  /** Loads a ruleset on the device under test; tells what the loader said. A refused ruleset leaves the device as it was. */
  async load(kind: RulesetKind, text: string): Promise<CommandResult> {
    if (kind === 'ipset') this.#setsUsed = true;
    if (kind === 'iptables-legacy') this.#legacyUsed.add('iptables');
    if (kind === 'ip6tables-legacy') this.#legacyUsed.add('ip6tables');
    return this.device(loaders[kind], text);
  }

  /** Runs a command inside the device under test. */
  device(command: readonly string[], input = ''): Promise<CommandResult> {
    return runCommand(['ip', 'netns', 'exec', `${this.#name}-b`, ...command], input, {
      XTABLES_LOCKFILE: join(this.#folder, 'xtables.lock'),
    });
  }

  /** Sends the packets and tells what became of each, in order. */
  async probe(packets: readonly ProbePacket[]): Promise<readonly ProbeResult[]> {
    const first = this.#nextId;
    this.#nextId += packets.length;
    const frames = packets.map((packet, i) => ({
      port: incoming.findIndex(({ name }) => name === packet.inInterface),
      frame: buildFrame(packet, first + i),
    }));
    await this.#armSentinel();
    for (let attempt = 1; ; attempt++) {
      await this.#send(frames);
      const [listing, arrivals] = await Promise.all(
        (['inet', 'netdev'] as const).map((family) =>
          this.#mustRun(['nft', '-j', 'list', 'table', family, sentinelTable]),
        ),
      );
      const reading = readSentinel(listing!, arrivals!);
      if (reading.arrived === packets.length) {
        return packets.map((_, i) => resultOf(reading, first + i));
      }
      if (attempt === sendAttempts)
        throw new Error(
          `${String(packets.length)} probes were sent, ${String(reading.arrived)} arrived, ${String(attempt)} times over`,
        );
      await this.#armSentinel();
    }
  }

  /** Takes every rule and set off the device. */
  async reset(): Promise<void> {
    await this.#mustRun(['nft', 'flush', 'ruleset']);
    for (const tool of this.#legacyUsed) await this.#mustRun([`${tool}-legacy-restore`, '-w'], emptyTables);
    this.#legacyUsed.clear();
    if (!this.#setsUsed) return;
    // A list:set keeps its members in use while it holds them.
    await this.#mustRun(['ipset', 'flush']);
    // A set stays in use until the kernel has let go of the deleted rules (an RCU grace period).
    for (let attempt = 0; ; attempt++) {
      const result = await this.device(['ipset', 'destroy']);
      if (result.code === 0) break;
      if (attempt === 100) throw new Error(`cannot destroy the sets: ${result.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.#setsUsed = false;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    process.removeListener('exit', this.#closeNow);
    process.removeListener('SIGINT', this.#closeAndExit);
    process.removeListener('SIGTERM', this.#closeAndExit);
    this.#sender?.stdin?.end();
    this.#sender?.kill();
    for (const part of ['a', 'b', 'c']) deleteNamespace(`${this.#name}-${part}`);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #mustRun(command: readonly string[], input = ''): Promise<string> {
    const result = await this.device(command, input);
    if (result.code !== 0) throw new Error(`${command.join(' ')}: ${result.stderr}`);
    return result.stdout;
  }

  /** Puts a fresh sentinel in place: empty sets, counter at zero. Last, for a ruleset may begin with `flush ruleset`. */
  async #armSentinel(): Promise<void> {
    await this.#mustRun(
      ['nft', '-f', '-'],
      `${(['inet', 'netdev'] as const).map((family) => `table ${family} ${sentinelTable}\ndelete table ${family} ${sentinelTable}\n`).join('')}${sentinelText}${arrivalText}`,
    );
  }

  async #send(frames: readonly { readonly port: number; readonly frame: Uint8Array }[]): Promise<void> {
    const bytes = Buffer.alloc(frames.reduce((sum, { frame }) => sum + 4 + frame.length, 4));
    let at = 0;
    for (const { port, frame } of frames) {
      bytes.writeUInt16LE(frame.length, at);
      bytes.writeUInt16LE(port, at + 2);
      bytes.set(frame, at + 4);
      at += 4 + frame.length;
    }
    const sender = this.#sender;
    const answers = this.#answers;
    if (!sender?.stdin || answers === undefined) throw new Error('the lab is not open');
    const answer = new Promise<string>((resolve, reject) => {
      answers.once('line', resolve);
      answers.once('close', () => {
        reject(new Error('the sender has stopped'));
      });
    });
    sender.stdin.write(bytes);
    const line = await answer;
    answers.removeAllListeners('close');
    if (line !== `sent ${String(frames.length)}`) throw new Error(`the sender says: ${line}`);
  }

  async #build(): Promise<void> {
    const [a, b, c] = ['a', 'b', 'c'].map((part) => `${this.#name}-${part}`) as [string, string, string];
    const source = fileURLToPath(new URL('blast.c', import.meta.url));
    const blast = join(this.#folder, 'blast');
    const compiled = await runCommand(['cc', '-O2', '-o', blast, source]);
    if (compiled.code !== 0) throw new Error(`cc: ${compiled.stderr}`);
    const built = await runCommand(['sh', '-e'], buildScript(a, b, c));
    if (built.code !== 0) throw new Error(`the lab cannot be built: ${built.stderr}`);
    const sender = spawn('ip', ['netns', 'exec', a, blast, ...incoming.map((_, i) => `p${String(i)}`)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    sender.stdin.on('error', () => undefined);
    this.#sender = sender;
    this.#answers = createInterface({ input: sender.stdout });
  }
}

function resultOf(reading: SentinelReading, id: number): ProbeResult {
  const verdict = reading.acceptedIn.has(id) ? 'in' : reading.acceptedForward.has(id) ? 'forward' : 'none';
  if (reading.toHost.has(id)) return { verdict, routedTo: 'in' };
  if (reading.toDocker.has(id)) return { verdict, routedTo: 'forward', outInterface: outgoing[0]!.name };
  if (reading.toLan.has(id)) return { verdict, routedTo: 'forward', outInterface: outgoing[1]!.name };
  return { verdict, routedTo: 'none' };
}

function buildScript(a: string, b: string, c: string): string {
  const lines = [a, b, c].map((name) => `ip netns add ${name}`);
  lines.push(
    `ip netns exec ${b} sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.forwarding=1`,
    // Any source address on any interface; no answers or chatter of the host's own.
    `ip netns exec ${b} sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0`,
    ...[a, b, c].map(
      (name) =>
        `ip netns exec ${name} sysctl -qw net.ipv6.conf.default.addr_gen_mode=1 net.ipv6.conf.all.accept_ra=0 net.ipv6.conf.default.accept_ra=0 net.ipv6.conf.default.accept_dad=0`,
    ),
    `ip -n ${b} link set lo up`,
  );
  incoming.forEach((port, i) => {
    lines.push(
      `ip -n ${a} link add p${String(i)} type veth peer name ${port.name} address ${port.mac} netns ${b}`,
      `ip -n ${a} link set p${String(i)} up`,
    );
  });
  outgoing.forEach((port, i) => {
    lines.push(
      `ip -n ${c} link add c${String(i)} type veth peer name ${port.name} address ${port.mac} netns ${b}`,
      `ip -n ${c} link set c${String(i)} up`,
    );
  });
  for (const port of [...incoming, ...outgoing]) {
    lines.push(
      `ip -n ${b} addr add ${port.ipv4}/32 dev ${port.name}`,
      `ip -n ${b} -6 addr add ${port.ipv6}/128 dev ${port.name} nodad`,
      `ip -n ${b} link set ${port.name} up`,
    );
  }
  outgoing.forEach((port, i) => {
    const [route4, route6] = i === 0 ? ['default', 'default'] : [behindLan.ipv4, behindLan.ipv6];
    lines.push(
      `ip -n ${b} neigh add ${port.gateway4} lladdr 02:fb:00:00:01:0${String(i)} dev ${port.name} nud permanent`,
      `ip -n ${b} neigh add ${port.gateway6} lladdr 02:fb:00:00:01:0${String(i)} dev ${port.name} nud permanent`,
      `ip -n ${b} route add ${route4} via ${port.gateway4} dev ${port.name} onlink`,
      `ip -n ${b} -6 route add ${route6} via ${port.gateway6} dev ${port.name} onlink`,
    );
  });
  return `${lines.join('\n')}\n`;
}

function deleteNamespace(name: string): void {
  if (!existsSync(`/run/netns/${name}`)) return;
  try {
    execFileSync('ip', ['netns', 'del', name], { stdio: 'pipe' });
  } catch {
    // It is gone already.
  }
}

/** A process that was killed outright leaves its namespaces behind. */
function removeLeftovers(): void {
  if (!existsSync('/run/netns')) return;
  for (const name of readdirSync('/run/netns')) {
    const owner = /^fwa-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) deleteNamespace(name);
  }
}
