import type { ShellAssignment } from '../../../../grammars/iptables/shell-syntax.ts';
import { isUnresolved, unresolved } from '../lowering.ts';
import { arithmetic, expandFields, expandJoined, type Scope } from './expand.ts';

type Value = readonly string[] | undefined;

/** Values beyond this are not kept: in a loop they may grow without bounds. */
const longestValue = 100_000;
const mostValues = 20_000;

/** The variables of a script as it runs. */
export class Variables {
  readonly scope: Scope;
  private readonly given: ReadonlyMap<string, string>;
  /** For each condition that commands run under, what variables held before it. */
  private readonly before: Map<string, Value>[] = [];
  /** For each function that runs, what the variables that it calls its own hold outside. */
  private readonly outside: Map<string, Value>[] = [];

  /** `given` are those that come from outside. */
  constructor(given: ReadonlyMap<string, string>) {
    this.given = given;
    this.scope = {
      variables: this.fromOutside(),
      indices: new Map(),
      positional: undefined,
      assign: (name, value) => {
        this.set(name, [value]);
      },
    };
  }

  private fromOutside(): Map<string, readonly string[]> {
    return new Map([...this.given].map(([name, value]) => [name, [value]]));
  }

  assign(assignment: ShellAssignment): void {
    const { name } = assignment;
    const old = this.scope.variables.get(name);
    if (assignment.array) {
      this.array(assignment, assignment.append ? old : undefined);
      return;
    }
    const value = assignment.values.map((word) => expandJoined(word, this.scope)).join(' ');
    if (assignment.index !== undefined) this.element(name, assignment.index, value);
    else this.set(name, [(assignment.append ? (old ?? []).join(' ') : '') + value]);
  }

  /** `name=(…)`, whose words may be `[index]=value`. */
  private array({ name, values }: ShellAssignment, old: Value): void {
    const words = values.map((word) => expandFields(word, this.scope));
    const indexed = words.map(([first = '']) => /^\[([^\]]*)\]=([^]*)$/.exec(first));
    if (words.length > 0 && indexed.every((found) => found !== null)) {
      const known = this.scope.indices.get(name);
      this.set(name, [...(old ?? []), ...indexed.map((found) => found[2] ?? '')]);
      this.scope.indices.set(name, [
        ...(old === undefined ? [] : (known ?? old.map((_, i) => String(i)))),
        ...indexed.map((found) => found[1] ?? ''),
      ]);
      return;
    }
    if (old === undefined && words.length > 0) this.scope.indices.delete(name);
    this.set(name, [...(old ?? []), ...words.flat()]);
  }

  /** `name[index]=value`. */
  private element(name: string, index: string, value: string): void {
    const old = this.scope.variables.get(name) ?? [];
    const key = this.scope.indices.has(name) ? index : arithmetic(index, this.scope)?.toString();
    const indices = this.scope.indices.get(name) ?? old.map((_, i) => String(i));
    if (key === undefined || isUnresolved(key)) {
      this.set(name, [unresolved(`$${name}`)]);
      return;
    }
    const at = indices.indexOf(key);
    if (at >= 0) this.set(name, old.with(at, value));
    else {
      this.set(name, [...old, value]);
      if (this.scope.indices.has(name) || key !== String(old.length))
        this.scope.indices.set(name, [...indices, key]);
    }
  }

  /** `declare -A`: the indices of the array are texts. */
  associative(name: string): void {
    if (!this.scope.indices.has(name)) this.scope.indices.set(name, []);
  }

  set(name: string, value: readonly string[]): void {
    const before = this.before.at(-1);
    if (before !== undefined && !before.has(name)) before.set(name, this.scope.variables.get(name));
    const length = value.reduce((sum, each) => sum + each.length, 0);
    const isKept = length <= longestValue && value.length <= mostValues;
    this.scope.variables.set(name, isKept ? value : [unresolved(`$${name}`)]);
  }

  /** `set -- …`: `shift` copies what is left, word after word. */
  setPositional(words: readonly string[]): void {
    this.scope.positional = words.length <= mostValues ? words : undefined;
  }

  /** Forgets a variable, whose value is not known from here on. */
  forget(name: string): void {
    this.set(name, [unresolved(`$${name}`)]);
    this.scope.variables.delete(name);
  }

  /** `local NAME`: what it holds outside the function comes back when that ends. */
  local(name: string): void {
    const frame = this.outside.at(-1);
    if (frame === undefined || frame.has(name)) return;
    frame.set(name, this.scope.variables.get(name));
    this.scope.variables.delete(name);
  }

  /** Acts as a function does, which may have variables of its own. */
  inFunction<T>(act: () => T): T {
    this.outside.push(new Map());
    const result = act();
    for (const [name, value] of this.outside.pop() ?? [])
      if (value === undefined) this.scope.variables.delete(name);
      else this.scope.variables.set(name, value);
    return result;
  }

  /** Acts under a condition. A variable that had a value and gets another may have either from then on. */
  perhaps<T>(act: () => T): T {
    this.before.push(new Map());
    const result = act();
    for (const [name, old] of this.before.pop() ?? []) {
      const now = this.scope.variables.get(name);
      this.before.at(-1)?.set(name, this.before.at(-1)?.get(name) ?? old);
      if (old !== undefined && now !== undefined && old.join('\n') !== now.join('\n'))
        this.scope.variables.set(name, [unresolved(`$${name}`)]);
    }
    return result;
  }

  /**
   * Acts in a shell below this one, whose variables are gone when it ends. A shell that is another program (`positional`) has only what
   * was exported; which that is, is not followed, so it knows what comes from outside.
   */
  below<T>(positional: readonly string[] | undefined, act: () => T): T {
    const { variables, indices, positional: words } = this.scope;
    this.scope.variables = positional === undefined ? new Map(variables) : this.fromOutside();
    this.scope.indices = new Map(indices);
    if (positional !== undefined) this.scope.positional = positional;
    const result = act();
    Object.assign(this.scope, { variables, indices, positional: words });
    return result;
  }
}
