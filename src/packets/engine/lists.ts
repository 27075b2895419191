// First-match decision lists, built from the top down for all entries at once: keys are cut by sorting, below them `ListSplitter` goes on.

import { inside, NONE, replaced, takeDifference } from './cube';
import { KeySweep } from './key-sweep';
import { ListSplitter } from './list-splitter';
import { larger, take } from './memory';
import { isPattern, lastLevelOf, levelOf, like } from './nodes';
import { keepWhere } from './operations';
import { RecentLists } from './recent-lists';

/** Where more than one entry of so many changes, lists are built anew. */
const CHANGED: i32 = 16;

@unmanaged
class Lists {
  /** What a list's results lead to: the leaves of its entries, or what these become, see `setFinished`. */
  plain: ListSplitter;
  finishing: ListSplitter;
  recent: RecentLists;
  sweep: KeySweep;
  /**
   * The list to build. Its pieces by first key and by last key, as 64-bit floats; the item of each, and which entry it is of; of each entry
   * where its tests end, and its outcome; the tests of all entries.
   */
  input: usize;
  /** Bytes. */
  inputRoom: usize;
  /** Runs of keys of the list that was built: the first key of each, and its diagram. */
  output: usize;
  outputRoom: i32;
}

const lists = changetype<Lists>(memory.data(offsetof<Lists>()));

/** Bytes of a piece, and of an entry without its tests. */
const PIECE: usize = 24;
const ENTRY: usize = 8;

export function beginLists(): void {
  lists.plain = ListSplitter.make();
  lists.finishing = ListSplitter.make();
  lists.recent = RecentLists.make();
  lists.sweep = KeySweep.make();
}

function splitterOf(finishes: bool): ListSplitter {
  return finishes ? lists.finishing : lists.plain;
}

/** Begins lists with other leaves, or that finish otherwise. */
export function resetLists(finishes: bool, pass: i32): void {
  splitterOf(finishes).reset(pass, finishes);
}

/** What becomes of the leaf of a value in lists that finish. */
export function setFinished(value: i32, result: i32): void {
  lists.finishing.setFinished(value, result);
}

/** By the value of a leaf: the leaves that become the same in the result. */
export function setAlike(finishes: bool, value: i32, leaves: i32): void {
  splitterOf(finishes).setAlike(value, leaves);
}

/** Where to write a list of so many pieces, and entries with so many tests in all. */
export function inputFor(pieces: i32, entries: i32, tests: i32): usize {
  const bytes = <usize>pieces * PIECE + <usize>entries * ENTRY + ((<usize>tests) << 2);
  if (bytes > lists.inputRoom) {
    lists.inputRoom = max(bytes, max(lists.inputRoom * 2, 1 << 12));
    lists.input = take(lists.inputRoom);
  }
  return lists.input;
}

/** Builds a list of so many pieces and entries: how many runs it has. They lie where `built` says. */
export function build(finishes: bool, pieces: i32, entries: i32, keys: i32, pass: i32): i32 {
  const splitter = splitterOf(finishes);
  const items = lists.input + ((<usize>pieces) << 4);
  const ofPieces = items + ((<usize>pieces) << 2);
  makeEntries(ofPieces + ((<usize>pieces) << 2), entries, pass);
  takeDiagrams(ofPieces, pieces, ofPieces + ((<usize>(pieces + entries)) << 2));
  lists.sweep.begin(lists.input, lists.input + ((<usize>pieces) << 3), pieces);
  lists.recent.forget();
  let runs = 0;
  let before = NONE;
  for (let key = 0; key < keys; key = lists.sweep.next(keys)) {
    lists.sweep.moveTo(key);
    const made = listInForce(splitter, items, ofPieces, pass);
    if (made === before) continue;
    before = made;
    if (runs === lists.outputRoom) {
      const room = max(lists.outputRoom * 2, 1 << 8);
      lists.output = larger(lists.output, (<usize>lists.outputRoom) << 3, (<usize>room) << 3);
      lists.outputRoom = room;
    }
    store<i32>(lists.output + ((<usize>runs) << 3), key);
    store<i32>(lists.output + ((<usize>runs) << 3), made, 4);
    runs++;
  }
  return runs;
}

/** Makes of each entry's tests and outcome one diagram, in the outcome's place: the outcome where all tests hold, else `pass`. */
function makeEntries(ends: usize, entries: i32, pass: i32): void {
  const outcomes = ends + ((<usize>entries) << 2);
  const tests = outcomes + ((<usize>entries) << 2);
  let first = tests;
  for (let i = 0; i < entries; i++) {
    const place = (<usize>i) << 2;
    const end = tests + ((<usize>load<i32>(ends + place)) << 2);
    let diagram = load<i32>(outcomes + place);
    for (let at = end; at > first;) {
      at -= 4;
      const test = load<i32>(at);
      diagram =
        isPattern(test) && levelOf(diagram) > lastLevelOf(test)
          ? like(test, pass, diagram)
          : keepWhere(test, diagram, pass);
    }
    store<i32>(outcomes + place, diagram);
    first = end;
  }
}

/** Writes the diagram of each piece's entry in place of the entry's number. */
function takeDiagrams(ofPieces: usize, pieces: i32, diagrams: usize): void {
  const end = ofPieces + ((<usize>pieces) << 2);
  for (let at = ofPieces; at < end; at += 4)
    store<i32>(at, load<i32>(diagrams + ((<usize>load<i32>(at)) << 2)));
}

export function built(): usize {
  return lists.output;
}

function entryAt(entries: usize, place: i32): i32 {
  return load<i32>(entries + ((<usize>lists.sweep.at(place)) << 2));
}

/** What the entries say that are in force at the sweep's key. */
function listInForce(splitter: ListSplitter, items: usize, entries: usize, pass: i32): i32 {
  const count = lists.sweep.count;
  lists.recent.begin();
  for (let i = 0; i < count; i++) {
    const piece = (<usize>lists.sweep.at(i)) << 2;
    lists.recent.put(load<i32>(items + piece), load<i32>(entries + piece));
  }
  let made = changed(splitter, entries, pass);
  if (made === NONE) {
    splitter.begin();
    for (let i = 0; i < count && splitter.put(entryAt(entries, i));) i++;
    made = splitter.diagram();
  }
  lists.recent.keep(made);
  return made;
}

/**
 * The same by changing the result of a list that differs little, which is most: from one run of ports to the next some rule comes or goes.
 * `NONE` where there is no such list, or the change is not confined to few values of the topmost variables.
 */
function changed(splitter: ListSplitter, entries: usize, pass: i32): i32 {
  const count = lists.sweep.count;
  let result = lists.recent.nearest(max(2, count / CHANGED), pass);
  const changes = lists.recent.changes;
  for (let place = 0; result !== NONE && place < changes.count; place++) {
    if (!takeDifference(changes.before(place), changes.now(place))) return NONE;
    splitter.begin();
    for (let i = 0; i < count; i++) {
      const entry = inside(entryAt(entries, i));
      if (entry === NONE) return NONE;
      if (!splitter.put(entry)) break;
    }
    result = replaced(splitter.diagram(), result);
  }
  return result;
}
