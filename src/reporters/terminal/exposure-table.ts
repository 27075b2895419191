import { fitText, textWidth, wrapText } from '../../diagnostics/text-width.ts';
import type { Direction } from '../../packets/fields.ts';
import { outlineOf } from '../../report/row-outline.ts';
import { fromText, portText, serviceText, whyParts, type WhyPart } from './words.ts';
import type { Row } from './rows.ts';
import { severityMark, type Style } from './style.ts';

interface Cells {
  readonly port: string;
  readonly service: string;
  readonly from: string;
  readonly rule: string;
  readonly why: readonly WhyPart[];
}

const titles: Readonly<Record<Direction, string>> = {
  in: 'Into this host',
  forward: 'Through this host',
  out: 'Out of this host',
};

/** The tables of one host, one a direction. `paths` are the host's inputs: with one, a line number says enough. */
export function exposureTables(
  rows: readonly Row[],
  paths: readonly string[],
  style: Style,
  verbose: boolean,
): string[] {
  const directions = (['in', 'forward', 'out'] as const).filter((direction) =>
    rows.some((row) => row.exposure.direction === direction),
  );
  const titled = directions.length > 1 || (directions[0] !== undefined && directions[0] !== 'in');
  return directions.flatMap((direction) => {
    const own = rows.filter((row) => row.exposure.direction === direction);
    const lines = table(own, paths, style, verbose);
    return ['', ...(titled ? [style.bold(titles[direction])] : []), ...lines];
  });
}

function table(rows: readonly Row[], paths: readonly string[], style: Style, verbose: boolean): string[] {
  const cells = rows.map((row): Cells => ({
    port: portText(row.exposure),
    service: style.safe(serviceText(row.exposure)),
    from: fromText(row, style, verbose ? Infinity : 2),
    rule: ruleText(row, paths, style),
    why: whyParts(row, style),
  }));
  const head: Cells = { port: 'PORT', service: 'SERVICE', from: 'FROM', rule: 'RULE', why: [] };
  const all = [head, ...cells];
  const natural = {
    port: widest(all.map(({ port }) => port)),
    service: widest(all.map(({ service }) => service)),
    from: widest(all.map(({ from }) => from)),
    rule: widest(all.map(({ rule }) => rule)),
  };
  const beside = fitColumns(natural, style.columns, cells.some(({ why }) => why.length > 0) ? wantedWhy : 0);
  const roomBeside = style.columns - margin - totalOf(beside);
  const below = roomBeside < leastWhy;
  const widths = below ? fitColumns(natural, style.columns, 0) : beside;
  const room = below ? style.columns - margin - 2 : roomBeside;
  const render = ({ port, service, from, rule }: Cells): string =>
    [
      cell(port, widths.port, style),
      cell(service, widths.service, style),
      cell(from, widths.from, style),
      ' '.repeat(Math.max(0, widths.rule - textWidth(rule))) + fitText(rule, widths.rule, style.ellipsis),
    ].join(' '.repeat(gap));

  const titles = below || cells.every(({ why }) => why.length === 0) ? '' : `${' '.repeat(gap)}WHY LOOK`;
  const lines = [style.dim(' '.repeat(margin) + render(head) + titles)];
  rows.forEach((row, index) => {
    const own = cells[index]!;
    const mark = style.mark(row.severity, ` ${severityMark(row.severity, style.unicode)}  `);
    const line = `${mark}${row.severity === 'high' ? style.bold(render(own)) : render(own)}`;
    const justified =
      row.exposure.policy?.verdict === 'justified' ? style.dim : (text: string): string => text;
    if (!below) {
      const why = fitWhy(own.why, room, style);
      lines.push(why === '' ? line.trimEnd() : `${line}${' '.repeat(gap)}${justified(why)}`);
    } else {
      lines.push(line.trimEnd());
      const indent = ' '.repeat(margin + 2);
      const why = wrapText(fitWhy(own.why, 2 * room, style), room);
      lines.push(...why.map((part) => indent + justified(part)));
    }
    if (verbose) lines.push(...details(row, own, style));
  });
  return lines;
}

const margin = 5;
const gap = 2;
/** Below this many columns the reasons stand on lines of their own. */
const leastWhy = 44;
/** What the reasons get at the cost of the other columns. */
const wantedWhy = 48;

interface Widths {
  readonly port: number;
  readonly service: number;
  readonly from: number;
  readonly rule: number;
}

function totalOf({ port, service, from, rule }: Widths): number {
  return port + service + from + rule + 4 * gap;
}

/** Narrows the wordy columns, sources first, until `wanted` columns are left for the reasons or nothing is left to give. */
function fitColumns(natural: Widths, columns: number, wanted: number): Widths {
  let { port, service, from } = natural;
  const { rule } = natural;
  const over = (target: number): number => margin + port + service + from + rule + 4 * gap + target - columns;
  from = Math.max(Math.min(from, 18), from - Math.max(0, over(wanted)));
  service = Math.max(Math.min(service, 14), service - Math.max(0, over(wanted)));
  // Even without reasons beside them the four columns must fit.
  from = Math.max(Math.min(from, 8), from - Math.max(0, over(0)));
  service = Math.max(Math.min(service, 7), service - Math.max(0, over(0)));
  port = Math.max(Math.min(port, 11), port - Math.max(0, over(0)));
  return { port, service, from, rule };
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, textWidth(text)), 0);
}

function cell(text: string, width: number, style: Style): string {
  const fitted = fitText(text, width, style.ellipsis);
  return fitted + ' '.repeat(Math.max(0, width - textWidth(fitted)));
}

/** As many of the parts as fit, each in full or in short; the first is cut if it must be. */
function fitWhy(parts: readonly WhyPart[], room: number, style: Style): string {
  let text = '';
  for (const part of parts) {
    const before = text === '' ? '' : `${text}; `;
    const fitting = [part.text, part.short].find((form) => textWidth(before + form) <= room);
    if (fitting === undefined) return text === '' ? fitText(part.short, room, style.ellipsis) : text;
    text = before + fitting;
  }
  return text;
}

/**
 * `9`; `rules.v6:9` where the host has several inputs; both where the families have a rule each. The lines of two rules at the most: the
 * one for what FROM begins with, and the last of all, which publishes or is a default.
 */
function ruleText({ members }: Row, paths: readonly string[], style: Style): string {
  const rules = [
    ...members.map((member) => outlineOf(member).leadingRule),
    ...members.map((member) => outlineOf(member).lastRule),
  ];
  const places = new Set<string>();
  for (const rule of rules) {
    if (rule === undefined) continue;
    if (rule.line === 0) {
      // A default that is written nowhere.
      places.add('default');
      continue;
    }
    places.add(
      paths.length === 1 && rule.path === paths[0]
        ? String(rule.line)
        : `${style.safe(rule.path)}:${rule.line}`,
    );
  }
  return [...places].slice(0, 2).join(', ');
}

function details(row: Row, { why }: Cells, style: Style): string[] {
  const indent = ' '.repeat(margin + 2);
  const { members, findings, exposure } = row;
  const rules = new Map(
    members.flatMap(({ rules }) => rules).map((rule) => [`${rule.path}:${rule.line}`, rule] as const),
  );
  return [
    ...(why.length > 1 ? why.map(({ text }) => `${indent}${text}`) : []),
    ...[...rules].map(([place, { text }]) => style.dim(`${indent}${style.safe(place)}  ${style.safe(text)}`)),
    ...exposure.listings.map((listing) =>
      style.dim(
        `${indent}listed: ${style.safe(listing.label)} (${style.safe(listing.list)}), which says nothing about this host`,
      ),
    ),
    ...findings.map(({ code, name }) => style.dim(`${indent}${code} ${name}`)),
  ];
}
