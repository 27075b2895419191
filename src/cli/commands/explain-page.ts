import type { PortExplanation } from '../../ports/explain-port.ts';
import { elsewhere } from '../../ports/listener-commands.ts';
import type { EphemeralEntry } from '../../ports/port-notes.ts';
import type { RangeName, Transport } from '../../ports/port-types.ts';
import type { PortInfo, Registry } from '../../ports/registry.ts';
import { rangeBounds } from '../../ports/registry.ts';
import { reasonSentence } from '../../ports/reasons.ts';
import type { Exposure, Listing, Report } from '../../report/report.ts';
import { fromText, openText, portsText } from '../../report/row-text.ts';
import type { Block, Page, Section } from './page.ts';

/** What a page may draw on beside the port itself. */
export interface PageContext {
  readonly registry: Registry;
  readonly ephemeral: readonly EphemeralEntry[];
  /** Audits of `--rules FILE`: does one of them open the port? */
  readonly reports: readonly Report[];
}

const rangeNames: Readonly<Record<RangeName, string>> = {
  'well-known': 'a well-known port (0-1023, also called system ports)',
  registered: 'a registered port (1024-49151, also called user ports)',
  ephemeral: 'a dynamic port (49152-65535, also called private or ephemeral ports)',
};

/** Everything known of one port (or of a run of equal ones), in the order that a reader needs it. */
export function portPage(explanation: PortExplanation, context: PageContext): Page {
  const { from, to, range, transport } = explanation;
  const number = from === to ? String(from) : `${from}-${to}`;
  const sections: Section[] = [
    { title: '', blocks: identity(explanation, context.registry) },
    ...(explanation.to === 0 ? [] : [{ title: 'What really uses it', blocks: uses(explanation) }]),
  ];
  if (explanation.risks.length > 0) {
    sections.push({
      title: 'Risks',
      blocks: [
        {
          kind: 'rows',
          rows: explanation.risks.map((risk) => [
            risk.class,
            `${risk.why} (${transportsText(risk.transports)}).`,
          ]),
        },
      ],
    });
  }
  if (explanation.listings.length > 0)
    sections.push({ title: 'Malware and scanner lists', blocks: listings(explanation.listings) });
  sections.push({ title: 'Does it deserve a look?', blocks: scrutiny(explanation) });
  sections.push({
    title: 'Source ports of outgoing connections',
    blocks: ephemeral(explanation, context.ephemeral),
  });
  if (unclaimed(explanation) && explanation.to > 0)
    sections.push({ title: 'Why unassigned ports matter', blocks: [text(whyUnassigned)] });
  if (context.reports.length > 0)
    sections.push({ title: 'In the given rules', blocks: openings(explanation, context.reports) });
  if (explanation.to > 0) sections.push({ title: 'Who listens?', blocks: listeners(explanation) });
  sections.push({ title: 'What to do next', blocks: [{ kind: 'steps', steps: nextSteps(explanation) }] });
  return {
    title: `${number}${transport === undefined ? '' : `/${transport}`} is ${rangeNames[range]}`,
    sections,
  };
}

function text(content: string): Block {
  return { kind: 'text', text: content };
}

function asked(explanation: PortExplanation): readonly (readonly [Transport, PortInfo])[] {
  const { transport, transports } = explanation;
  const names: readonly Transport[] = transport === undefined ? ['tcp', 'udp'] : [transport];
  return names.flatMap((name) => {
    const info = transports[name];
    return info === undefined ? [] : [[name, info] as const];
  });
}

function identity(explanation: PortExplanation, registry: Registry): Block[] {
  const rows = asked(explanation).map(([name, info]) => [name, infoText(name, info)] as const);
  const blocks: Block[] = [
    { kind: 'rows', rows },
    text(`By IANA's registry of ${registry.asOf} (${registry.source}).`),
  ];
  if (asked(explanation).some(([, { status }]) => status === 'assigned')) {
    blocks.push(
      text(
        'An assignment says nothing about the traffic: it need not be "good", nor that of the assigned service, as the registry itself warns.',
      ),
    );
  }
  if (explanation.from === 0) {
    blocks.push(
      text(
        'No program can listen on port 0: to a socket it means "any free port". Packets to it are probes or mistakes.',
      ),
    );
  }
  return blocks;
}

/** `assigned to md-cg-http (md-cf-http)`. */
export function infoText(transport: Transport, info: PortInfo): string {
  const remark = info.note === undefined ? '' : ` IANA's remark: ${info.note}`;
  switch (info.status) {
    case 'assigned': {
      const others = info.aliases === undefined ? '' : `, also ${info.aliases.join(', ')}`;
      const description = info.description === undefined ? '' : ` (${info.description})`;
      return `assigned to ${info.service ?? 'a service'}${others}${description}`;
    }
    case 'assigned-private-use':
      return `set aside for ${info.description ?? 'private use'}`;
    case 'assigned-other-transport':
      return `not assigned for ${transport}, only for ${(info.assignedOn ?? []).join(' and ')}.${remark}`;
    case 'reserved':
      return `reserved: IANA holds it back, nothing should use it.${remark}`;
    case 'de-assigned':
      return `de-assigned: IANA took it back.${remark}`;
    case 'unassigned':
      return `unassigned: nobody has claimed it.${remark}`;
    case 'not-listed':
      return `not listed: the registry says nothing of it for ${transport}.${remark}`;
    case 'dynamic':
      return 'never assigned: this range is for outgoing connections and for services that need no fixed number';
  }
}

const kinds = {
  unofficial: 'unofficial: IANA has assigned the port to nobody',
  conflicting: 'conflicting: IANA has assigned the port to something else',
  'iana-noted': "IANA's registry notes the unauthorized use",
} as const;

function uses(explanation: PortExplanation): Block[] {
  if (explanation.uses.length > 0) {
    return explanation.uses.map(({ use, kind, ports, transports, cite, added }) => {
      const where =
        ports.from === ports.to
          ? transportsText(transports)
          : `${ports.from}-${ports.to}, ${transportsText(transports)}`;
      const sources = cite
        .map(({ title, url }) => (url === undefined ? title : `${title} ${url}`))
        .join('; ');
      return text(
        `${use} (${where}). ${capital(rangeKind(kind, ports.from !== ports.to))}. Source: ${sources} (noted ${added}).`,
      );
    });
  }
  if (explanation.obscure.length > 0) return explanation.obscure.map(text);
  return [
    text(
      asked(explanation).some(([, { status }]) => status === 'assigned')
        ? 'Nothing beside the assigned service is known to fw-audit.'
        : 'No use is known to fw-audit. That is no promise that there is none.',
    ),
  ];
}

function rangeKind(kind: keyof typeof kinds, several: boolean): string {
  return kind === 'conflicting' && several
    ? 'conflicting: IANA has assigned some of these ports to something else'
    : kinds[kind];
}

function listings(found: readonly Listing[]): Block[] {
  return [
    ...found.map(({ ports, transport, label, list, date, primarySource, confidence }) => {
      const number = ports.from === ports.to ? String(ports.from) : `${ports.from}-${ports.to}`;
      const source =
        primarySource !== null
          ? `Original description: ${primarySource}.`
          : confidence === 'listed-only'
            ? 'No surviving description by anyone who saw it was found.'
            : 'No original advisory was found.';
      return text(
        `${number}/${transport} is listed as "${label}" by ${list}${date === null ? '' : ` (version of ${date})`}. ${source}`,
      );
    }),
    text(
      'A listing says nothing about your host: such lists name most low ports, partly by guesswork. Check what listens on it.',
    ),
  ];
}

function scrutiny({ scrutinyByScope }: PortExplanation): Block[] {
  const scopes = [
    ['open to the internet', scrutinyByScope.internet],
    ['open to private networks', scrutinyByScope.private],
    ['open to single addresses', scrutinyByScope.specific],
  ] as const;
  if (!scrutinyByScope.internet.flag) {
    return [text('Not by its number. The rule may still be wider than it needs to be.')];
  }
  return [
    { kind: 'rows', rows: scopes.map(([who, { level }]) => [who, level]) },
    ...scrutinyByScope.internet.reasons.map((reason) => text(`${reason}: ${reasonSentence(reason)}.`)),
  ];
}

function ephemeral(explanation: PortExplanation, entries: readonly EphemeralEntry[]): Block[] {
  const holding = entries.filter(({ os }) => explanation.ephemeralOn.includes(os));
  const inside = holding.filter(({ ports }) => ports.from <= explanation.from && ports.to >= explanation.to);
  if (inside.length === 0)
    return [text("In no operating system's default range: no host takes it by chance.")];
  const names = inside.map(({ os, ports }) => `${os} (${ports.from}-${ports.to})`);
  const stateful =
    explanation.from >= 32768
      ? ' A stateful firewall lets replies in by itself: a rule that opens this range to new connections is not needed for them.'
      : '';
  return [
    text(
      `Inside the default range of ${names.join('; ')}: a process may hold it today for a connection of its own, and another one tomorrow.${stateful}`,
    ),
  ];
}

const whyUnassigned =
  'No document says what to expect here, so whatever answers was put there by a person or program on this host. Most of the ' +
  'registered range is unassigned (88 % on TCP): in-house services live there, and so do forgotten test servers and back doors. ' +
  'The number cannot tell them apart; the process behind it can.';

function unclaimed(explanation: PortExplanation): boolean {
  return asked(explanation).some(([, { status }]) =>
    ['unassigned', 'not-listed', 'de-assigned', 'reserved'].includes(status),
  );
}

function openings(explanation: PortExplanation, reports: readonly Report[]): Block[] {
  const found = reports.flatMap((report) => report.exposures.filter((row) => touches(row, explanation)));
  if (found.length === 0) return [text('None of the rules given opens it.')];
  return found.map((row) => {
    const last = row.rules[row.rules.length - 1];
    const by = last === undefined ? '' : ` by ${last.path}:${last.line}: ${last.text}`;
    return text(
      `${portsText(row)} ${openText(row)}${row.direction === 'out' ? ` from ${fromText(row)}` : ''}${by}`,
    );
  });
}

function touches(row: Exposure, { from, to, transport }: PortExplanation): boolean {
  if (row.ports === null || row.ports.from > to || row.ports.to < from) return false;
  return transport === undefined
    ? row.protocol === 'tcp' || row.protocol === 'udp'
    : row.protocol === transport;
}

function listeners({ listenerCheck }: PortExplanation): Block[] {
  const systems = [
    ['Linux', listenerCheck.linux],
    ['macOS', listenerCheck.macos],
    ['Windows (PowerShell, cmd.exe)', listenerCheck.windows],
    ['FreeBSD', listenerCheck.freebsd],
    ['OpenBSD', listenerCheck.openbsd],
    ['NetBSD', listenerCheck.netbsd],
  ] as const;
  return [
    ...systems
      .filter(([, lines]) => lines.length > 0)
      .map(([label, lines]): Block => ({ kind: 'code', label, lines })),
    ...elsewhere.map(text),
  ];
}

function nextSteps(explanation: PortExplanation): string[] {
  const statuses = asked(explanation).map(([, { status }]) => status);
  if (explanation.to === 0) return ['Delete the rule, or find out which port was meant.'];
  const single = explanation.from === explanation.to;
  const steps = ['Find the process with the commands above. Nobody listens: delete the rule.'];
  if (statuses.includes('assigned-other-transport') && statuses.includes('assigned')) {
    const [first] = asked(explanation).find(([, { status }]) => status === 'assigned')!;
    steps.push(`Open ${first} only: the service does not use the other transport.`);
  }
  if (explanation.range === 'ephemeral') {
    steps.push(
      'If the rule is meant for replies, use connection tracking (ESTABLISHED, keep state) instead; if a service chose this number, give it a registered or at least a fixed one.',
    );
  }
  const risky = explanation.risks.length > 0;
  steps.push(
    risky
      ? 'If the service is wanted, let in only the addresses that need it, better still only through a VPN or bastion host.'
      : 'If the service is wanted, let in only the addresses that need it.',
  );
  steps.push('Write down why it is open: fw-audit policy init RULES, then fill in reason and owner.');
  if (single && statuses.some((status) => status === 'unassigned')) {
    steps.push('Choosing a port for a service of your own? fw-audit ports --unassigned --suggest 3');
  }
  return steps;
}

function transportsText(transports: readonly Transport[]): string {
  return transports.join(' and ');
}

function capital(sentence: string): string {
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}

/** A range of many different ports: what is in it, one line a run. `explain` of a single port says more. */
export function rangePage(title: string, runs: readonly PortExplanation[], context: PageContext): Page {
  const first = runs[0]!;
  const last = runs[runs.length - 1]!;
  const names: readonly Transport[] = first.transport === undefined ? ['tcp', 'udp'] : [first.transport];
  const counts = names.map((name): readonly [string, string] => {
    const found = Object.entries(context.registry.countByStatus(first.from, last.to, name));
    return [name, found.map(([status, count]) => `${count} ${status}`).join(', ')];
  });
  const rows = runs.slice(0, mostRuns).map((run): readonly [string, string] => {
    const number = run.from === run.to ? String(run.from) : `${run.from}-${run.to}`;
    return [number, runText(run)];
  });
  const more = runs.length - rows.length;
  const bounds = rangeBounds[first.range];
  return {
    title,
    sections: [
      {
        title: '',
        blocks: [
          text(
            first.range === last.range
              ? `${capital(rangeNames[first.range].replace(/^a /, '').replace(/ port /, ' ports '))}.`
              : `From the ${first.range} ports (${bounds.from}-${bounds.to}) to the ${last.range} ports.`,
          ),
          { kind: 'rows', rows: counts },
          text(`By IANA's registry of ${context.registry.asOf} (${context.registry.source}).`),
        ],
      },
      {
        title: 'Ports',
        blocks: [
          { kind: 'rows', rows },
          ...(more > 0
            ? [text(`${more} more; fw-audit ports ${first.from}-${last.to} lists them all.`)]
            : []),
        ],
      },
      ...(context.reports.length > 0
        ? [{ title: 'In the given rules', blocks: openings({ ...first, to: last.to }, context.reports) }]
        : []),
    ],
  };
}

const mostRuns = 200;

/** `assigned to ndl-aas (tcp, udp); Squid HTTP proxy`. */
function runText(run: PortExplanation): string {
  const parts: string[] = [];
  const infos = asked(run);
  for (const [name, info] of infos) {
    const said = shortText(info);
    const same = infos.filter(([, other]) => shortText(other) === said).map(([other]) => other);
    if (same[0] === name) parts.push(same.length === infos.length ? said : `${said} (${same.join(', ')})`);
  }
  // A range's use is said once, by the port that is named for it alone.
  for (const { use, ports } of run.uses) if (ports.to - ports.from < 100) parts.push(use);
  return parts.join('; ');
}

function shortText(info: PortInfo): string {
  return info.status === 'assigned' ? (info.service ?? 'assigned') : info.status;
}
