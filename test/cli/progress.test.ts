import { expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { memoryIo } from './memory-io.ts';

const rules = '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT\nCOMMIT\n';
const files = { 'a\u001b.v4': rules, 'b.v4': rules };

it.each([[['a\u001b.v4', 'b.v4']], [['lint', 'a\u001b.v4', 'b.v4']]])(
  'tells a terminal which input it is at, and cleans up: %j',
  async (args) => {
    const shown: (string | undefined)[] = [];
    await run(args, memoryIo(files, { progress: (text) => void shown.push(text) }));
    expect(shown).toEqual([
      'fw-audit: 0 % a\\x1b.v4',
      'fw-audit: 25 % b.v4',
      'fw-audit: 50 % a\\x1b.v4',
      'fw-audit: 75 % b.v4',
      undefined,
    ]);
  },
);

it('says nothing to who asked for quiet', async () => {
  const shown: (string | undefined)[] = [];
  await run(['b.v4', '--quiet'], memoryIo(files, { progress: (text) => void shown.push(text) }));
  expect(shown.filter((text) => text !== undefined)).toEqual([]);
});
