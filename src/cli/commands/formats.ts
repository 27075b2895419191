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
        [...table].map(([name, { level, note }]) => ({ kind, name, level, note }));
      return { constructs: [...rows('match', matchSupport), ...rows('target', targetSupport)] };
    }
    case 'windows': {
      const { windowsCollector } = await import('../../formats/windows/collector.ts');
      const { windowsSupport } = await import('../../formats/windows/support.ts');
      return { constructs: windowsSupport.map(construct), collector: windowsCollector };
    }
    case 'nftables': {
      const { nftablesSupport } = await import('../../formats/nftables/support.ts');
      return { constructs: nftablesSupport.map(construct) };
    }
    case 'pf': {
      const { support } = await import('../../formats/pf/support.ts');
      const levels = {
        exact: 'full',
        condition: 'conditional',
        neutral: 'ignored',
        unknown: 'unknown',
      } as const;
      return {
        constructs: support.map(({ construct: name, state, note }) => ({
          kind: 'rule',
          name: name.replaceAll('`', ''),
          level: levels[state],
          note,
        })),
      };
    }
  }
}

function construct({ kind, name, level, note }: Construct): Construct {
  return { kind, name: name.replaceAll('`', ''), level, note };
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
    const widest = Math.max(...constructs.map((one) => one.name.length));
    const kinds = Math.max(...constructs.map((one) => one.kind.length));
    lines.push(
      '',
      'full: exactly; conditional: possible where a file cannot settle it; ignored: decides nothing; unknown: kept as possible.',
    );
    for (const { kind, name: what, level, note } of constructs) {
      lines.push(`  ${kind.padEnd(kinds)}  ${what.padEnd(widest)}  ${level.padEnd(11)}  ${style.safe(note)}`);
    }
  }
  if (collector !== undefined)
    lines.push('', 'To export everything that an audit can use, in PowerShell:', collector);
  return lines.join('\n');
}
