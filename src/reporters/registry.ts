import type { Reporter, ReporterName } from './reporter.ts';

/** Loads a reporter; only the ones asked for are loaded. */
export async function loadReporter(name: ReporterName): Promise<Reporter> {
  switch (name) {
    case 'terminal':
      return (await import('./terminal.ts')).terminal;
    case 'json':
      return (await import('./json.ts')).json;
    case 'sarif':
      return (await import('./sarif.ts')).sarif;
    case 'junit':
      return (await import('./junit.ts')).junit;
    case 'markdown':
      return (await import('./markdown.ts')).markdown;
    case 'github':
      return (await import('./github.ts')).github;
    case 'csv':
      return (await import('./csv.ts')).csv;
    case 'html':
      return (await import('./html.ts')).html;
  }
}

interface Extensions {
  readonly reporter: ReporterName;
  /** File name endings that mean this format. */
  readonly claims: readonly string[];
  /** Endings that its files may bear as well. */
  readonly fits: readonly string[];
}

const extensions: readonly Extensions[] = [
  { reporter: 'sarif', claims: ['.sarif', '.sarif.json'], fits: ['.json'] },
  { reporter: 'json', claims: ['.json'], fits: [] },
  { reporter: 'junit', claims: ['.xml'], fits: [] },
  { reporter: 'markdown', claims: ['.md', '.markdown'], fits: [] },
  { reporter: 'csv', claims: ['.csv'], fits: [] },
  { reporter: 'html', claims: ['.html', '.htm'], fits: [] },
  { reporter: 'github', claims: [], fits: ['.txt', '.log'] },
  { reporter: 'terminal', claims: ['.txt'], fits: ['.log'] },
];

/** The format of a file that a report is written to: its ending decides, unless `wanted` can bear that ending too. */
export function reporterForFile(path: string, wanted: ReporterName | undefined): ReporterName | undefined {
  const name = path.toLowerCase();
  const ends = (endings: readonly string[]): boolean => endings.some((ending) => name.endsWith(ending));
  const claimed = extensions.find(({ claims }) => ends(claims))?.reporter;
  if (claimed === undefined) return wanted;
  const fits = extensions.some(({ reporter, fits }) => reporter === wanted && ends(fits));
  return fits ? wanted : claimed;
}
