import type { Anchor, FilterRule, Statement } from '../../../grammars/pf/syntax.ts';
import { placeNeeded } from '../../../grammars/pf/tokens.ts';
import type { Chain, EntryPoint, Rule, Stage } from '../../model/firewall.ts';
import { all, and } from '../../model/match.ts';
import type { Match } from '../../model/match.ts';
import type { Span } from '../../source/source.ts';
import type { AnchorBook } from './anchors.ts';
import type { AnchorBody } from './anchors.ts';
import { lowerAntispoof } from './antispoof.ts';
import { lowerCriteria } from './criteria.ts';
import { lowerFilterRule, lowerSharedRule } from './filter-rule.ts';
import type { Piece } from './filter-rule.ts';
import { lowerOptions } from './filter-options.ts';
import { carriesPackets, interfaceNamed } from './interfaces.ts';
import { LoweringMemory } from './lowering-memory.ts';
import { unknownChance } from './pf-context.ts';
import type { PfContext, RuleNotes } from './pf-context.ts';
import type { Settings } from './settings.ts';
import { askedOf } from './states.ts';
import { lowerTranslation, unknownTranslation } from './translation.ts';
import { kindsOf, mayPass, notPassed } from './translated-pass.ts';
import type { TranslationKind } from './translated-pass.ts';

type Direction = 'in' | 'out';

/** Builds the chains: filter rules and, in the old grammar, translation rules, once for each direction. */
export class ModelBuilder {
  readonly chains = new Map<string, Chain>();
  /** Statements with a part that is not understood. */
  readonly obscure = new Set<Statement>();
  private readonly context: PfContext;
  private readonly settings: Settings;
  private readonly anchors: AnchorBook;
  private readonly policies: ReadonlyMap<Statement, Settings['blockPolicy']>;
  /** For rules that share their words: whatever is to be said about one of them needs a place. */
  private readonly shared: PfContext;
  private nextId = 1;

  constructor(
    context: PfContext,
    settings: Settings,
    anchors: AnchorBook,
    policies: ReadonlyMap<Statement, Settings['blockPolicy']>,
  ) {
    this.context = context;
    this.settings = settings;
    this.anchors = anchors;
    this.policies = policies;
    this.shared = {
      ...context,
      memory: new LoweringMemory(),
      report: () => {
        throw placeNeeded;
      },
    };
  }

  build(statements: readonly Statement[]): readonly EntryPoint[] {
    const root: AnchorBody = { path: '', statements };
    const entries: EntryPoint[] = [];
    const asked = askedOf(statements);
    const guard = asked === undefined ? {} : { guard: asked };
    for (const direction of ['in', 'out'] as const) {
      if (direction === 'out') this.context.tags.turnOut();
      const stages: Stage[] = [];
      const hook = direction === 'in' ? 'input' : 'output';
      const translation = this.translationChain(root, direction);
      if (translation !== undefined) {
        stages.push({
          name: `pf ${direction} translation`,
          hook,
          priority: -100,
          chain: translation,
          kind: 'filter',
          ...guard,
        });
      }
      const chain = `pf/${direction}`;
      const rules = [...this.skipRules(direction), ...this.filterRules(root, direction)];
      const filtered = translation !== undefined && mayPass(statements, direction) ? notPassed : all;
      const { disabled } = this.settings;
      if (disabled !== undefined) {
        stages.length = 0;
        rules.length = 0;
        this.add(rules, disabled, [{ match: all, action: { kind: 'accept' }, quick: true }]);
      }
      this.chains.set(chain, {
        id: chain,
        name: `pf ${direction}`,
        order: 'last-match',
        rules,
        fallthrough: { kind: 'accept' },
      });
      const met = asked === undefined ? filtered : and(asked, filtered);
      stages.push({
        name: `pf ${direction}`,
        hook,
        priority: 0,
        chain,
        kind: 'filter',
        ...(met.kind === 'all' ? {} : { guard: met }),
      });
      for (const family of ['ipv4', 'ipv6'] as const) entries.push({ direction, family, stages });
    }
    return entries;
  }

  private notes(span: Span, anchor: string): RuleNotes {
    return { context: this.context, source: span.source, span, anchor, obscure: false };
  }

  private add(rules: Rule[], span: Span, pieces: readonly Piece[], label?: string): void {
    for (const piece of pieces) {
      const rule = ruleOf(this.nextId++, span, piece);
      rules.push(label === undefined ? rule : { ...rule, label });
    }
  }

  /** `set skip on`: pf never sees packets of the interface, so neither translation nor filter rules touch them. */
  private skipRules(direction: Direction): Rule[] {
    const rules: Rule[] = [];
    const field = direction === 'in' ? 'inInterface' : 'outInterface';
    for (const { name, span } of this.settings.skipped) {
      if (!carriesPackets(name)) continue;
      const match = interfaceNamed(name, field);
      this.add(rules, span, [{ match, action: { kind: 'accept' }, quick: true }]);
    }
    return rules;
  }

  private filterRules(body: AnchorBody, direction: Direction): Rule[] {
    const rules: Rule[] = [];
    this.walkFilter(body.statements, body.path, direction, rules);
    return rules;
  }

  private walkFilter(
    statements: readonly Statement[],
    path: string,
    direction: Direction,
    rules: Rule[],
  ): void {
    for (const statement of statements) {
      switch (statement.kind) {
        case 'filter':
          if (statement.direction === undefined || statement.direction.image === direction) {
            this.filter(statement, path, direction, rules);
          }
          break;
        case 'anchor':
          if (statement.direction === undefined || statement.direction.image === direction) {
            this.anchor(statement, path, direction, rules);
          }
          break;
        case 'antispoof':
          if (direction === 'in') {
            const notes = this.notes(statement.span, path);
            this.add(rules, statement.span, lowerAntispoof(statement, notes));
            this.note(statement, notes);
          }
          break;
        case 'include':
          if (statement.body !== undefined) this.walkFilter(statement.body, path, direction, rules);
          else this.poison(statement.span, `file ${statement.file.image} is not part of the input`, rules);
          break;
        case 'unread':
          this.obscure.add(statement);
          this.poison(statement.span, 'a line is not understood', rules);
          break;
        case 'tokens':
          if (statement.tokens[0]?.image === 'ether') this.ether(statement, direction, rules);
          break;
        default:
          break;
      }
    }
  }

  private note(statement: Statement, notes: RuleNotes): void {
    if (notes.obscure) this.obscure.add(statement);
  }

  private filter(statement: FilterRule, path: string, direction: Direction, rules: Rule[]): void {
    const { span } = statement;
    const policy = this.policies.get(statement) ?? this.settings.blockPolicy;
    if (statement.placed !== undefined) {
      const shared = { context: this.shared, source: span.source, span, anchor: path, obscure: false };
      const pieces = lowerSharedRule(statement, direction, policy, shared);
      if (pieces !== undefined) {
        this.add(rules, span, pieces);
        return;
      }
    }
    const notes = this.notes(span, path);
    this.add(rules, span, lowerFilterRule(statement.placed?.() ?? statement, direction, policy, notes));
    this.note(statement, notes);
  }

  /** Something that may hold rules of any kind: it may pass, block, or do nothing. */
  private poison(span: Span, reason: string, rules: Rule[], match: Match = { kind: 'all' }): void {
    this.context.tags.setByUnknownRules();
    this.add(rules, span, [
      { match, action: { kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], reason } },
    ]);
  }

  /** Ethernet rules are a rule set of their own (FreeBSD 14), asked before these; they pass by default and know MAC addresses. */
  private ether(
    statement: Extract<Statement, { kind: 'tokens' }>,
    direction: Direction,
    rules: Rule[],
  ): void {
    for (const inner of statement.body ?? [])
      if (inner.kind === 'tokens') this.ether(inner, direction, rules);
    const words = statement.tokens.map(({ image }) => image);
    if (words[1] === 'anchor' && statement.body === undefined) {
      const name = words[2] ?? '';
      const blocks = unknownChance(`ether anchor ${name}`, `ethernet anchor "${name}" blocks the frame`);
      this.add(rules, statement.span, [{ match: blocks, action: { kind: 'drop' }, quick: true }]);
      return;
    }
    if (words[1] !== 'block' || words.includes(direction === 'in' ? 'out' : 'in')) return;
    const match = unknownChance('ether', 'an ethernet rule blocks the frame');
    this.add(rules, statement.span, [{ match, action: { kind: 'drop' }, quick: true }]);
  }

  private anchor(statement: Anchor, path: string, direction: Direction, rules: Rule[]): void {
    const notes = this.notes(statement.span, path);
    const options = lowerOptions(statement.options, direction, notes);
    const how = { direction, options, flags: options.flags ?? undefined, redirections: [] };
    let match = lowerCriteria(statement, how, notes);
    if (statement.problem !== undefined) {
      notes.obscure = true;
      match = and(match, unknownChance('unread', 'a part of the rule is not understood'));
    }
    if (options.tag !== undefined) {
      this.context.tags.set(options.tag);
      const change = { kind: 'name', field: 'tag', name: options.tag } as const;
      this.add(rules, statement.span, [
        { match, action: { kind: 'change', changes: [change], then: 'continue' } },
      ]);
    }
    this.note(statement, notes);
    const body = this.anchors.bodyOf(statement, path);
    if (body === undefined) {
      if (this.anchors.takeEmpty(statement.name, path, this.context)) return;
      this.anchors.reportUnknown(statement.name, statement.span, this.context);
      const name = statement.name?.image ?? '';
      this.poison(statement.span, `rules of anchor "${name}" are not in the input`, rules, match);
      return;
    }
    const chain = this.anchorChain(body, direction);
    const quick = statement.quick === undefined ? {} : { quick: true };
    this.add(rules, statement.span, [{ match, action: { kind: 'jump', chain }, ...quick }]);
  }

  private anchorChain(body: AnchorBody, direction: Direction): string {
    const id = `pf/${direction}/anchor ${body.path}`;
    if (this.chains.has(id)) return id;
    const rules: Rule[] = [];
    const chain: Chain = { id, name: body.path, order: 'last-match', rules, fallthrough: { kind: 'return' } };
    // Registered before its rules are read: an anchor may name itself.
    this.chains.set(id, chain);
    this.walkFilter(body.statements, body.path, direction, rules);
    return id;
  }

  /**
   * The translation rules of the main rule set, or undefined if it has none. The kernel asks rdr before binat on the way in, and binat
   * before nat on the way out (pf_get_translation of pf_lb.c); the first rule that matches decides.
   */
  private translationChain(body: AnchorBody, direction: Direction): string | undefined {
    if (!body.statements.some(isTranslation)) return undefined;
    const id = `pf/${direction}/translation`;
    const rules = this.skipRules(direction).map(({ quick: _, ...rule }): Rule => rule);
    const name = `${direction} translation`;
    this.chains.set(id, { id, name, order: 'first-match', rules, fallthrough: { kind: 'accept' } });
    for (const kind of kindsOf[direction])
      this.walkTranslation(body.statements, body.path, direction, kind, false, rules);
    return id;
  }

  /** The rules of one kind of an anchor: rdr-anchor sees no binat rule (pf_step_into_anchor). */
  private translationAnchorChain(
    body: AnchorBody,
    direction: Direction,
    kind: TranslationKind,
    wild: boolean,
  ): string {
    const id = `pf/${direction}/${kind} ${body.path}`;
    if (this.chains.has(id)) return id;
    const rules: Rule[] = [];
    this.chains.set(id, {
      id,
      name: body.path,
      order: 'first-match',
      rules,
      fallthrough: { kind: 'return' },
    });
    this.walkTranslation(body.statements, body.path, direction, kind, wild, rules);
    return id;
  }

  /** `wild`: the children of `rdr-anchor "x/*"`, which pfctl prints as nat-anchor whatever they are (pfctl_show_nat). */
  private walkTranslation(
    statements: readonly Statement[],
    path: string,
    direction: Direction,
    kind: TranslationKind,
    wild: boolean,
    rules: Rule[],
  ): void {
    for (const statement of statements) {
      if (statement.kind === 'translation' && statement.action.image === kind) {
        const notes = this.notes(statement.span, path);
        this.add(rules, statement.span, lowerTranslation(statement, direction, notes));
        for (const option of statement.options)
          if (option.kind === 'tag') this.context.tags.set(option.name.image);
        this.note(statement, notes);
      } else if (
        statement.kind === 'translation-anchor' &&
        (wild || statement.keyword.image === `${kind}-anchor`)
      ) {
        this.translationAnchor(statement, path, direction, kind, rules);
      } else if (statement.kind === 'include' && statement.body !== undefined) {
        this.walkTranslation(statement.body, path, direction, kind, wild, rules);
      }
    }
  }

  private translationAnchor(
    statement: Extract<Statement, { kind: 'translation-anchor' }>,
    path: string,
    direction: Direction,
    kind: TranslationKind,
    rules: Rule[],
  ): void {
    const notes = this.notes(statement.span, path);
    const options = lowerOptions(statement.options, direction, notes);
    const how = {
      direction,
      options,
      flags: undefined,
      redirections: [],
      portsOfAnyProtocol: kind === 'nat',
    };
    const match = lowerCriteria(statement, how, notes);
    this.note(statement, notes);
    const body = this.anchors.bodyOf(statement, path);
    if (body === undefined) {
      if (this.anchors.takeEmpty(statement.name, path, this.context)) return;
      this.anchors.reportUnknown(statement.name, statement.span, this.context);
      this.context.tags.setByUnknownRules();
      this.add(rules, statement.span, unknownTranslation(match, statement.name?.image ?? '', direction));
      return;
    }
    const wild = statement.body !== undefined && statement.name?.image.endsWith('*') === true;
    const chain = this.translationAnchorChain(body, direction, kind, wild);
    this.add(rules, statement.span, [{ match, action: { kind: 'jump', chain } }]);
  }
}

/** Rules are many, so no object is spread into another, and properties that say nothing are left out. */
function ruleOf(id: number, span: Span, { match, action, quick, comment }: Piece): Rule {
  if (comment === undefined)
    return quick === undefined
      ? { id, span, enabled: true, match, action }
      : { id, span, enabled: true, match, action, quick };
  return quick === undefined
    ? { id, span, enabled: true, match, action, comment }
    : { id, span, enabled: true, match, action, quick, comment };
}

function isTranslation(statement: Statement): boolean {
  if (statement.kind === 'include') return statement.body?.some(isTranslation) === true;
  return (
    statement.kind === 'translation' ||
    (statement.kind === 'translation-anchor' && /^(nat|rdr|binat)-anchor$/.test(statement.keyword.image))
  );
}
