import type { IToken } from 'chevrotain';
import { ComparisonParser } from './comparison-parser.ts';
import type { Expression, NatStatement, RuleSyntax, Statement, VerdictSyntax } from './syntax.ts';
import * as t from './tokens.ts';

const amounts = ['bytes', 'kbytes', 'mbytes'] as const;
const units = ['second', 'minute', 'hour', 'day', 'week'] as const;

/** Statements: what a rule tests and does, left to right (nft(8), "Statements"). */
export abstract class StatementParser extends ComparisonParser {
  protected override readonly statement = this.RULE('statement', (): Statement => {
    return this.OR(
      (this.statementAlternatives ??= [
        {
          ALT: () => {
            const verdict = this.SUBRULE(this.verdict);
            return this.ACTION(() => ({
              kind: 'verdict',
              verdict: (verdict as Expression & { kind: 'verdict' }).verdict,
              at: verdict.at,
            }));
          },
        },
        { ALT: () => this.SUBRULE(this.passive) },
        { ALT: () => this.SUBRULE(this.active) },
        {
          // `ct count` is a condition, every other `ct` a selector.
          GATE: () => this.LA(2).image === 'count',
          ALT: () => {
            const first = this.CONSUME(t.Ct);
            return this.ACTION(() => this.statefulStatement(first));
          },
        },
        { IGNORE_AMBIGUITIES: true, ALT: () => this.SUBRULE(this.comparison) },
      ]),
    );
  });
  declare private statementAlternatives:
    { GATE?: () => boolean; IGNORE_AMBIGUITIES?: boolean; ALT: () => Statement }[] | undefined;

  /** Statements without effect on where the packet goes. */
  private readonly passive = this.RULE('passive', (): Statement => {
    return this.OR([
      { ALT: () => this.then(this.CONSUME(t.Log), (first) => this.log(first)) },
      { ALT: () => this.then(this.CONSUME(t.Counter), (first) => this.statefulStatement(first)) },
      { ALT: () => this.then(this.CONSUME(t.Limit), (first) => this.statefulStatement(first)) },
      { ALT: () => this.then(this.CONSUME(t.Quota), (first) => this.statefulStatement(first)) },
      { ALT: () => this.then(this.CONSUME(t.Last), (first) => this.statefulStatement(first)) },
      { ALT: () => this.then(this.CONSUME(t.Dup), (first) => this.duplicate(first)) },
      { ALT: () => this.then(this.CONSUME(t.Flow), (first) => this.flow(first)) },
      {
        ALT: () =>
          this.then(this.CONSUME(t.Reset), (first) => {
            this.SUBRULE(this.header);
            return this.effectless('reset', first);
          }),
      },
    ]);
  });

  /** Statements that decide or change something. */
  private readonly active = this.RULE('active', (): Statement => {
    return this.OR([
      { ALT: () => this.then(this.CONSUME(t.Reject), (first) => this.reject(first)) },
      { ALT: () => this.then(this.CONSUME(t.Nat), (first) => this.nat(first)) },
      { ALT: () => this.then(this.CONSUME(t.Masquerade), (first) => this.nat(first)) },
      { ALT: () => this.then(this.CONSUME(t.Tproxy), (first) => this.tproxy(first)) },
      { ALT: () => this.then(this.CONSUME(t.Synproxy), (first) => this.synproxy(first)) },
      { ALT: () => this.then(this.CONSUME(t.Queue), (first) => this.queue(first)) },
      { ALT: () => ({ kind: 'notrack', at: this.CONSUME(t.Notrack).startOffset }) },
      { ALT: () => this.then(this.CONSUME(t.SetOperation), (first) => this.updateSet(first)) },
      { ALT: () => this.then(this.CONSUME(t.SetWord), () => this.legacyUpdateSet()) },
      { ALT: () => this.then(this.CONSUME(t.Meter), (first) => this.meter(first)) },
      { ALT: () => this.then(this.CONSUME(t.Xt), (first) => this.xt(first)) },
    ]);
  });

  private then(first: IToken, parse: (first: IToken) => Statement): Statement {
    return this.ACTION(() => parse(first));
  }

  private effectless(what: string, first: IToken): Statement {
    return { kind: 'effectless', what, text: this.textSince(first.startOffset), at: first.startOffset };
  }

  private log(first: IToken): Statement {
    for (;;) {
      if (this.nextIs('prefix')) {
        this.skip();
        this.SUBRULE(this.primary);
      } else if (this.nextIs('group', 'snaplen', 'queue-threshold', 'level') && this.skip()) {
        const value = this.take(t.Word) ?? this.take(t.String_) ?? this.take(t.Number_);
        if (value === undefined) this.SUBRULE(this.variable);
      } else if (this.nextIs('flags')) {
        this.skip();
        if (this.takeWord('tcp') !== undefined || this.takeWord('ip') !== undefined) this.SUBRULE(this.value);
        else if (this.take(t.Word) === undefined) this.fail('a log flag');
      } else return this.effectless('log', first);
    }
  }

  /** `counter [packets n bytes n]`, `limit rate …`, `quota …`, `last …`, `ct count …`; with `name "x"` the object is a named one. */
  protected override statefulStatement(first: IToken): Statement {
    const at = first.startOffset;
    const what = first.image;
    if (this.takeWord('name') !== undefined) this.SUBRULE(this.mapped);
    else {
      switch (what) {
        case 'counter':
          while (this.nextIs('packets', 'bytes') && this.skip()) this.numberOrVariable();
          // `counter "name"`, and objects chosen by a map.
          if (this.next(t.String_)) this.skip();
          break;
        case 'limit':
          this.limit();
          break;
        case 'quota':
          this.quota();
          break;
        case 'last':
          if (this.takeWord('used') !== undefined) this.SUBRULE(this.time);
          break;
        default:
          if (this.takeWord('count') === undefined) this.fail('"count"');
          this.takeWord('over');
          this.numberOrVariable();
      }
    }
    // The usual burst is printed by some versions and not by others.
    const text = this.textSince(at).replace(/ burst (?:5 packets|0 bytes)$/, '');
    if (what === 'counter' || what === 'last') return { kind: 'effectless', what, text, at };
    return { kind: 'condition', what: what === 'ct' ? 'ct count' : what, text, at };
  }

  private numberOrVariable(): void {
    if (this.take(t.Number_) === undefined && this.take(t.Quantity) === undefined)
      this.SUBRULE(this.variable);
  }

  /** `rate [over|until] 10/minute [burst 5 packets]`, `rate 1 mbytes/second burst 512 kbytes` */
  private limit(): void {
    if (this.take(t.String_) !== undefined) return;
    if (this.takeWord('rate') === undefined) this.fail('"rate"');
    this.limitRate();
  }

  protected limitRate(): void {
    if (this.takeWord('over') === undefined) this.takeWord('until');
    this.numberOrVariable();
    // `mbytes/second` is one word.
    if (/^[km]?bytes(?:\/|$)/.test(this.LA(1).image)) this.skip();
    // `10/minute` may have been read as one word.
    if (this.take(t.Slash) !== undefined) {
      if (!this.nextIs(...units)) this.note(`a unit of time: ${units.join(', ')}`);
      if (this.take(t.Word) === undefined) this.fail('a unit of time');
    }
    if (this.takeWord('burst') !== undefined) {
      this.numberOrVariable();
      if (this.nextIs('packets', ...amounts)) this.skip();
      else if (this.LA(0).tokenType === t.Number_) this.note('"packets", or "bytes" with a unit');
    }
  }

  protected quota(): void {
    if (this.take(t.String_) !== undefined) return;
    if (this.takeWord('over') === undefined) this.takeWord('until');
    this.amount();
    if (this.takeWord('used') !== undefined) this.amount();
  }

  private amount(): void {
    this.numberOrVariable();
    if (this.nextIs(...amounts)) this.skip();
    else if (this.LA(0).tokenType === t.Number_) this.note('"bytes", "kbytes" or "mbytes"');
  }

  private duplicate(first: IToken): Statement {
    if (this.nextIs('ip', 'ip6')) this.skip();
    if (this.takeWord('to') === undefined) this.fail('"to"');
    const target = this.SUBRULE(this.mapped);
    if (target.kind === 'range') this.fail(`one target of ${first.image}, not a range`);
    if (this.take(t.Device) !== undefined) this.SUBRULE(this.mapped);
    const text = this.textSince(first.startOffset);
    if (first.image === 'fwd') return { kind: 'forward', text, at: first.startOffset };
    return { kind: 'effectless', what: 'dup', text, at: first.startOffset };
  }

  /** Flowtables take over packets of established connections; a new one never meets them. */
  private flow(first: IToken): Statement {
    if (!this.nextIs('add', 'offload')) this.fail('"add"');
    this.skip();
    this.SUBRULE(this.primary);
    return this.effectless('flow', first);
  }

  /** `reject with icmp port-unreachable`, `reject with tcp reset`; before 0.9.9 `reject with icmp type …`. */
  private reject(first: IToken): Statement {
    const at = first.startOffset;
    if (this.takeWord('with') === undefined) return { kind: 'reject', at };
    const type = this.LA(1).image;
    if (!this.nextIs('icmp', 'icmpv6', 'icmpx', 'tcp')) this.fail('"icmp", "icmpv6", "icmpx" or "tcp reset"');
    this.skip();
    if (type === 'tcp') {
      if (this.take(t.Reset) === undefined) this.fail('"reset"');
      return { kind: 'reject', type: 'tcp', with: 'reset', at };
    }
    this.take(t.Type);
    const value = this.SUBRULE(this.primary);
    return { kind: 'reject', type, with: 'text' in value ? value.text : '', at };
  }

  private nat(first: IToken): Statement {
    const at = first.startOffset;
    // OpenWrt's `fullcone` is a masquerade that also lets others in; the kernel module behind it is no part of nftables.
    const type = (first.image === 'fullcone' ? 'masquerade' : first.image) as NatStatement['type'];
    const family = this.nextIs('ip', 'ip6') ? this.skip().image : undefined;
    let shape: string | undefined;
    if (this.nextIs('addr')) {
      this.skip();
      if (this.take(t.Dot) === undefined || this.takeWord('port') === undefined) this.fail('". port"');
      shape = 'addr . port';
    } else if (this.nextIs('prefix', 'interval')) shape = this.skip().image;
    let address: Expression | undefined;
    let port: Expression | undefined;
    // nft before 0.5 wrote `snat 1.2.3.4` without `to`.
    const wantsTarget = this.takeWord('to') !== undefined || type === 'snat' || type === 'dnat';
    if (wantsTarget) {
      if (!this.next(t.Colon)) {
        const target = this.SUBRULE(this.mapped);
        if (type === 'redirect' || type === 'masquerade') port = target;
        else address = target;
      }
      if (this.take(t.Colon) !== undefined) port = this.SUBRULE(this.mapped);
    }
    const flags: string[] = [];
    while (this.nextIs('random', 'fully-random', 'persistent', 'netmap', 'prefix')) {
      flags.push(this.skip().image);
      this.take(t.Comma);
    }
    return {
      kind: 'nat',
      type,
      ...(family === undefined ? {} : { family }),
      ...(shape === undefined ? {} : { shape }),
      ...(address === undefined ? {} : { address }),
      ...(port === undefined ? {} : { port }),
      flags,
      at,
    };
  }

  private tproxy(first: IToken): Statement {
    const family = this.nextIs('ip', 'ip6') ? this.skip().image : undefined;
    if (this.takeWord('to') === undefined) this.fail('"to"');
    const address = this.next(t.Colon) ? undefined : this.SUBRULE(this.mapped);
    const port = this.take(t.Colon) === undefined ? undefined : this.SUBRULE(this.mapped);
    return {
      kind: 'tproxy',
      ...(family === undefined ? {} : { family }),
      ...(address === undefined ? {} : { address }),
      ...(port === undefined ? {} : { port }),
      at: first.startOffset,
    };
  }

  private synproxy(first: IToken): Statement {
    if (this.takeWord('name') !== undefined) this.SUBRULE(this.mapped);
    else this.synproxyOptions();
    return { kind: 'synproxy', text: this.textSince(first.startOffset), at: first.startOffset };
  }

  protected synproxyOptions(): void {
    for (;;) {
      if (this.nextIs('mss', 'wscale')) {
        this.skip();
        this.numberOrVariable();
      } else if (this.nextIs('timestamp', 'sack-perm')) this.skip();
      else return;
    }
  }

  private queue(first: IToken): Statement {
    for (;;) {
      if (this.nextIs('num', 'to')) {
        this.skip();
        this.SUBRULE(this.mapped);
      } else if (this.nextIs('flags')) {
        this.skip();
      } else if (this.nextIs('bypass', 'fanout')) {
        this.skip();
        this.take(t.Comma);
      } else return { kind: 'queue', text: this.textSince(first.startOffset), at: first.startOffset };
    }
  }

  /** `add @s { ip saddr timeout 1h limit rate 5/second : data }` */
  private updateSet(first: IToken): Statement {
    if (this.take(t.At) === undefined) this.fail('"@" and the name of a set');
    const set = this.next(t.Dollar)
      ? `$${(this.SUBRULE(this.variable) as { name: string }).name}`
      : this.CONSUME(t.Word).image;
    return this.setElement(first.image, set, first.startOffset);
  }

  private setElement(operation: string, set: string, at: number): Statement {
    const element = this.SUBRULE(this.set);
    const [only] = element.kind === 'set' ? element.elements : [];
    if (only === undefined) this.fail('a key');
    let { data } = only;
    const statements = [...(only.statements ?? [])];
    if (this.take(t.Colon) !== undefined) data = this.SUBRULE(this.concatenation);
    return {
      kind: 'update-set',
      operation,
      set,
      key: only.key,
      ...(data === undefined ? {} : { data }),
      statements,
      at,
    };
  }

  /** `set add ip saddr @s`, as nft before 0.9 wrote it. */
  private legacyUpdateSet(): Statement {
    const operation = this.CONSUME(t.SetOperation);
    const key = this.SUBRULE(this.concatenation);
    const options = this.SUBRULE(this.elementOptions);
    if (this.take(t.At) === undefined) this.fail('"@" and the name of a set');
    return {
      kind: 'update-set',
      operation: operation.image,
      set: this.CONSUME(t.Word).image,
      key,
      statements: options?.statements ?? [],
      at: operation.startOffset,
    };
  }

  private meter(first: IToken): Statement {
    const name = this.CONSUME(t.Word).image;
    if (this.takeWord('size') !== undefined) this.integer('a size');
    return this.setElement('meter', name, first.startOffset);
  }

  private xt(first: IToken): Statement {
    const type = this.CONSUME(t.Word).image;
    const token = this.take(t.String_) ?? this.take(t.Word) ?? this.fail('the name of an extension');
    return { kind: 'xt', type, name: token.image.replaceAll('"', ''), at: first.startOffset };
  }

  protected override jumpTarget(kind: 'jump' | 'goto'): VerdictSyntax {
    return this.ACTION((): VerdictSyntax => {
      if (this.next(t.LeftBrace)) return { kind, block: this.anonymousChain() };
      return { kind, chain: this.SUBRULE(this.primary) };
    });
  }

  protected abstract anonymousChain(): readonly RuleSyntax[];
}
