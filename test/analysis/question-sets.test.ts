import { fc } from '../property-testing.ts';
import { expect, test } from 'vitest';
import { QuestionSets } from '../../src/analysis/question-sets.ts';
import { PacketSpace } from '../../src/packets/packet-space.ts';

test('the questions of a set are those that its diagram tests', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(255), fc.nat(9), fc.nat(9), fc.boolean()), { minLength: 1, maxLength: 12 }),
      (parts) => {
        const space = new PacketSpace({
          family: 'ipv4',
          maxNodes: 1e6,
          order: 'addresses-first',
          names: new Map(),
          fixed: new Map(),
        });
        const questions = Array.from({ length: 10 }, () => space.question());
        const { bdd } = space;
        const sets = new QuestionSets(space);
        let all = 0;
        for (const [protocol, first, second, both] of parts) {
          const asked = [questions[first]!, questions[second]!].map((level) => bdd.variable(level));
          const hangs = both ? bdd.and(asked[0]!, asked[1]!) : bdd.or(asked[0]!, asked[1]!);
          all = bdd.or(all, bdd.and(space.numberIn('protocol', [[protocol, protocol]]), hangs));
          expect(sets.of(all)).toEqual(bdd.support(all).filter((level) => level >= space.questionBase));
        }
      },
    ),
  );
});
