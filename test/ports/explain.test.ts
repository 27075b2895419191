import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { runExplain } from '../../src/cli/commands/explain.ts';
import type { Report } from '../../src/report/report.ts';
import { commandIo } from './command-io.ts';

async function explain(
  subjects: string[],
  format: 'terminal' | 'json' | 'markdown' = 'terminal',
  reports: Report[] = [],
) {
  const { io, out, err } = commandIo();
  const exit = await runExplain({ subjects, format }, io, reports);
  return { exit, out: out(), err: err() };
}

describe('goldens', () => {
  test.each([
    '22',
    '443',
    '2688',
    '2693',
    '3092',
    '5353/udp',
    '6379',
    '9200',
    '10250',
    '27017',
    '31337',
    '49152',
    '0',
    '65535',
    '2682',
    '8000-8100',
  ])('%s', async (subject) => {
    const { exit, out, err } = await explain([subject]);
    expect(err).toBe('');
    expect(exit).toBe(0);
    await expect(out).toMatchFileSnapshot(`../../fixtures/ports/explain/${subject.replace('/', '-')}.txt`);
  });

  test('Markdown', async () => {
    const { out } = await explain(['2688', '9200/tcp'], 'markdown');
    await expect(out).toMatchFileSnapshot('../../fixtures/ports/explain/2688.md');
  });

  test('JSON', async () => {
    const { out } = await explain(['2688/tcp'], 'json');
    await expect(out).toMatchFileSnapshot('../../fixtures/ports/explain/2688.json');
  });
});

describe('2688', () => {
  test('says all that is asked of it', async () => {
    const { out } = await explain(['2688']);
    const flat = out.replace(/\s+/g, ' ');
    for (const fact of [
      'a registered port (1024-49151',
      'assigned to md-cg-http',
      'No current product is known',
      'listed as "IRC.Aladinz.P" by Nessus plugin 11157',
      'No surviving description',
      'A listing says nothing about your host',
      'Who listens?',
      'obscure-assignment',
    ]) {
      expect(flat).toContain(fact);
    }
    expect(flat).not.toMatch(/infected|used by IRC/);
  });
});

describe('JSON', () => {
  test('fits the published schema', async () => {
    const schema: object = JSON.parse(
      readFileSync('rulesets/schema/ports-output.schema.json', 'utf8'),
    ) as object;
    const validate = new Ajv2020({ allErrors: true }).compile(schema);
    for (const subject of ['2688', '53/udp', '22/sctp', '8000-8100', '0', '65535', 'http-alt', '31337/tcp']) {
      const value: unknown = JSON.parse((await explain([subject], 'json')).out);
      expect(validate(value), `${subject}: ${JSON.stringify(validate.errors)}`).toBe(true);
    }
  });

  test('both transports are always there, and a range is runs that cover it', async () => {
    const { ports } = JSON.parse((await explain(['8000-8100/tcp'], 'json')).out) as {
      ports: { from: number; to: number; transports: { tcp: object; udp: object } }[];
    };
    let next = 8000;
    for (const { from, to, transports } of ports) {
      expect(from).toBe(next);
      next = to + 1;
      expect(Object.keys(transports)).toEqual(['tcp', 'udp']);
    }
    expect(next).toBe(8101);
  });
});

describe('subjects', () => {
  test('a service name, in any case, is its ports', async () => {
    const ports = async (name: string): Promise<number[]> => {
      const { out } = await explain([name], 'json');
      return (JSON.parse(out) as { ports: { from: number }[] }).ports.map(({ from }) => from);
    };
    expect(await ports('ssh')).toEqual([22]);
    expect(await ports('SSH')).toEqual([22]);
    expect(await ports('http-alt')).toEqual([591, 8008, 8080]);
    expect(await ports('xmlipcregsvc')).toEqual([9092]);
    expect(await ports('webcache')).toEqual([8080]);
    expect(await ports('tcp/53')).toEqual([53]);
  });

  test('several at once, the wrong ones named, the right ones explained', async () => {
    const { exit, out, err } = await explain(['22', '70000', 'sssh', '80-22', '53/icmp', 'FW9999']);
    expect(exit).toBe(2);
    expect(out).toContain('22 is a well-known port');
    expect(err).toContain('70000: ports go from 0 to 65535');
    expect(err).toContain('sssh: no service of that name is registered; did you mean ssh?');
    expect(err).toContain('80-22: the range is reversed; write 22-80');
    expect(err).toContain('"icmp" has no ports');
    expect(err).toContain('FW9999 is no code');
  });

  test('codes of diagnostics and findings', async () => {
    const { out } = await explain(['FW1004', 'fw2001']);
    expect(out).toContain('FW1004 not-understood');
    expect(out).toContain('FW2001');
    expect(out).toContain('What to do');
  });

  test('a port that a rule opens says by which', async () => {
    const row = {
      input: 0,
      direction: 'in',
      family: 'ipv4',
      protocol: 'tcp',
      ports: { from: 3000, to: 3100 },
      certainty: 'certain',
      conditions: [],
      from: [{ sources: ['10.0.0.0/8'] }],
      scope: 'private',
      rules: [{ path: 'rules.v4', line: 12, text: '-A INPUT -p tcp --dport 3000:3100 -j ACCEPT' }],
    };
    const report = { exposures: [row] } as unknown as Report;
    expect((await explain(['3092'], 'terminal', [report])).out).toContain('rules.v4:12');
    // A comment in a rule must not steer the reader's terminal.
    row.rules[0]!.text = '-A INPUT -m comment --comment "\u001b]0;x\u0007\u202e"';
    for (const format of ['terminal', 'markdown'] as const) {
      expect((await explain(['3092'], format, [report])).out).not.toMatch(/[\u0007\u001b\u202e]/);
    }
    expect((await explain(['3092/udp'], 'terminal', [report])).out).toContain(
      'None of the rules given opens it.',
    );
  });

  test('an unusable --registry is an error', async () => {
    const { io, err } = commandIo();
    expect(await runExplain({ subjects: ['22'], format: 'terminal', registry: 'package.json' }, io)).toBe(2);
    expect(err()).toContain('package.json');
  });
});
