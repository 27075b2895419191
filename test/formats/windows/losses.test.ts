import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { audit } from '../../../src/audit.ts';
import type { Report } from '../../../src/report/report.ts';
import { sourceOf } from './probe.ts';

const root = fileURLToPath(new URL('../../../fixtures/windows', import.meta.url));

async function report(name: string): Promise<Report> {
  const input = readdirSync(join(root, name)).find((file) => file.startsWith('input.'))!;
  return audit([sourceOf(join(root, name, input))]);
}

const states = /does not say whether the firewall is on/;
const policy = /rules from group policy and device management are taken not to exist/;
const local = /rules of the local store are taken not to exist/;
const packages = /netsh shows no application packages/;

/** What each kind of export leaves out, in the report's words; a kind that is not here leaves out nothing. */
const losses: Readonly<Record<string, readonly RegExp[]>> = {
  'twelve-clixml': [policy, states],
  'twelve-collector': [],
  'twelve-com': [states],
  'twelve-commands': [/taken to have no other rules/],
  'twelve-console': [/no services or interface types/, /no direction column/, states],
  'twelve-csp': [/other rules are taken not to exist/, states],
  'twelve-csv': [policy, states],
  'twelve-csv-semicolon': [policy, states],
  'twelve-graph': [/other rules are taken not to exist/],
  'twelve-json-names': [policy, states],
  'twelve-lgpo': [local, states],
  'twelve-list': [policy, states],
  'twelve-netsh-en-short': [/without “verbose”: programs, services, interface types and security/, states],
  'twelve-policy-report': [local, states],
  'twelve-powershell-script': [
    /taken to have no other rules, and the script to run to its end/,
    /%systemroot%/,
  ],
  'twelve-reg': [policy, states],
  'twelve-reg-query': [policy, states],
  'twelve-registry-pol': [local, states],
  'twelve-rules-alone': [/does not show the protocol and ports, addresses, program/, policy, states],
};
const netsh = [packages, states];

describe('the report names what an export leaves out', () => {
  const kinds = readdirSync(root).filter((name) => name.startsWith('twelve-'));
  it.each(kinds)('%s', async (name) => {
    const { assumptions, diagnostics } = await report(name);
    const said = [
      ...diagnostics.filter(({ code }) => code === 'FW1403').map(({ message }) => message),
      ...assumptions,
    ];
    const expected = losses[name] ?? netsh;
    expect(said).toHaveLength(expected.length);
    expected.forEach((pattern, i) => expect(said[i]).toMatch(pattern));
    for (const { code, location } of diagnostics) expect(location, code).toBeDefined();
  });
});

it('what one file of a host lacks, another may hold', async () => {
  const sources = ['twelve-reg/input.reg', 'twelve-registry-pol/input.pol'].map((file, id) => ({
    ...sourceOf(join(root, file)),
    id,
  }));
  const { assumptions } = await audit(sources, { host: true });
  expect(assumptions).toHaveLength(1);
  expect(assumptions[0]).toMatch(states);
});
