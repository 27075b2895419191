import { reporterNames } from '../reporters/reporter.ts';

/**
 * Every option of the command line, once. Parsing, `--help`, the man page and the shell completions all read this table, so they
 * cannot disagree.
 */
export interface OptionSpec {
  readonly kind: 'flag' | 'text' | 'number' | 'list';
  readonly short?: string;
  /** What stands for the value in help: `FILE`, `NAME=FILE`. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly describe: string;
  /** Shown in help; the command itself applies it. */
  readonly default?: string;
  /** What a shell should offer for the value. */
  readonly completes?: 'file' | 'folder';
  readonly group: OptionGroup;
}

export const optionGroups = ['Reading', 'Asking', 'Packet', 'Judging', 'Output', 'General'] as const;
export type OptionGroup = (typeof optionGroups)[number];

export const options = {
  host: {
    kind: 'flag',
    group: 'Reading',
    describe: 'All inputs describe one host: rules.v4, rules.v6 and ipset.save are one firewall',
  },
  'input-format': {
    kind: 'text',
    group: 'Reading',
    value: 'NAME',
    choices: ['iptables', 'nftables', 'pf', 'windows'],
    describe: 'Read the inputs as this format instead of detecting it by content',
  },
  dialect: {
    kind: 'text',
    group: 'Reading',
    value: 'NAME',
    describe: 'The variant of the format, as `fw-audit formats` lists them',
  },
  ipset: {
    kind: 'list',
    group: 'Reading',
    value: 'FILE',
    completes: 'file',
    describe: 'The output of `ipset save`, for the sets that rules name',
  },
  table: {
    kind: 'list',
    group: 'Reading',
    value: 'NAME=FILE',
    describe: 'The content of a pf table, one address a line',
  },
  'empty-anchors': {
    kind: 'flag',
    group: 'Reading',
    describe: 'pf: anchors whose rules are not in the input hold none, as before a daemon fills them',
  },
  'local-address': {
    kind: 'list',
    group: 'Reading',
    value: '[IFACE=]ADDRESS',
    describe: 'An address of the host, for rules that speak of its own addresses; IFACE= if it has none',
  },
  'include-root': {
    kind: 'list',
    group: 'Reading',
    value: 'FOLDER',
    completes: 'folder',
    describe: 'Follow include statements into this folder; without it none is followed',
  },
  define: {
    kind: 'list',
    group: 'Reading',
    value: 'NAME=VALUE',
    describe: 'A macro or variable, as `pfctl -D` and `nft -D` give one, or one of a script',
  },
  'max-size': {
    kind: 'number',
    group: 'Reading',
    value: 'BYTES',
    default: '268435456',
    describe: 'Refuse inputs that are larger',
  },
  listeners: {
    kind: 'text',
    group: 'Reading',
    value: 'FILE',
    completes: 'file',
    describe:
      'What listens on the host (`ss -tulpn`, netstat, Get-NetTCPConnection), set beside what is open',
  },
  registry: {
    kind: 'text',
    group: 'Reading',
    value: 'FILE',
    completes: 'file',
    describe: "IANA's service-names-port-numbers CSV to use instead of the built-in data",
  },
  direction: {
    kind: 'list',
    group: 'Asking',
    value: 'DIRECTION',
    choices: ['in', 'forward', 'out', 'all'],
    default: 'in and forward',
    describe: 'Which way packets go; may be repeated',
  },
  loopback: {
    kind: 'flag',
    group: 'Asking',
    describe: 'Also show what the host may send to itself',
  },
  expand: {
    kind: 'flag',
    group: 'Asking',
    describe: 'Split rows until each has one assignment status',
  },
  'max-nodes': {
    kind: 'number',
    group: 'Asking',
    value: 'NUMBER',
    describe: 'Give up, with an error, when packet sets need more diagram nodes than this',
  },
  protocol: {
    kind: 'text',
    group: 'Packet',
    value: 'NAME',
    default: 'tcp',
    describe: 'Protocol, by name or number',
  },
  source: {
    kind: 'text',
    group: 'Packet',
    value: 'ADDRESS',
    describe: 'Source address; without it any, and the answer may be "conditional"',
  },
  'source-port': { kind: 'number', group: 'Packet', value: 'PORT', describe: 'Source port' },
  destination: { kind: 'text', group: 'Packet', value: 'ADDRESS', describe: 'Destination address' },
  'destination-port': { kind: 'number', group: 'Packet', value: 'PORT', describe: 'Destination port' },
  'icmp-type': { kind: 'number', group: 'Packet', value: 'NUMBER', describe: 'ICMP or ICMPv6 type' },
  'icmp-code': { kind: 'number', group: 'Packet', value: 'NUMBER', describe: 'ICMP or ICMPv6 code' },
  'in-interface': { kind: 'text', group: 'Packet', value: 'NAME', describe: 'Where the packet arrives' },
  'out-interface': { kind: 'text', group: 'Packet', value: 'NAME', describe: 'Where the packet leaves' },
  state: {
    kind: 'text',
    group: 'Packet',
    value: 'STATE',
    choices: ['new', 'established', 'related', 'invalid', 'untracked'],
    default: 'new',
    describe: 'Connection tracking state',
  },
  'tcp-flags': {
    kind: 'text',
    group: 'Packet',
    value: 'FLAGS',
    default: 'syn, for a new flow',
    describe: 'TCP flags that are set, by comma; `none` for none',
  },
  profile: {
    kind: 'text',
    group: 'Packet',
    value: 'NAME',
    choices: ['domain', 'private', 'public'],
    describe: 'Windows network profile',
  },
  program: { kind: 'text', group: 'Packet', value: 'PATH', describe: 'Windows program that listens' },
  service: { kind: 'text', group: 'Packet', value: 'NAME', describe: 'Windows service that listens' },
  package: {
    kind: 'text',
    group: 'Packet',
    value: 'SID',
    describe: 'Windows application package that listens',
  },
  'interface-type': {
    kind: 'text',
    group: 'Packet',
    value: 'TYPE',
    choices: ['wired', 'wireless', 'remote-access'],
    describe: 'Windows type of interface',
  },
  batch: {
    kind: 'text',
    group: 'Packet',
    value: 'FILE',
    completes: 'file',
    describe: 'Read packets as JSON lines (`-`: standard input) and answer each by a JSON line',
  },
  policy: {
    kind: 'text',
    group: 'Judging',
    value: 'FILE',
    completes: 'file',
    default: 'the nearest fw-audit.yaml upwards',
    describe: 'What is justified, what is forbidden and what must stay open',
  },
  'no-policy': { kind: 'flag', group: 'Judging', describe: 'Judge without any policy' },
  'fail-on': {
    kind: 'text',
    group: 'Judging',
    value: 'SEVERITY',
    choices: ['none', 'note', 'low', 'medium', 'high'],
    default: 'medium',
    describe: 'Exit with 1 when a finding is at least this severe',
  },
  today: {
    kind: 'text',
    group: 'Judging',
    value: 'YYYY-MM-DD',
    describe: 'The day that decides which justifications have expired',
  },
  baseline: {
    kind: 'text',
    group: 'Judging',
    value: 'FILE',
    completes: 'file',
    describe: 'Findings known before; only new ones count',
  },
  'write-baseline': {
    kind: 'text',
    group: 'Judging',
    value: 'FILE',
    completes: 'file',
    describe: 'Write the present findings as a baseline',
  },
  unassigned: { kind: 'flag', group: 'Asking', describe: 'Only ports that nobody has claimed' },
  stats: { kind: 'flag', group: 'Asking', describe: 'Counts per range, transport and status' },
  status: {
    kind: 'text',
    group: 'Asking',
    value: 'NAME',
    describe: 'Only ports that have this status on TCP or UDP',
  },
  search: {
    kind: 'text',
    group: 'Asking',
    value: 'WORD',
    describe: 'Only ports whose service, description or known use holds the word',
  },
  suggest: {
    kind: 'number',
    group: 'Asking',
    value: 'COUNT',
    describe: 'So many free ports for a service of your own',
  },
  rules: {
    kind: 'list',
    group: 'Reading',
    value: 'FILE',
    completes: 'file',
    describe: 'Also say whether this export opens the port, and by which rule',
  },
  insecure: { kind: 'flag', group: 'Reading', describe: 'Allow an http address, without TLS' },
  from: {
    kind: 'text',
    group: 'Reading',
    value: 'FILE|URL',
    completes: 'file',
    describe: "Where IANA's CSV is read from",
  },
  format: {
    kind: 'text',
    group: 'Output',
    short: 'f',
    value: 'FORMAT',
    choices: reporterNames,
    default: 'terminal',
    describe: 'Output format',
  },
  output: {
    kind: 'list',
    group: 'Output',
    short: 'o',
    value: 'FILE',
    completes: 'file',
    describe: 'Write a report to a file, in the format that its extension names; may be repeated',
  },
  quiet: { kind: 'flag', group: 'Output', short: 'q', describe: 'Only what asks for action' },
  verbose: {
    kind: 'flag',
    group: 'Output',
    short: 'v',
    describe: 'Every condition, rule and note in full; the stack of an internal error',
  },
  color: {
    kind: 'text',
    group: 'Output',
    value: 'WHEN',
    choices: ['auto', 'always', 'never'],
    default: 'auto',
    describe: 'Colours; auto: on a terminal, unless NO_COLOR is set',
  },
  help: { kind: 'flag', group: 'General', short: 'h', describe: 'Show help' },
  version: { kind: 'flag', group: 'General', short: 'V', describe: 'Show the version' },
} as const satisfies Record<string, OptionSpec>;

export type OptionName = keyof typeof options;

export function optionSpec(name: OptionName): OptionSpec {
  return options[name];
}
