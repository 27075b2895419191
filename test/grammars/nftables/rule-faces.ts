import type { RuleSyntax } from '../../../grammars/nftables/syntax.ts';

/** Nothing to nft, and no part of a plain rule: what stands behind it only the grammar reads. */
export const joint = '\\\n';

const placeKeys: ReadonlySet<string> = new Set(['at', 'start', 'end']);

/** The text without joints. */
export function unjoined(text: string): string {
  return text.replaceAll(joint, '');
}

/** What a rule says, with places in the text without joints. */
export function face(rule: RuleSyntax, text: string): unknown {
  const { span, statements, comment, handle, broken, variables } = rule;
  return {
    start: unjoined(text.slice(0, span.start)).length,
    text: unjoined(text.slice(span.start, span.end)),
    statements: JSON.parse(JSON.stringify(statements), (key, value: unknown) =>
      placeKeys.has(key)
        ? unjoined(text.slice(0, value as number)).length
        : typeof value === 'string'
          ? unjoined(value)
          : value,
    ) as unknown,
    comment: comment && unjoined(comment),
    handle,
    broken,
    variables,
  };
}
