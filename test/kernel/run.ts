/**
 * `npm run kernel -- FILE…` puts rule files into the kernel of this machine and compares packet by packet; what the audit leaves open
 * (a limit, a time of day) is counted, and is no difference. `npm run kernel -- --rulesets N [--seed S] [--kind all|iptables|ip6tables|nft|nft6|iptables-legacy|host|…] [--probes N]`:
 * random rulesets against the kernel of this machine. Prints every difference with the smallest ruleset that still shows it;
 * exit code 1 when there was any, or any undecided answer.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compareCase, describeDifference, minimizeDifference, probesFor } from './conformance.ts';
import type { Difference } from './conformance.ts';
import { casesOf } from './fixtures.ts';
import { withLabInterfaces } from './foreign-interfaces.ts';
import { caseKinds, generateCase } from './generate.ts';
import type { CaseKind, KernelCase } from './generate.ts';
import { Lab } from './lab.ts';

const { values, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    rulesets: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    kind: { type: 'string', default: 'all' },
    probes: { type: 'string', default: '500' },
    /** At most so many differences are minimised and printed in full. */
    show: { type: 'string', default: '10' },
    'no-minimize': { type: 'boolean', default: false },
    /** Prints the ruleset of the seed and ends. */
    print: { type: 'boolean', default: false },
  },
});

const kind = caseKinds.find((each) => each === values.kind);
const [most, firstSeed, probes, show] = [values.rulesets, values.seed, values.probes, values.show].map(
  Number,
) as [number, number, number, number];
if (kind === undefined || [most, firstSeed, probes, show].some((number) => !Number.isInteger(number))) {
  console.error(
    `usage: npm run kernel -- [FILE…] [--rulesets N] [--seed S] [--kind ${caseKinds.join('|')}] [--probes N]`,
  );
  process.exit(2);
}
if (values.print) {
  const { sets, text, beside } = generateCase(kind, firstSeed);
  process.stdout.write(`${sets}${text}${beside?.text ?? ''}`);
  process.exit(0);
}
/** Generated rulesets hold nothing that the file leaves open; others may. */
const mayBeOpen = files.length > 0;
const unavailable = Lab.available();
if (unavailable !== undefined) {
  console.error(unavailable);
  process.exit(2);
}
process.exitCode = await main(kind);

async function main(chosen: CaseKind): Promise<number> {
  const total = {
    packets: 0,
    asked: 0,
    accepted: 0,
    refused: 0,
    differing: 0,
    query: 0,
    rows: 0,
    conditional: 0,
  };
  let shown = 0;
  let rulesets = 0;
  const started = Date.now();
  const lab = await Lab.open();
  try {
    for (const [kernelCase, seed] of casesToAsk(chosen)) {
      rulesets++;
      const comparison = await compareCase(lab, kernelCase, probesFor(kernelCase, seed, probes));
      if (comparison.refused !== undefined) {
        total.refused++;
        console.log(`refused: ${kernelCase.name}: ${comparison.refused.trim()}`);
        continue;
      }
      total.packets += comparison.packets;
      total.asked += comparison.asked;
      total.accepted += comparison.accepted;
      if (comparison.differences.length > 0) total.differing++;
      for (const difference of comparison.differences) total[difference.kind]++;
      const telling = comparison.differences.filter(({ kind }) => !mayBeOpen || kind !== 'conditional');
      if (shown < show) shown += await report(lab, kernelCase, telling);
    }
  } finally {
    lab.close();
  }
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(
    `${String(rulesets)} rulesets (${String(total.refused)} refused by the loader), ${String(total.packets)} packets ` +
      `(${String(total.accepted)} accepted), ${String(total.asked)} questions: ` +
      `${String(total.query)} query differences, ${String(total.rows)} row differences, ${String(total.conditional)} undecided, ` +
      `in ${String(total.differing)} rulesets; ${String(seconds)} s`,
  );
  return total.query + total.rows + (mayBeOpen ? 0 : total.conditional) === 0 ? 0 : 1;
}

/** The rulesets in turn, each with the seed of its probes. */
function* casesToAsk(chosen: CaseKind): Generator<readonly [KernelCase, seed: number]> {
  let seed = firstSeed;
  for (const file of files) {
    const text = withLabInterfaces(readFileSync(file, 'utf8'));
    const format = /^\*\w+$/m.test(text) ? 'iptables' : 'nftables';
    for (const kernelCase of casesOf(format, text, file)) yield [kernelCase, seed++];
  }
  if (files.length === 0) for (let i = 0; i < most; i++) yield [generateCase(chosen, seed + i), seed + i];
}

/** One example of each kind of difference that a ruleset shows. */
async function report(lab: Lab, kernelCase: KernelCase, differences: readonly Difference[]): Promise<number> {
  const kinds = new Map(differences.map((difference) => [difference.kind, difference]));
  // What is wrong about a row is mostly wrong about the query too, and said better there.
  if (kinds.has('query')) kinds.delete('rows');
  for (const difference of kinds.values()) {
    const smallest = values['no-minimize']
      ? kernelCase
      : await minimizeDifference(lab, kernelCase, difference);
    const again = (await compareCase(lab, smallest, [difference.packet])).differences.find(
      (each) => each.kind === difference.kind && each.direction === difference.direction,
    );
    console.log(`${describeDifference(again ?? difference, smallest)}\n`);
  }
  return kinds.size;
}
