/** Verdict for verdict: what the audit says of a ruleset is what this machine's kernel does with it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditCase } from './audit-case.ts';
import { compareCase, describeDifference, probesFor } from './conformance.ts';
import type { Comparison } from './conformance.ts';
import { readFixtures, probeOf } from './fixtures.ts';
import { generateCase } from './generate.ts';
import type { CaseKind, KernelCase } from './generate.ts';
import { Lab } from './lab.ts';
import { labMissing } from './require-lab.ts';

const missing = labMissing() !== undefined;
/** Of each of these, so many rulesets with so many packets each; `npm run kernel` asks for thousands. */
const plan: readonly (readonly [CaseKind, number])[] = [
  ['iptables-legacy', 15],
  ['iptables-nft', 15],
  ['ip6tables-legacy', 15],
  ['ip6tables-nft', 15],
  ['nft', 15],
  ['nft6', 15],
  ['host', 10],
  ['host6', 10],
];
const firstSeed = 1000;
const probes = 300;
/** Generous: a busy machine takes ten times as long as an idle one. */
const patience = 240_000;

function expectAgreement(comparison: Comparison, kernelCase: KernelCase): void {
  expect(comparison.refused).toBeUndefined();
  expect(comparison.packets).toBeGreaterThan(0);
  const shown = comparison.differences
    .slice(0, 3)
    .map((difference) => describeDifference(difference, kernelCase));
  expect(shown.join('\n\n')).toBe('');
}

describe.skipIf(missing)('audit and kernel agree', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.open();
  });
  afterAll(() => {
    lab.close();
  });

  for (const [kind, count] of plan) {
    it(
      `on ${String(count)} random ${kind} rulesets`,
      async () => {
        for (let seed = firstSeed; seed < firstSeed + count; seed++) {
          const kernelCase = generateCase(kind, seed);
          expectAgreement(
            await compareCase(lab, kernelCase, probesFor(kernelCase, seed, probes)),
            kernelCase,
          );
        }
      },
      patience,
    );
  }

  for (const { name, cases } of [...readFixtures('iptables'), ...readFixtures('nftables')]) {
    it(`on fixtures/${name}`, async ({ annotate }) => {
      for (const kernelCase of cases) {
        const comparison = await compareCase(lab, kernelCase, probesFor(kernelCase, firstSeed, probes));
        if (comparison.refused !== undefined) {
          await annotate(`${kernelCase.kind} refuses it: ${comparison.refused}`);
          continue;
        }
        // A fixture may hold conditions that no file settles; what the audit is sure of must still be so.
        const differences = comparison.differences.filter(({ kind }) => kind !== 'conditional');
        expectAgreement({ ...comparison, differences }, kernelCase);
      }
    });
  }
});

describe('verdicts that fixtures state', () => {
  const stated = [...readFixtures('iptables'), ...readFixtures('nftables')].filter(
    ({ verdicts }) => verdicts.length > 0,
  );
  for (const { name, cases, verdicts } of stated) {
    it(`the audit gives those of fixtures/${name}`, async () => {
      const { query } = await auditCase(cases[0]!);
      expect(verdicts.map(({ packet }) => query(packet).verdict)).toEqual(
        verdicts.map(({ verdict }) => verdict),
      );
    });

    it.skipIf(missing)(`the kernel gives those of fixtures/${name}`, async () => {
      const lab = await Lab.open();
      try {
        for (const kernelCase of cases) {
          const packets = verdicts
            .map(({ packet }) => probeOf(packet))
            .filter(({ family }) => family === kernelCase.family);
          expect(await lab.load(kernelCase.kind, kernelCase.text)).toMatchObject({ code: 0 });
          const results = await lab.probe(packets);
          expect(results.map(({ verdict }) => (verdict === 'none' ? 'deny' : 'allow'))).toEqual(
            verdicts
              .filter(({ packet }) => probeOf(packet).family === kernelCase.family)
              .map(({ verdict }) => verdict),
          );
          await lab.reset();
        }
      } finally {
        lab.close();
      }
    });
  }
});
