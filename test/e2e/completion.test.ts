import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, TemporaryFolder } from './run-bundle.ts';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());
const bin = join(folder.path, 'bin');
const empty = join(folder.path, 'empty');

beforeAll(() => {
  mkdirSync(bin);
  mkdirSync(empty);
  const command = folder.write('bin/fw-audit', `#!/bin/sh\nexec '${process.execPath}' '${bundle}' "$@"\n`);
  chmodSync(command, 0o755);
  folder.write('empty/rules.v4', '');
});

function has(shell: string): boolean {
  return spawnSync(shell, ['--version']).error === undefined;
}

/** What each shell offers for a line, by its own completion machinery. */
const shells: Readonly<Record<string, (line: string) => string[]>> = {
  bash: (line) => {
    const words = line.split(' ');
    const script = `source <(fw-audit completion bash)
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length - 1}
_fw_audit
printf '%s\\n' "\${COMPREPLY[@]}"`;
    return run('bash', ['--norc', '-c', script]);
  },
  fish: (line) =>
    run('fish', ['--no-config', '-c', `fw-audit completion fish | source; complete -C '${line}'`]).map(
      (offer) => offer.split('\t')[0]!,
    ),
  zsh: (line) => {
    // zsh completes only for a terminal: zpty gives it one, and a widget prints what is offered.
    const script = `zmodload zsh/zpty
zpty -b z zsh -f -i
zpty -w z 'PROMPT=; stty -echo; autoload -Uz compinit && compinit -u -D; source <(fw-audit completion zsh)'
zpty -w z 'compadd() { (( \${@[(I)-[OAD]]} )) || { builtin compadd -O offered "$@"; print -l -- "offer:\${^offered[@]}" }; builtin compadd "$@" }'
zpty -w z 'LISTMAX=0; bindkey "^I" list-choices; print re""ady'
zpty -r z output '*ready*'
zpty -w -n z '${line}'$'\\t\\C-u'
zpty -w z 'print fin""ished'
zpty -r z output '*finished*'
print -r -- "$output"`;
    return run('zsh', ['-f', '-c', script])
      .map((part) => /offer:(.*?)\s*$/.exec(part)?.[1])
      .filter((offer) => offer !== undefined);
  },
};

function run(shell: string, args: readonly string[]): string[] {
  return execFileSync(shell, args, {
    cwd: empty,
    encoding: 'utf8',
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: folder.path, TERM: 'dumb', LANG: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

describe.each(['bash', 'fish', 'zsh'])('%s completion', (shell) => {
  const present = has(shell);
  const offers = (line: string): string[] => shells[shell]!(line);

  it.skipIf(!present && process.env['FW_AUDIT_REQUIRE_ALL'] === undefined)(
    'offers commands and files',
    () => {
      const found = offers('fw-audit ');
      expect(found).toEqual(expect.arrayContaining(['query', 'explain', 'policy', 'rules.v4']));
    },
  );

  it.skipIf(!present && process.env['FW_AUDIT_REQUIRE_ALL'] === undefined)(
    'offers the options of the command',
    () => {
      expect(offers('fw-audit query rules.v4 --dest')).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^--destination=?$/),
          expect.stringMatching(/^--destination-port=?$/),
        ]),
      );
      expect(offers('fw-audit explain --batc')).toEqual([]);
    },
  );

  it.skipIf(!present && process.env['FW_AUDIT_REQUIRE_ALL'] === undefined)(
    'offers the values of an option and of an argument',
    () => {
      expect(offers('fw-audit rules.v4 --format sa')).toEqual(['sarif']);
      expect(offers('fw-audit query rules.v4 --format j')).toEqual(['json']);
      expect(offers('fw-audit policy su')).toEqual(['suggest']);
    },
  );
});
