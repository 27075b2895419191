import type { ShellRedirect, ShellStatement } from '../../../../grammars/iptables/shell-syntax.ts';
import { isUnresolved } from '../lowering.ts';
import type { Workbench } from '../workbench.ts';
import { expandFields, expandJoined } from './expand.ts';
import type { NftInput } from './nft-calls.ts';
import { programName, withoutPrefixes } from './prefixes.ts';
import { printedBy } from './printed.ts';
import type { ScriptFiles } from './script-files.ts';
import type { Simple, Status, ToolCalls } from './tool-calls.ts';
import type { Variables } from './variables.ts';

/** Characters; more is not kept. */
const mostPrinted = 20_000_000;

/** What stands before a command in its pipe. */
export interface Pipe {
  readonly from: readonly ShellStatement[];
  /** As it is written. */
  readonly text: string;
  /** What it prints, with the marks of what is not known in it. */
  readonly output: string | undefined;
}

/** What commands read and print: here-documents, pipes, and files that the script writes itself. */
export class Streams {
  /** What stands before the command in its pipe. */
  pipe: Pipe | undefined;
  /** What the commands print that run now, where that is asked for; undefined in it for something that is not known. */
  private output: { text: string | undefined; readonly conditions: number } | undefined;
  /** The standard input of the function that runs. */
  private given: readonly ShellRedirect[] = [];
  private readonly bench: Workbench;
  private readonly shell: { isFunction(name: string): boolean };
  private readonly variables: Variables;
  private readonly tools: ToolCalls;
  private readonly files: ScriptFiles;

  constructor(
    bench: Workbench,
    shell: { isFunction(name: string): boolean },
    variables: Variables,
    tools: ToolCalls,
    files: ScriptFiles,
  ) {
    this.bench = bench;
    this.shell = shell;
    this.variables = variables;
    this.tools = tools;
    this.files = files;
  }

  /** A command with what its function reads, if it reads nothing of its own. */
  withInput(statement: Simple): Simple {
    const reads = statement.redirects.some(isInput);
    return reads || this.given.length === 0
      ? statement
      : { ...statement, redirects: [...statement.redirects, ...this.given] };
  }

  /** Runs a function: what it reads is read by the commands in it. */
  inFunction(redirects: readonly ShellRedirect[], act: () => Status): Status {
    const outer = this.given;
    this.given = redirects.filter(isInput);
    const status = act();
    this.given = outer;
    return status;
  }

  /** `cat > FILE <<EOF` and `tee FILE <<EOF`; other commands write what is not followed. */
  writes(words: readonly string[], { redirects }: Simple): void {
    const outputs = redirects.filter(({ operator }) => /^(?:>|>>|>\||&>|&>>)$/.test(operator));
    const [program = '', ...args] = withoutPrefixes(words);
    const isTee = programName(program) === 'tee';
    const files = isTee
      ? args.filter((arg) => !arg.startsWith('-'))
      : outputs.map(({ target }) => expandJoined(target, this.variables.scope));
    if (files.length === 0) return;
    const input = lastInput(redirects);
    const isPlain =
      (isTee ? !args.includes('-a') : programName(program) === 'cat' && args.every((arg) => arg === '-')) &&
      outputs.every(({ operator }) => operator !== '>>') &&
      this.tools.isCertain();
    for (const file of files)
      if (!/^\/dev\//.test(file)) this.files.write(file, isPlain ? input?.body : undefined);
  }

  /** What a command reads from a here-document or from the command before it in a pipe, where the script tells. */
  inputOf({ redirects }: Pick<Simple, 'redirects'>): string | undefined {
    const last = lastInput(redirects);
    if (last?.operator === '<<<') {
      const text = expandJoined(last.target, this.variables.scope);
      return isUnresolved(text) ? undefined : text;
    }
    if (last !== undefined) return last.body === undefined ? undefined : this.tools.documentText(last.body);
    const text = this.pipe?.output;
    return text === undefined || isUnresolved(text) ? undefined : text;
  }

  /** Does something and tells what it prints. */
  printed(act: () => Status): { readonly status: Status; readonly text: string | undefined } {
    const outer = this.output;
    const output = { text: '' as string | undefined, conditions: this.tools.conditions() };
    this.output = output;
    const status = act();
    this.output = outer;
    return { status, text: output.text };
  }

  /** What a command prints goes to the pipe that it is in. */
  prints(words: readonly string[], statement: Simple): void {
    const { output } = this;
    if (output?.text === undefined || this.shell.isFunction(words[0] ?? '')) return;
    if (statement.redirects.some(({ operator }) => operator.startsWith('>') || operator.startsWith('&')))
      return;
    const text = printedBy(withoutPrefixes(words), () => this.textFor(statement));
    output.text =
      text === undefined ||
      (text !== '' && this.tools.conditions() > output.conditions) ||
      output.text.length > mostPrinted
        ? undefined
        : output.text + text;
  }

  /** What a command reads, where it stands in the script or is printed there, with the marks of what is not known in it. */
  textFor({ redirects }: Simple): string | undefined {
    const last = lastInput(redirects);
    if (last === undefined) return this.pipe?.output;
    if (last.operator === '<<<') return `${expandJoined(last.target, this.variables.scope)}\n`;
    return last.body === undefined ? undefined : this.tools.documentLines(last.body);
  }

  /** The same for nft, which may be given values that are not known. */
  nftInput(statement: Simple): NftInput | undefined {
    const last = lastInput(statement.redirects);
    const { scope } = this.variables;
    if (last?.operator === '<<<') return { kind: 'text', text: expandJoined(last.target, scope) };
    const body = last?.body;
    if (body !== undefined)
      return {
        kind: 'document',
        source: this.bench.source,
        body,
        line: (written) => this.tools.documentLine(written, body),
      };
    if (last?.operator === '<') return this.tools.fileFor(expandJoined(last.target, scope));
    const text = this.textFor(statement);
    if (text !== undefined) return { kind: 'text', text };
    // `cat FILE | nft -f -`
    const [writer, ...others] = this.pipe?.from ?? [];
    if (writer?.kind !== 'simple' || others.length > 0) return undefined;
    const [program = '', ...files] = writer.words.flatMap((word) => expandFields(word, scope));
    return programName(program) === 'cat' && files.length === 1 ? this.tools.fileFor(files[0]!) : undefined;
  }
}

function isInput({ operator }: ShellRedirect): boolean {
  return operator.startsWith('<');
}

/** The redirect that a command reads from: the last one counts. */
function lastInput(redirects: readonly ShellRedirect[]): ShellRedirect | undefined {
  return redirects.findLast(isInput);
}
