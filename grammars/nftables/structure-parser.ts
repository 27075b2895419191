import type { IToken } from 'chevrotain';
import { DefinitionParser } from './definition-parser.ts';
import type {
  ChainItem,
  ChainItemHook,
  ChainSyntax,
  Expression,
  ObjectSyntax,
  PrioritySyntax,
  SetSyntax,
  TableItem,
  TableReference,
} from './syntax.ts';
import * as t from './tokens.ts';
import { families } from './vocabulary.ts';

/** Tables and chains with their blocks (nft(8), "Tables", "Chains"). */
export abstract class StructureParser extends DefinitionParser {
  /** `[family] table`; without a family nft means `ip`. */
  protected readTableReference(): TableReference {
    const family = this.readFamily();
    return { family, table: this.readName('the name of a table') };
  }

  protected readFamily(): string {
    // `table ip { }` names a table; `table ip filter { }` a family and a table.
    const after = this.LA(2);
    const named =
      after.tokenType === t.Word ||
      after.tokenType === t.String_ ||
      after.tokenType.CATEGORIES?.includes(t.Word) === true;
    return named && families.has(this.LA(1).image) ? this.skip().image : 'ip';
  }

  protected readTableItems(): TableItem[] {
    const items: TableItem[] = [];
    for (;;) {
      this.takeHandle();
      if (this.take(t.Separator) !== undefined) continue;
      if (this.next(t.RightBrace) || this.atEnd()) return items;
      this.guarded(() => items.push(this.readTableItem()));
    }
  }

  private readTableItem(): TableItem {
    const first = this.LA(1);
    const start = first.startOffset;
    switch (first.tokenType) {
      case t.Chain:
        this.skip();
        return this.readChain(start, this.readName('the name of a chain'));
      case t.SetWord:
      case t.MapWord:
      case t.Meter:
        return this.readSetDefinition();
      case t.Define:
      case t.Undefine:
        return this.readDefine();
      case t.Include:
        return this.readInclude();
      case t.Flags: {
        this.skip();
        const flags = this.readFlags();
        this.expectEnd();
        return { kind: 'flags', flags, span: this.span(start) };
      }
      case t.Comment_: {
        this.skip();
        const text = this.SUBRULE(this.text_);
        this.expectEnd();
        return { kind: 'note', what: 'comment', text, span: this.span(start) };
      }
      default:
        return this.readObjectDefinition();
    }
  }

  protected readSetDefinition(): SetSyntax {
    const word = this.skip();
    const kind = word.tokenType === t.MapWord ? 'map' : 'set';
    return this.readSet(kind, word.startOffset, this.readName('the name of a set'));
  }

  /** `counter c { … }`, `ct helper ftp { … }`, `flowtable f { … }` */
  protected readObjectDefinition(): ObjectSyntax {
    const first = this.LA(1);
    if (!objectWords.has(first.image))
      this.fail('"chain", "set", "map", "counter" or another part of a table');
    this.skip();
    let type = first.image;
    if (type === 'ct') {
      if (!this.nextIs('helper', 'timeout', 'expectation')) this.fail('"helper", "timeout" or "expectation"');
      type = `ct ${this.skip().image}`;
    }
    return this.readObject(type, first.startOffset, this.readName(`the name of a ${type}`));
  }

  protected readChain(start: number, name: string): ChainSyntax {
    let handle: number | undefined;
    let items: ChainItem[] = [];
    if (this.take(t.LeftBrace) !== undefined) {
      handle = this.takeHandle();
      items = this.readChainItems();
      this.closeBlock();
    }
    return {
      kind: 'chain',
      name,
      items,
      ...(handle === undefined ? {} : { handle }),
      span: this.span(start),
    };
  }

  /** Up to the closing brace, which is left. */
  protected readChainItems(): ChainItem[] {
    const items: ChainItem[] = [];
    for (;;) {
      const { ahead } = this;
      if (ahead !== undefined && this.readPlainRules(ahead, items)) continue;
      if (this.take(t.Separator) !== undefined) continue;
      if (this.next(t.RightBrace) || this.atEnd()) return items;
      const first = this.LA(1);
      switch (first.tokenType) {
        case t.Type:
        case t.Policy:
        case t.Flags:
        case t.Comment_:
        case t.Define:
        case t.Undefine:
        case t.Include:
        case t.Handle:
        case t.Devices:
          this.guarded(() => {
            const item = this.readChainProperty(first);
            if (item !== undefined) items.push(item);
          });
          break;
        default:
          items.push(this.readRule());
      }
    }
  }

  private readChainProperty(first: IToken): ChainItem | undefined {
    const start = first.startOffset;
    switch (first.tokenType) {
      case t.Type:
        return this.readHook();
      case t.Policy: {
        this.skip();
        const policy = this.SUBRULE(this.primary);
        this.expectEnd();
        return { kind: 'policy', policy, span: this.span(start) };
      }
      case t.Define:
      case t.Undefine:
        return this.readDefine();
      case t.Include:
        return this.readInclude();
      case t.Handle:
        this.takeHandle();
        return undefined;
      default: {
        const what = this.skip().image;
        if (first.tokenType === t.Comment_) this.SUBRULE(this.text_);
        else this.readFlags();
        this.expectEnd();
        return { kind: 'note', what, text: this.textSince(start), span: this.span(start) };
      }
    }
  }

  /** `type filter hook input device eth0 priority filter + 10` */
  private readHook(): ChainItemHook {
    const start = this.skip().startOffset;
    const type = this.readName('a chain type');
    if (this.take(t.Hook) === undefined) this.fail('"hook"');
    const hook = this.readName('a hook');
    const devices: Expression[] = [];
    let priority: PrioritySyntax | undefined;
    for (;;) {
      if (this.take(t.Device) !== undefined) devices.push(this.SUBRULE(this.primary));
      else if (this.take(t.Devices) !== undefined) {
        this.CONSUME(t.Assign);
        const list = this.SUBRULE(this.primary);
        if (list.kind === 'set') devices.push(...list.elements.map((element) => element.key));
        else devices.push(list);
      } else if (this.take(t.Priority) !== undefined) priority = this.readPriority();
      else break;
    }
    if (priority === undefined) this.fail('"priority"');
    this.expectEnd();
    return { kind: 'hook', type, hook, devices, priority, span: this.span(start) };
  }

  private readPriority(): PrioritySyntax {
    const sign = (): number =>
      this.take(t.Dash) !== undefined ? -1 : this.take(t.Plus) !== undefined ? 1 : 0;
    const leading = sign();
    if (leading !== 0 || this.next(t.Number_)) {
      return { offset: (leading === 0 ? 1 : leading) * this.integer('a number') };
    }
    const base = this.SUBRULE(this.primary);
    const following = sign();
    return { base, offset: following === 0 ? 0 : following * this.integer('a number') };
  }
}

const objectWords: ReadonlySet<string> = new Set([
  'counter',
  'quota',
  'limit',
  'ct',
  'secmark',
  'synproxy',
  'flowtable',
  'tunnel',
]);
