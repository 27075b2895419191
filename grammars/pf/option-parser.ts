import { TargetParser } from './target-parser.ts';
import type { FilterOption, IcmpTerm, Redirection } from './syntax.ts';
import {
  Atom,
  Flag,
  Setting,
  StateMode,
  Bang,
  Comma,
  keyword,
  LBrace,
  NumberToken,
  RBrace,
  SharedToken,
  Slash,
  SourceWord,
  Text,
} from './tokens.ts';
import type { PfToken } from './tokens.ts';

const noWords: readonly PfToken[] = [];

const State = keyword('state');

interface Alternative {
  readonly ALT: () => void;
}

function joined(words: readonly PfToken[]): PfToken {
  const [first] = words;
  const last = words.at(-1)!;
  const image = words.map((word) => word.image).join(' ');
  if (first instanceof SharedToken) return new SharedToken(Text, image, first.quoted, first.expanded);
  return {
    tokenType: Text,
    tokenTypeIdx: Text.tokenTypeIdx!,
    image,
    startOffset: first!.startOffset,
    endOffset: last.endOffset,
    quoted: first!.quoted,
    expanded: first!.expanded,
  };
}

/** The options behind the criteria of a rule (`filter_opts`). */
export abstract class OptionParser extends TargetParser {
  /** The options of the current rule, so far. */
  protected readonly gathered: FilterOption[] = [];
  private icmpTerms: IcmpTerm[] = [];
  private redirection: Redirection = undefined as unknown as Redirection;

  private optionAlternatives: Alternative[] | undefined = undefined;
  private readonly takeOption = (): void => {
    this.OR(
      (this.optionAlternatives ??= [
        { ALT: () => this.SUBRULE(this.stateOption) },
        { ALT: () => this.SUBRULE(this.limiterOption) },
        { ALT: () => this.SUBRULE(this.settingOption) },
        { ALT: () => this.SUBRULE(this.flagOption) },
        { ALT: () => this.SUBRULE(this.rateOption) },
        { ALT: () => this.SUBRULE(this.prioOption) },
        { ALT: () => this.SUBRULE(this.flagsOption) },
        { ALT: () => this.SUBRULE(this.ownerOption) },
        { ALT: () => this.SUBRULE(this.icmpOption) },
        { ALT: () => this.SUBRULE(this.groupOption) },
        { ALT: () => this.SUBRULE(this.tagOption) },
        { ALT: () => this.SUBRULE(this.notOption) },
        { ALT: () => this.SUBRULE(this.receivedOnOption) },
        { ALT: () => this.SUBRULE(this.divertOption) },
        { ALT: () => this.SUBRULE(this.routing) },
        { ALT: () => this.SUBRULE(this.translateOption) },
      ]),
    );
  };
  protected readonly filterOptions = this.RULE('filterOptions', (): void => {
    this.MANY(this.takeOption);
  });

  private add(option: FilterOption): void {
    this.gathered.push(option);
  }

  private stateWords: readonly PfToken[] = noWords;
  private readonly takeStateWords = (): void => {
    this.stateWords = this.SUBRULE(this.parenthesised);
  };
  private readonly stateOption = this.RULE('stateOption', (): void => {
    const mode = this.CONSUME(StateMode) as PfToken;
    this.CONSUME(State);
    this.stateWords = noWords;
    this.OPTION(this.takeStateWords);
    this.add({ kind: 'state', keyword: mode, words: this.stateWords });
  });

  /** `state limiter "name" (no-match)` and `source limiter "name"`. */
  private readonly limiterOption = this.RULE('limiterOption', (): void => {
    this.OR([{ ALT: () => this.CONSUME(State) }, { ALT: () => this.CONSUME(SourceWord) }]);
    const limiter = this.CONSUME(keyword('limiter')) as PfToken;
    const words = [this.CONSUME(Text) as PfToken];
    this.OPTION(() => {
      const more = this.SUBRULE(this.parenthesised);
      this.ACTION(() => words.push(...more));
    });
    this.add({ kind: 'word', keyword: limiter, words });
  });

  private readonly flagOption = this.RULE('flagOption', (): void => {
    this.add({ kind: 'word', keyword: this.CONSUME(Flag) as PfToken, words: noWords });
  });

  private readonly settingOption = this.RULE('settingOption', (): void => {
    const name = this.CONSUME(Setting) as PfToken;
    this.add({ kind: 'word', keyword: name, words: [this.CONSUME(Atom) as PfToken] });
  });

  /** `prio 3`, or `prio (5 2)` as OpenBSD 5.0 had it. */
  private readonly prioOption = this.RULE('prioOption', (): void => {
    const name = this.CONSUME(keyword('prio')) as PfToken;
    this.OR([
      { ALT: () => this.add({ kind: 'word', keyword: name, words: [this.CONSUME(Atom) as PfToken] }) },
      { ALT: () => this.add({ kind: 'word', keyword: name, words: this.SUBRULE(this.parenthesised) }) },
    ]);
  });

  private readonly rateOption = this.RULE('rateOption', (): void => {
    const name = this.CONSUME(keyword('max-pkt-rate')) as PfToken;
    const packets = this.CONSUME1(NumberToken) as PfToken;
    this.CONSUME(Slash);
    const seconds = this.CONSUME2(NumberToken) as PfToken;
    this.add({ kind: 'word', keyword: name, words: [packets, seconds] });
  });

  private readonly flagsOption = this.RULE('flagsOption', (): void => {
    const flags = this.CONSUME(keyword('flags')) as PfToken;
    this.OR([
      {
        ALT: () => {
          this.CONSUME(keyword('any'));
          this.add({ kind: 'flags', keyword: flags });
        },
      },
      {
        ALT: () => {
          let set: PfToken | undefined;
          this.OPTION(() => {
            set = this.CONSUME1(Text) as PfToken;
          });
          this.CONSUME(Slash);
          const of = this.CONSUME2(Text) as PfToken;
          this.add({ kind: 'flags', keyword: flags, ...(set === undefined ? {} : { set }), of });
        },
      },
    ]);
  });

  private readonly ownerOption = this.RULE('ownerOption', (): void => {
    const owner = this.OR([
      { ALT: () => this.CONSUME(keyword('user')) },
      { ALT: () => this.CONSUME(keyword('group')) },
    ]) as PfToken;
    const terms = this.SUBRULE(this.portList);
    this.add({ kind: 'owner', keyword: owner, terms });
  });

  private readonly icmpOption = this.RULE('icmpOption', (): void => {
    const type = this.OR1([
      { ALT: () => this.CONSUME(keyword('icmp-type')) },
      { ALT: () => this.CONSUME(keyword('icmp6-type')) },
    ]) as PfToken;
    this.ACTION(() => (this.icmpTerms = []));
    this.OR2([
      { ALT: () => this.SUBRULE1(this.icmpItem) },
      {
        ALT: () => {
          this.CONSUME(LBrace);
          this.SUBRULE2(this.icmpItem);
          this.MANY(() => {
            this.OPTION(() => this.CONSUME(Comma));
            this.SUBRULE3(this.icmpItem);
          });
          this.CONSUME(RBrace);
        },
      },
    ]);
    this.add({ kind: 'icmp', keyword: type, terms: this.icmpTerms });
  });

  private readonly icmpItem = this.RULE('icmpItem', (): void => {
    const type = this.CONSUME1(Atom) as PfToken;
    let code: PfToken | undefined;
    this.OPTION(() => {
      this.CONSUME(keyword('code'));
      code = this.CONSUME2(Atom) as PfToken;
    });
    this.ACTION(() => this.icmpTerms.push(code === undefined ? { type } : { type, code }));
  });

  /** Options whose value is a word or a list in parentheses. */
  private readonly groupOption = this.RULE('groupOption', (): void => {
    const name = this.OR1([
      { ALT: () => this.CONSUME(keyword('queue')) },
      { ALT: () => this.CONSUME(keyword('scrub')) },
      { ALT: () => this.CONSUME(keyword('dnpipe')) },
      { ALT: () => this.CONSUME(keyword('dnqueue')) },
      { ALT: () => this.CONSUME(keyword('set')) },
    ]) as PfToken;
    let words: PfToken[] = [];
    this.OR2([
      {
        ALT: () => {
          words = this.SUBRULE(this.parenthesised);
        },
      },
      {
        ALT: () => {
          words = [this.CONSUME1(Atom) as PfToken];
          this.OPTION(() => words.push(this.CONSUME2(Atom) as PfToken));
        },
      },
      {
        // `set prio 3`, `set tos 0x10`, `set queue foo`: the setting's name is a keyword elsewhere.
        ALT: () => {
          const setting = this.OR3([
            { ALT: () => this.CONSUME(keyword('prio')) },
            { ALT: () => this.CONSUME(keyword('tos')) },
            { ALT: () => this.CONSUME2(keyword('queue')) },
          ]) as PfToken;
          this.OR4([
            {
              ALT: () => {
                words = [setting, this.CONSUME3(Atom) as PfToken];
              },
            },
            {
              ALT: () => {
                words = this.SUBRULE2(this.parenthesised);
              },
            },
          ]);
        },
      },
    ]);
    this.add({ kind: 'word', keyword: name, words });
  });

  /** `string` of parse.y: words up to the next keyword are one string with single spaces. */
  private readonly string = this.RULE('string', (): PfToken => {
    const first = this.CONSUME1(Text) as PfToken;
    const more: PfToken[] = [];
    this.MANY(() => more.push(this.CONSUME2(Text) as PfToken));
    return more.length === 0 ? first : joined([first, ...more]);
  });

  private readonly tagOption = this.RULE('tagOption', (): void => {
    this.OR([
      {
        ALT: () => {
          const tag = this.CONSUME(keyword('tag')) as PfToken;
          this.add({ kind: 'tag', keyword: tag, name: this.SUBRULE1(this.string) });
        },
      },
      {
        ALT: () => {
          const tagged = this.CONSUME(keyword('tagged')) as PfToken;
          this.add({ kind: 'tagged', keyword: tagged, negated: false, name: this.SUBRULE2(this.string) });
        },
      },
    ]);
  });

  private readonly notOption = this.RULE('notOption', (): void => {
    this.CONSUME(Bang);
    this.OR([
      {
        ALT: () => {
          const tagged = this.CONSUME(keyword('tagged')) as PfToken;
          this.add({ kind: 'tagged', keyword: tagged, negated: true, name: this.SUBRULE(this.string) });
        },
      },
      {
        ALT: () => {
          const received = this.CONSUME(keyword('received-on')) as PfToken;
          const name = this.CONSUME2(Text) as PfToken;
          this.add({ kind: 'received-on', keyword: received, negated: true, name });
        },
      },
    ]);
  });

  private readonly receivedOnOption = this.RULE('receivedOnOption', (): void => {
    const received = this.CONSUME(keyword('received-on')) as PfToken;
    const name = this.OR([
      { ALT: () => this.CONSUME(Text) },
      { ALT: () => this.CONSUME(keyword('any')) },
    ]) as PfToken;
    this.add({ kind: 'received-on', keyword: received, negated: false, name });
  });

  private readonly divertOption = this.RULE('divertOption', (): void => {
    this.OR([
      {
        ALT: () => {
          const to = this.CONSUME(keyword('divert-to')) as PfToken;
          const words = [this.CONSUME1(Atom) as PfToken];
          this.OPTION(() => {
            this.CONSUME1(keyword('port'));
            words.push(this.CONSUME2(Atom) as PfToken);
          });
          this.add({ kind: 'word', keyword: to, words });
        },
      },
      {
        ALT: () => {
          const reply = this.CONSUME(keyword('divert-reply')) as PfToken;
          this.add({ kind: 'word', keyword: reply, words: noWords });
        },
      },
      {
        ALT: () => {
          const packet = this.CONSUME(keyword('divert-packet')) as PfToken;
          this.CONSUME2(keyword('port'));
          const port = this.CONSUME3(Atom) as PfToken;
          this.add({ kind: 'word', keyword: packet, words: [port] });
        },
      },
    ]);
  });

  /** `route-to`, `reply-to`, `dup-to` and the old `fastroute`; before `from` in the old grammar, behind the criteria in the new one. */
  protected readonly routing = this.RULE('routing', (): void => {
    this.OR([
      {
        ALT: () => {
          const fast = this.CONSUME(keyword('fastroute')) as PfToken;
          this.add({ kind: 'word', keyword: fast, words: noWords });
        },
      },
      {
        ALT: () => {
          const to = this.OR2([
            { ALT: () => this.CONSUME(keyword('route-to')) },
            { ALT: () => this.CONSUME(keyword('reply-to')) },
            { ALT: () => this.CONSUME(keyword('dup-to')) },
          ]) as PfToken;
          this.ACTION(() => (this.redirection = { keyword: to, hosts: [], pool: [] }));
          const redirection = this.redirection;
          this.SUBRULE(this.target, { ARGS: [redirection] });
          this.add({ kind: 'redirection', redirection });
        },
      },
    ]);
  });

  private readonly translateOption = this.RULE('translateOption', (): void => {
    const to = this.OR1([
      { ALT: () => this.CONSUME(keyword('nat-to')) },
      { ALT: () => this.CONSUME(keyword('rdr-to')) },
      { ALT: () => this.CONSUME(keyword('binat-to')) },
      { ALT: () => this.SUBRULE(this.familyTo) },
    ]) as PfToken;
    const redirection: Redirection = { keyword: to, hosts: [], pool: [] };
    this.OR2([
      {
        // af-to names the new family first.
        ALT: () => {
          const family = this.OR3([
            { ALT: () => this.CONSUME(keyword('inet')) },
            { ALT: () => this.CONSUME(keyword('inet6')) },
          ]) as PfToken;
          this.ACTION(() => (redirection.family = family));
          this.CONSUME(keyword('from'));
          this.SUBRULE1(this.target, { ARGS: [redirection] });
          this.OPTION(() => {
            this.CONSUME(keyword('to'));
            const destination: Redirection = { keyword: to, hosts: [], pool: [] };
            this.SUBRULE2(this.target, { ARGS: [destination] });
            this.ACTION(() => (redirection.destination = destination.hosts));
          });
        },
      },
      { ALT: () => this.SUBRULE3(this.target, { ARGS: [redirection] }) },
    ]);
    this.add({ kind: 'redirection', redirection });
  });

  private readonly familyTo = this.RULE('familyTo', (): PfToken => this.CONSUME(keyword('af-to')) as PfToken);
}
