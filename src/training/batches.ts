import { deriveSeed, Random } from '../core/random.ts';

export interface BatchPlan {
  /** Images in the data set. */
  readonly count: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
}

export const iterationsPerEpoch = ({ count, batchSize }: Pick<BatchPlan, 'count' | 'batchSize'>): number =>
  Math.ceil(count / batchSize);

/** The epoch of an iteration, both counted from 1. */
export const epochOf = (iteration: number, perEpoch: number): number => Math.ceil(iteration / perEpoch);

/**
 * Which images an iteration takes: every image once per epoch, the last batch of an epoch holding what is left. The order
 * follows from the seed and the epoch alone, so that it needs no state.
 */
export class Batches {
  readonly #plan: BatchPlan;
  #epoch = 0;
  #order: Uint32Array = new Uint32Array();

  constructor(plan: BatchPlan) {
    this.#plan = plan;
  }

  /** The image numbers of an iteration, counted from 1. */
  indices(iteration: number): Uint32Array {
    const { count, batchSize, shuffle, seed } = this.#plan;
    const perEpoch = iterationsPerEpoch(this.#plan);
    const epoch = epochOf(iteration, perEpoch);
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#order = shuffle
        ? new Random(deriveSeed(seed, 'order', epoch)).permutation(count)
        : Uint32Array.from({ length: count }, (_, index) => index);
    }
    const start = ((iteration - 1) % perEpoch) * batchSize;
    return this.#order.subarray(start, start + batchSize);
  }
}
