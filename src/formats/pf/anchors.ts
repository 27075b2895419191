import type { Anchor, LoadAnchor, Statement, TranslationAnchor } from '../../../grammars/pf/syntax.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';
import type { Span } from '../../source/source.ts';
import type { PfContext } from './pf-context.ts';

/** The rules of an anchor and its full path; the empty path is the main rule set. */
export interface AnchorBody {
  readonly path: string;
  readonly statements: readonly Statement[];
}

/** Names are relative to the anchor they stand in, unless they begin with a slash; `..` goes up (pf.conf(5), ANCHORS). */
export function anchorPath(name: string, parent: string): string {
  const parts = name.startsWith('/') || parent === '' ? [] : parent.split('/');
  for (const part of name.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** Anchors that are named in a sentence before the rest is counted. */
const NAMED = 8;

/** Which anchors the input holds: inline ones, and ones loaded from files that were given. */
export class AnchorBook {
  private readonly named = new Map<string, readonly Statement[]>();
  private readonly inline = new Map<Statement, AnchorBody>();
  private readonly unknown = new Set<string>();
  private readonly empty = new Set<string>();
  /** Anchors that have rules, in files that were not given. */
  private readonly loadedUnread = new Set<string>();
  private unnamed = 0;

  /** `path` is the anchor that the statement stands in. Returns the path of its own rules. */
  addInline(statement: Anchor | TranslationAnchor, path: string): string {
    const name = statement.name?.image ?? `_${++this.unnamed}`;
    // Printed: "x/*" holds the children of x.
    const own = anchorPath(name.replace(/(^|\/)\*$/, ''), path);
    const unique = this.named.has(own) ? `${own}#${statement.span.start}` : own;
    const statements = statement.body ?? [];
    this.inline.set(statement, { path: unique, statements });
    this.named.set(unique, statements);
    return unique;
  }

  /** Whether an inline anchor of the same path has rules already. */
  isTaken(statement: Anchor, path: string): boolean {
    const { name } = statement;
    return name !== undefined && (this.named.get(anchorPath(name.image, path))?.length ?? 0) > 0;
  }

  addLoaded(statement: LoadAnchor, path: string): string {
    const own = anchorPath(statement.name?.image ?? '', path);
    if (statement.body !== undefined) this.named.set(own, statement.body);
    else this.loadedUnread.add(own);
    return own;
  }

  /** The rules that the statement calls; undefined if they are not in the input. */
  bodyOf(statement: Anchor | TranslationAnchor, path: string): AnchorBody | undefined {
    const inline = this.inline.get(statement);
    if (inline !== undefined) return inline;
    const name = statement.name?.image;
    // "x/*" is whatever children x has when a packet comes.
    if (name === undefined || name.endsWith('*')) return undefined;
    const own = anchorPath(name, path);
    const statements = this.named.get(own);
    return statements === undefined ? undefined : { path: own, statements };
  }

  /**
   * Whether the anchor is to be taken as one that holds no rules (`--empty-anchors`). Not one that `load anchor` fills from a file, nor
   * the parent of such a one: pfctl loads that file with the rules.
   */
  takeEmpty(name: PfToken | undefined, path: string, { options }: PfContext): boolean {
    if (options.emptyAnchors !== true || name === undefined) return false;
    const own = anchorPath(name.image.replace(/(^|\/)\*$/, ''), path);
    const children = name.image.endsWith('*');
    for (const loaded of this.loadedUnread)
      if (children ? parentOf(loaded) === own : loaded === own) return false;
    this.empty.add(name.image);
    return true;
  }

  reportUnknown(name: PfToken | undefined, span: Span, context: PfContext): void {
    this.unknown.add(name?.image ?? '');
    context.report(
      'FW1302',
      'warning',
      span,
      `the rules of anchor "${name?.image ?? ''}" are not in the input: what it passes or blocks is unknown`,
      'give \'pfctl -a "*" -sr\' output, or the file that load anchor names',
    );
  }

  /** What is taken for granted of the anchors reported so far, and how to learn what is open while they are empty. */
  assumptions(): readonly string[] {
    const { unknown, empty } = this;
    return [
      ...(unknown.size === 0
        ? []
        : [
            `the rules of ${listed(unknown)} are not in the input and may pass or block whatever reaches them (${this.hint()})`,
          ]),
      ...(empty.size === 0
        ? []
        : [
            `the rules of ${listed(empty)} are not in the input and are taken to be none, by --empty-anchors; what is in them while pf runs may pass or block more`,
          ]),
    ];
  }

  private hint(): string {
    const isLoaded = [...this.unknown].some((name) => this.loadedUnread.has(anchorPath(name, '')));
    return isLoaded
      ? '--include-root names the folder of files that load anchor reads'
      : '--empty-anchors shows what is open while they are empty';
  }
}

function listed(anchors: ReadonlySet<string>): string {
  const names = [...anchors].map((name) => `"${name}"`);
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `${names.length === 1 ? 'anchor' : 'anchors'} ${names.slice(0, NAMED).join(', ')}${more}`;
}

function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}
