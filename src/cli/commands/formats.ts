import { formatDescriptions, type FormatDescription } from '../../formats/dialects.ts';
import { styleFor, type Style } from '../../reporters/terminal/style.ts';
import type { ExitCode, Io } from '../io.ts';

export interface FormatsArguments {
  readonly name: string | undefined;
  readonly format: 'terminal' | 'json';
}

/** How far one construct of a format is understood. */
interface Construct {
  readonly kind: string;
  readonly name: string;
  readonly level: string;
  readonly note: string;
}

/** `fw-audit formats [NAME]`: what can be read, and, of one format, how completely. */
export async function runFormats({ name, format }: FormatsArguments, io: Io): Promise<ExitCode> {
  const chosen = formatDescriptions.filter((one) => name === undefined || one.name === name);
  const detailed = await Promise.all(
    chosen.map(async (one) => ({ ...one, ...(name === undefined ? {} : await detailsOf(one)) })),
  );
  if (format === 'json') {
    io.stdout(`${JSON.stringify({ formats: detailed }, null, 2)}\n`);
    return 0;
  }
  const style = styleFor(io.color, io.unicode, io.columns);
  io.stdout(`${detailed.map((one) => formatText(one, style)).join('\n\n')}\n`);
  return 0;
}

interface Details {
  readonly constructs?: readonly Construct[];
  /** The command that exports everything an audit can use. */
  readonly collector?: string;
}

async function detailsOf({ name }: FormatDescription): Promise<Details> {
  switch (name) {
    case 'iptables': {
      const { matchSupport, targetSupport } = await import('../../formats/iptables/support.ts');
      const rows = (kind: string, table: ReadonlyMap<string, { level: string; note: string }>): Construct[] =>
        [...table].map(([construct, { level, note }]) => ({ kind, name: construct, level, note }));
      return { constructs: [...rows('match', matchSupport), ...rows('target', targetSupport)] };
    }
    case 'windows': {
      const { windowsCollector } = await import('../../formats/windows/collector.ts');
      return { collector: windowsCollector };
    }
    case 'nftables':
    case 'pf':
      return {};
  }
}

function formatText(
  { name, title, dialects, constructs, collector }: FormatDescription & Details,
  style: Style,
): string {
  const width = Math.max(...dialects.map((dialect) => dialect.name.length));
  const lines = [
    `${style.bold(name)}  ${title}`,
    ...dialects.map((dialect) => `  ${dialect.name.padEnd(width)}  ${style.dim(dialect.writtenBy)}`),
  ];
  if (constructs !== undefined) {
    const widest = Math.max(...constructs.map((construct) => construct.name.length));
    lines.push(
      '',
      'full: exactly; conditional: possible where a file cannot settle it; ignored: decides nothing.',
    );
    for (const { kind, name: construct, level, note } of constructs) {
      lines.push(
        `  ${kind.padEnd(6)}  ${construct.padEnd(widest)}  ${level.padEnd(11)}  ${style.safe(note)}`,
      );
    }
  }
  if (collector !== undefined)
    lines.push('', 'To export everything that an audit can use, in PowerShell:', collector);
  return lines.join('\n');
}
