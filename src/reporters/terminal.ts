import type { Report, ReportInput, Summary } from '../report/report.ts';
import type { Reporter, RenderOptions } from './reporter.ts';
import { exposureTables } from './terminal/exposure-table.ts';
import { diagnosticLines, findingLines } from './terminal/problems.ts';
import { hostRows, type Row } from './terminal/rows.ts';
import { styleFor, type Style } from './terminal/style.ts';
import { counted, grouped } from './terminal/words.ts';

/** Lines of a host's tables that a person is shown unless they ask for all. */
const mostRows = 200;

/** What a person reads: each host's open ports, worst first, one line a port; then what to mistrust and what to do next. */
export const terminal: Reporter = { name: 'terminal', render };

function render(report: Report, options: RenderOptions): string {
  const style = styleFor(options.color, options.unicode, Math.max(40, options.columns));
  const lines: string[] = [];
  const shownRows: Row[] = [];
  for (const [index, host] of hostsOf(report).entries()) {
    const { rows, more, moreIsExact } = hostRows(
      report,
      host.inputs,
      options.verbose ? Infinity : mostRows,
      options.quiet ? 'medium' : 'none',
    );
    for (const row of rows) shownRows.push(row);
    if (options.quiet && rows.length === 0) continue;
    if (index > 0) lines.push(...(report.asked === 'lint' ? [] : ['', '']));
    lines.push(...headerLines(host.described, style));
    if (report.asked === 'lint') continue;
    if (rows.length === 0) lines.push('', closedText(report, host));
    for (const line of exposureTables(rows, host.paths, style, options.verbose)) lines.push(line);
    if (more > 0) {
      const count = `${moreIsExact ? '' : 'about '}${counted(more, 'more row')}`;
      lines.push(style.dim(`${style.ellipsis} and ${count}; --verbose shows all, -f json holds them`));
    }
  }
  for (const line of findingLines(report, options.verbose, style)) lines.push(line);
  for (const line of diagnosticLines(report, options, style)) lines.push(line);
  if (!options.quiet) {
    if (report.inputs.length > 0)
      lines.push('', report.asked === 'lint' ? uselessLine(report, style) : summaryLine(report, style));
    for (const assumption of report.assumptions)
      lines.push(`Assumed: ${style.safe(assumption)}.`.replace(/\.\.$/, '.'));
    const next = nextSteps(report, shownRows, style);
    if (next.length > 0) lines.push(`${style.dim('Next:')} ${next.join(style.separator)}`);
  }
  while (lines[0] === '') lines.shift();
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

interface Host {
  readonly inputs: ReadonlySet<number>;
  readonly described: readonly ReportInput[];
  readonly paths: readonly string[];
}

/** Inputs of one host stand together, in the order of their first. */
function hostsOf(report: Report): Host[] {
  const byHost = new Map<number, number[]>();
  report.inputs.forEach(({ host }, index) => {
    const list = byHost.get(host);
    if (list === undefined) byHost.set(host, [index]);
    else list.push(index);
  });
  return [...byHost.values()].map((indexes) => {
    const described = indexes.map((index) => report.inputs[index]!);
    return { inputs: new Set(indexes), described, paths: described.map(({ path }) => path) };
  });
}

const familyNames = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

/** `rules.txt · iptables-save, IPv4 · 8 rules, all understood` */
function headerLines(inputs: readonly ReportInput[], style: Style): string[] {
  return inputs.map(({ path, dialect, families, rules, understood }) => {
    const names = families.map((family) => familyNames[family]).join(' and ');
    const kind = names === '' ? style.safe(dialect) : `${style.safe(dialect)}, ${names}`;
    const how =
      understood === rules
        ? rules === 0
          ? ''
          : ', all understood'
        : `, ${style.bad(`${grouped(rules - understood)} not fully understood`)}`;
    const name = path === '-' ? 'standard input' : style.safe(path);
    return [style.bold(name), kind, `${counted(rules, 'rule')}${how}`].join(style.separator);
  });
}

function closedText(report: Report, { inputs, paths }: Host): string {
  if (isTooComplex(report)) return 'What is open is not known.';
  const unsure =
    report.diagnostics.some(
      ({ severity, location }) =>
        severity === 'error' && (location === undefined || paths.includes(location.path)),
    ) || [...inputs].some((index) => report.inputs[index]!.rules === 0);
  return unsure ? 'No open port was found in what could be read.' : 'Nothing is open.';
}

/** `5 ports open: 4 to the internet, 1 to private networks · 3 deserve a look` */
function summaryLine(report: Report, style: Style): string {
  const { summary, diagnostics } = report;
  const { openPorts, possiblePorts, openToInternet, openToPrivate, deserveALook } = summary;
  const where = [
    ...(openToInternet > 0 ? [`${grouped(openToInternet)} to the internet`] : []),
    ...(openToPrivate > 0 ? [`${grouped(openToPrivate)} to private networks`] : []),
  ];
  if (isTooComplex(report)) {
    const found = openPorts === 0 ? '' : `; ${counted(openPorts, 'port')} at least`;
    return style.bold(`Not everything that is open is known${found}`);
  }
  const unsure = diagnostics.some(({ severity }) => severity === 'error');
  if (unsure && openPorts === 0 && possiblePorts === 0)
    return style.bold('No open port was found in what could be read');
  const parts = [
    `${openPorts === 0 ? 'No port' : counted(openPorts, 'port')} open${where.length === 0 ? '' : `: ${where.join(', ')}`}`,
    ...(possiblePorts > 0 ? [`${grouped(possiblePorts)} more possible`] : []),
    deserveALook === 0
      ? findingsText(summary)
      : `${grouped(deserveALook)} ${deserveALook === 1 ? 'deserves' : 'deserve'} a look`,
  ];
  return style.bold(parts.join(style.separator));
}

/** Some direction's packets outgrew the ceiling of nodes, so rows are missing. */
function isTooComplex({ diagnostics }: Report): boolean {
  return diagnostics.some(({ code }) => code === 'FW1007');
}

/** What a policy finds wrong is no port that deserves a look by itself. */
function findingsText({ findings: { low, medium, high } }: Summary): string {
  const count = low + medium + high;
  return count === 0 ? 'nothing deserves a look' : counted(count, 'finding');
}

/** `3 of 40 rules have no effect`: any of them can go. */
function uselessLine({ findings, summary, diagnostics }: Report, style: Style): string {
  const open = findings.filter(({ suppressed }) => suppressed === undefined).length;
  if (open > 0)
    return style.bold(
      `${counted(open, 'finding')} in ${counted(summary.rules, 'rule')}; any of these rules can go`,
    );
  const unsure = diagnostics.some(({ severity }) => severity === 'error');
  return style.bold(
    `No rule without effect was found in ${counted(summary.rules, 'rule')}${unsure ? ', as far as they could be read' : ''}`,
  );
}

/** Commands that make sense now, ready to be typed. */
function nextSteps(report: Report, rows: readonly Row[], style: Style): string[] {
  const steps: string[] = [];
  const unread = report.diagnostics.find(({ severity }) => severity === 'error');
  if (unread !== undefined) steps.push(`fw-audit explain ${unread.code}`);
  const single = rows.find(
    ({ exposure: { ports }, severity }) => ports !== null && ports.from === ports.to && severity !== 'none',
  );
  const port = single?.exposure.ports?.from;
  if (port !== undefined) steps.push(`fw-audit explain ${port}`);
  if (rows.length > 0) {
    const judged = report.exposures.some(({ policy }) => policy !== null);
    const unlisted = report.exposures.filter(({ policy }) => policy?.verdict === 'unlisted');
    const paths = judged
      ? [...new Set(unlisted.map(({ input }) => report.inputs[input]!.path))]
      : report.inputs.map(({ path }) => path);
    const words = pathsToType(paths)?.map((path) => style.safe(shellWord(path)));
    if (words !== undefined) steps.push(`fw-audit policy ${judged ? 'suggest' : 'init'} ${words.join(' ')}`);
  }
  return steps;
}

/** Few paths as they are, many as the folder that they all stand in; undefined where there is nothing short to type. */
function pathsToType(paths: readonly string[]): readonly string[] | undefined {
  if (paths.length === 0 || paths.includes('-')) return undefined;
  if (paths.length <= 3) return paths;
  const folders = new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/') + 1)));
  const [folder] = folders;
  return folders.size === 1 && folder !== '' ? [folder!] : undefined;
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
