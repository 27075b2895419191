import type { Report } from '../../report/report.ts';
import { PortKnowledge, builtInKnowledge } from '../../ports/describe.ts';
import type { PortSubject } from '../../ports/explain-port.ts';
import { explainPorts } from '../../ports/explain-port.ts';
import { loadRegistry } from '../../ports/load-registry.ts';
import type { Transport } from '../../ports/port-types.ts';
import type { Registry } from '../../ports/registry.ts';
import { builtInRegistry } from '../../ports/registry.ts';
import { portByName } from '../../ports/service-names.ts';
import { styleFor } from '../../reporters/terminal/style.ts';
import { nearestName } from '../../policy/nearest-name.ts';
import type { ExplainArguments } from '../command-arguments.ts';
import type { ExitCode, Io } from '../io.ts';
import type { PageContext } from './explain-page.ts';
import { portPage, rangePage } from './explain-page.ts';
import type { Page } from './page.ts';
import { markdownPage, terminalPage } from './page.ts';

/**
 * `fw-audit explain <port[/proto] | range | service | code>...`: what is known of ports, and what FW codes mean.
 *
 * `reports` are audits of the rules that the user named (`--rules`): a port that one of them opens says by which rule.
 * Exit 2 when a subject is nothing that can be explained; the others are still explained.
 */
export async function runExplain(
  args: ExplainArguments,
  io: Io,
  reports: readonly Report[] = [],
): Promise<ExitCode> {
  const loaded = await loadRegistry(io, args.registry);
  if (loaded.kind === 'failed') {
    io.stderr(`fw-audit: ${loaded.message}\n`);
    return 2;
  }
  if (loaded.warning !== undefined) io.stderr(`fw-audit: ${loaded.warning}\n`);
  const { registry } = loaded;
  const knowledge = registry === builtInRegistry() ? builtInKnowledge() : new PortKnowledge(registry);
  const subjects: PortSubject[] = [];
  const pages: Page[] = [];
  const codes: CodeExplanation[] = [];
  const context: PageContext = { registry, ephemeral: knowledge.notes.ephemeral, reports };
  let exit: ExitCode = 0;
  for (const typed of args.subjects) {
    if (/^fw[0-9]+$/i.test(typed)) {
      const code = await explainCode(typed.toUpperCase());
      if (code === undefined) {
        io.stderr(`fw-audit: ${typed} is no code of fw-audit\n`);
        exit = 2;
        continue;
      }
      codes.push(code);
      pages.push(codePage(code));
      continue;
    }
    const found = parseSubject(typed, registry);
    if (typeof found === 'string') {
      io.stderr(`fw-audit: ${found}\n`);
      exit = 2;
      continue;
    }
    subjects.push(...found);
    if (args.format !== 'json')
      pages.push(...found.map((subject) => subjectPage(knowledge, subject, context)));
  }
  if (args.format === 'json') {
    const ports = subjects.flatMap((subject) => explainPorts(knowledge, subject));
    const value = {
      registry: { source: registry.source, asOf: registry.asOf },
      ports,
      ...(codes.length > 0 && { codes }),
    };
    if (ports.length + codes.length > 0) io.stdout(`${JSON.stringify(value, null, 2)}\n`);
    return exit;
  }
  if (pages.length === 0) return exit;
  if (args.format === 'markdown') {
    io.stdout(pages.map((page) => markdownPage(page)).join('\n'));
    return exit;
  }
  const style = styleFor(io.color, io.unicode, io.columns);
  const line = style.dim((io.unicode ? '─' : '-').repeat(Math.max(40, Math.min(io.columns, 100))));
  io.stdout(pages.map((page) => terminalPage(page, style)).join(`\n${line}\n\n`));
  return exit;
}

function subjectPage(knowledge: PortKnowledge, subject: PortSubject, context: PageContext): Page {
  const explanations = explainPorts(knowledge, subject);
  if (explanations.length === 1) return portPage(explanations[0]!, context);
  const suffix = subject.transport === undefined ? '' : `/${subject.transport}`;
  return rangePage(`Ports ${subject.from}-${subject.to}${suffix}`, explanations, context);
}

/** `3092`, `53/udp`, `udp/53`, `8000-8100/tcp`, `ssh`, `www/tcp`; or a sentence that says what is wrong. */
export function parseSubject(typed: string, registry: Registry): readonly PortSubject[] | string {
  const flipped = typed.replace(/^(tcp|udp|sctp|dccp)\/(.+)$/i, '$2/$1');
  const slash = flipped.lastIndexOf('/');
  const suffix = slash < 0 ? '' : flipped.slice(slash + 1).toLowerCase();
  const transport = transportNames.find((name) => name === suffix);
  const name = transport === undefined ? flipped : flipped.slice(0, slash);
  const range = /^([0-9]{1,9})(?:[-:]([0-9]{1,9}))?$/.exec(name);
  const only = transport === undefined ? {} : { transport };
  if (range !== null) {
    const from = Number(range[1]);
    const to = Number(range[2] ?? range[1]);
    if (from > 65535 || to > 65535) return `${typed}: ports go from 0 to 65535`;
    if (from > to) return `${typed}: the range is reversed; write ${to}-${from}`;
    return [{ from, to, ...only }];
  }
  if (/^[0-9]+\//.test(flipped)) {
    return `${typed}: "${suffix}" has no ports that fw-audit knows; use tcp, udp, sctp or dccp`;
  }
  const ports = portsNamed(name, registry, transport);
  if (ports.length === 0) {
    const near = nearestName(name.toLowerCase(), wellKnownNames);
    return `${typed}: no service of that name is registered${near === undefined ? '' : `; did you mean ${near}?`} (fw-audit ports --search ${name})`;
  }
  return ports.map((port) => ({ from: port, to: port, ...only }));
}

const transportNames: readonly Transport[] = ['tcp', 'udp', 'sctp', 'dccp'];

const wellKnownNames = [
  'ssh',
  'http',
  'https',
  'domain',
  'smtp',
  'ftp',
  'telnet',
  'imap',
  'ntp',
  'snmp',
  'ldap',
  'mysql',
  'postgresql',
  'redis',
  'mongodb',
  'docker',
  'syslog',
];

/** Every port a name is registered for; service names are case-insensitive to people (RFC 6335 section 5.1). */
function portsNamed(name: string, registry: Registry, transport: Transport | undefined): number[] {
  for (const spelling of new Set([name, name.toLowerCase()])) {
    const entries = registry
      .entriesNamed(spelling)
      .filter(({ transports }) => transport === undefined || transports.includes(transport));
    if (entries.length > 0) return [...new Set(entries.map(({ port }) => port))];
    const alias = portByName(spelling, transport);
    if (alias !== undefined) return [alias];
  }
  const loose = registry
    .search(name)
    .filter(({ names }) => names.some((one) => one.toLowerCase() === name.toLowerCase()));
  return [...new Set(loose.map(({ port }) => port))];
}

interface CodeExplanation {
  readonly code: string;
  readonly name: string;
  readonly explanation: string;
  readonly advice?: string;
}

/** A finding's or diagnostic's documentation; loaded only when asked for. */
async function explainCode(code: string): Promise<CodeExplanation | undefined> {
  const { codeDocumentation } = await import('../code-documentation.ts');
  const found = codeDocumentation(code);
  if (found === undefined) return undefined;
  const { name, explanation, advice } = found;
  return { code, name, explanation, ...(advice !== undefined && { advice }) };
}

function codePage({ code, name, explanation, advice }: CodeExplanation): Page {
  return {
    title: `${code} ${name}`,
    sections: [
      { title: '', blocks: [{ kind: 'text', text: explanation }] },
      ...(advice === undefined
        ? []
        : [{ title: 'What to do', blocks: [{ kind: 'text', text: advice } as const] }]),
    ],
  };
}
