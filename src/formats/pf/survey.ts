import type { Statement, TableDefinition } from '../../../grammars/pf/syntax.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';
import type { SetElement } from '../../model/named-set.ts';
import type { AnchorBook } from './anchors.ts';
import { overloadedTables } from './consistency.ts';
import { interfaceRanges, parseReference, widened } from './local-addresses.ts';
import { checkAnchorName, checkName } from './names.ts';
import { isCrowdedRange, parsePfAddress } from './pf-address.ts';
import { refuse, spanOf } from './pf-context.ts';
import type { PfContext, RuleNotes } from './pf-context.ts';
import { QueueBook } from './queues.ts';
import { readSetting } from './settings.ts';
import type { Settings } from './settings.ts';
import { addressElement, everyAddress, tableOf, tableRefusal } from './tables.ts';

export interface Survey {
  readonly settings: Settings;
  /** The block policy in force at each block rule. */
  readonly policies: Map<Statement, Settings['blockPolicy']>;
  /** Statements that count as rules. */
  rules: number;
  /** The same by the source that they stand in. */
  readonly rulesOf: Map<number, number>;
  readonly obscure: Set<Statement>;
}

/** Order that the old grammar asks for (check_rulestate of parse.y). */
const stages = { option: 1, ether: 2, scrub: 3, queue: 4, translation: 5, filter: 6 } as const;

/** First pass over all statements: settings, tables, anchors, queues, and everything that pfctl checks in the order of the file. */
export function survey(statements: readonly Statement[], context: PfContext, anchors: AnchorBook): Survey {
  const result: Survey = {
    settings: { blockPolicy: 'drop', requireOrder: context.evidence.generation === 'old', skipped: [] },
    policies: new Map(),
    rules: 0,
    rulesOf: new Map(),
    obscure: new Set(),
  };
  const surveyor = new Surveyor(result, context, anchors);
  surveyor.walk(statements, '', false);
  return result;
}

class Surveyor {
  private readonly queues = new QueueBook();
  private reached = 0;
  private readonly result: Survey;
  private readonly context: PfContext;
  private readonly anchors: AnchorBook;

  constructor(result: Survey, context: PfContext, anchors: AnchorBook) {
    this.result = result;
    this.context = context;
    this.anchors = anchors;
  }

  walk(statements: readonly Statement[], path: string, inside: boolean): void {
    for (const statement of statements) {
      const { span } = statement;
      const notes: RuleNotes = {
        context: this.context,
        source: span.source,
        span,
        anchor: path,
        obscure: false,
      };
      this.visit(statement, path, inside, notes);
      if (notes.obscure) this.result.obscure.add(statement);
    }
  }

  private count({ source }: RuleNotes): void {
    const { result } = this;
    result.rules++;
    result.rulesOf.set(source, (result.rulesOf.get(source) ?? 0) + 1);
  }

  private visit(statement: Statement, path: string, inside: boolean, notes: RuleNotes): void {
    this.reportProblem(statement, notes);
    const { result } = this;
    switch (statement.kind) {
      case 'filter':
        this.count(notes);
        this.inOrder(inside ? undefined : 'filter', notes);
        if (result.settings.blockPolicy !== 'drop')
          result.policies.set(statement, result.settings.blockPolicy);
        for (const name of overloadedTables(statement)) this.context.tables.markOverloaded(name);
        break;
      case 'antispoof':
        this.count(notes);
        this.inOrder(inside ? undefined : 'filter', notes);
        break;
      case 'anchor':
        this.count(notes);
        this.inOrder(inside ? undefined : 'filter', notes);
        this.checkAnchor(statement, notes);
        if (statement.body !== undefined) {
          if (this.anchors.isTaken(statement, path) && !this.context.printed)
            refuse(notes, statement.name, `inline anchor '${statement.name!.image}' already exists`);
          this.checkBody(statement.body, statement.keyword, notes);
          this.walk(statement.body, this.anchors.addInline(statement, path), true);
        }
        break;
      case 'translation':
        this.count(notes);
        this.inOrder('translation', notes);
        break;
      case 'translation-anchor':
        this.count(notes);
        if (/^(nat|rdr|binat)/.test(statement.keyword.image)) this.inOrder('translation', notes);
        this.checkTranslationAnchor(statement, notes);
        if (statement.body !== undefined) {
          if (!this.context.printed)
            refuse(notes, statement.keyword, `${statement.keyword.image} cannot hold rules of its own`);
          this.walk(statement.body, this.anchors.addInline(statement, path), true);
        }
        break;
      case 'scrub':
        this.count(notes);
        this.inOrder('scrub', notes);
        if (statement.quick !== undefined)
          refuse(notes, statement.quick, "scrub rules do not support 'quick'");
        break;
      case 'table':
        this.table(statement, path, notes);
        break;
      case 'load-anchor':
        this.load(statement, path, notes);
        break;
      case 'include':
        if (statement.body !== undefined) this.walk(statement.body, path, inside);
        else {
          this.count(notes);
          this.notRead(statement.file.image, statement.unread, notes);
        }
        break;
      case 'tokens':
        this.tokens(statement, path, inside, notes);
        break;
      case 'unread':
        this.count(notes);
        break;
      case 'macro':
        break;
    }
  }

  private reportProblem(statement: Statement, notes: RuleNotes): void {
    const problem = 'problem' in statement ? statement.problem : undefined;
    if (problem === undefined) return;
    const { token, expected } = problem;
    const span =
      token === undefined
        ? { ...statement.span, start: Math.max(statement.span.start, statement.span.end - 1) }
        : spanOf(token, notes);
    const read =
      token === undefined
        ? 'the line ends too early'
        : `'${token.image.replace('\n', '\\n')}' does not fit here`;
    const help =
      'fw-audit keeps what it read of the rule and treats the rest as unknown; pfctl refuses a file with a line it cannot read';
    this.context.report('FW1004', 'error', span, `${read}: expected ${expected}`, help);
    if (statement.kind !== 'macro') notes.obscure = true;
  }

  private inOrder(stage: keyof typeof stages | undefined, notes: RuleNotes): void {
    if (stage === undefined || this.context.printed) return;
    if (this.result.settings.requireOrder && this.reached > stages[stage]) {
      refuse(
        notes,
        undefined,
        'rules must be in order: options, normalization, queueing, translation, filtering',
      );
      return;
    }
    this.reached = stages[stage];
  }

  /** What may stand between the braces of an anchor (pfa_anchorlist of parse.y). */
  private checkBody(body: readonly Statement[], within: PfToken, notes: RuleNotes): void {
    if (this.context.printed) return;
    const ether = within.image === 'ether';
    for (const statement of body) {
      const allowed = ether
        ? statement.kind === 'tokens' && statement.tokens[0]?.image === 'ether'
        : statement.kind === 'filter' || statement.kind === 'anchor' || statement.kind === 'include';
      if (allowed || statement.kind === 'unread') continue;
      refuse(
        { ...notes, span: statement.span },
        undefined,
        ether
          ? 'only ether rules may stand in the braces of an ether anchor'
          : 'only pass, block, match and anchor may stand in the braces of an anchor',
      );
    }
  }

  private checkAnchor(statement: Extract<Statement, { kind: 'anchor' }>, notes: RuleNotes): void {
    const { name, options, body } = statement;
    if (name === undefined && body === undefined && statement.problem === undefined) {
      refuse(notes, undefined, 'an anchor without rules of its own must have a name');
    }
    if (name !== undefined && !this.context.printed) this.checkAnchorName(name, notes);
    if (name !== undefined && body !== undefined && name.image.includes('/') && !this.context.printed) {
      refuse(notes, name, "anchor paths with '/' cannot be used for inline anchors");
    }
    const state = options.find(({ kind }) => kind === 'state');
    if (state?.kind === 'state') refuse(notes, state.keyword, 'state handling cannot be given on anchors');
  }

  private checkAnchorName(name: PfToken, notes: RuleNotes): void {
    if (name.image === '') refuse(notes, name, 'an anchor name must not be empty');
    if (/^_|\/_/.test(name.image)) refuse(notes, name, "anchor names that begin with '_' are reserved");
    checkAnchorName(name, notes);
  }

  /** rdr-anchor and binat-anchor take less than the rules they hold (anchorrule of parse.y). */
  private checkTranslationAnchor(
    statement: Extract<Statement, { kind: 'translation-anchor' }>,
    notes: RuleNotes,
  ): void {
    const { keyword, name, from, to, protocols } = statement;
    if (name !== undefined) checkAnchorName(name, notes);
    if (keyword.image === 'rdr-anchor') {
      if (from?.ports !== undefined)
        refuse(notes, from.ports[0]?.token, 'source port is not supported in rdr-anchor');
      if ((to?.ports?.length ?? 0) > 1)
        refuse(notes, to?.ports?.[1]?.token, 'a list of destination ports is not supported in rdr-anchor');
      const operator = to?.ports?.[0]?.operator;
      if (operator !== undefined && operator.image !== '=')
        refuse(notes, operator, 'port operators are not supported in rdr-anchor');
    }
    if (keyword.image === 'binat-anchor') {
      if ((protocols?.length ?? 0) > 1)
        refuse(notes, protocols?.[1], 'a list of protocols is not supported in binat-anchor');
      const hosts =
        from?.hosts?.some(({ kind }) => kind !== 'any') === true ||
        to?.hosts?.some(({ kind }) => kind !== 'any') === true;
      if (hosts || from?.ports !== undefined || to?.ports !== undefined) {
        refuse(notes, keyword, 'from and to are not supported in binat-anchor');
      }
    }
  }

  private load(statement: Extract<Statement, { kind: 'load-anchor' }>, path: string, notes: RuleNotes): void {
    this.count(notes);
    if (statement.problem !== undefined) return;
    const own = this.anchors.addLoaded(statement, path);
    if (statement.body !== undefined) this.walk(statement.body, own, true);
    else this.notRead(statement.file?.image ?? '', statement.unread, notes);
  }

  private notRead(file: string, why: string | undefined, notes: RuleNotes): void {
    const reason = why === undefined ? '' : ` (${why})`;
    this.context.report(
      'FW1307',
      'warning',
      notes.span,
      `file ${file} is not read${reason}: what it says is unknown`,
    );
  }

  private tokens(
    statement: Extract<Statement, { kind: 'tokens' }>,
    path: string,
    inside: boolean,
    notes: RuleNotes,
  ): void {
    const [first, second] = statement.tokens;
    switch (first?.image) {
      case 'set':
        if (second?.image !== 'skip' && second?.image !== 'require-order') this.inOrder('option', notes);
        if (!readSetting(statement, this.result.settings, notes)) {
          notes.obscure = true;
          this.count(notes);
          this.context.report(
            'FW1004',
            'warning',
            spanOf(second!, notes),
            `option '${second!.image}' is not known to fw-audit`,
          );
        }
        break;
      case 'altq':
      case 'queue':
        this.inOrder('queue', notes);
        if (!this.context.loaded) this.queues.read(statement, notes);
        break;
      case 'ether':
        this.count(notes);
        this.inOrder(inside ? undefined : 'ether', notes);
        if (statement.body !== undefined) {
          this.checkBody(statement.body, first, notes);
          this.walk(statement.body, path, true);
        }
        break;
      default:
        break;
    }
  }

  private table(statement: TableDefinition, path: string, notes: RuleNotes): void {
    const { name: token } = statement;
    if (token === undefined) return;
    const name = token.image.replace(/:[0-9]+$|:\*$/, '');
    if (name.length > 10) checkName('a table name', { ...token, image: name }, notes);
    for (const flag of statement.flags) {
      if (!['const', 'persist', 'counters'].includes(flag.image))
        refuse(notes, flag, `'${flag.image}' is no table option`);
    }
    const full = path === '' ? name : `${path}/${name}`;
    const { tables, report } = this.context;
    const given = tables.givenTable(full, name, statement.span, report);
    if (given !== undefined) {
      tables.declare(full, given);
      return;
    }
    const elements: SetElement[] = [];
    let open = this.fill(statement, elements, notes);
    const persist = statement.flags.some(({ image }) => image === 'persist');
    if (statement.files.length > 0) {
      const files = statement.files.map(({ image }) => image).filter((file) => file !== '/dev/null');
      if (files.length > 0) open ??= `table <${name}> is read from ${files.join(', ')}`;
    } else if (statement.hosts === undefined && persist)
      open ??= `table <${name}> keeps what it holds when the rules are loaded`;
    if (open !== undefined) {
      this.context.report(
        'FW1309',
        'note',
        spanOf(token, notes),
        `${open}: its content is not in the input`,
        `give it with --table ${name}=FILE (pfctl -t ${name} -T show)`,
      );
    }
    this.context.tables.declare(full, tableOf(full, elements, open === undefined, open, statement.span));
  }

  /** Adds what the braces hold; returns why that is not everything. */
  private fill(statement: TableDefinition, elements: SetElement[], notes: RuleNotes): string | undefined {
    let open: string | undefined;
    for (const host of statement.hosts ?? []) {
      const wrong = tableRefusal(host);
      if (wrong !== undefined) {
        refuse(notes, host.token, wrong);
        open ??= `'${host.token.image}' cannot stand in a table`;
      } else if (host.kind === 'any') elements.push(...everyAddress());
      else if (host.kind === 'name') {
        const text = host.token.image;
        const element = addressElement(text, host.prefix?.image, host.negated);
        if (element !== undefined) {
          elements.push(element);
          continue;
        }
        const reference = text === 'localhost' ? { name: 'lo0', noAlias: true } : parseReference(text);
        const ranges = reference === undefined ? undefined : interfaceRanges(reference, this.context.options);
        if (ranges === undefined) {
          this.unresolved(host.token, notes);
          open ??= `table <${statement.name!.image}> holds the addresses of ${text}`;
        } else {
          const wide = host.prefix === undefined ? ranges : widened(ranges, Number(host.prefix.image));
          const exception = host.negated ? { exception: true } : {};
          for (const { family, range } of wide) {
            elements.push({ parts: [{ kind: 'address', family, range }], certain: true, ...exception });
          }
        }
      }
    }
    return open;
  }

  private unresolved(token: Parameters<typeof spanOf>[0], notes: RuleNotes): void {
    const text = token.image;
    if (isCrowdedRange(text)) {
      refuse(notes, token, 'address ranges are not permitted inside tables');
      return;
    }
    if (/^[0-9.]+$/.test(text) || parsePfAddress(text, undefined) !== undefined) {
      refuse(notes, token, `'${text}' is no address`);
      return;
    }
    const host = text.includes('.');
    const what = host
      ? 'is a host name that pfctl looks up when it loads the file'
      : 'stands for addresses of this host that are not in the input';
    this.context.report(host ? 'FW1305' : 'FW1304', 'note', spanOf(token, notes), `'${text}' ${what}`);
  }
}
