import type { Statement } from '../../../grammars/nftables/syntax.ts';
import type { LoweringContext } from './lowering-context.ts';
import type { Path } from './path.ts';

type Extension = Statement & { kind: 'xt' };

/** A comment holds for all packets, whatever it says (xt_comment.c, comment_mt). */
const holdsAlways = 'comment';

/** A match of iptables, whose parameters nft does not print: it holds or not, unless its name tells. */
export function addExtension(extension: Extension, path: Path, context: LoweringContext): void {
  if (extension.name === holdsAlways) return;
  notPrinted(extension, context);
  const text = `xt match ${extension.name}`;
  path.add({
    kind: 'unknown',
    scope: 'rule',
    key: text,
    reason: `${text} (its parameters are not in the input)`,
  });
}

/** Says that what an extension does stands nowhere. */
export function notPrinted(extension: Extension, context: LoweringContext): void {
  context.understood = false;
  context.add(
    'FW1207',
    'warning',
    extension.isTranslated === true
      ? `iptables-nft made this rule, and nft prints different matches of its extension ${extension.name} like this`
      : `nft does not print what "xt ${extension.type} ${extension.name}" does`,
    extension.at,
    'export this table with iptables-save (or ip6tables-save) and audit that',
  );
}
