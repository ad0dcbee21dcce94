import { bytesPerExample } from '../core/artifacts/dataset.ts';
import { eachDigest, type Compared } from './picture-digests.ts';

/** The examples that two data sets share. */
export interface Overlap {
  /** Indices of the examples, ascending. */
  readonly indices: Uint32Array;
  /** For each of them, the index of the first equal example of the other data set. */
  readonly twins: Uint32Array;
}

const NONE = -1;

/**
 * Finds the examples of one data set that are equal to one of another in every byte, whatever their labels. Both are read
 * once, from beginning to end; memory is about 40 bytes for each example of the first one, so give the smaller one first.
 *
 * @throws Interrupted when the signal is aborted
 */
export async function overlapOf(
  examples: Compared,
  others: Compared,
  signal?: AbortSignal,
): Promise<Overlap> {
  if (bytesPerExample(examples.artifact) !== bytesPerExample(others.artifact))
    return { indices: new Uint32Array(), twins: new Uint32Array() };
  const table = new DigestTable(examples.artifact.count);
  await eachDigest(examples, signal, digest => {
    table.add(digest);
  });
  const twinOf = new Int32Array(examples.artifact.count).fill(NONE);
  await eachDigest(others, signal, (digest, index) => {
    const first = table.find(digest);
    if (first !== NONE && twinOf[first] === NONE) twinOf[first] = index;
  });
  const twins = table.firsts.map(first => twinOf[first] as number);
  const indices = Uint32Array.from(twins.keys()).filter(index => twins[index] !== NONE);
  return { indices, twins: indices.map(index => twins[index] as number) };
}

/** Bytes of a digest that are kept: equal ones mean equal examples. */
const WORDS = 4;

/** Digests of examples in the order of their indices, found by open addressing. */
class DigestTable {
  /** For each example, the first one with the same digest. */
  readonly firsts: Int32Array;
  readonly #words: Int32Array;
  readonly #slots: Int32Array;
  #count = 0;

  constructor(count: number) {
    this.firsts = new Int32Array(count);
    this.#words = new Int32Array(WORDS * count);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * count))).fill(NONE);
  }

  add(digest: Buffer): void {
    const index = this.#count++;
    for (let word = 0; word < WORDS; word++) this.#words[WORDS * index + word] = digest.readInt32LE(4 * word);
    const slot = this.#slot(digest);
    const found = this.#slots[slot] as number;
    if (found === NONE) this.#slots[slot] = index;
    this.firsts[index] = found === NONE ? index : found;
  }

  /** The first example with this digest, or -1. */
  find(digest: Buffer): number {
    return this.#slots[this.#slot(digest)] as number;
  }

  /** The slot of a digest, or the empty one where it belongs. */
  #slot(digest: Buffer): number {
    const mask = this.#slots.length - 1;
    let slot = digest.readInt32LE(0) & mask;
    while (!this.#isFree(slot) && !this.#holds(slot, digest)) slot = (slot + 1) & mask;
    return slot;
  }

  #isFree(slot: number): boolean {
    return this.#slots[slot] === NONE;
  }

  #holds(slot: number, digest: Buffer): boolean {
    const start = WORDS * (this.#slots[slot] as number);
    for (let word = 0; word < WORDS; word++)
      if (this.#words[start + word] !== digest.readInt32LE(4 * word)) return false;
    return true;
  }
}
