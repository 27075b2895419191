import { beforeAll, expect, test } from 'vitest';
import { parseNftables } from '../../../grammars/nftables/command-parser.ts';
import { ShapedRule } from '../../../grammars/nftables/shaped-rule.ts';
import { validateGrammarsFromNowOn } from '../../../grammars/shared/strict-parser.ts';
import { fc } from '../../property-testing.ts';
import { linesOfRules, linesOfShapes } from './random-rule-lines.ts';
import { face, joint, unjoined } from './rule-faces.ts';

beforeAll(validateGrammarsFromNowOn);

const beginning = fc.constantFrom(
  ...[
    'add rule t c ',
    'add rule t c ',
    'add rule t c ',
    'add rule ip t c ',
    'add rule ip6 t other-c ',
    't c ',
  ],
  ...['insert rule t c ', 'create rule inet t c ', 'add rule t c index 1 ', 'replace rule t c handle 4 '],
  ...[
    'delete rule t c handle 5 ',
    'add rule t "c" ',
    'add rule  t c ',
    'flush chain t c; add rule t c ',
    '} ',
  ],
);

/** Commands as lines, and where their rules begin. */
const commands = fc
  .tuple(fc.array(beginning, { minLength: 1, maxLength: 3 }), fc.oneof(linesOfRules, linesOfShapes))
  .map(([beginnings, rules]) => rules.map((rule, i) => [beginnings[i % beginnings.length]!, rule] as const));

/** What is read of a text, with places in it without joints. */
function read(text: string): { readonly said: unknown; readonly shaped: number } {
  const place = (at: number): number => unjoined(text.slice(0, at)).length;
  const { commands, problems } = parseNftables(0, text);
  const rules = commands.flatMap((command) =>
    command.kind === 'rule' && command.rule !== undefined ? [command.rule] : [],
  );
  return {
    shaped: rules.filter((rule) => rule instanceof ShapedRule).length,
    said: {
      problems: problems.map(({ span, message }) => [unjoined(message), place(span.start), place(span.end)]),
      commands: commands.map((command) => {
        const { kind, span } = command;
        const where = [kind, place(span.start), place(span.end)];
        if (kind === 'broken') return [where, unjoined(command.text).replaceAll('\\ ', '')];
        if (kind !== 'rule') return where;
        const { operation, at, chain, position, rule } = command;
        return [where, operation, at, chain, position, rule && face(rule, text)];
      }),
    },
  };
}

test('commands that begin like the one before are read as each would be alone', () => {
  let shaped = 0;
  fc.assert(
    fc.property(commands, fc.constantFrom('\n', ';', ' ;\n\n '), (lines, between) => {
      // A remark goes on to the end of the line, and would swallow a joint behind it.
      const ended = (rule: string): string => rule + (rule.includes('#') ? '\n' : between);
      const usual = read(lines.map(([begins, rule]) => begins + ended(rule)).join(''));
      const alone = read(lines.map(([begins, rule]) => begins + joint + ended(rule)).join(''));
      expect(usual.said).toStrictEqual(alone.said);
      shaped += usual.shaped;
    }),
    { numRuns: 1000 },
  );
  expect(shaped).toBeGreaterThan(500);
});
