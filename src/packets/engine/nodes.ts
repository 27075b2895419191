// The nodes of decision diagrams; `NodeTable` says what they are, and reads them where they lie.

import { nodesMoved, outOfRoom } from './imports';
import { larger, take } from './memory';

/** The constants. */
export const FALSE: i32 = 0;
export const TRUE: i32 = 1;

/** The level of leaves and constants: below every variable. */
export const TERMINAL: i32 = 0xffff;

/** Bits of a word: no pattern has more. */
export const WORD: i32 = 32;

/** Leaves of this value and more share a bit where it is told which leaves a diagram leads to. */
export const OTHER_LEAVES: i32 = 7;

/**
 * Bytes of a node, and where its words lie: where its bits are not as its pattern says (of a leaf, its value); where they are; the level,
 * the leaves it leads to and its bits in one word; the next of its bucket; the pattern.
 */
const NODE: i32 = 20;
const MATCH: usize = 4;
const KIND: usize = 8;
const NEXT: usize = 12;
const PATTERN: usize = 16;

/** Where in the third word the leaves begin, and where the number of bits but one. */
const LEAVES: i32 = 16;
const BITS: i32 = 24;
const LEAVES_MASK: i32 = 0xff0000;

/** Levels that a stretch of variables may lie on; none follows those beyond. */
const LEVELS: i32 = 6144;

/** By level, a byte each: how far it is to the next variable of its stretch, and how many there are from there on, itself included. */
const steps: usize = memory.data(LEVELS);
const lengths: usize = memory.data(LEVELS);

@unmanaged
class Table {
  /** Where the nodes lie, for how many of them there is room, how many there are, and how many there may be. */
  nodes: usize;
  room: i32;
  count: i32;
  most: i32;
  /** The first node of each hash value; 0: none. Others follow by `NEXT`. */
  buckets: usize;
  bucketMask: i32;
}

const table = changetype<Table>(memory.data(offsetof<Table>()));

function missAddress(node: i32): usize {
  return table.nodes + <usize>(node * NODE);
}

/** `expected`: about how many nodes there will be, at most `maxNodes`; growing step by step costs more than starting large. */
export function begin(maxNodes: i32, expected: i32): void {
  table.most = maxNodes;
  table.count = 2;
  table.room = max(expected, 1 << 14);
  table.nodes = take(<usize>table.room * NODE);
  nodesMoved(table.nodes);
  let length = 1 << 14;
  // A quarter more nodes than buckets: making room costs more than walking past a few nodes more often.
  while (length + (length >> 2) < expected) length *= 2;
  table.bucketMask = length - 1;
  table.buckets = take((<usize>length) << 2);
  store<i32>(missAddress(FALSE), TERMINAL, KIND);
  store<i32>(missAddress(TRUE), TERMINAL, KIND);
}

/** Variables that a pattern may run over: `bits` of them from `first` on, `step` levels from one to the next. */
export function stretch(first: i32, step: i32, bits: i32): void {
  for (let i = 0; i < bits; i++) {
    const level = first + i * step;
    if (level >= LEVELS) return;
    store<u8>(steps + <usize>level, step);
    store<u8>(lengths + <usize>level, bits - i);
  }
}

export function stepAt(level: i32): i32 {
  return level < LEVELS ? <i32>load<u8>(steps + <usize>level) : 0;
}

export function bitsFrom(level: i32): i32 {
  return level < LEVELS ? max(<i32>load<u8>(lengths + <usize>level), 1) : 1;
}

/** Where the nodes lie. */
export function nodesAt(): usize {
  return table.nodes;
}

/** Nodes made so far. */
export function size(): i32 {
  return table.count;
}

export function allow(maxNodes: i32): void {
  table.most = maxNodes;
}

/** A leaf of its own that stands for a value. */
export function newLeaf(value: i32): i32 {
  const leaf = newNode();
  store<i32>(missAddress(leaf), value);
  store<i32>(missAddress(leaf), TERMINAL | (1 << (LEAVES + min(value, OTHER_LEAVES))), KIND);
  return leaf;
}

export function missOf(node: i32): i32 {
  return load<i32>(missAddress(node));
}

export function matchOf(node: i32): i32 {
  return load<i32>(missAddress(node), MATCH);
}

function kindOf(node: i32): i32 {
  return load<i32>(missAddress(node), KIND);
}

export function patternOf(node: i32): i32 {
  return load<i32>(missAddress(node), PATTERN);
}

export function levelOf(node: i32): i32 {
  return kindOf(node) & TERMINAL;
}

/** How many variables a node asks about. */
export function bitsOf(node: i32): i32 {
  return (kindOf(node) >>> BITS) + 1;
}

export function isLeaf(node: i32): bool {
  return levelOf(node) === TERMINAL;
}

/** The leaves that a diagram leads to, a bit each: see `OTHER_LEAVES`. */
export function leavesBelow(node: i32): i32 {
  return (kindOf(node) & LEAVES_MASK) >>> LEAVES;
}

/** Where the first variable of a node is false. */
export function lowOf(node: i32): i32 {
  const more = kindOf(node) >>> BITS;
  return more === 0 || ((patternOf(node) >>> more) & 1) !== 0 ? missOf(node) : after(node, 1);
}

/** Where the first variable of a node is true. */
export function highOf(node: i32): i32 {
  const more = kindOf(node) >>> BITS;
  if (more === 0) return matchOf(node);
  return ((patternOf(node) >>> more) & 1) !== 0 ? after(node, 1) : missOf(node);
}

/** The level of a node's last variable. */
export function lastLevelOf(node: i32): i32 {
  const first = levelOf(node);
  return first + (bitsOf(node) - 1) * stepAt(first);
}

/** The function is true where one pattern matches, and nowhere else. */
export function isPattern(node: i32): bool {
  return missOf(node) === FALSE && matchOf(node) === TRUE;
}

/** The pattern without its first bits, from the highest of the word on; what comes after it is 0. */
export function patternAfter(node: i32, bits: i32): i32 {
  return patternOf(node) << (31 - (kindOf(node) >>> BITS) + bits);
}

/** What is left of a node where its first `bits` variables, not more than it has, are as its pattern says. */
export function after(node: i32, bits: i32): i32 {
  const kind = kindOf(node);
  const left = (kind >>> BITS) + 1 - bits;
  const match = matchOf(node);
  if (left === 0) return match;
  const miss = missOf(node);
  const first = kind & TERMINAL;
  const level = first + bits * stepAt(first);
  const pattern = patternOf(node);
  if (left > 1) return find(level, left, pattern & ((1 << left) - 1), miss, match);
  return (pattern & 1) !== 0 ? find(level, 1, 1, miss, match) : find(level, 1, 1, match, miss);
}

/** `missOf`, `lowOf`, `highOf` and `after` of a node that may begin below `level`, and then stays as it is. */
export function missAt(node: i32, level: i32): i32 {
  return levelOf(node) === level ? missOf(node) : node;
}

export function lowAt(node: i32, level: i32): i32 {
  return levelOf(node) === level ? lowOf(node) : node;
}

export function highAt(node: i32, level: i32): i32 {
  return levelOf(node) === level ? highOf(node) : node;
}

export function afterAt(node: i32, level: i32, bits: i32): i32 {
  return levelOf(node) === level ? after(node, bits) : node;
}

/** How many of its variables a node asks about above a level. */
function bitsAbove(node: i32, level: i32): i32 {
  const bits = bitsOf(node);
  if (bits === 1) return 1;
  const first = levelOf(node);
  const step = stepAt(first);
  return min(bits, (level - first + step - 1) / step);
}

/** How many variables, from the upper one's level on, two nodes can be followed through together; 0: they differ in the first. */
export function bitsTogether(a: i32, b: i32): i32 {
  const levelA = levelOf(a);
  const levelB = levelOf(b);
  if (levelA < levelB) return bitsAbove(a, levelB);
  if (levelB < levelA) return bitsAbove(b, levelA);
  const differing = patternAfter(a, 0) ^ patternAfter(b, 0);
  return min(clz(differing), min(bitsOf(a), bitsOf(b)));
}

/** Of what `goesOn` found: the pattern, and where it leads. */
let goingOn: i32 = 0;
let endOf: i32 = 0;

/** How many bits a node has that begins at a level and leads to `miss` where they differ; 0: it is no such node. */
function goesOn(node: i32, level: i32, miss: i32): i32 {
  const kind = kindOf(node);
  if ((kind & TERMINAL) !== level) return 0;
  const first = missOf(node);
  const second = matchOf(node);
  if (first === miss) {
    goingOn = patternOf(node);
    endOf = second;
    return (kind >>> BITS) + 1;
  }
  if (second !== miss || kind >>> BITS !== 0) return 0;
  goingOn = 0;
  endOf = first;
  return 1;
}

/** The node "if variable `level` then `high` else `low`"; both must test only later levels. */
export function node(level: i32, low: i32, high: i32): i32 {
  if (low === high) return low;
  if (bitsFrom(level) > 1) {
    const next = level + stepAt(level);
    let bits = goesOn(high, next, low);
    if (bits > 0) return find(level, bits + 1, (1 << bits) | goingOn, low, endOf);
    bits = goesOn(low, next, high);
    if (bits > 0) return find(level, bits + 1, goingOn, high, endOf);
  }
  return find(level, 1, 1, low, high);
}

/** The node that leads to `match` where the `bits` variables of a stretch from `level` on are as in `pattern`, else to `miss`. */
export function chain(level: i32, bits: i32, pattern: i32, miss: i32, match: i32): i32 {
  if (miss === match) return miss;
  const step = stepAt(level);
  const last = level + (bits - 1) * step;
  if (bits === 1) return (pattern & 1) !== 0 ? node(level, miss, match) : node(level, match, miss);
  if (bitsFrom(last) > 1) {
    const more = goesOn(match, last + step, miss);
    if (more > 0) return find(level, bits + more, (pattern << more) | goingOn, miss, endOf);
    // The last bit may begin a pattern of its own, the other way round.
    if (goesOn(miss, last + step, match) > 0) {
      const end = (pattern & 1) !== 0 ? node(last, miss, match) : node(last, match, miss);
      return chain(level, bits - 1, pattern >>> 1, miss, end);
    }
  }
  return find(level, bits, pattern, miss, match);
}

/** The node that asks what another asks and leads elsewhere. */
export function like(node_: i32, miss: i32, match: i32): i32 {
  return begun(node_, bitsOf(node_), miss, match);
}

/** A node that asks the first `bits` of what another asks, and leads elsewhere. */
export function begun(node_: i32, bits: i32, miss: i32, match: i32): i32 {
  const kind = kindOf(node_);
  if (kind >>> BITS === 0) return node(kind & TERMINAL, miss, match);
  return chain(kind & TERMINAL, bits, patternOf(node_) >>> ((kind >>> BITS) + 1 - bits), miss, match);
}

/** Nodes made one after the other, whose children were, too, lie near each other: far fewer reads miss the processor's caches. */
function hashOf(level: i32, miss: i32, match: i32, pattern: i32): i32 {
  return miss + match * 3 + level * 5 + pattern * 0x9e3779b1;
}

function bucketOf(hash: i32): usize {
  return table.buckets + ((<usize>(hash & table.bucketMask)) << 2);
}

/** The node of these words, which have to be in their only form. */
function find(level: i32, bits: i32, pattern: i32, miss: i32, match: i32): i32 {
  const hash = hashOf(level, miss, match, pattern);
  const kind = level | ((bits - 1) << BITS);
  const first = load<i32>(bucketOf(hash));
  for (let at = first; at !== 0; at = load<i32>(missAddress(at), NEXT)) {
    if (
      missOf(at) === miss &&
      matchOf(at) === match &&
      patternOf(at) === pattern &&
      (kindOf(at) & ~LEAVES_MASK) === kind
    )
      return at;
  }
  if (table.count >= table.most) outOfRoom();
  const made = newNode();
  const address = missAddress(made);
  store<i32>(address, miss);
  store<i32>(address, match, MATCH);
  store<i32>(address, kind | ((kindOf(miss) | kindOf(match)) & LEAVES_MASK), KIND);
  store<i32>(address, pattern, PATTERN);
  if (made > table.bucketMask + (table.bucketMask >> 2)) growBuckets();
  putInBucket(made, hash);
  return made;
}

function newNode(): i32 {
  if (table.count === table.room) {
    const more = table.room + (table.room >> 1);
    table.nodes = larger(table.nodes, <usize>table.room * NODE, <usize>more * NODE);
    table.room = more;
    nodesMoved(table.nodes);
  }
  return table.count++;
}

function putInBucket(made: i32, hash: i32): void {
  const bucket = bucketOf(hash);
  store<i32>(missAddress(made), load<i32>(bucket), NEXT);
  store<i32>(bucket, made);
}

function growBuckets(): void {
  table.bucketMask = table.bucketMask * 2 + 1;
  table.buckets = take((<usize>(table.bucketMask + 1)) << 2);
  // The last one is being made.
  for (let at = 2; at < table.count - 1; at++) {
    const level = levelOf(at);
    if (level !== TERMINAL) putInBucket(at, hashOf(level, missOf(at), matchOf(at), patternOf(at)));
  }
}
