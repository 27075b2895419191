import { LiteralTest, type LiteralTests } from './literal-tests.ts';
import { isLiteral } from './literals.ts';
import { counted, type PlainRules } from './plain-rules.ts';
import {
  afterBlanks,
  beginningOfRule,
  endOfCounter,
  endOfDigits,
  endOfRun,
  endsRule,
  endsRun,
  mayBeLiteral,
} from './rule-text.ts';
import { type RulePlaces, RuleShape } from './shaped-rule.ts';
import type { Statement } from './syntax.ts';

/** So many words behind the same ones are tried one after the other; more are looked up. */
const fewWords = 8;
/** With more shapes than this all are forgotten, since memory is not for rules that are each of a kind of their own. */
const mostShapes = 2048;

/** What has been read of a rule: which words came behind it in others, and what may differ there. */
class State {
  readonly words: string[] = [];
  readonly states: State[] = [];
  more: Map<string, State> | undefined = undefined;
  /** A literal may stand here, at the end of one of these. */
  tests: LiteralTests | undefined = undefined;
  behindLiteral: State | undefined = undefined;
  behindComment: State | undefined = undefined;
  /** Behind a string that is logged in front of the packet. */
  behindPrefix: State | undefined = undefined;
  /** Behind a counter with its numbers. */
  behindCounter: State | undefined = undefined;
  /** Of rules that end here. */
  shape: RuleShape | undefined = undefined;

  /** The state behind a word. */
  behind(word: string): State {
    const at = this.words.indexOf(word);
    let state = at < 0 ? this.more?.get(word) : this.states[at];
    if (state !== undefined) return state;
    state = new State();
    if (this.words.length < fewWords) {
      this.words.push(word);
      this.states.push(state);
    } else (this.more ??= new Map<string, State>()).set(word, state);
    return state;
  }
}

/**
 * Rules of one text that are like one before them but for what `RuleShape` leaves open. The way through the words of a rule that
 * `PlainRules` has read is remembered. What it makes of a word hangs on the words before, on a literal only in so far as it is one, and
 * on the word behind; so a rule that goes the same way to its end is read as that rule was, and only its literals are looked at.
 */
export class RuleShapes {
  /** Where the last word of the rule ends that `read` has read, and where the token behind it begins. */
  end = 0;
  stop = 0;
  private readonly text: string;
  private readonly places: RulePlaces;
  private root = new State();
  private shapes = 0;

  constructor(text: string, places: RulePlaces) {
    this.text = text;
    this.places = places;
  }

  /** Reads the rule that begins at the offset, or behind separators there, and leaves its literals in the places. */
  read(offset: number): RuleShape | undefined {
    const { text, places } = this;
    let at = beginningOfRule(text, offset);
    let state = this.root;
    let end = at;
    places.begin(at);
    for (;;) {
      const c = text.charCodeAt(at);
      if (endsRule(c)) break;
      let next: State | undefined;
      if (state.tests !== undefined && mayBeLiteral(c)) {
        end = endOfLiteral(text, at);
        if (end >= 0) {
          places.note(at, end);
          next = state.behindLiteral;
        }
      } else if (c === 34 && (state.behindComment !== undefined || state.behindPrefix !== undefined)) {
        end = text.indexOf('"', at + 1) + 1;
        if (end === 0 || !endsRun(text.charCodeAt(end))) return undefined;
        if (state.behindComment !== undefined) places.note(at + 1, end - 1);
        next = state.behindComment ?? state.behindPrefix;
      } else if (c === 99 && state.behindCounter !== undefined) {
        end = endOfCounter(text, at);
        if (end >= 0) next = state.behindCounter;
      }
      if (next === undefined) {
        const { words } = state;
        for (let i = 0; i < words.length; i++) {
          const word = words[i]!;
          if (!isAt(word, text, at, c)) continue;
          next = state.states[i];
          end = at + word.length;
          break;
        }
        if (next === undefined) {
          if (state.more === undefined) return undefined;
          end = endOfRun(text, at);
          next = end < 0 ? undefined : state.more.get(text.slice(at, end));
          if (next === undefined) return undefined;
        }
      }
      state = next;
      at = afterBlanks(text, end);
    }
    this.end = end;
    this.stop = at;
    return state.shape;
  }

  /** Remembers the way through the rule that has just been read. */
  learn({ start, statements, ends, count, comment }: PlainRules): void {
    if (++this.shapes > mostShapes) {
      this.shapes = 0;
      this.root = new State();
    }
    let state = this.root;
    let at = start;
    for (let i = 0; i < count; i++) {
      state = this.lay(state, at, ends[i]!, statements[i]!);
      at = afterBlanks(this.text, ends[i]!);
    }
    if (comment !== undefined) state = state.behind('comment').behindComment ??= new State();
    state.shape ??= new RuleShape(statements.slice(0, count), comment !== undefined);
  }

  /** Lays the way through a statement. */
  private lay(first: State, start: number, end: number, statement: Statement): State {
    if (statement === counted) return (first.behindCounter ??= new State());
    const { text } = this;
    const logs = statement.kind === 'effectless' && statement.what === 'log';
    let state = first;
    let before = '';
    for (let at = start; at < end;) {
      const to = endOfRun(text, at);
      const word = text.slice(at, to);
      if (statement instanceof LiteralTest && to === end) {
        state.tests ??= statement.alike;
        return (state.behindLiteral ??= new State());
      }
      // What a string says is nothing to the grammar.
      if (logs && before === 'prefix' && /^"[^"]*"$/.test(word)) state = state.behindPrefix ??= new State();
      else state = state.behind(word);
      before = word;
      at = afterBlanks(text, to);
    }
    return state;
  }
}

/** Whether the word stands there, where `first` is the character. */
function isAt(word: string, text: string, at: number, first: number): boolean {
  if (word.charCodeAt(0) !== first) return false;
  const { length } = word;
  for (let i = 1; i < length; i++) if (word.charCodeAt(i) !== text.charCodeAt(at + i)) return false;
  return endsRun(text.charCodeAt(at + length));
}

/** Where a literal ends that begins there; -1 if none does. */
function endOfLiteral(text: string, at: number): number {
  // Nearly all are numbers, addresses and prefixes, which need no pattern.
  let end = endOfDigits(text, at);
  let parts = 1;
  for (; parts < 4 && text.charCodeAt(end) === 46; parts++) {
    const next = endOfDigits(text, end + 1);
    if (next === end + 1) break;
    end = next;
  }
  if (parts === 4 && text.charCodeAt(end) === 47) {
    const next = endOfDigits(text, end + 1);
    if (next > end + 1) end = next;
  }
  if (end > at && (parts === 1 || parts === 4) && endsRun(text.charCodeAt(end))) return end;
  end = endOfRun(text, at);
  return end >= 0 && isLiteral(text, at, end) ? end : -1;
}
