import type { Command } from '../../../grammars/windows/netsh-commands.ts';

/** Words of PowerShell before a block that runs in any case. */
const sureBlock = /(?:^|[\s;{(&|}])(?:try|finally|begin|process|end|do)\s*$/i;

/** Which commands of a batch file (or PowerShell script) run whatever else happens. */
export class CommandFlow {
  private readonly text: string;
  /** One entry for each open bracket: whether what is in it runs under a condition. */
  private readonly open: boolean[] = [];
  private readonly sure: ReadonlySet<number>;
  private readonly skipped: readonly (readonly [number, number])[];
  private next = 0;
  private until = 0;
  private before: { readonly command: Command; readonly guarded: boolean } | undefined;

  /** `sure`: where brackets open whose block runs in any case. */
  constructor(text: string, commands: readonly Command[], sure: ReadonlySet<number> = new Set()) {
    this.text = text;
    this.sure = sure;
    this.skipped = jumps(text, commands);
  }

  /** What comes next stands in brackets that are open still. */
  get isInBlock(): boolean {
    return this.open.length > 0;
  }

  /** To be asked of each command in turn, those that are none of netsh, too. */
  isGuarded(command: Command): boolean {
    const { before } = this;
    const guarded =
      this.open.some((one) => one) ||
      (command.after !== undefined && !isSure(command.after, before)) ||
      command.start < this.skippedUntil(command.start);
    this.follow(command, guarded);
    this.before = { command, guarded };
    return guarded;
  }

  /** The end of all ranges that have begun at `start`; asked in ascending order. */
  private skippedUntil(start: number): number {
    for (let range = this.skipped[this.next]; range !== undefined && range[0] <= start;) {
      this.until = Math.max(this.until, range[1]);
      range = this.skipped[++this.next];
    }
    return this.until;
  }

  /** Brackets outside quotes. Those of a word (`name=Web(1)`) close what they open. */
  private follow({ start, end }: Command, guarded: boolean): void {
    const written = this.text.slice(start, end);
    if (!/[(){}]/.test(written)) return;
    let quote = '';
    let blank = true;
    for (let i = 0; i < written.length; i++) {
      const c = written[i]!;
      if (quote !== '') {
        if (c === quote) quote = '';
      } else if (c === '"' || c === "'") quote = c;
      else if (c === ')' || c === '}') this.open.pop();
      else if (c === '(') this.open.push(guarded || !(blank || this.sure.has(start + i)));
      else if (c === '{')
        this.open.push(guarded || !this.isSureBlock(blank, written.slice(Math.max(0, i - 24), i)));
      if (!/[\s@&(]/.test(c)) blank = false;
    }
  }

  /** PowerShell may have the word that a block belongs to on the line before. */
  private isSureBlock(blank: boolean, head: string): boolean {
    return sureBlock.test(blank ? (this.before?.command.words.at(-1)?.text ?? '') : head);
  }
}

/** netsh is taken to do what it is told, and to find no rule (`show rule … || add rule …`) on a host without rules of its own. */
function isSure(
  after: '&&' | '||',
  before: { readonly command: Command; readonly guarded: boolean } | undefined,
): boolean {
  if (before === undefined || before.guarded) return false;
  const words = before.command.words.map(({ text }) => text.toLowerCase());
  if (!words.some((word) => /(?:^|[\\/@({&])netsh(?:\.exe)?$/.test(word))) return false;
  return (after === '||') === (words.includes('show') && words.includes('rule'));
}

/**
 * The ranges that a `goto` or `exit` of cmd.exe may leave out. A condition that only ends the script is none: the script is taken to run
 * to its end.
 */
function jumps(text: string, commands: readonly Command[]): readonly (readonly [number, number])[] {
  const leaving = commands.filter(({ words }) =>
    words.some((word) => /^[@(]*(?:goto\b|exit$)/i.test(word.text)),
  );
  if (leaving.length === 0) return [];
  const labels = new Map<string, number>();
  for (const found of text.matchAll(/^[ \t]*:([^\s:+,;=()]+)/gm))
    labels.set(found[1]!.toLowerCase(), found.index);
  const changes = commands.filter(({ words }) => words.some(({ text: word }) => /netsh/i.test(word)));
  const lastChange = changes.at(-1)?.start ?? -1;
  const ranges: (readonly [number, number])[] = [];
  let depth = 0;
  let counted = 0;
  for (const command of leaving) {
    for (const c of text
      .slice(counted, command.start)
      .replace(/"[^"\r\n]*"/g, '')
      .match(/[()]/g) ?? [])
      depth = Math.max(0, depth + (c === '(' ? 1 : -1));
    counted = command.start;
    const index = command.words.findIndex((word) => /^[@(]*(?:goto\b|exit$)/i.test(word.text));
    const first = command.words[index]!.text.replace(/^[@(]+/, '').toLowerCase();
    const target = first.startsWith('goto:')
      ? first.slice(5)
      : (command.words[index + 1]?.text ?? '').replace(/^:/, '').replace(/\)+$/, '').toLowerCase();
    const label = first === 'exit' || target === 'eof' ? undefined : labels.get(target);
    const ends = first === 'exit' || target === 'eof';
    const conditional = depth > 0 || index > 0 || command.after !== undefined;
    const to = label ?? text.length;
    // Backwards: what comes next runs once the loop is left.
    if (to < command.start) {
      if (!conditional) ranges.push([command.start, text.length]);
    } else if (!conditional) ranges.push([command.start, to]);
    else if (!ends && (label === undefined || lastChange >= label)) ranges.push([command.start, to]);
  }
  return ranges;
}
