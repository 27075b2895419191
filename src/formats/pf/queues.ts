import type { TokenStatement } from '../../../grammars/pf/syntax.ts';
import { Comma, LBrace, RBrace } from '../../../grammars/pf/tokens.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';
import { refuse } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';

const flags: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['cbq', new Set(['default', 'borrow', 'red', 'ecn', 'rio', 'codel'])],
  ['priq', new Set(['default', 'red', 'ecn', 'rio', 'codel'])],
  ['hfsc', new Set(['default', 'red', 'ecn', 'rio', 'codel', 'linkshare', 'realtime', 'upperlimit'])],
  ['fairq', new Set(['default', 'red', 'ecn', 'rio', 'codel', 'linkshare', 'hogs', 'buckets'])],
  ['codelq', new Set(['ecn', 'interval', 'target'])],
]);
const curves = new Set(['linkshare', 'realtime', 'upperlimit']);

/**
 * Queueing grants and denies nothing, so nothing of it reaches the model; but a queue that pfctl refuses keeps the whole file from
 * being loaded (altqif and queuespec of parse.y).
 */
export class QueueBook {
  private readonly known = new Set<string>();
  private altq = false;

  read(statement: TokenStatement, notes: RuleNotes): void {
    const { tokens } = statement;
    const isRoot = tokens[0]?.image === 'altq';
    if (isRoot) this.altq = true;
    this.checkSchedulers(tokens, notes);
    const children = childrenOf(isRoot ? behind(tokens, 'queue') : tokens.slice(2));
    if (!isRoot) this.checkQueue(tokens, children, notes);
    for (const child of children) this.known.add(child.image);
  }

  private checkQueue(tokens: readonly PfToken[], children: readonly PfToken[], notes: RuleNotes): void {
    const name = tokens[1];
    if (name === undefined) {
      refuse(notes, undefined, "'queue' needs a name");
      return;
    }
    const words = tokens.slice(2).map(({ image }) => image);
    const own = children.find(({ image }) => image === name.image);
    if (own !== undefined) refuse(notes, own, 'a queue cannot have itself as a child');
    // Since OpenBSD 5.5 a queue names its parent itself, and the root names its interface.
    if (!this.known.has(name.image) && (this.altq || !(words.includes('parent') || words.includes('on')))) {
      refuse(notes, name, `queue ${name.image} has no parent`);
    }
    if (!this.altq) this.known.add(name.image);
    if (words.includes('priq') && children.length > 0)
      refuse(notes, children[0], 'priq queues cannot have child queues');
  }

  private checkSchedulers(tokens: readonly PfToken[], notes: RuleNotes): void {
    for (const [index, token] of tokens.entries()) {
      const allowed = flags.get(token.image);
      if (allowed === undefined || tokens[index + 1]?.image !== '(') continue;
      let depth = 0;
      const seen = new Set<string>();
      for (let i = index + 1; i < tokens.length; i++) {
        const word = tokens[i]!;
        if (word.image === '(') depth++;
        else if (word.image === ')' && --depth === 0) break;
        else if (depth === 1 && /^[a-z]/.test(word.image)) {
          if (!allowed.has(word.image)) refuse(notes, word, `unknown ${token.image} flag "${word.image}"`);
          if (curves.has(word.image) && seen.has(word.image))
            refuse(notes, word, `${word.image} already specified`);
          seen.add(word.image);
        }
      }
    }
  }
}

function behind(tokens: readonly PfToken[], word: string): readonly PfToken[] {
  const index = tokens.findIndex(({ image }, at) => at > 0 && image === word);
  return index < 0 ? [] : tokens.slice(index + 1);
}

/** The names in the last `{ … }`, or a lone name behind `queue` of an altq line. */
function childrenOf(tokens: readonly PfToken[]): PfToken[] {
  const open = tokens.findIndex(({ tokenType }) => tokenType === LBrace);
  if (open >= 0)
    return tokens.slice(open + 1).filter(({ tokenType }) => tokenType !== Comma && tokenType !== RBrace);
  return tokens.length === 1 ? [...tokens] : [];
}
