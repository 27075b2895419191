import type { OptionName } from './options.ts';

/** One command as the user sees it; see `options.ts` for why this is a table. */
export interface CommandSpec {
  readonly name: string;
  /** One line for lists. */
  readonly summary: string;
  /** What follows the name in the usage line. */
  readonly positionals: readonly PositionalSpec[];
  readonly options: readonly OptionName[];
  /** Fewer choices than the option has elsewhere. */
  readonly choices?: Readonly<Partial<Record<OptionName, readonly string[]>>>;
  /** Another default than the option has elsewhere. */
  readonly defaults?: Readonly<Partial<Record<OptionName, string>>>;
  readonly examples: readonly { readonly command: string; readonly says: string }[];
  /** Paragraphs below the usage line. */
  readonly description: readonly string[];
}

export interface PositionalSpec {
  readonly name: string;
  readonly required: boolean;
  readonly many: boolean;
  readonly choices?: readonly string[];
  readonly completes?: 'file';
  readonly describe: string;
}

const reading = [
  'host',
  'input-format',
  'dialect',
  'ipset',
  'table',
  'empty-anchors',
  'local-address',
  'include-root',
  'define',
  'max-size',
] as const satisfies readonly OptionName[];
const asking = ['direction', 'loopback', 'expand', 'max-nodes'] as const satisfies readonly OptionName[];
const judging = [
  'policy',
  'no-policy',
  'fail-on',
  'today',
  'baseline',
  'write-baseline',
] as const satisfies readonly OptionName[];
const general = ['quiet', 'verbose', 'color', 'help', 'version'] as const satisfies readonly OptionName[];

const exports: PositionalSpec = {
  name: 'path',
  required: true,
  many: true,
  completes: 'file',
  describe: 'Exports: files, folders (every file recognised below), globs, `-` for standard input',
};

/** The command that is meant when none is named. */
export const defaultCommand = 'audit';

export const commands: readonly CommandSpec[] = [
  {
    name: 'audit',
    summary: 'Say which ports an export opens, from where and by which rule (the default)',
    description: [
      'Reads firewall exports and says exactly which ports they open, from where, by which rule, and whether anyone has claimed them.',
    ],
    // Without a path: what the policy lists under `inputs`.
    positionals: [{ ...exports, required: false }],
    options: [...reading, 'listeners', 'registry', ...asking, ...judging, 'format', 'output', ...general],
    examples: [
      { command: 'fw-audit rules.v4', says: 'what an iptables-save file opens' },
      { command: 'iptables-save | fw-audit -', says: 'what this host opens' },
      { command: 'fw-audit --host rules.v4 rules.v6 ipset.save', says: 'three exports of one host' },
      { command: 'fw-audit', says: 'what fw-audit.yaml lists under inputs' },
      { command: 'fw-audit hosts/ -o report.sarif -o report.md', says: 'a whole repository, two reports' },
    ],
  },
  {
    name: 'query',
    summary: 'Say whether a packet gets in, and which rule decides',
    description: [
      'Would this packet get in, and which rule decides? What is not given is any value; the answer is "conditional" when it hangs on it.',
    ],
    positionals: [
      {
        name: 'path',
        required: true,
        many: false,
        completes: 'file',
        describe: 'The export, `-` for standard input',
      },
      { name: 'port', required: false, many: false, describe: 'Protocol and port: `tcp/22` or `22/tcp`' },
    ],
    options: [
      'direction',
      'protocol',
      'source',
      'source-port',
      'destination',
      'destination-port',
      'icmp-type',
      'icmp-code',
      'in-interface',
      'out-interface',
      'state',
      'tcp-flags',
      'profile',
      'program',
      'service',
      'package',
      'interface-type',
      'batch',
      ...reading,
      'max-nodes',
      'format',
      'output',
      ...general,
    ],
    choices: { direction: ['in', 'forward', 'out'], format: ['terminal', 'json'] },
    defaults: { direction: 'in' },
    examples: [
      { command: 'fw-audit query rules.v4 tcp/22 --source 10.1.2.3', says: 'one packet' },
      { command: 'fw-audit query rules.v4 --batch packets.jsonl', says: 'many packets' },
    ],
  },
  {
    name: 'diff',
    summary: 'Say which packets change verdict between two exports',
    description: [
      'Exactly which packets change verdict, across formats if need be: of new flows, as they arrive, in every direction and family that both exports cover. What opens is of severity high (medium where it hangs on a condition), what closes medium, what hangs on other conditions than before low.',
    ],
    positionals: [
      { name: 'before', required: true, many: false, completes: 'file', describe: 'The export as it was' },
      { name: 'after', required: true, many: false, completes: 'file', describe: 'The export as it is' },
    ],
    options: [
      ...reading,
      'direction',
      'loopback',
      'max-nodes',
      'fail-on',
      'registry',
      'format',
      'output',
      ...general,
    ],
    choices: { format: ['terminal', 'json', 'markdown'] },
    examples: [
      { command: 'fw-audit diff old.rules new.nft', says: 'did the migration keep every verdict?' },
      { command: 'fw-audit diff --host before/ after/', says: 'all files of each folder are one host' },
    ],
  },
  {
    name: 'lint',
    summary: 'Look for dead, redundant and never-matching rules',
    description: [
      'Rule-set hygiene only: rules that no packet matches, that others shadow, or without which nothing would change. Any of them can be deleted, or all, and every packet of every direction, family and state ends as before.',
    ],
    positionals: [{ ...exports, required: false }],
    options: [
      ...reading,
      'max-nodes',
      'policy',
      'no-policy',
      'fail-on',
      'baseline',
      'write-baseline',
      'format',
      'output',
      ...general,
    ],
    examples: [
      { command: 'fw-audit lint /etc/nftables.conf', says: 'what could be deleted' },
      { command: 'fw-audit lint rules.v4 --fail-on low', says: 'exit with 1 for any rule that is dead' },
    ],
  },
  {
    name: 'explain',
    summary: 'Say what is known of a port or a code',
    description: [
      'What is known of a port: its range, assignment, uses and listings, and how to see who listens. With a code such as FW2001: what it means.',
    ],
    positionals: [
      {
        name: 'subject',
        required: true,
        many: true,
        describe: 'A port (`3092`, `53/udp`), a range or a code',
      },
    ],
    options: ['rules', 'registry', 'format', 'output', ...general],
    choices: { format: ['terminal', 'json', 'markdown'] },
    examples: [
      { command: 'fw-audit explain 3092', says: 'who has claimed port 3092?' },
      { command: 'fw-audit explain FW2001', says: 'what does the finding mean?' },
    ],
  },
  {
    name: 'ports',
    summary: 'List the status of each port in a range',
    description: ["The status of each port in a range, by IANA's registry."],
    positionals: [
      {
        name: 'range',
        required: false,
        many: false,
        describe: 'A port or a range, `8000-8100`; without it all',
      },
    ],
    options: [
      'unassigned',
      'stats',
      'status',
      'search',
      'suggest',
      'registry',
      'format',
      'output',
      ...general,
    ],
    choices: { format: ['terminal', 'json', 'csv'] },
    examples: [
      { command: 'fw-audit ports 8000-8100 --unassigned', says: 'which of these are free' },
      { command: 'fw-audit ports --stats', says: 'how full the registry is' },
    ],
  },
  {
    name: 'policy',
    summary: 'Check a policy, or write one from what is open',
    description: [
      'check: validate a policy file. init: write a first policy from what is open now. suggest: what to add to the policy. evidence: what is open and justified, with its owner and approval (PCI DSS 1.2.5).',
    ],
    positionals: [
      {
        name: 'action',
        required: true,
        many: false,
        choices: ['check', 'suggest', 'init', 'evidence'],
        describe: 'What to do',
      },
      {
        name: 'path',
        required: false,
        many: true,
        completes: 'file',
        describe: 'Policy files (check) or exports',
      },
    ],
    options: [
      ...reading,
      ...asking,
      'registry',
      'policy',
      'no-policy',
      'today',
      'format',
      'output',
      ...general,
    ],
    choices: { format: ['terminal', 'json', 'markdown', 'csv'] },
    examples: [
      { command: 'fw-audit policy init rules.v4', says: 'a first policy; then fill in the reasons' },
      { command: 'fw-audit policy check fw-audit.yaml', says: 'is it well-formed?' },
    ],
  },
  {
    name: 'registry',
    summary: 'Say where the port data comes from, or refresh it',
    description: ["Where the port data comes from; update refreshes it from IANA's CSV."],
    positionals: [
      {
        name: 'action',
        required: false,
        many: false,
        choices: ['show', 'update'],
        describe: 'Default: show',
      },
    ],
    options: ['from', 'insecure', 'registry', 'format', 'output', ...general],
    choices: { format: ['terminal', 'json'] },
    examples: [{ command: 'fw-audit registry update', says: "fetch IANA's present list" }],
  },
  {
    name: 'formats',
    summary: 'List what can be read, and how completely',
    description: [
      'The formats and dialects that can be read. With a name: how completely each of its constructs is understood, or how to export it.',
    ],
    positionals: [
      {
        name: 'format',
        required: false,
        many: false,
        choices: ['iptables', 'nftables', 'pf', 'windows'],
        describe: 'Only this one, in detail',
      },
    ],
    options: ['format', 'output', ...general],
    choices: { format: ['terminal', 'json'] },
    examples: [],
  },
  {
    name: 'completion',
    summary: 'Print a completion script for a shell',
    description: ['Prints a script that teaches a shell to complete commands, options and values.'],
    positionals: [
      {
        name: 'shell',
        required: false,
        many: false,
        choices: ['bash', 'zsh', 'fish'],
        describe: 'Default: the shell that $SHELL names',
      },
    ],
    options: ['help', 'version'],
    examples: [{ command: 'source <(fw-audit completion bash)', says: 'for this session' }],
  },
];

const byName = new Map(commands.map((command) => [command.name, command]));

export function commandNamed(name: string): CommandSpec | undefined {
  return byName.get(name);
}
