import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source, Span } from '../source/source.ts';
import { lineStarts } from '../source/source.ts';
import type { Form, Row, RowReader } from './form.ts';
import { nothing } from './form.ts';
import { bsdNetstat } from './forms/bsd-netstat.ts';
import { dockerPs } from './forms/docker-ps.ts';
import { linuxNetstat } from './forms/linux-netstat.ts';
import { lsof } from './forms/lsof.ts';
import { powershell, powershellJson } from './forms/powershell.ts';
import { sockstat } from './forms/sockstat.ts';
import { ssForm } from './forms/ss.ts';
import { tasklist } from './forms/tasklist.ts';
import { windowsNetstat } from './forms/windows-netstat.ts';
import type { FoundListener, HostListener } from './host-listener.ts';

export interface ListenerReading {
  /** In the order of the list, each socket and process once. */
  readonly listeners: readonly HostListener[];
  readonly diagnostics: readonly Diagnostic[];
  /** The commands whose output was recognised, as typed. */
  readonly commands: readonly string[];
}

/** A longer line is no row of any list; the patterns below never see one. */
const longestRow = 20_000;

/** Unreadable lines beyond so many are counted, not shown. */
const mostProblems = 20;

/** What the tools print beside their lists (to standard error, often into the same file). */
const chatter =
  /^(RTNETLINK answers|Failed to |\(Not all processes|\(No info could be read| *will not be shown| *Can ?not obtain ownership|lsof: WARNING| +Output information may be incomplete|Cannot open netlink|WARNING:|sudo:|PS [A-Z]:\\|[\w@:~/. -]*[$#>] )|^#TYPE |^---[-\s]*$/;

/**
 * Reads lists of listening sockets: `ss`, `netstat` of Linux, Windows, BSD and macOS, `lsof`, `sockstat`, PowerShell as CSV or JSON,
 * `docker ps`, and `tasklist` for the names. The form is found by content; one file may hold several, one below the other.
 */
export function readListeners(sources: readonly Source[]): ListenerReading {
  const listeners: HostListener[] = [];
  const diagnostics: Diagnostic[] = [];
  const commands = new Set<string>();
  const names = new Map<number, string>();
  for (const source of sources) readSource(source, listeners, diagnostics, commands, names);
  const named = listeners.map((one): HostListener => {
    const name = one.pid === undefined ? undefined : names.get(one.pid);
    if (name === undefined) return one;
    // tasklist says more of a svchost than netstat -b does.
    return one.process === undefined || name.startsWith(one.process)
      ? { ...one, process: name, processShown: true }
      : one;
  });
  const unique = uniqueListeners(named);
  const nameless = unique.filter(({ process }) => process === undefined).length;
  if (nameless > 0) {
    diagnostics.push({
      code: 'FW1503',
      severity: 'note',
      message: `${nameless} of ${unique.length} listeners have no process name in the list`,
      help: 'List them as root or administrator, with the option that shows processes: ss -tulpn, netstat -ano with tasklist /svc /fo csv, sockstat, lsof.',
    });
  }
  return { listeners: unique, diagnostics, commands: [...commands] };
}

function readSource(
  source: Source,
  listeners: HostListener[],
  diagnostics: Diagnostic[],
  commands: Set<string>,
  names: Map<number, string>,
): void {
  const { text } = source;
  const forms: readonly Form[] = [
    ssForm(text),
    linuxNetstat,
    bsdNetstat,
    windowsNetstat,
    lsof,
    sockstat,
    powershell,
    tasklist,
    dockerPs,
  ];
  const document = jsonRows(text);
  const starts = lineStarts(source);
  let problems = 0;
  let recognised = false;
  let last: { readonly at: number; readonly count: number } | undefined;
  const take = (row: Row, span: Span, line: number): void => {
    switch (row.kind) {
      case 'nothing':
        return;
      case 'listeners':
        last = { at: listeners.length, count: row.listeners.length };
        listeners.push(...row.listeners.map((one) => placed(one, source, line, span)));
        return;
      case 'owner':
        for (let i = 0; i < (last?.count ?? 0); i++) {
          const at = last!.at + i;
          listeners[at] = { ...listeners[at]!, process: row.process, processShown: true };
        }
        return;
      case 'process':
        names.set(row.pid, row.name);
        return;
      case 'unreadable':
        problem(span, `this row has another shape than its list; expected ${row.expected}`);
        return;
    }
  };
  const problem = (span: Span, message: string): void => {
    if (++problems <= mostProblems) diagnostics.push({ code: 'FW1501', severity: 'warning', message, span });
  };
  if (document !== undefined) {
    recognised = true;
    commands.add(document.command);
    for (const row of document.rows) take(row, { source: source.id, start: 0, end: 0 }, 1);
  } else {
    let reader: RowReader | undefined;
    for (let i = 0; i < starts.length; i++) {
      const start = starts[i]!;
      const line = text.slice(start, starts[i + 1] ?? text.length).replace(/[\r\n]+$/, '');
      const span = { source: source.id, start, end: start + line.length };
      if (line.trim() === '') continue;
      if (line.length > longestRow) {
        problem(span, 'this line is too long for any list of listeners');
        continue;
      }
      // Another kind of sockets, below those of the internet.
      if (/^Active (UNIX|LOCAL|Multipath|kernel)/i.test(line)) {
        reader = () => nothing;
        continue;
      }
      const headed = forms
        .map((form) => [form, form.heading(line)] as const)
        .find(([, found]) => found !== undefined);
      if (headed !== undefined) {
        const [form, next] = headed;
        recognised = true;
        commands.add(form.command);
        // BSD and Linux netstat share their heading; the rows decide.
        const other = form === linuxNetstat ? bsdNetstat.heading(line) : undefined;
        reader = other === undefined ? next : (row) => next!(row) ?? other(row);
        last = undefined;
        continue;
      }
      const row = reader?.(line) ?? bareRow(forms, line, commands);
      if (row !== undefined) {
        recognised = true;
        take(row, span, i + 1);
      } else if (!isHeadline(line) && !chatter.test(line))
        problem(span, 'this line is no row of a list of listeners');
    }
  }
  if (!recognised) {
    // One error says more than a warning a line.
    for (let i = diagnostics.length - 1; i >= 0; i--) {
      if (diagnostics[i]!.code === 'FW1501' && diagnostics[i]!.span?.source === source.id)
        diagnostics.splice(i, 1);
    }
    diagnostics.push({
      code: 'FW1502',
      severity: 'error',
      message: `${source.path} holds no list of listeners`,
      help: 'Give the output of ss -tulpn, netstat -tulpn, netstat -ano, netstat -an, lsof -nP -i, sockstat -46l, Get-NetTCPConnection as CSV or JSON, or docker ps.',
      span: { source: source.id, start: 0, end: 0 },
    });
  } else if (problems > mostProblems) {
    diagnostics.push({
      code: 'FW1501',
      severity: 'warning',
      message: `${problems - mostProblems} more lines of ${source.path} were not read`,
    });
  }
}

/** Headings above headings: `Active Internet connections (only servers)`, `Active Connections`, also in other languages. */
function isHeadline(line: string): boolean {
  return /^Active /.test(line) || /^\s*\p{L}+ \p{L}+\s*$/u.test(line) || /^\s*Proto\s/.test(line);
}

function bareRow(forms: readonly Form[], line: string, commands: Set<string>): Row | undefined {
  for (const form of forms) {
    const row = form.bare?.(line);
    if (row === undefined || (row.kind === 'nothing' && /^\s/.test(line))) continue;
    commands.add(form.command);
    return row;
  }
  return undefined;
}

function jsonRows(text: string): { readonly command: string; readonly rows: readonly Row[] } | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // perhaps one object a line
  }
  const rows = powershellJson(value);
  return rows === undefined ? undefined : { command: 'Get-NetTCPConnection | ConvertTo-Json', rows };
}

function placed(listener: FoundListener, source: Source, line: number, span: Span): HostListener {
  const location = {
    path: source.path,
    line,
    column: 1,
    endLine: line,
    endColumn: Math.max(1, span.end - span.start + 1),
  };
  return { ...listener, location };
}

/** A process may hold one socket through several descriptors, and several sockets with SO_REUSEPORT. */
function uniqueListeners(listeners: readonly HostListener[]): HostListener[] {
  const seen = new Map<string, HostListener>();
  for (const one of listeners) {
    const key = JSON.stringify([
      one.protocol,
      one.address,
      one.families,
      one.port,
      one.pid ?? one.process ?? '',
    ]);
    if (!seen.has(key)) seen.set(key, one);
  }
  return [...seen.values()];
}
