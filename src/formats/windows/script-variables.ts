import { keyOf, listOf, unknownValue, type ScriptValue, type Variables } from './script-values.ts';

/** PowerShell's own table of values for parameters that a command is not given. */
export const defaultParameters = 'psdefaultparametervalues';

/** What the variables of a script hold as it runs. What could not be followed is unknown from then on. */
export class ScriptVariables implements Variables {
  private values = new Map<string, ScriptValue>();
  /** Changed in functions, so that every call of one may change them. */
  private readonly unsteady = new Set<string>();
  private isWild = false;

  get(name: string): ScriptValue | undefined {
    const plain = withoutScope(name);
    return this.isWild || this.unsteady.has(plain) ? unknownValue : this.values.get(plain);
  }

  set(name: string, value: ScriptValue): void {
    const plain = withoutScope(name);
    this.values.set(plain, value);
    // Of a script that runs in the console itself, both are the same.
    const twin = plain.startsWith('global:') ? plain.slice(7) : `global:${plain}`;
    if (this.values.has(twin)) this.values.set(twin, unknownValue);
  }

  forget(name: string): void {
    this.set(name, unknownValue);
  }

  forgetAll(): void {
    for (const [name, value] of this.values) {
      if (value.kind === 'hash') value.forget();
      this.values.set(name, unknownValue);
    }
  }

  /** `$rule.LocalPort = 80`, `$ports[0] = 80`; an unknown value also stands for one that may be or not be. */
  setMember(name: string, path: string, value: ScriptValue): void {
    const whole = this.get(name);
    const key = keyOf(path);
    if (whole?.kind === 'hash') {
      if (key === undefined) whole.forget();
      else whole.set(key, value);
    } else if (whole?.kind === 'texts') {
      const index = Number(key);
      const known = key !== undefined && value.kind === 'texts' && value.texts.length === 1;
      const changed =
        known && whole.type === 'list' && index >= 0 && index < whole.texts.length
          ? listOf(whole.texts.with(index, value.texts[0]!))
          : unknownValue;
      // Variables that hold the same list see the change, too.
      for (const [other, held] of this.values) if (held === whole) this.values.set(other, changed);
    } else this.loosen();
  }

  removeMember(name: string, key: string, isSure: boolean): void {
    const whole = this.get(name);
    if (whole?.kind !== 'hash') this.changeInside(name);
    else if (isSure) whole.delete(key);
    else if (whole.entries?.has(key.toLowerCase()) === true) whole.set(key, unknownValue);
  }

  /** Something in it is changed, and only a run could tell what. */
  changeInside(name: string): void {
    const whole = this.get(name);
    if (whole?.kind === 'hash') whole.forget();
    else {
      if (whole?.kind === 'texts') this.forget(name);
      this.loosen();
    }
  }

  /** A table is changed, and any that was handed on may be it. */
  private loosen(): void {
    for (const value of this.values.values()) if (value.kind === 'hash' && value.isShared) value.forget();
  }

  /** Each call of a function may change it, whenever that is. */
  unsettle(name: string): void {
    const whole = this.get(name);
    if (whole?.kind === 'hash') whole.forget();
    this.unsteady.add(withoutScope(name));
  }

  unsettleAll(): void {
    this.isWild = true;
  }

  /** Runs what has variables of its own; of those outside it knows only the ones that `sees` says. */
  inside(sees: (name: string) => boolean, run: () => void): void {
    const outside = this.values;
    this.values = new Map([...outside].map(([name, value]) => [name, sees(name) ? value : unknownValue]));
    run();
    this.values = outside;
  }
}

/** All but `global:`, `env:` and the like name the variable of the script. */
export function withoutScope(name: string): string {
  return !name.includes(':') ? name : name.replace(/^(?:script|local|private|using|variable):/, '');
}
