import { describe, expect, it } from 'vitest';
import { lint } from '../../../src/lint.ts';
import type { AuditOptions } from '../../../src/audit.ts';
import { ask, packetOf, source } from './probe.ts';

async function verdict(text: string, probe: string): Promise<string> {
  return (await ask(text)).query(packetOf(probe.split(' '))).verdict;
}

async function conditions(text: string, probe: string): Promise<readonly string[]> {
  return (await ask(text)).query(packetOf(probe.split(' '))).conditions;
}

async function uselessLines(text: string): Promise<number[]> {
  const report = await lint([source(text)], { inputFormat: 'pf' });
  return report.findings.map(({ location }) => location?.line ?? 0);
}

const opened = 'block\npass in on enc0 proto tcp to port 22 tagged ROADW\n';
const policy = 'block all\npass in on em1 tag LAN\npass out on em0 tagged LAN\n';

describe('issue: tags that are set elsewhere', () => {
  it('a tag that no rule sets may have been set before pf', async () => {
    expect(await verdict(opened, 'tcp 22 in enc0')).toBe('conditional');
    expect(await conditions(opened, 'tcp 22 in enc0')).toEqual(['the packet carries tag ROADW']);
    expect(await uselessLines(opened)).toEqual([]);
  });

  it('a packet goes out with the tag that it got on its way in', async () => {
    expect(await verdict(policy, 'out tcp 443 out-if em0')).toBe('conditional');
    expect(await uselessLines(policy)).toEqual([]);
  });

  it('also with one that quick ended the way in with', async () => {
    const text = 'pass in quick on em1 tag LAN\nblock out quick on em0 ! tagged LAN\n';
    expect(await uselessLines(text)).toEqual([]);
    expect(await verdict(text, 'tcp 80 in em1')).toBe('allow');
  });

  it('what rules of the same pass set before is known', async () => {
    const text =
      'block in\nmatch in on em1 proto tcp to port 80 tag WEB\npass in tagged WEB\nblock in ! tagged WEB\n';
    expect(await verdict(text, 'tcp 80 in em1')).toBe('allow');
    expect(await verdict(text, 'tcp 81 in em1')).toBe('deny');
    expect(await verdict(text, 'tcp 80 in em0')).toBe('deny');
  });

  it('a rule that sets its tag only behind the test does not count', async () => {
    const text = 'block in\npass in tagged WEB\nmatch in on em1 tag WEB\n';
    expect(await verdict(text, 'tcp 80 in em1')).toBe('conditional');
  });

  it('the test and its negation are one question', async () => {
    const text = 'pass\nblock in quick tagged A\nblock in quick ! tagged A\n';
    expect(await verdict(text, 'tcp 80 in em1')).toBe('deny');
  });

  it('a packet carries one tag at most', async () => {
    expect(await verdict('pass\nblock in quick ! tagged A\nblock in quick tagged B\n', 'tcp 80')).toBe(
      'conditional',
    );
    expect(await verdict('pass\nblock in quick ! tagged A\nblock in quick ! tagged B\n', 'tcp 80')).toBe(
      'deny',
    );
    expect(await verdict('block\npass in ! tagged A tagged B\n', 'tcp 80')).toBe('conditional');
  });

  it('rules of an anchor that is not in the input may set any tag', async () => {
    const text =
      'block in\nmatch in on em1 tag WEB\nanchor "x/*" on em2\npass in quick on em0 tagged WEB\nblock in\n';
    expect(await uselessLines(text)).toEqual([]);
  });

  it('Ethernet rules set tags, too', async () => {
    const text =
      'ether pass in on em0 tag WEB\nblock in\nmatch in on em1 tag WEB\npass in on em0 tagged WEB\n';
    expect(
      (await ask(text, { dialect: 'freebsd' })).query(packetOf(['tcp', '80', 'in', 'em0'])).verdict,
    ).toBe('conditional');
  });

  it('a tag of a redirection is known to the filter', async () => {
    const text =
      'rdr on em0 inet proto tcp to port 80 tag WEB -> 10.0.0.9\nblock in\npass in on em0 tagged WEB\n';
    expect(await verdict(text, 'tcp 80 in em0 from 192.0.2.1 to 203.0.113.10')).toBe('allow');
    expect(await verdict(text, 'tcp 81 in em0 from 192.0.2.1 to 203.0.113.10')).toBe('deny');
  });
});

describe('where only rules set tags (FreeBSD) and all of them are in the input, nobody has a tag that none sets', () => {
  const freebsd = { dialect: 'freebsd' };
  const untouched = 'block\npass in proto tcp to port 22 tagged WEB\n';

  const answer = async (text: string, options: AuditOptions): Promise<string> =>
    (await ask(text, options)).query(packetOf(['tcp', '22'])).verdict;

  it('and only there', async () => {
    expect(await answer(untouched, freebsd)).toBe('deny');
    expect(await answer(untouched, { dialect: 'openbsd' })).toBe('conditional');
    expect(await answer(untouched, { dialect: 'macos' })).toBe('conditional');
    expect(await answer(`ether pass in on em1 tag WEB\n${untouched}`, freebsd)).toBe('conditional');
    expect(await answer(`${untouched}pass out on em1 tag WEB\n`, freebsd)).toBe('conditional');
  });

  it.each([
    'anchor "x/*" on em9',
    'include "/etc/more"',
    'ether anchor "x" on em9',
    'pass out on em9 frobnicate',
  ])('not with %s behind it', async (line) => {
    expect(await answer(`${untouched}${line}\n`, freebsd)).toBe('conditional');
  });

  it('an anchor that is taken to be empty sets none', async () => {
    const text = `${untouched}anchor "x/*" on em9\n`;
    expect(await answer(text, { ...freebsd, emptyAnchors: true })).toBe('deny');
  });
});
