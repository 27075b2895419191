import { exact } from './list-parser.ts';
import type { Alternatives } from './list-parser.ts';
import { OptionParser } from './option-parser.ts';
import type {
  Anchor,
  Antispoof,
  Criteria,
  FilterOption,
  FilterRule,
  HostTerm,
  LoadAnchor,
  PortTerm,
  ScrubRule,
  TableDefinition,
  TranslationAnchor,
  TranslationRule,
} from './syntax.ts';
import {
  Action,
  Bang,
  Comma,
  Greater,
  keyword,
  LBrace,
  Less,
  LParen,
  NumberToken,
  RBrace,
  RParen,
  Text,
} from './tokens.ts';
import type { PfToken } from './tokens.ts';

/** A rule of any kind that has criteria; the parser fills it in, so a broken rule keeps what was read of it. */
type AnyRule = FilterRule | Anchor | TranslationAnchor | TranslationRule | ScrubRule | Antispoof;

/**
 * The statements of pf.conf that have criteria, in the order parse.y demands. Each method fills the object it is given instead
 * of returning one: what was read before an error stays valid, and an auditor wants to keep it.
 */
export class PfParser extends OptionParser {
  private rule: AnyRule = undefined as unknown as AnyRule;
  private table: TableDefinition = undefined as unknown as TableDefinition;
  private load: LoadAnchor = undefined as unknown as LoadAnchor;

  constructor() {
    super();
    this.performSelfAnalysis();
  }

  private actionAlternatives: Alternatives = undefined;
  private readonly takeResponse = (): void => {
    this.SUBRULE(this.response);
  };
  private readonly takeRouting = (): void => {
    this.SUBRULE(this.routing);
  };
  /** `pass`, `block` and `match` (pfrule). */
  readonly filterRule = this.RULE('filterRule', (draft: FilterRule): void => {
    this.ACTION(() => this.begin(draft));
    this.OR1(
      (this.actionAlternatives ??= [
        { ALT: () => this.CONSUME(Action) },
        {
          ALT: () => {
            this.CONSUME(keyword('block'));
            this.OPTION(this.takeResponse);
          },
        },
      ]),
    );
    this.SUBRULE(this.direction);
    this.SUBRULE(this.logAndQuick);
    this.SUBRULE(this.interface);
    this.OPTION2(this.takeRouting);
    this.SUBRULE(this.family);
    this.SUBRULE(this.protocol);
    this.SUBRULE(this.fromTo);
    this.SUBRULE(this.filterOptions);
  });

  /** `anchor`, without its body (anchorrule). */
  readonly anchor = this.RULE('anchor', (draft: Anchor): void => {
    this.ACTION(() => this.begin(draft));
    this.CONSUME(keyword('anchor'));
    this.OPTION(() => {
      const name = this.CONSUME(Text);
      this.ACTION(() => ((this.rule as Anchor).name = name as PfToken));
    });
    this.SUBRULE(this.direction);
    this.SUBRULE(this.logAndQuick);
    this.SUBRULE(this.interface);
    this.SUBRULE(this.family);
    this.SUBRULE(this.protocol);
    this.SUBRULE(this.fromTo);
    this.SUBRULE(this.filterOptions);
  });

  readonly translationAnchor = this.RULE('translationAnchor', (draft: TranslationAnchor): void => {
    this.ACTION(() => this.begin(draft));
    this.OR([
      { ALT: () => this.CONSUME(keyword('nat-anchor')) },
      { ALT: () => this.CONSUME(keyword('rdr-anchor')) },
      { ALT: () => this.CONSUME(keyword('binat-anchor')) },
      { ALT: () => this.CONSUME(keyword('scrub-anchor')) },
      { ALT: () => this.CONSUME(keyword('dummynet-anchor')) },
      { ALT: () => this.CONSUME(keyword('fwd-anchor')) },
    ]);
    const name = this.CONSUME(Text);
    this.ACTION(() => ((this.rule as TranslationAnchor).name = name as PfToken));
    this.SUBRULE(this.interface);
    this.SUBRULE(this.family);
    this.SUBRULE(this.protocol);
    this.SUBRULE(this.fromTo);
    this.SUBRULE(this.filterOptions);
    // macOS prints `scrub-anchor "com.apple/*" all fragment reassemble`; it is no word of its grammar.
    this.OPTION(() => this.CONSUME(keyword('reassemble')));
  });

  /** `nat`, `rdr` and `binat` of the old grammar (natrule, binatrule). */
  readonly translation = this.RULE('translation', (draft: TranslationRule): void => {
    this.ACTION(() => this.begin(draft));
    this.SUBRULE(this.no);
    this.OR([
      { ALT: () => this.CONSUME(keyword('nat')) },
      { ALT: () => this.CONSUME(keyword('rdr')) },
      { ALT: () => this.CONSUME(keyword('binat')) },
    ]);
    this.OPTION(() => {
      const pass = this.CONSUME(keyword('pass'));
      this.ACTION(() => ((this.rule as TranslationRule).pass = pass as PfToken));
    });
    this.OPTION2(() => this.SUBRULE(this.log));
    this.SUBRULE(this.interface);
    this.SUBRULE(this.family);
    this.SUBRULE(this.protocol);
    this.SUBRULE(this.fromTo);
    this.SUBRULE(this.filterOptions);
    this.OPTION3(() => {
      const redirection = this.SUBRULE(this.arrow);
      this.ACTION(() => ((this.rule as TranslationRule).redirection = redirection));
    });
  });

  /** `scrub` as a rule of its own (scrubrule). */
  readonly scrub = this.RULE('scrub', (draft: ScrubRule): void => {
    this.ACTION(() => this.begin(draft));
    this.SUBRULE(this.no);
    this.CONSUME(keyword('scrub'));
    this.SUBRULE(this.direction);
    this.SUBRULE(this.logAndQuick);
    this.SUBRULE(this.interface);
    this.SUBRULE(this.family);
    this.SUBRULE(this.protocol);
    this.SUBRULE(this.fromTo);
    this.MANY(() => {
      const word = this.SUBRULE(this.scrubWord);
      this.ACTION(() => draft.options.push(word));
    });
  });

  private readonly scrubWord = this.RULE(
    'scrubWord',
    (): PfToken =>
      this.OR([
        { ALT: () => this.CONSUME(keyword('no-df')) },
        { ALT: () => this.CONSUME(keyword('min-ttl')) },
        { ALT: () => this.CONSUME(keyword('max-mss')) },
        { ALT: () => this.CONSUME(keyword('set-tos')) },
        { ALT: () => this.CONSUME(keyword('random-id')) },
        { ALT: () => this.CONSUME(keyword('reassemble')) },
        { ALT: () => this.CONSUME(keyword('fragment')) },
        { ALT: () => this.CONSUME(keyword('no')) },
        { ALT: () => this.CONSUME(keyword('rtable')) },
        { ALT: () => this.CONSUME(keyword('tagged')) },
        { ALT: () => this.CONSUME2(Text) },
        { ALT: () => this.CONSUME2(NumberToken) },
        { ALT: () => this.CONSUME2(Comma) },
        { ALT: () => this.CONSUME(Bang) },
      ]) as PfToken,
  );

  readonly antispoof = this.RULE('antispoof', (draft: Antispoof): void => {
    this.ACTION(() => this.begin(draft));
    this.CONSUME(keyword('antispoof'));
    this.SUBRULE(this.logAndQuick);
    this.CONSUME(keyword('for'));
    const add = (target: Antispoof['targets'][number]): void => {
      this.ACTION(() => draft.targets.push(target));
    };
    this.OR([
      { ALT: () => add(this.SUBRULE(this.antispoofTarget)) },
      {
        ALT: () => {
          this.CONSUME(LBrace);
          add(this.SUBRULE2(this.antispoofTarget));
          this.MANY(() => {
            this.OPTION(() => this.CONSUME(Comma));
            add(this.SUBRULE3(this.antispoofTarget));
          });
          this.CONSUME(RBrace);
        },
      },
    ]);
    this.SUBRULE(this.family);
    this.SUBRULE(this.filterOptions);
  });

  readonly tableDefinition = this.RULE('tableDefinition', (draft: TableDefinition): void => {
    this.ACTION(() => (this.table = draft));
    this.CONSUME(keyword('table'));
    this.CONSUME(Less);
    const name = this.CONSUME(Text);
    this.ACTION(() => (this.table.name = name as PfToken));
    this.CONSUME(Greater);
    this.MANY(() =>
      this.OR([
        {
          ALT: () => {
            const flag = this.CONSUME2(Text);
            this.ACTION(() => this.table.flags.push(flag as PfToken));
          },
        },
        {
          ALT: () => {
            this.CONSUME(keyword('file'));
            const file = this.CONSUME3(Text);
            this.ACTION(() => this.table.files.push(file as PfToken));
          },
        },
        { ALT: () => this.SUBRULE(this.tableHosts) },
      ]),
    );
  });

  private readonly tableHosts = this.RULE('tableHosts', (): void => {
    this.CONSUME(LBrace);
    this.ACTION(() => (this.hosts = this.table.hosts ??= []));
    this.OPTION(() => {
      this.SUBRULE(this.weightedHost);
      this.MANY(() => {
        this.OPTION2(() => this.CONSUME(Comma));
        this.SUBRULE2(this.weightedHost);
      });
    });
    this.CONSUME(RBrace);
  });

  /** `10.0.0.1 weight 3` (tablespec). */
  private readonly weightedHost = this.RULE('weightedHost', (): void => {
    this.SUBRULE(this.hostItem);
    this.OPTION(() => {
      this.CONSUME(keyword('weight'));
      this.CONSUME(NumberToken);
    });
  });

  private readonly antispoofTarget = this.RULE('antispoofTarget', (): Antispoof['targets'][number] =>
    this.OR([
      { ALT: () => ({ name: this.CONSUME(Text) as PfToken, dynamic: false }) },
      {
        ALT: () => {
          this.CONSUME(LParen);
          const name = this.CONSUME2(Text) as PfToken;
          this.CONSUME(RParen);
          return { name, dynamic: true };
        },
      },
    ]),
  );

  readonly loadAnchor = this.RULE('loadAnchor', (draft: LoadAnchor): void => {
    this.ACTION(() => (this.load = draft));
    this.CONSUME(keyword('load'));
    this.CONSUME(keyword('anchor'));
    const name = this.CONSUME(Text);
    this.ACTION(() => (this.load.name = name as PfToken));
    this.CONSUME(keyword('from'));
    const file = this.CONSUME2(Text);
    this.ACTION(() => (this.load.file = file as PfToken));
  });

  /** Lets go of the statement that was read last: an anchor gets its rules afterwards, and the parser outlives the document. */
  release(): void {
    this.rule = this.table = this.load = undefined as never;
    this.criteria = {};
    this.gathered.length = 0;
    this.input = [];
  }

  /** The options read for the last rule, be it whole or broken. */
  takeOptions(): FilterOption[] {
    return exact(this.gathered);
  }

  /** What stands behind `from` or `to`, without ports, if that is all there is. */
  readHosts(): HostTerm[] | undefined {
    this.hosts = [];
    this.hostItem();
    return this.errors.length === 0 ? exact(this.hosts) : undefined;
  }

  /** What stands behind `port`, if that is all there is. */
  readPorts(): PortTerm[] | undefined {
    const ports = this.portList();
    return this.errors.length === 0 ? ports : undefined;
  }

  /** The options of a rule, if that is all there is. */
  readOptions(): FilterOption[] | undefined {
    this.gathered.length = 0;
    this.filterOptions();
    return this.errors.length === 0 ? this.takeOptions() : undefined;
  }

  private begin(draft: AnyRule): void {
    this.rule = draft;
    this.criteria = draft as Criteria;
    this.gathered.length = 0;
  }

  private readonly no = this.RULE('no', (): void => {
    this.OPTION(() => {
      const no = this.CONSUME(keyword('no'));
      this.ACTION(() => ((this.rule as TranslationRule | ScrubRule).no = no as PfToken));
    });
  });

  private readonly response = this.RULE('response', (): void => {
    const kind = this.OR([
      { ALT: () => this.CONSUME(keyword('drop')) },
      { ALT: () => this.CONSUME(keyword('return')) },
      { ALT: () => this.CONSUME(keyword('return-rst')) },
      { ALT: () => this.CONSUME(keyword('return-icmp')) },
      { ALT: () => this.CONSUME(keyword('return-icmp6')) },
    ]);
    this.ACTION(() => ((this.rule as FilterRule).response = kind as PfToken));
    this.OPTION(() => this.SUBRULE(this.parenthesised));
  });
}
