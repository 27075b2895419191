import type { Span } from '../../src/source/source.ts';
import { commandOffsets } from './json-positions.ts';
import { JsonStatements } from './json-statements.ts';
import { get, JsonRefusal, list, text, wrapped } from './json-value.ts';
import { printRule } from './print-rule.ts';
import type {
  ChainItem,
  Command,
  Expression,
  NftablesSyntax,
  RuleSyntax,
  SetSyntax,
  SyntaxProblem,
  TableReference,
  TypeSyntax,
} from './syntax.ts';

/** What JSON says, and whether it is a script: some command was wrapped in `add`, `delete` … */
export interface NftablesJson extends NftablesSyntax {
  readonly isScript: boolean;
}

const operations: ReadonlySet<string> = new Set(
  'add create insert replace delete destroy flush rename list reset'.split(' '),
);

/** Reads libnftables JSON. Never throws; a command that cannot be read is among the problems, the others are read. */
export function parseNftablesJson(source: number, json: string): NftablesJson {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json.replace(/^\uFEFF/, ''));
  } catch (error) {
    const at = Number(/position (\d+)/.exec((error as Error).message)?.[1] ?? 0);
    return {
      commands: [],
      problems: [
        { span: { source, start: at, end: at + 1 }, message: `this is no JSON: ${(error as Error).message}` },
      ],
      isScript: false,
    };
  }
  const reader = new JsonCommands(source);
  const offsets = commandOffsets(json);
  list(get(parsed, 'nftables')).forEach((entry, i) => {
    const [start, end] = offsets[i] ?? [0, 1];
    reader.command(entry, { source, start, end });
  });
  return reader;
}

class JsonCommands implements NftablesJson {
  readonly commands: Command[] = [];
  readonly problems: SyntaxProblem[] = [];
  isScript = false;
  readonly source: number;

  constructor(source: number) {
    this.source = source;
  }

  command(entry: unknown, span: Span): void {
    const outer = wrapped(entry);
    if (outer === undefined) {
      this.problems.push({ span, message: 'a command or an object was expected' });
      return;
    }
    if (outer.kind === 'metainfo') return;
    let operation = 'add';
    let object = outer;
    if (operations.has(outer.kind)) {
      this.isScript = true;
      operation = outer.kind;
      const inner = wrapped(outer.body);
      if (inner === undefined) {
        this.problems.push({ span, message: `"${operation}" needs an object` });
        return;
      }
      object = inner;
    }
    try {
      const command = this.read(operation, object.kind, object.body, span);
      if (command !== undefined) this.commands.push(command);
    } catch (error) {
      if (!(error instanceof JsonRefusal)) throw error;
      this.problems.push({ span, message: error.message });
      this.commands.push({ kind: 'broken', text: object.kind, span });
    }
  }

  private read(operation: string, kind: string, body: unknown, span: Span): Command | undefined {
    if (operation === 'list' || operation === 'reset')
      return { kind: 'query', text: `${operation} ${kind}`, span };
    const family = text(get(body, 'family')) ?? 'ip';
    const name = text(get(body, 'name')) ?? '';
    const handle = numberIn(body, 'handle');
    const at: TableReference = { family, table: text(get(body, 'table')) ?? '' };
    switch (kind) {
      case 'ruleset': {
        const only = text(get(body, 'family'));
        return operation === 'flush'
          ? { kind: 'flush-ruleset', ...(only === undefined ? {} : { family: only }), span }
          : undefined;
      }
      case 'table': {
        const flags = list(get(body, 'flags')).map(String);
        return {
          kind: 'table',
          operation,
          at: { family, table: name },
          ...(handle === undefined ? {} : { handle }),
          items: flags.length === 0 ? [] : [{ kind: 'flags', flags, span }],
          span,
        };
      }
      case 'chain': {
        const newName = text(get(body, 'newname'));
        return {
          kind: 'chain',
          operation,
          at,
          chain: {
            kind: 'chain',
            name,
            items: chainItems(body, span),
            ...(handle === undefined ? {} : { handle }),
            span,
          },
          ...(newName === undefined ? {} : { newName }),
          span,
        };
      }
      case 'rule':
        return this.rule(operation, at, body, span);
      case 'set':
      case 'map':
        return { kind: 'set', operation, at, set: setOf(kind, name, body, span), span };
      case 'element': {
        const { expressions } = new JsonStatements(span);
        return {
          kind: 'element',
          operation,
          at,
          set: name,
          elements: list(get(body, 'elem')).map((element) => expressions.element(element)),
          span,
        };
      }
      case 'counter':
      case 'quota':
      case 'limit':
      case 'secmark':
      case 'synproxy':
      case 'flowtable':
      case 'ct helper':
      case 'ct timeout':
      case 'ct expectation':
      case 'tunnel':
        return {
          kind: 'object',
          operation,
          at,
          object: { kind: 'object', type: kind, name, text: `${kind} ${name}`, span },
          span,
        };
      default:
        throw new JsonRefusal(`read "${kind}", expected "table", "chain", "rule", "set" or another object`);
    }
  }

  private rule(operation: string, at: TableReference, body: unknown, span: Span): Command {
    const chain = text(get(body, 'chain')) ?? '';
    const handle = numberIn(body, 'handle');
    const index = numberIn(body, 'index');
    const asPosition = operation !== 'add' || this.isScript;
    const position =
      index !== undefined
        ? ({ by: 'index', value: index } as const)
        : handle !== undefined && asPosition
          ? ({ by: 'handle', value: handle } as const)
          : undefined;
    const comment = text(get(body, 'comment'));
    const statements = new JsonStatements(span);
    const wantsRule = operation !== 'delete' && operation !== 'destroy';
    let broken = false;
    const read = !wantsRule
      ? []
      : list(get(body, 'expr')).map((statement) => {
          try {
            return statements.read(statement);
          } catch (error) {
            if (!(error instanceof JsonRefusal)) throw error;
            this.problems.push({ span, message: error.message });
            broken = true;
            return { kind: 'unknown', text: JSON.stringify(statement), at: span.start } as const;
          }
        });
    const rule: RuleSyntax = {
      kind: 'rule',
      span,
      statements: read,
      variables: false,
      label: printRule(read),
      ...(comment === undefined ? {} : { comment }),
      ...(handle === undefined ? {} : { handle }),
      ...(broken ? { broken } : {}),
    };
    return {
      kind: 'rule',
      operation,
      at,
      chain,
      ...(position === undefined ? {} : { position }),
      ...(wantsRule ? { rule } : {}),
      span,
    };
  }
}

function numberIn(body: unknown, key: string): number | undefined {
  const value = get(body, key);
  return typeof value === 'number' ? value : undefined;
}

function chainItems(body: unknown, span: Span): ChainItem[] {
  const type = text(get(body, 'type'));
  const hook = text(get(body, 'hook'));
  if (type === undefined || hook === undefined) return [];
  const priority = get(body, 'prio');
  const policy = text(get(body, 'policy'));
  const devices = list(get(body, 'dev'));
  const items: ChainItem[] = [
    {
      kind: 'hook',
      type,
      hook,
      devices: devices.map((device) => ({ kind: 'string', text: String(device), at: span.start })),
      ...(devices.length === 0 ? { hidesDevices: true } : {}),
      priority:
        typeof priority === 'number'
          ? { offset: priority }
          : { base: { kind: 'word', text: text(priority) ?? '0', at: span.start }, offset: 0 },
      span,
    },
  ];
  if (policy !== undefined)
    items.push({ kind: 'policy', policy: { kind: 'word', text: policy, at: span.start }, span });
  return items;
}

function setOf(kind: 'set' | 'map', name: string, body: unknown, span: Span): SetSyntax {
  const { expressions } = new JsonStatements(span);
  const typeOf = (value: unknown): TypeSyntax | undefined => {
    if (value === undefined) return undefined;
    const inner = get(value, 'typeof');
    const parts = list(inner ?? value);
    if (parts.length === 0) throw new JsonRefusal(`the type of ${kind} "${name}" is empty`);
    return {
      parts: parts.flatMap((part): readonly (string | Expression)[] => {
        if (typeof part === 'string') return part.split(' . ');
        const expression = expressions.read(part);
        return expression.kind === 'concat' ? expression.of : [expression];
      }),
    };
  };
  const key = typeOf(get(body, 'type'));
  const data = kind === 'map' ? typeOf(get(body, 'map')) : undefined;
  const elements = get(body, 'elem');
  const timeout = get(body, 'timeout');
  const handle = numberIn(body, 'handle');
  return {
    kind,
    name,
    ...(key === undefined ? {} : { key }),
    ...(data === undefined ? {} : { data }),
    flags: list(get(body, 'flags')).map(String),
    timeout: typeof timeout === 'number' && timeout > 0,
    autoMerge: get(body, 'auto-merge') === true,
    listed: elements !== undefined,
    elements: list(elements).map((element) => expressions.element(element)),
    ...(handle === undefined ? {} : { handle }),
    span,
  };
}
