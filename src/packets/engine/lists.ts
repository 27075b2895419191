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
  /** The lists to build, one after the other, and how many they are; see `addList`. */
  input: usize;
  inputRoom: usize;
  inputEnd: usize;
  count: i32;
  /** Of each list that was built, how many runs of keys it has together with those before it. */
  ends: usize;
  endsRoom: i32;
  /** The first key of each run, and its diagram. */
  runs: usize;
  runsRoom: i32;
  runsCount: i32;
}

const lists = changetype<Lists>(memory.data(offsetof<Lists>()));

/** Bytes of what stands before a list: its pieces and entries, how many bytes it has, and whether it finishes. */
const HEAD: usize = 16;
const ENTRIES: usize = 4;
const BYTES: usize = 8;
const FINISHES: usize = 12;

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

/** Begins with no lists. */
export function beginTask(): void {
  lists.count = 0;
  lists.inputEnd = 0;
}

/**
 * Adds a list of so many pieces, and entries with so many tests in all: where to write it before the next is added. Its pieces by first key
 * and by last key, as 64-bit floats; the item of each, and which entry it is of; of all entries where their tests end, then their outcomes;
 * the tests.
 */
export function addList(finishes: bool, pieces: i32, entries: i32, tests: i32): usize {
  const bytes = (<usize>pieces * PIECE + <usize>entries * ENTRY + ((<usize>tests) << 2) + 7) & ~7;
  const end = lists.inputEnd + HEAD + bytes;
  if (end > lists.inputRoom) {
    const room = max(end, max(lists.inputRoom * 2, 1 << 12));
    lists.input = larger(lists.input, lists.inputRoom, room);
    lists.inputRoom = room;
  }
  const head = lists.input + lists.inputEnd;
  store<i32>(head, pieces);
  store<i32>(head, entries, ENTRIES);
  store<i32>(head, <i32>bytes, BYTES);
  store<i32>(head, i32(finishes), FINISHES);
  lists.inputEnd = end;
  lists.count++;
  return head + HEAD;
}

/** Builds the lists. */
export function build(keys: i32, pass: i32): void {
  if (lists.count > lists.endsRoom) {
    lists.endsRoom = max(lists.count, lists.endsRoom * 2);
    lists.ends = take((<usize>lists.endsRoom) << 2);
  }
  lists.runsCount = 0;
  let head = lists.input;
  for (let i = 0; i < lists.count; i++) {
    const list = head + HEAD;
    buildList(
      splitterOf(load<i32>(head, FINISHES) !== 0),
      list,
      load<i32>(head),
      load<i32>(head, ENTRIES),
      keys,
      pass,
    );
    store<i32>(lists.ends + ((<usize>i) << 2), lists.runsCount);
    head = list + <usize>load<i32>(head, BYTES);
  }
}

/** Where `build` leaves what it made. */
export function endsAt(): usize {
  return lists.ends;
}

export function runsAt(): usize {
  return lists.runs;
}

function buildList(
  splitter: ListSplitter,
  list: usize,
  pieces: i32,
  entries: i32,
  keys: i32,
  pass: i32,
): void {
  const items = list + ((<usize>pieces) << 4);
  const ofPieces = items + ((<usize>pieces) << 2);
  makeEntries(ofPieces + ((<usize>pieces) << 2), entries, pass);
  takeDiagrams(ofPieces, pieces, ofPieces + ((<usize>(pieces + entries)) << 2));
  lists.sweep.begin(list, list + ((<usize>pieces) << 3), pieces);
  lists.recent.forget();
  let before = NONE;
  for (let key = 0; key < keys; key = lists.sweep.next(keys)) {
    lists.sweep.moveTo(key);
    const made = listInForce(splitter, items, ofPieces, pass);
    if (made === before) continue;
    before = made;
    if (lists.runsCount === lists.runsRoom) {
      const room = max(lists.runsRoom * 2, 1 << 8);
      lists.runs = larger(lists.runs, (<usize>lists.runsRoom) << 3, (<usize>room) << 3);
      lists.runsRoom = room;
    }
    const run = lists.runs + ((<usize>lists.runsCount) << 3);
    store<i32>(run, key);
    store<i32>(run, made, 4);
    lists.runsCount++;
  }
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
