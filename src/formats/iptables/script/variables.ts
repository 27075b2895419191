import type { ShellAssignment } from '../../../../grammars/iptables/shell-syntax.ts';
import type { Match } from '../../../model/match.ts';
import { unresolvedMark } from '../lowering.ts';
import { expandFields, expandJoined, type Scope } from './expand.ts';

/** The variables of a script as it runs. */
export class Variables {
  readonly scope: Scope;
  private readonly given: ReadonlyMap<string, string>;
  private readonly conditions: readonly Match[];

  /** `given` are those that come from outside. */
  constructor(given: ReadonlyMap<string, string>, conditions: readonly Match[]) {
    this.given = given;
    this.conditions = conditions;
    this.scope = { variables: this.fromOutside(), positional: undefined };
  }

  private fromOutside(): Map<string, readonly string[]> {
    return new Map([...this.given].map(([name, value]) => [name, [value]]));
  }

  assign(assignment: ShellAssignment): void {
    const { name } = assignment;
    const values = assignment.array
      ? assignment.values.flatMap((word) => expandFields(word, this.scope))
      : assignment.values.map((word) => expandJoined(word, this.scope));
    const old = this.scope.variables.get(name);
    const value = !assignment.append
      ? values
      : assignment.array
        ? [...(old ?? []), ...values]
        : [(old ?? []).join(' ') + values.join(' ')];
    this.set(name, value);
  }

  set(name: string, value: readonly string[]): void {
    const old = this.scope.variables.get(name);
    const changes = old !== undefined && old.join('\n') !== value.join('\n');
    // Under a condition the old value may still hold.
    if (this.conditions.length > 0 && changes) this.scope.variables.set(name, [`${unresolvedMark}$${name}`]);
    else this.scope.variables.set(name, value);
  }

  /**
   * Acts in a shell below this one, whose variables are gone when it ends. A shell that is another program (`positional`) has only what
   * was exported; which that is, is not followed, so it knows what comes from outside.
   */
  below<T>(positional: readonly string[] | undefined, act: () => T): T {
    const outer = { ...this.scope };
    this.scope.variables = positional === undefined ? new Map(outer.variables) : this.fromOutside();
    if (positional !== undefined) this.scope.positional = positional;
    const result = act();
    Object.assign(this.scope, outer);
    return result;
  }
}
