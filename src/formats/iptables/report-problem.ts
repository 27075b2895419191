import type { Problem } from '../../../grammars/iptables/syntax.ts';
import type { RuleContext } from './lowering.ts';

/** Says what is wrong with the words of a command: refused, or read as older releases read it. */
export function reportProblem(problem: Problem, context: RuleContext): void {
  switch (problem.kind) {
    case 'unknown-option':
      // Reported with the option itself.
      return;
    case 'old-negation':
    case 'glued-option':
      context.remark({
        code: 'FW1107',
        severity: 'warning',
        message:
          problem.kind === 'old-negation'
            ? '"!" behind the option is refused by iptables since 1.8; older releases read it as "!" before the option'
            : `a value glued to its letter (${problem.word}) is read differently by some iptables releases`,
        word: problem.word,
      });
      return;
    case 'unterminated-quote':
      context.remark({
        code: 'FW1106',
        severity: 'warning',
        message: 'the quote is not closed, so iptables takes the rest of the line as one word',
        word: problem.word,
      });
      return;
    default:
      context.refuse(`expected ${problem.detail}, read ${JSON.stringify(problem.word)}`, problem.word);
  }
}
