import { printExpression } from '../../../grammars/nftables/print.ts';
import type { Expression, SetElementSyntax, TypeSyntax } from '../../../grammars/nftables/syntax.ts';
import { and, type Match, or, type SetKey } from '../../model/match.ts';
import type { NamedSet, SetElement, SetPart } from '../../model/named-set.ts';
import { describe, question } from './compare.ts';
import { conflictMessage, conflictOf } from './element-conflicts.ts';
import { type Constant, ConstantError, readConstant } from './constants.ts';
import { type DataType, dataTypes, dataTypeNamed, stateBits } from './datatypes.ts';
import type { LoweringContext } from './lowering-context.ts';
import { flattenKey, tupleMatch } from './relations.ts';
import type { Reporter } from './reporter.ts';
import type { SetState, TableState } from './ruleset-state.ts';
import { type Selector, selectorOf } from './selectors.ts';

/** How many elements of a set are spelled out in a rule where the model's own set test cannot be used. */
const inlineLimit = 4096;

/** The sets and maps of one table, lowered when a rule first asks for them. */
export class SetLibrary {
  private readonly table: TableState;
  readonly isListing: boolean;
  private readonly mayBeTerse: boolean;
  private readonly reporter: Reporter;
  private readonly lowered: Map<string, NamedSet>;

  /** `into` collects the lowered sets of all tables. `mayBeTerse`: elements may have been left out. */
  constructor(
    table: TableState,
    { isListing, mayBeTerse }: { readonly isListing: boolean; readonly mayBeTerse: boolean },
    reporter: Reporter,
    into: Map<string, NamedSet>,
  ) {
    this.table = table;
    this.isListing = isListing;
    this.mayBeTerse = mayBeTerse;
    this.reporter = reporter;
    this.lowered = into;
  }

  find(name: string): SetState | undefined {
    return this.table.sets.get(name);
  }

  /** Why nobody can tell from the input what the set holds now; undefined if it holds exactly what is written. */
  uncertainty(set: SetState): string | undefined {
    const { syntax } = set;
    const name = `@${syntax.name}`;
    if (syntax.broken === true) return `a part of ${name} could not be read`;
    if (set.updated) return `rules change the content of ${name} while packets pass`;
    if (syntax.flags.includes('dynamic')) return `the content of ${name} changes while packets pass`;
    if (managed.test(syntax.name)) return `the content of ${name} is kept up to date by another program`;
    if (set.elements.length === 0 && !set.filled && this.mayBeTerse)
      return `${name} has no elements in this listing; "nft -t" leaves them out`;
    return undefined;
  }

  /** The packets whose key is in the set. */
  membership(key: readonly Selector[], name: string, at: number, context: LoweringContext): Match {
    const text = `${key.map(describe).join(' . ')} @${name}`;
    const set = this.find(name);
    if (set === undefined) {
      if (!name.startsWith('$')) {
        context.understood = false;
        context.add(
          'FW1010',
          'error',
          `there is no set "${name}" in table ${this.table.family} ${this.table.name}`,
          at,
        );
      }
      return question(text);
    }
    const uncertainty = this.uncertainty(set);
    if (uncertainty !== undefined) this.sayUncertain(set, uncertainty);
    const [only] = key;
    if (key.length === 1 && only !== undefined && (only.kind === 'unknown' || only.kind === 'special')) {
      return only.kind === 'unknown' && !only.perPacket
        ? { kind: 'unknown', scope: 'rule', key: text, reason: text }
        : question(text);
    }
    const types = this.keyTypes(set, key);
    key.forEach((selector, i) => {
      if (conflict(types[i], selector.type)) {
        context.refuse(`@${name} holds ${types[i]!.name}, and ${selector.type.name} is looked up`, at);
      }
    });
    const keys = key.map((selector, i) => setKey(selector, types[i]));
    if (keys.every((k) => k !== undefined)) {
      const id = this.id(name);
      if (!this.lowered.has(id)) this.lowered.set(id, this.lower(set, types, uncertainty));
      return { kind: 'in-set', set: id, keys };
    }
    if (uncertainty !== undefined || set.elements.length > inlineLimit) return question(text);
    return or(
      ...set.elements.flatMap(({ element, source }) => {
        const outer = context.source;
        context.source = source;
        const matches = flattenKey(element.key).map((part) => tupleMatch(key, part, context));
        context.source = outer;
        const lasting = element.timeout === undefined && !set.syntax.timeout;
        return lasting
          ? matches
          : matches.map((match) => and(match, question(`an element of @${name} has not timed out`)));
      }),
    );
  }

  /** Lowers the sets that no rule asked for, so that what nft refuses in them is told. */
  lowerAll(context: LoweringContext): void {
    for (const [name, set] of this.table.sets) {
      const id = this.id(name);
      if (set.syntax.key === undefined) continue;
      const types = typesOf(set.syntax.key, context.family);
      this.check(set, types);
      if (set.syntax.kind !== 'set' || this.lowered.has(id)) continue;
      if (types.every((type) => type !== undefined && type.form !== 'opaque'))
        this.lowered.set(id, this.lower(set, types as DataType[], this.uncertainty(set)));
    }
  }

  /** What nft refuses of a set's elements, whatever their type. */
  private check(set: SetState, types: readonly (DataType | undefined)[]): void {
    const parts = types.length;
    const { syntax } = set;
    const interval = syntax.flags.includes('interval');
    const dataType = syntax.data?.parts.length === 1 ? typesOf(syntax.data, this.table.family)[0] : undefined;
    for (const { element, source } of set.elements) {
      const { key, data } = element;
      const refuse = (message: string): void => {
        this.reporter.refuse(message, { source, start: key.at, end: key.at + 1 });
      };
      if (key.kind === 'anything' || key.kind === 'set' || key.kind === 'variable') continue;
      const pieces = key.kind === 'concat' ? key.of : [key];
      if (pieces.length !== parts)
        refuse(`read "${printExpression(key)}", expected ${parts} part${parts === 1 ? '' : 's'}`);
      else if (!interval && pieces.some((piece) => piece.kind === 'range' || isShortPrefix(piece)))
        refuse(`a range needs "flags interval" in ${syntax.kind} "${syntax.name}"`);
      if (syntax.kind === 'map' && data === undefined) refuse('an element of a map needs ": value"');
      if (dataType === dataTypes.classid && data?.kind === 'ipv6')
        refuse(`read "${data.text}", expected a traffic class`);
      if (data !== undefined && dataType?.form === 'address' && data.kind !== 'set') {
        const constant = readConstant(data, dataType);
        if (constant instanceof ConstantError) refuse(constant.message);
      }
    }
    this.checkConflicts(set, types, dataType);
    for (const type of [...(syntax.key?.parts ?? []), ...(syntax.data?.parts ?? [])]) {
      if (typeof type !== 'string') {
        if (
          type.kind === 'ct' &&
          selectorOf(type, this.table.family)?.kind === 'unknown' &&
          !knownType(type, this.table.family)
        )
          this.reporter.refuse(
            `read "${printExpression(type)}", expected something that can be loaded`,
            syntax.span,
          );
      } else if (dataTypeNamed(type) === undefined)
        this.reporter.refuse(`read type "${type}", expected one that nft knows`, syntax.span);
    }
  }

  private checkConflicts(
    { syntax, elements }: SetState,
    types: readonly (DataType | undefined)[],
    dataType: DataType | undefined,
  ): void {
    // Only sets of one part are merged.
    const merges = syntax.autoMerge && types.length === 1;
    const overlaps = syntax.flags.includes('interval') && !merges;
    if (syntax.kind === 'set' && !overlaps) return;
    const all = elements.flatMap(({ element, source }) =>
      mapElements([element]).map((one) => ({ ...one, source })),
    );
    const conflict = conflictOf(all, { types, dataType, overlaps });
    if (conflict === undefined) return;
    const { key, source } = conflict[1];
    const merging = syntax.kind === 'set' && types.length === 1;
    this.reporter.refuse(conflictMessage(conflict, merging), { source, start: key.at, end: key.at + 1 });
  }

  private id(name: string): string {
    return `nft/${this.table.family}/${this.table.name}/${name}`;
  }

  sayUncertain(set: SetState, uncertainty: string): void {
    this.reporter.add(
      'FW1206',
      'note',
      `${set.syntax.kind} "${set.syntax.name}": ${uncertainty}`,
      set.syntax.span,
    );
  }

  /** The declared types of the key's parts, or, where the set does not tell, those of what is looked up. */
  private keyTypes(set: SetState, key: readonly Selector[]): DataType[] {
    const declared = set.syntax.key === undefined ? [] : typesOf(set.syntax.key, this.table.family);
    return key.map((selector, i) => declared[i] ?? selector.type);
  }

  /** Refuses a key that rules add, update or delete, and that is none of the set's; undefined: a part that is written out. */
  checkKey(name: string, key: readonly (Selector | undefined)[], at: number, context: LoweringContext): void {
    const set = this.find(name);
    if (set?.syntax.key === undefined) return;
    const types = typesOf(set.syntax.key, this.table.family);
    const holds = types.map((type) => type?.name ?? 'anything').join(' . ');
    if (types.length !== key.length)
      context.refuse(`@${name} holds ${holds}, and a key of ${key.length} parts is added to it`, at);
    else if (key.some((part, i) => part !== undefined && conflict(types[i], part.type)))
      context.refuse(
        `@${name} holds ${holds}, and ${key.map((part) => part?.type.name ?? 'a value').join(' . ')} is added to it`,
        at,
      );
  }

  private lower(set: SetState, types: readonly DataType[], uncertainty: string | undefined): NamedSet {
    const elements: SetElement[] = [];
    for (const { element, source } of set.elements) {
      const certain = element.timeout === undefined && !set.syntax.timeout;
      for (const key of flattenKey(element.key))
        elements.push({ parts: this.parts(key, types, source), certain });
    }
    return {
      name: set.syntax.name,
      type:
        set.syntax.key === undefined ? types.map((type) => type.name).join(' . ') : typeText(set.syntax.key),
      span: set.syntax.span,
      dimensions: types.length,
      elements,
      closed: uncertainty === undefined,
      ...(uncertainty === undefined
        ? set.syntax.timeout || elements.some((element) => !element.certain)
          ? { uncertainty: `elements of @${set.syntax.name} may have timed out` }
          : {}
        : { uncertainty }),
    };
  }

  private parts(key: Expression, types: readonly DataType[], source: number): SetPart[] {
    if (key.kind === 'anything') return types.map(() => ({ kind: 'any' }));
    const values = key.kind === 'concat' ? key.of : [key];
    if (values.length !== types.length) {
      this.reporter.refuse(`read "${printExpression(key)}", expected ${types.length} parts`, {
        source,
        start: key.at,
        end: key.at + 1,
      });
    }
    return types.map((type, i) => {
      const value = values[i];
      if (value === undefined)
        return { kind: 'unknown', key: 'missing part', reason: 'a part of the element is missing' };
      const constant = readConstant(value, type);
      if (constant instanceof ConstantError) {
        this.reporter.refuse(constant.message, { source, start: constant.at, end: constant.at + 1 });
        return { kind: 'unknown', key: printExpression(value), reason: printExpression(value) };
      }
      return setPart(constant, type);
    });
  }
}

/** Sets that other programs fill: fail2ban, CrowdSec. */
const managed = /^(?:f2b[-_]|addr6?-set-|crowdsec)/;

export function typesOf(syntax: TypeSyntax, family: string): (DataType | undefined)[] {
  return syntax.parts.map((part) =>
    typeof part === 'string' ? dataTypeNamed(part) : (selectorOf(part, family)?.type ?? undefined),
  );
}

export function typeText(syntax: TypeSyntax): string {
  return syntax.parts.map((part) => (typeof part === 'string' ? part : printExpression(part))).join(' . ');
}

/** How the model looks a selector up; undefined where it must be spelled out. */
function setKey(selector: Selector, type: DataType | undefined): SetKey | undefined {
  switch (selector.kind) {
    case 'address':
      return selector.and === undefined && selector.xor === undefined ? { field: selector.field } : undefined;
    case 'name':
      return { field: selector.field };
    case 'number': {
      if (selector.xor !== 0) return undefined;
      if (isIcmpType(type))
        return selector.shift === 8 && selector.width === 8 ? { field: selector.field } : undefined;
      if (selector.field === 'state')
        return type === dataTypes.ct_state && selector.shift === 0 ? { field: 'state' } : undefined;
      const plain =
        selector.shift === 0 &&
        selector.and === (2 ** selector.width - 1) >>> 0 &&
        selector.field !== 'destinationTranslated';
      return plain && !(selector.field === 'sourcePort' && selector.width === 8)
        ? { field: selector.field }
        : undefined;
    }
    default:
      return undefined;
  }
}

/** Two types that nft knows and that have nothing in common (evaluate.c, datatype_equal). */
function conflict(declared: DataType | undefined, asked: DataType): boolean {
  if (declared === undefined || declared.name === asked.name) return false;
  const free = (type: DataType): boolean =>
    type.form === 'opaque' || type.name === 'integer' || type.form === 'name';
  return !free(declared) && !free(asked) && declared.bits !== asked.bits;
}

/** A prefix of full length is a plain value. */
function isShortPrefix(expression: Expression): boolean {
  if (expression.kind !== 'prefix' || expression.length.kind !== 'number') return false;
  return Number(expression.length.text) < (expression.value.kind === 'ipv6' ? 128 : 32);
}

function knownType(expression: Expression, family: string): boolean {
  const selector = selectorOf(expression, family);
  return selector !== undefined && (selector.kind !== 'unknown' || selector.known);
}

function isIcmpType(type: DataType | undefined): boolean {
  return type === dataTypes.icmp_type || type === dataTypes.icmpv6_type || type === dataTypes.igmp_type;
}

function setPart(constant: Constant, type: DataType): SetPart {
  switch (constant.kind) {
    case 'address':
      return { kind: 'address', family: constant.family, range: constant.range };
    case 'name':
      return { kind: 'name', name: constant.name, prefix: constant.prefix };
    case 'anything':
      return { kind: 'any' };
    case 'unresolved':
      return { kind: 'unknown', key: constant.text, reason: `${constant.text} is resolved by the host` };
    case 'number': {
      if (isIcmpType(type)) return { kind: 'number', values: [constant.from * 256, constant.to * 256 + 255] };
      if (type === dataTypes.ct_state) {
        const index = stateBits.indexOf(constant.from);
        return index < 0 ? { kind: 'number', values: [7, 7] } : { kind: 'number', values: [index, index] };
      }
      return { kind: 'number', values: [constant.from, constant.to] };
    }
  }
}

/** Elements of a map, with nested sets taken apart. */
export function mapElements(elements: readonly SetElementSyntax[]): SetElementSyntax[] {
  return elements.flatMap((element) =>
    element.key.kind === 'set' && element.data === undefined
      ? mapElements(element.key.elements)
      : flattenKey(element.key).map((key) => ({ ...element, key })),
  );
}
