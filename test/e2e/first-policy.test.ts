import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runBundle } from './run-bundle.ts';

const rules = (...lines: readonly string[]): string =>
  `*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n${lines.join('\n')}\nCOMMIT\n`;
const web = '-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT';

it('policy init, a reason, fw-audit: clean; one more port: exit 1, and what to write', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'fw-audit-first-'));
  const rulesFile = join(cwd, 'rules.v4');
  const policyFile = join(cwd, 'fw-audit.yaml');
  writeFileSync(rulesFile, rules(web));
  expect(runBundle(['policy', 'init', 'rules.v4'], { cwd }).code).toBe(0);
  expect(runBundle([], { cwd }).code).toBe(2);
  writeFileSync(policyFile, readFileSync(policyFile, 'utf8').replaceAll('reason: TODO', 'reason: Web site'));
  const clean = runBundle([], { cwd });
  expect(clean.code).toBe(0);
  expect(clean.out).toContain('justified: Web site');
  writeFileSync(rulesFile, rules(web, '-A INPUT -p tcp -m tcp --dport 6379 -j ACCEPT'));
  const more = runBundle([], { cwd });
  expect(more.code).toBe(1);
  expect(more.out).toContain('the policy does not list it');
  expect(more.out).toContain('fw-audit policy suggest rules.v4');
  expect(runBundle(['policy', 'suggest', 'rules.v4'], { cwd }).out).toContain('  - port: 6379/tcp\n');
});

it('names the inputs that lack an entry, and suggests for those that the policy lists', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'fw-audit-first-'));
  writeFileSync(join(cwd, 'a.rules'), rules(web));
  writeFileSync(join(cwd, 'b.rules'), rules(web, '-A INPUT -p tcp -m tcp --dport 8161 -j ACCEPT'));
  writeFileSync(
    join(cwd, 'fw-audit.yaml'),
    'version: 1\ninputs: [a.rules, b.rules]\nallow:\n  - port: 443/tcp\n    reason: Web site\n',
  );
  const run = runBundle([], { cwd });
  expect(run.code).toBe(1);
  expect(run.out).toContain('2 ports open: 2 to the internet · 1 finding\n');
  expect(run.out).toContain('fw-audit policy suggest b.rules\n');
  expect(runBundle(['policy', 'suggest'], { cwd }).out).toContain('  - port: 8161/tcp\n');
});
