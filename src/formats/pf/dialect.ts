import type { Statement } from '../../../grammars/pf/syntax.ts';

/** The systems whose pf differs in ways that change an answer. pfSense and OPNsense are FreeBSD with habits of their own. */
export const dialects = ['openbsd', 'freebsd', 'macos', 'pfsense'] as const;
export type Dialect = (typeof dialects)[number];

export interface DialectEvidence {
  /** Undefined: nothing says. */
  readonly dialect?: Dialect;
  /**
   * `old`: translation is a rule set of its own (`rdr … ->`), as on FreeBSD, macOS, NetBSD and OpenBSD before 4.7. `new`: it is an
   * option of rules (`rdr-to`). Undefined: nothing says.
   */
  readonly generation?: 'old' | 'new';
}

export function isDialect(name: string | undefined): name is Dialect {
  return (dialects as readonly string[]).includes(name ?? '');
}

/** What the statements say about where they are for; `forced` (`--dialect`) settles it. */
export function findDialect(statements: readonly Statement[], forced: string | undefined): DialectEvidence {
  const seen = new Set<string>();
  collect(statements, seen);
  if (isDialect(forced)) {
    const generation = forced === 'openbsd' ? 'new' : 'old';
    return { dialect: forced, generation };
  }
  const old = seen.has('old');
  const fresh = seen.has('new');
  if (seen.has('pfsense')) return { dialect: 'pfsense', generation: 'old' };
  if (seen.has('macos')) return { dialect: 'macos', generation: 'old' };
  // FreeBSD took over match in 14 and the new translation words in 15, and kept the old ones.
  if (seen.has('freebsd') || (old && (fresh || seen.has('match'))))
    return { dialect: 'freebsd', generation: 'old' };
  if (old) return { generation: 'old' };
  return fresh ? { dialect: 'openbsd', generation: 'new' } : {};
}

const freebsdWords = new Set([
  'ridentifier',
  'dnpipe',
  'dnqueue',
  'ether',
  'bridge-to',
  'fail-policy',
  'keepcounters',
]);
const newWords = new Set([
  'nat-to',
  'rdr-to',
  'binat-to',
  'af-to',
  'received-on',
  'once',
  'divert-packet',
  'max-pkt-rate',
]);

/** How pfSense labels the rules that its users write. */
function isUserRule(label: string): boolean {
  return /^USER_RULE\b/.test(label);
}

function collect(statements: readonly Statement[], seen: Set<string>): void {
  for (const statement of statements) {
    switch (statement.kind) {
      case 'filter':
        if (statement.action.image === 'match') seen.add('match');
        if (statement.label !== undefined && isUserRule(statement.label)) seen.add('pfsense');
        for (const option of statement.options) {
          const word =
            option.kind === 'redirection' ? option.redirection.keyword.image : option.keyword.image;
          if (freebsdWords.has(word)) seen.add('freebsd');
          else if (newWords.has(word)) seen.add('new');
          if (word === 'label' && option.kind === 'word' && isUserRule(option.words[0]?.image ?? ''))
            seen.add('pfsense');
        }
        break;
      case 'translation-anchor':
        seen.add(/^(scrub|dummynet|fwd)-anchor$/.test(statement.keyword.image) ? 'macos' : 'old');
        break;
      case 'translation':
      case 'scrub':
        seen.add('old');
        break;
      case 'tokens': {
        const [first, second] = statement.tokens;
        if (first?.image === 'altq' || second?.image === 'require-order') seen.add('old');
        if (first?.image === 'ether' || freebsdWords.has(second?.image ?? '')) seen.add('freebsd');
        break;
      }
      case 'anchor':
      case 'load-anchor':
        if (statement.name?.image.startsWith('com.apple') === true) seen.add('macos');
        if (statement.body !== undefined) collect(statement.body, seen);
        break;
      case 'include':
        if (statement.body !== undefined) collect(statement.body, seen);
        break;
      default:
        break;
    }
  }
}
