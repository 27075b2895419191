import { describe, expect, it } from 'vitest';
import { audit } from '../../src/audit.ts';
import { createQuery } from '../../src/query.ts';
import { answerOf, expectedAnswer, linesOf, memberNames, policies, sourcesOf } from './policies.ts';

describe.each(policies())('%s, one policy in four languages', (policy) => {
  it.each(memberNames)('opens the same ports to the same sources as %s', async (member) => {
    const report = await audit(sourcesOf(policy, member), { host: true });
    expect(report.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report.summary.understood).toBe(report.summary.rules);
    expect(answerOf(report.exposures)).toEqual(expectedAnswer(policy));
  });

  it.each(memberNames)('gives each packet the same verdict as %s', async (member) => {
    const { query } = await createQuery(sourcesOf(policy, member));
    const probes = linesOf(policy, 'probes.txt');
    const answers = probes.map((line) => {
      const [, protocol = '', port = '', , source = ''] = line.split(' ');
      const { verdict } = query({ protocol, destinationPort: Number(port), source });
      return `${verdict} ${protocol} ${port} from ${source}`;
    });
    expect(answers).toEqual(probes);
  });
});
