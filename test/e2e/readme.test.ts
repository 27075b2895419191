import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandNamed } from '../../src/cli/command-table.ts';
import { parseArguments } from '../../src/cli/parse-arguments.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { runBundle } from './run-bundle.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** A shell line as words; README uses no quoting but single quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|\S+/g)].map((match) => match[1] ?? match[0]);
}

function fences(language: string): string[] {
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map((match) => match[1]!);
}

describe('README', () => {
  it('shows what the commands really print (vitest -u writes it)', async () => {
    const actual = readme.replace(/```console\n([^]*?)```/g, (_, block: string) => {
      const commands = block.split('\n').filter((line) => line.startsWith('$ '));
      expect(commands.length).toBeGreaterThan(0);
      const shown = commands.map((line) => {
        const words = wordsOf(line.slice(2));
        expect(words.slice(0, 2)).toEqual(['npx', 'fw-audit']);
        const { out, err } = runBundle(words.slice(2), { cwd: root });
        expect(err).toBe('');
        return `${line}\n${out.replace(/ +$/gm, '')}`;
      });
      return `\`\`\`console\n${shown.join('')}\`\`\``;
    });
    await expect(actual).toMatchFileSnapshot(join(root, 'README.md'));
  });

  it('names only commands and options that exist', () => {
    const lines = fences('sh').flatMap((block) => block.split('\n'));
    const commands = lines.flatMap((line) => {
      const typed = /(?:^|\| |&& )(?:npx )?fw-audit ([^#]*)/.exec(line)?.[1];
      return typed === undefined ? [] : [typed.trim()];
    });
    expect(commands.length).toBeGreaterThan(8);
    for (const typed of commands) expect(parseArguments(wordsOf(typed)).kind, typed).toBe('run');
    const inline = [...readme.matchAll(/`fw-audit ([^`]+)`/g)].map((match) => match[1]!);
    for (const typed of inline) expect(parseArguments(wordsOf(typed)).kind, typed).toBe('run');
    for (const [, option] of readme.matchAll(/`(--[a-z-]+)/g)) {
      const known = ['audit', 'query'].some((name) =>
        commandNamed(name)!.options.some((one) => `--${one}` === option),
      );
      expect(known, option).toBe(true);
    }
  });

  it('shows a policy that is valid', () => {
    const [text = ''] = fences('yaml');
    const { policy, diagnostics } = loadPolicy(
      { id: 0, path: 'README', text, encoding: 'utf-8' },
      () => 'none',
    );
    expect(diagnostics).toEqual([]);
    expect(policy?.allow).toHaveLength(2);
  });

  it('links to files that exist', () => {
    for (const name of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md']) {
      const text = readFileSync(join(root, name), 'utf8');
      for (const [, target] of text.matchAll(/\]\(((?!https?:)[^)#]+)\)/g)) {
        expect(existsSync(join(root, target!)), `${name}: ${target}`).toBe(true);
      }
    }
  });
});
