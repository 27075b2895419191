import { printExpression } from '../../../grammars/nftables/print.ts';
import type { Statement } from '../../../grammars/nftables/syntax.ts';
import type { Match } from '../../model/match.ts';
import type { LoweringContext } from './lowering-context.ts';
import type { Path } from './path.ts';
import { selectorOf } from './selectors.ts';

/** What may hold or not, each time anew. */
export function condition(text: string): Match {
  return { kind: 'unknown', scope: 'rule', key: text, reason: text };
}

/** Statements that hold or not, without deciding themselves: `limit`, `add @s { … }`, `tproxy`. */
export function addCondition(
  statement: Statement & { kind: 'condition' | 'update-set' | 'tproxy' },
  path: Path,
  context: LoweringContext,
): void {
  switch (statement.kind) {
    case 'condition':
      path.add(condition(statement.text));
      return;
    case 'update-set': {
      if (statement.data !== undefined && context.sets.find(statement.set)?.syntax.kind === 'set')
        context.refuse(`@${statement.set} is a set, and its elements hold no values`, statement.at);
      const parts = statement.key.kind === 'concat' ? statement.key.of : [statement.key];
      // Constants may stand beside what is taken from the packet.
      const selectors = parts.map((part) => selectorOf(part, context.family));
      context.sets.checkKey(statement.set, selectors, statement.key.at, context);
      for (const selector of selectors)
        if (selector !== undefined) path.require(selector.needs, context, statement.at);
      const limit = statement.statements.find((inner) => inner.kind === 'condition');
      if (limit?.kind === 'condition') {
        const text = `${statement.operation} @${statement.set} { ${printExpression(statement.key)} ${limit.text} }`;
        path.add(condition(text));
      }
      return;
    }
    case 'tproxy': {
      const text = `a socket listens for ${statement.port === undefined ? 'tproxy' : `tproxy port ${printExpression(statement.port)}`}`;
      if (
        statement.address?.kind === 'range' ||
        statement.address?.kind === 'prefix' ||
        statement.port?.kind === 'range'
      )
        context.refuse('tproxy goes to one address and one port', statement.at);
      if (statement.family !== undefined)
        path.require({ family: statement.family === 'ip' ? 'ipv4' : 'ipv6' }, context, statement.at);
      path.add({ kind: 'unknown', scope: 'packet', key: text, reason: text });
      return;
    }
  }
}
