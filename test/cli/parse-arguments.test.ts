import { fc } from '../property-testing.ts';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/command-table.ts';
import { options, type OptionName } from '../../src/cli/options.ts';
import type { Invocation } from '../../src/cli/invocation.ts';
import { parseArguments } from '../../src/cli/parse-arguments.ts';
import { plainInvocation } from '../../src/cli/plain-arguments.ts';

function run(line: string): Invocation {
  const parsed = parseArguments(words(line));
  if (parsed.kind !== 'run') throw new Error(JSON.stringify(parsed));
  return parsed;
}

function wrong(line: string): string {
  const parsed = parseArguments(words(line));
  return parsed.kind === 'wrong' ? parsed.message : `not wrong: ${parsed.kind}`;
}

function words(line: string): string[] {
  return line === '' ? [] : line.split(' ');
}

function expectAgreement(argv: readonly string[], line: string): void {
  const found = plainInvocation(argv);
  const parsed = parseArguments(argv);
  if (found === undefined || parsed.kind !== 'run') throw new Error(`${line}: ${JSON.stringify(parsed)}`);
  expect([found.command.name, found.positionals], line).toEqual([parsed.command.name, parsed.positionals]);
  for (const name of Object.keys(options) as OptionName[])
    expect(found.given.list(name), `${line}: ${name}`).toEqual(parsed.given.list(name));
}

describe('parseArguments', () => {
  it('means audit when no command is named', () => {
    const { command, positionals } = run('rules.v4 -');
    expect([command.name, positionals]).toEqual(['audit', ['rules.v4', '-']]);
    expect(run('audit query').positionals).toEqual(['query']);
  });

  it('finds the command behind options', () => {
    const { command, positionals, given } = run('-f json query rules.v4 tcp/22');
    expect([command.name, positionals, given.text('format')]).toEqual([
      'query',
      ['rules.v4', 'tcp/22'],
      'json',
    ]);
  });

  it('reads every spelling of a value', () => {
    for (const line of ['-f json x', '-fjson x', '--format json x', '--format=json x', '-qf json x']) {
      expect(run(line).given.text('format')).toBe('json');
    }
    expect(run('query x --batch -').given.text('batch')).toBe('-');
    expect(run('-o a -o b x').given.list('output')).toEqual(['a', 'b']);
    expect(run('x --max-size 12').given.number('max-size')).toBe(12);
    expect(run('-- --help').positionals).toEqual(['--help']);
  });

  it('says what is wrong and what would be right', () => {
    expect(wrong('--formt json x')).toBe('--formt is no option; did you mean --format?');
    expect(wrong('--constructor x')).toBe('--constructor is no option');
    expect(wrong('x --batch y')).toBe('--batch is no option of `fw-audit audit`');
    expect(wrong('x --format')).toBe('--format needs a value: --format FORMAT');
    expect(wrong('x --policy --quiet')).toContain('"--quiet" looks like an option');
    expect(wrong('x --format=')).toBe('--format needs a value: --format FORMAT');
    expect(wrong('x -f yaml')).toBe(`-f cannot be "yaml"; it is one of ${options.format.choices.join(', ')}`);
    expect(wrong('query x -f sarif')).toBe('-f cannot be "sarif"; it is one of terminal, json');
    expect(wrong('x -f json -f csv')).toBe('-f is given twice');
    expect(wrong('x --quiet=yes')).toBe('--quiet takes no value');
    expect(wrong('x --max-size 1e3')).toBe('--max-size needs a whole number, not "1e3"');
    expect(wrong('query')).toBe('fw-audit query needs <path>');
    expect(wrong('query a b c')).toBe('fw-audit query cannot use "c"');
    expect(wrong('policy chek')).toBe('<action> of fw-audit policy cannot be "chek"; did you mean check?');
  });

  it('lets help and version win over everything else', () => {
    expect(parseArguments(['query', '--help', '--nonsense'])).toMatchObject({
      kind: 'help',
      command: { name: 'query' },
    });
    expect(parseArguments(['--help'])).toEqual({ kind: 'help', command: undefined });
    expect(parseArguments(['-V'])).toEqual({ kind: 'version' });
  });

  it('leaves yargs no words of its own', () => {
    for (const name of ['--get-yargs-completions', '--_', '--$0', '--__proto__', '--toString', '-_=x']) {
      expect(wrong(`x ${name}`)).toBe(`${name.split('=', 1)[0]!} is no option`);
    }
    expect(run('0x10 1e3 true').positionals).toEqual(['0x10', '1e3', 'true']);
    expect(run('-q true --policy a.b=c').positionals).toEqual(['true']);
    expect(run('--policy 007 x').given.text('policy')).toBe('007');
    expect(wrong('x --no-quiet')).toContain('--no-quiet is no option');
    expect(wrong('x -q=1')).toBe('-q takes no value');
    expect(wrong('x -z')).toBe('-z is no option');
  });

  it('need not load for a plain command line, which means the same without it', () => {
    const plain = [
      ...['', 'rules.v4', '-', 'a - b', 'a query', 'audit', 'audit a', 'query x tcp/22', 'policy check'],
      ...['a -q', '-f json a', '--format=json a', 'a --policy b=c --output=x -o y', 'query x --batch -'],
    ];
    for (const line of plain) expectAgreement(words(line), line);
    const unusual = [
      ...['--help', 'query -h', '--version', '--', 'a -- b', '-qv a', '-fjson a', '-f=json a', '--quiet=1 a'],
      ...[
        'a -f',
        'a -f yaml',
        'a --formt x',
        'a --batch b',
        'query',
        'query a b c',
        '--policy -q a',
        '--policy= a',
      ],
    ];
    for (const line of unusual) expect(plainInvocation(words(line)), line).toBeUndefined();
  });

  it('agrees with the plain reading of any words', () => {
    const names = Object.keys(options);
    const value = fc.oneof(
      fc.constantFrom(
        'json',
        'in',
        '12',
        '',
        '-',
        '--',
        '-1',
        '"x"',
        "'",
        'a=b',
        'none',
        'true',
        '0x10',
        '007',
        '1e3',
        '__proto__',
      ),
      fc.string({ maxLength: 5 }),
    );
    const word = fc.oneof(
      fc.constantFrom(...names.map((name) => `--${name}`)),
      fc.tuple(fc.constantFrom(...names), value).map(([name, text]) => `--${name}=${text}`),
      fc.constantFrom('-f', '-o', '-q', '-v', '-V', '-h', '-qf', '-qv'),
      fc.constantFrom(...commands.map(({ name }) => name)),
      value,
    );
    let plain = 0;
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
        if (plainInvocation(argv) === undefined) return;
        plain++;
        expectAgreement(argv, argv.join(' '));
      }),
      { numRuns: 3000 },
    );
    expect(plain).toBeGreaterThan(100);
  });

  it('answers for any words', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(
        ...Object.keys(options).map((name) => `--${name}`),
        '-f',
        '-o',
        '--',
        '-',
        '--__proto__',
        '=x',
      ),
      fc.constantFrom(...commands.map(({ name }) => name)),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (argv) => {
        expect(['run', 'help', 'version', 'wrong']).toContain(parseArguments(argv).kind);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the tables', () => {
  it('give each short letter once', () => {
    const letters = Object.values(options).flatMap((spec) => ('short' in spec ? [spec.short] : []));
    expect(new Set(letters).size).toBe(letters.length);
  });

  it('leave no option without a command, and narrow choices only to some of the option’s own', () => {
    const used = new Set(commands.flatMap((command) => command.options));
    expect([...used].sort()).toEqual(Object.keys(options).sort());
    for (const command of commands) {
      for (const [name, narrowed] of Object.entries(command.choices ?? {})) {
        expect(command.options).toContain(name);
        const spec = options[name as keyof typeof options];
        if ('choices' in spec) expect(spec.choices).toEqual(expect.arrayContaining([...narrowed]));
      }
    }
  });

  it('show examples that parse', () => {
    for (const { examples } of commands) {
      for (const { command } of examples) {
        const own = /fw-audit ?([^|)]*)/.exec(command)![1]!.trim();
        expect(parseArguments(words(own)).kind, command).toBe('run');
      }
    }
  });
});
