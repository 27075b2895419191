import type { Statement } from '../../../grammars/windows/powershell-script.ts';
import type { Source } from '../../source/source.ts';
import { assign, assignmentOf, callMethod, step } from './script-assignments.ts';
import { changesIn, type ScriptChanges } from './script-changes.ts';
import { pipelineOf, type ScriptCommand } from './script-commands.ts';
import { controlOf, joinControls, type Block, type Control, type Jump } from './script-control.ts';
import { ScriptCommands } from './script-commands-run.ts';
import { ScriptFirewall } from './script-firewall.ts';
import { testOf } from './script-test.ts';
import { expressionOf, texts, unknownValue, type ScriptValue } from './script-values.ts';
import { ScriptVariables, withoutScope } from './script-variables.ts';
import type { WindowsRule } from './windows-rule.ts';

/** A loop is followed as long as it stays this short. */
const longestLoop = 1000;
const mostSteps = 1_000_000;

/** `whole`: perhaps not at all, but if so, then all of it, with variables of its own; `part`: perhaps, or several times. */
export type Doubt = 'none' | 'whole' | 'part';

/** How a block was left: for certain before its end, or perhaps. */
export interface Outcome {
  readonly ended?: Jump | undefined;
  readonly perhaps?: Jump | undefined;
}

const done: Outcome = {};
const farther: readonly (Jump | undefined)[] = [undefined, 'continue', 'break', 'return', 'exit'];

function farthest(a: Jump | undefined, b: Jump | undefined): Jump | undefined {
  return farther.indexOf(a) > farther.indexOf(b) ? a : b;
}

/** Of a block that perhaps runs. A script is taken to run to its end, so a condition that ends it is none. */
function perhaps({ ended, perhaps: maybe }: Outcome): Outcome {
  return { perhaps: farthest(ended === 'exit' ? undefined : ended, maybe) };
}

/** Goes through a script from start to end, and through its loops turn by turn. */
export class ScriptRun {
  readonly firewall: ScriptFirewall;
  private readonly variables = new ScriptVariables();
  private readonly effects: ScriptCommands;
  /** How often each variable is set in the whole script. */
  private readonly settings = new Map<string, number>();
  private readonly changes = new WeakMap<Statement, ScriptChanges>();
  private steps = 0;
  private loops = 0;

  /** `netsh`: rules that netsh commands of the script make. */
  constructor(source: Source, netsh: readonly WindowsRule[]) {
    this.firewall = new ScriptFirewall(source, netsh);
    this.effects = new ScriptCommands(this.firewall, this.variables, this);
  }

  script(statements: Block): void {
    for (const name of changesIn(statements).set.map((one) => withoutScope(one)))
      this.settings.set(name, (this.settings.get(name) ?? 0) + 1);
    this.run(statements, 'none');
  }

  run(statements: Block, doubt: Doubt): Outcome {
    let maybe: Jump | undefined;
    let now = doubt;
    for (const statement of joinControls(statements)) {
      if (++this.steps > mostSteps) this.firewall.stop('the loops of the script take too long');
      if (this.firewall.isStopped) return { ended: 'exit' };
      const control = controlOf(statement);
      const outcome =
        control === undefined ? this.statement(statement, now) : this.control(control, statement, now);
      if (outcome.perhaps !== undefined && this.loops > 0) {
        maybe = farthest(maybe, outcome.perhaps);
        now = 'part';
      }
      if (outcome.ended !== undefined) return { ended: outcome.ended, perhaps: maybe };
    }
    return { perhaps: maybe };
  }

  private control(control: Control, statement: Statement, doubt: Doubt): Outcome {
    switch (control.kind) {
      case 'if':
        return this.branches(control.branches, doubt);
      case 'foreach':
        return this.each(control, doubt);
      case 'loop':
      case 'switch':
        return this.repeated(control, statement);
      case 'function':
        this.effects.functions.add(control.name);
        this.apart(control.bodies, control.parameters, false);
        return done;
      case 'param':
        for (const name of control.parameters) this.variables.forget(name);
        return done;
      case 'blocks': {
        let outcome = done;
        for (const block of control.sure) {
          const { ended, perhaps: maybe } = this.run(block, doubt);
          if (ended !== undefined) return { ended, perhaps: farthest(outcome.perhaps, maybe) };
          outcome = { perhaps: farthest(outcome.perhaps, maybe) };
        }
        for (const block of control.unsure) {
          const { perhaps: maybe } = perhaps(this.run(block, 'part'));
          outcome = { perhaps: farthest(outcome.perhaps, maybe) };
        }
        return outcome;
      }
      case 'end':
        this.commands(statement.slice(1), doubt);
        // `continue outer` ends the loop that it stands in, and perhaps more.
        return control.hasLabel ? { ended: 'break', perhaps: 'return' } : { ended: control.jump };
    }
  }

  private branches(branches: (Control & { kind: 'if' })['branches'], doubt: Doubt): Outcome {
    let sure = true;
    let maybe: Jump | undefined;
    for (const { test, body } of branches) {
      const holds = test === undefined ? true : testOf(test, this.variables, this.firewall);
      if (test !== undefined) this.head([test], sure ? doubt : 'part');
      if (holds === false) continue;
      const outcome = this.run(body, holds === true && sure ? doubt : 'part');
      if (holds === true && sure) return outcome;
      maybe = farthest(maybe, perhaps(outcome).perhaps);
      if (holds === true) break;
      sure = false;
    }
    return { perhaps: maybe };
  }

  /** Conditions and the like are commands, too, and may change variables. */
  private head(statements: Block, doubt: Doubt): void {
    for (const statement of statements) {
      this.forgetChangesOf(statement);
      this.commands(statement, doubt);
    }
  }

  private each({ variable, over, body }: Control & { kind: 'foreach' }, doubt: Doubt): Outcome {
    const list = expressionOf(over, this.variables);
    this.head([over], doubt);
    if (list.kind !== 'texts' || list.texts.length > longestLoop) {
      this.variables.forget(variable);
      return this.loop([body]);
    }
    let now = doubt;
    let maybe: Jump | undefined;
    for (const text of list.texts) {
      this.variables.set(variable, texts(text));
      this.loops++;
      const outcome = this.run(body, now);
      this.loops--;
      // Perhaps this turn was the last one.
      if (outcome.perhaps === 'break' || outcome.perhaps === 'return') now = 'part';
      if (outcome.perhaps === 'return') maybe = 'return';
      if (outcome.ended === 'break') break;
      if (outcome.ended === 'return' || outcome.ended === 'exit')
        return { ended: outcome.ended, perhaps: maybe };
    }
    if (now === 'part') this.variables.forget(variable);
    return { perhaps: maybe };
  }

  /** Blocks that run nobody knows how often: what they change is unknown from their start. */
  private loop(bodies: readonly Block[]): Outcome {
    let maybe: Jump | undefined;
    for (const body of bodies) {
      const changes = changesIn(body);
      if (changes.all) this.variables.forgetAll();
      this.forgetChanges(changes);
    }
    this.loops++;
    for (const body of bodies) maybe = farthest(maybe, perhaps(this.run(body, 'part')).perhaps);
    this.loops--;
    return { perhaps: maybe === 'return' ? 'return' : undefined };
  }

  private repeated(control: Control & { kind: 'loop' | 'switch' }, statement: Statement): Outcome {
    const heads = statement.flatMap((node) =>
      node.kind === 'group' && node.bracket === 'paren' ? node.statements : [],
    );
    this.head(heads, 'part');
    if (control.kind === 'loop') return this.loop(control.bodies);
    // Each clause is a block behind what it is for.
    const clauses = control.bodies.flat().flatMap((clause) => clause.filter((node) => node.kind === 'group'));
    this.variables.forget('_');
    return this.loop(clauses.flatMap((node) => (node.bracket === 'block' ? [node.statements] : [])));
  }

  /** What runs later, elsewhere or several times, with variables of its own. `isHere`: it may be that they are those outside. */
  apart(bodies: readonly Block[], parameters: readonly string[], isHere: boolean): void {
    const changes = changesIn(bodies.flat());
    const own = new Set([...parameters, ...changes.set].map((name) => withoutScope(name)));
    for (const name of changes.set) if (/^(?:script|global):/.test(name)) this.variables.unsettle(name);
    for (const name of changes.inside)
      if (isHere || !own.has(withoutScope(name))) this.variables.unsettle(name);
    if (changes.allOutside) this.variables.unsettleAll();
    const { loops } = this;
    this.loops = 0;
    // When it runs, nobody knows: only what is set once and for all is what it is now.
    const isSeen = (name: string): boolean => !own.has(name) && (this.settings.get(name) ?? 0) <= 1;
    this.variables.inside(isSeen, () => {
      for (const body of bodies) this.run(body, 'whole');
    });
    this.loops = loops;
    if (!isHere) return;
    for (const name of changes.set) this.variables.forget(name);
    if (changes.all) this.variables.forgetAll();
  }

  /** For each of the known values; undefined: nobody knows how many. */
  forEachOf(values: readonly string[] | undefined, blocks: readonly Block[], doubt: Doubt): void {
    const before = this.variables.get('_') ?? unknownValue;
    if (values === undefined || values.length > longestLoop) {
      this.variables.forget('_');
      this.loop(blocks);
    } else {
      for (const text of values) {
        this.variables.set('_', texts(text));
        for (const block of blocks) this.run(block, doubt);
      }
    }
    this.variables.set('_', before);
  }

  private statement(statement: Statement, doubt: Doubt): Outcome {
    const isSure = doubt !== 'part';
    if (step(statement, this.variables, isSure) || callMethod(statement, this.variables, isSure)) return done;
    const assignment = assignmentOf(statement);
    this.forgetChangesOf(assignment === undefined ? statement : assignment.given);
    if (assignment === undefined) {
      this.commands(statement, doubt);
      return done;
    }
    const value = this.given(assignment.given);
    assign(assignment, this.variables, isSure, value);
    return value.kind === 'unknown' ? this.run([assignment.given], doubt) : done;
  }

  private given(nodes: Statement): ScriptValue {
    const value = expressionOf(nodes, this.variables);
    if (value.kind !== 'unknown') return value;
    const [command, ...more] = pipelineOf(nodes, this.variables);
    if (command?.name !== 'get-netfirewallrule' || more.length > 0) return value;
    const { parameters, rest } = command;
    return { kind: 'found', parameters, rest, exists: this.firewall.anyOf(command) };
  }

  /** But for those in blocks, which are looked at when they run. */
  private forgetChangesOf(statement: Statement): void {
    let changes = this.changes.get(statement);
    if (changes === undefined) {
      changes = changesIn([statement.filter((node) => node.kind !== 'group' || node.bracket !== 'block')]);
      this.changes.set(statement, changes);
    }
    this.forgetChanges(changes);
  }

  private forgetChanges({ set, inside }: ScriptChanges): void {
    for (const name of set) this.variables.forget(name);
    for (const name of inside) this.variables.changeInside(name);
  }

  private commands(nodes: Statement, doubt: Doubt): void {
    if (nodes.length === 0) return;
    for (const node of nodes)
      if (node.kind === 'group' && (node.bracket === 'paren' || node.bracket === 'array'))
        this.run(node.statements, doubt);
    let before: ScriptCommand | undefined;
    for (const command of pipelineOf(nodes, this.variables)) {
      const isPiped = command.joint === '|';
      this.effects.command(
        command,
        isPiped ? before : undefined,
        command.joint === undefined || isPiped ? doubt : 'part',
      );
      before = command;
    }
  }
}
