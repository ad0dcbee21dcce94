import type { Examples } from './dataset.ts';

/** Some examples of a data set. */
export interface EqualBatch {
  /** Place of the first one in the order that was asked for. */
  readonly first: number;
  /** How many of the examples are asked for; those that follow only fill the batch up. */
  readonly count: number;
  readonly shape: readonly number[];
  /** `[B, …shape]`, uint8 of pictures and float32 of others. */
  readonly values: Uint8Array | Float32Array;
}

/**
 * Examples in batches of one size, since a compiled step has a graph for each size: a smaller last batch repeats its last
 * example. Without indices, all examples in their order.
 */
export function* equalBatches(
  examples: Examples,
  batchSize: number,
  indices?: Uint32Array,
): Generator<EqualBatch> {
  const total = indices?.length ?? examples.artifact.count;
  const length = Math.min(batchSize, total);
  for (let first = 0; first < total; first += length) {
    const count = Math.min(length, total - first);
    const places = Uint32Array.from({ length }, (_, place) => first + Math.min(place, count - 1));
    const chosen = indices === undefined ? places : places.map(place => indices[place] as number);
    yield { first, count, shape: [length, ...examples.shape], values: examples.batch(chosen) };
  }
}
