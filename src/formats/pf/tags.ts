import type { FilterOption, Statement } from '../../../grammars/pf/syntax.ts';
import { and, not, or } from '../../model/match.ts';
import type { Match } from '../../model/match.ts';
import { unknownFact } from './pf-context.ts';

/** What the statements say of tags before any rule is lowered. */
interface TagsNamed {
  /** Tested with `! tagged`. */
  readonly negated: Set<string>;
  /** Set by Ethernet rules, which the model does not follow packet by packet. */
  readonly onEthernet: Set<string>;
  /** Set by any rule. */
  readonly set: Set<string>;
  /** Something in the input has rules, or a part of one, that nobody has read. */
  unread: boolean;
  /** Some anchor is filled while pf runs. */
  anchors: boolean;
}

/** What else is known of where tags come from. */
export interface TagSources {
  /** Only pf's own rules set tags, as on FreeBSD: no daemon and no bridge does. */
  readonly rulesAlone: boolean;
  /** Anchors whose rules are not in the input hold none. */
  readonly emptyAnchors: boolean;
}

/**
 * Which tags a packet may bring along. It keeps its tag from the pass in to the pass out, and iked(8), ipsec.conf(5), bridge rules and
 * Ethernet rules set tags before pf looks at it. So whether it carries a tag is an open question wherever no rule that was asked before
 * in the same pass sets that tag; else the rules of the input say who has it. Where rules alone set tags and all of them are in the
 * input, nobody has a tag that none of them sets.
 *
 * Rules are lowered in the order in which pf asks them, the way in before the way out, and tell the book what they set.
 */
export class TagBook {
  private readonly named: TagsNamed;
  /** All rules that may set a tag are in the input. */
  private readonly complete: boolean;
  private readonly onTheWayIn = new Set<string>();
  private inThisPass = new Set<string>();
  /** Rules that are not in the input have been asked. */
  private anyone = false;

  constructor(statements: readonly Statement[], { rulesAlone, emptyAnchors }: TagSources) {
    this.named = {
      negated: new Set(),
      onEthernet: new Set(),
      set: new Set(),
      unread: false,
      anchors: false,
    };
    collect(statements, this.named);
    this.complete = rulesAlone && !this.named.unread && (emptyAnchors || !this.named.anchors);
  }

  /** From here on rules of the way out are lowered. */
  turnOut(): void {
    for (const name of this.inThisPass) this.onTheWayIn.add(name);
    this.inThisPass = new Set();
  }

  /** A rule sets the tag for what comes after it. */
  set(name: string): void {
    this.inThisPass.add(name);
  }

  /** Rules that are not in the input may set any. */
  setByUnknownRules(): void {
    this.anyone = true;
  }

  /** `tagged name`, asked at this place of the rules. */
  tagged(name: string): Match {
    const own = carries(name);
    if (this.complete && !this.named.set.has(name) && !this.anyone) return own;
    const isFollowed =
      this.inThisPass.has(name) &&
      !this.onTheWayIn.has(name) &&
      !this.named.onEthernet.has(name) &&
      !this.anyone;
    return isFollowed ? own : or(own, and(carries(''), this.brought(name)));
  }

  /**
   * The packet came with the tag. It came with one at most, which matters where a rule asks for the absence of one: without that, of
   * rules that ask for different tags the last is met by a packet that has its tag alone.
   */
  private brought(name: string): Match {
    const others: Match[] = [];
    for (const other of this.named.negated) {
      if (other === name) break;
      others.push(not(broughtFact(other)));
    }
    return and(broughtFact(name), ...others);
  }
}

function carries(name: string): Match {
  return { kind: 'name', field: 'tag', name, prefix: false };
}

function broughtFact(name: string): Match {
  return unknownFact(`tag ${name}`, `the packet carries tag ${name}`);
}

function collect(statements: readonly Statement[], named: TagsNamed): void {
  for (const statement of statements) {
    if ('options' in statement && statement.kind !== 'scrub') fromOptions(statement.options, named);
    if (statement.kind === 'tokens' && statement.tokens[0]?.image === 'ether') {
      const at = statement.tokens.findIndex(({ image }) => image === 'tag');
      const name = at < 0 ? undefined : statement.tokens[at + 1];
      if (name !== undefined) {
        named.onEthernet.add(name.image);
        named.set.add(name.image);
      }
      if (statement.tokens[1]?.image === 'anchor' && statement.body === undefined) named.unread = true;
    }
    if ('problem' in statement && statement.problem !== undefined) named.unread = true;
    if ('body' in statement && statement.body !== undefined) collect(statement.body, named);
    else if (statement.kind === 'include' || statement.kind === 'load-anchor') named.unread = true;
    else if (statement.kind === 'anchor' || statement.kind === 'translation-anchor') named.anchors = true;
  }
}

function fromOptions(options: readonly FilterOption[], named: TagsNamed): void {
  for (const option of options) {
    if (option.kind === 'tagged' && option.negated) named.negated.add(option.name.image);
    if (option.kind === 'tag') named.set.add(option.name.image);
  }
}
