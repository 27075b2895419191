import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { memoryIo } from './memory-io.ts';

const script = '#!/bin/bash\niptables -P INPUT DROP\n';
const listing =
  'Chain INPUT (policy DROP)\ntarget     prot opt source               destination         \n' +
  'ACCEPT     tcp  --  0.0.0.0/0            0.0.0.0/0            tcp dpt:22 ';

/** Texts over which some pattern went from each character to the end of the line, or of the text. */
const texts: readonly (readonly [string, string])[] = [
  ['blanks', ' '.repeat(300_000)],
  ['tabs', '\t'.repeat(300_000)],
  ['carriage returns', '\r'.repeat(300_000)],
  ['here-documents without end', '<<'.repeat(150_000)],
  ['line ends', `a${'\n'.repeat(300_000)}`],
  ['a script with a line of blanks', `${script}${' '.repeat(300_000)}`],
  ['a script with a line of brackets', `${script}${'('.repeat(300_000)}`],
  ['a dump with a line of blanks', `*filter\n:INPUT DROP [0:0]\n${' '.repeat(300_000)}\nCOMMIT\n`],
  ['a dump with a line of prompts', `create a hash:ip family inet\n${'@'.repeat(300_000)}\n`],
  ['a listing with a line of colons', `${listing}${':'.repeat(300_000)}\n`],
  ['a rule of many words that are refused', `${script}iptables -A INPUT ${"' ".repeat(150_000)}\n`],
  ['PowerShell with brackets', `New-NetFirewallRule -DisplayName "${'${'.repeat(150_000)}" -Action Allow\n`],
  ['a netsh script with blanks', `advfirewall firewall\n${' '.repeat(300_000)}\nadd rule name=a dir=in\n`],
];

describe('long lines', () => {
  it.each(texts)(
    '%s are read at once',
    async (_name, text) => {
      const io = memoryIo({ input: text });
      const start = performance.now();
      const code = await run(['audit', '--no-policy', '-f', 'json', 'input'], io);
      expect([0, 1, 3]).toContain(code);
      expect(performance.now() - start).toBeLessThan(10_000);
    },
    60_000,
  );

  it('an option that the limit of a line cuts is read by its grammar', async () => {
    const io = memoryIo({ input: `*filter\n:INPUT DROP [0:0]\n${'-j '.repeat(10_000)}\nCOMMIT\n` });
    expect(await run(['audit', '--no-policy', '-f', 'json', 'input'], io)).toBe(3);
    expect(io.out()).toContain('"FW1108"');
  });
});
