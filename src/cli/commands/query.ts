import { TooComplex } from '../../packets/bdd.ts';
import { BadQuery, createQuery, type Query, type QueryAnswer, type QueryPacket } from '../../query.ts';
import type { ReportDiagnostic } from '../../report/report.ts';
import { protocolName } from '../../report/protocol-name.ts';
import { styleFor } from '../../reporters/terminal/style.ts';
import { decode } from '../../source/decode.ts';
import { readOptions } from '../audit-inputs.ts';
import type { AuditArguments } from '../command-arguments.ts';
import type { ExitCode, Io } from '../io.ts';
import { packetFromJson, packetFromOptions, type PacketReading } from '../packet-request.ts';
import type { GivenOptions } from '../invocation.ts';
import { problemText } from '../problem-text.ts';
import { readInputs } from '../read-inputs.ts';

export interface QueryArguments extends AuditArguments {
  /** `tcp/22`, if given. */
  readonly port: string | undefined;
  /** The packet's options. */
  readonly packet: GivenOptions;
  /** `--batch FILE`. */
  readonly batch: string | undefined;
  readonly format: 'terminal' | 'json';
}

/**
 * `fw-audit query`: one packet by options, or JSON lines by `--batch`. The answer is no finding, so the exit code is 0 whatever the
 * verdict; 2 where a question made no sense, 3 where the export was not fully read.
 */
export async function runQuery(args: QueryArguments, io: Io): Promise<ExitCode> {
  const single = args.batch === undefined ? packetFromOptions(args.packet, args.port) : undefined;
  if (single?.kind === 'error') {
    io.stderr(`fw-audit: ${single.message}\n`);
    return 2;
  }
  if (args.batch === '-' && args.paths.includes('-')) {
    io.stderr('fw-audit: standard input can be the export or the batch, not both\n');
    return 2;
  }
  const inputs = await readInputs(args, io);
  if (inputs.kind === 'usage') {
    io.stderr(`fw-audit: ${inputs.message}\n`);
    return 2;
  }
  const questions = await createQuery(inputs.sources, {
    ...readOptions(args, inputs),
    ...(args.maxNodes === undefined ? {} : { maxNodes: args.maxNodes }),
  });
  const problems = [...inputs.diagnostics, ...questions.diagnostics];
  for (const problem of problems.filter((one) => isShown(one, args))) {
    io.stderr(problemText(problem, inputs.read, io));
  }
  const read: ExitCode = problems.some(({ severity }) => severity === 'error') ? 3 : 0;
  if (questions.inputs.length === 0) return 3;
  if (single !== undefined) return answerOne(single.packet, questions, args, read, io);
  return answerBatch(args.batch!, questions, read, io);
}

function isShown({ severity }: ReportDiagnostic, { quiet, verbose }: QueryArguments): boolean {
  return severity === 'error' ? !quiet || verbose : verbose;
}

function answerOne(
  packet: QueryPacket,
  questions: Query,
  args: QueryArguments,
  read: ExitCode,
  io: Io,
): ExitCode {
  const answer = ask({ kind: 'packet', packet }, questions);
  if ('error' in answer) {
    io.stderr(`fw-audit: ${answer.error}\n`);
    return 2;
  }
  io.stdout(args.format === 'json' ? `${JSON.stringify(answer)}\n` : answerText(packet, answer, io));
  return read;
}

/** Answers come in the order of the lines; a blank line is no question. */
async function answerBatch(path: string, questions: Query, read: ExitCode, io: Io): Promise<ExitCode> {
  const bytes = path === '-' ? await io.stdin() : io.readFile(path);
  if (typeof bytes === 'string') {
    io.stderr(`fw-audit: cannot read ${path}: ${bytes}\n`);
    return 2;
  }
  const decoded = decode(bytes, path, 0);
  if (decoded.kind === 'refused') {
    io.stderr(`fw-audit: ${path}: ${decoded.diagnostic.message}\n`);
    return 2;
  }
  let exit = read;
  let pending: string[] = [];
  for (const line of decoded.source.text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const answer = ask(packetFromJson(line), questions);
    if ('error' in answer) exit = 2;
    pending.push(JSON.stringify(answer));
    if (pending.length === 1000) {
      io.stdout(`${pending.join('\n')}\n`);
      pending = [];
    }
  }
  if (pending.length > 0) io.stdout(`${pending.join('\n')}\n`);
  return exit;
}

function ask(reading: PacketReading, questions: Query): QueryAnswer | { readonly error: string } {
  if (reading.kind === 'error') return { error: reading.message };
  try {
    return questions.query(reading.packet);
  } catch (error) {
    if (error instanceof BadQuery || error instanceof TooComplex) return { error: error.message };
    throw error;
  }
}

const words = { allow: 'allowed', deny: 'denied', conditional: 'it depends' } as const;

/** `denied (drop) · tcp/22 in from 10.1.2.3`, then the rules that decide and what the answer hangs on. */
function answerText(
  packet: QueryPacket,
  { verdict, action, rules, conditions }: QueryAnswer,
  io: Io,
): string {
  const style = styleFor(io.color, io.unicode, io.columns);
  const how = action === undefined ? '' : ` (${action})`;
  const head = `${style.bold(`${words[verdict]}${how}`)}${style.separator}${packetText(packet, style.safe)}`;
  const places = rules.map(({ path, line, text }) => [line > 0 ? `${path}:${line}` : path, text] as const);
  const width = Math.max(0, ...places.map(([place]) => place.length));
  return [
    head,
    ...places.map(([place, text]) => `  ${style.safe(place.padEnd(width))}  ${style.safe(text)}`),
    ...conditions.map((condition) => `  hangs on: ${style.safe(condition)}`),
    '',
  ].join('\n');
}

function packetText(packet: QueryPacket, safe: (text: string) => string): string {
  const { direction, protocol, source, sourcePort, destination, destinationPort, icmpType, state } = packet;
  const name = typeof protocol === 'number' ? protocolName(protocol) : (protocol ?? 'tcp');
  const what =
    destinationPort !== undefined
      ? `${destinationPort}/${name}`
      : icmpType === undefined
        ? name
        : `${name} ${icmpType}`;
  const from = `${source ?? 'anywhere'}${sourcePort === undefined ? '' : ` port ${sourcePort}`}`;
  const parts = [
    what,
    direction ?? 'in',
    `from ${from}`,
    ...(destination === undefined ? [] : [`to ${destination}`]),
    ...(packet.inInterface === undefined ? [] : [`on ${packet.inInterface}`]),
    ...(packet.outInterface === undefined ? [] : [`out of ${packet.outInterface}`]),
    ...(state === undefined || state === 'new' ? [] : [`state ${state}`]),
  ];
  return safe(parts.join(' '));
}
