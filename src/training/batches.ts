import { deriveSeed, Random } from '../core/random.ts';

export interface BatchPlan {
  /** Examples in the data set. */
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
 * Which examples an iteration takes: every one once per epoch, the last batch of an epoch holding what is left. The order
 * follows from the seed and the epoch alone, so that it needs no state.
 */
export class Batches {
  /** Iterations of an epoch. */
  readonly perEpoch: number;
  readonly #plan: BatchPlan;
  #epoch = 0;
  #order: Uint32Array = new Uint32Array();

  constructor(plan: BatchPlan) {
    this.#plan = plan;
    this.perEpoch = iterationsPerEpoch(plan);
  }

  /** How many examples an iteration takes. */
  size(iteration: number): number {
    const { count, batchSize } = this.#plan;
    return Math.min(batchSize, count - this.#start(iteration));
  }

  /** The numbers of an iteration's examples, counted from 0. The iteration is counted from 1. */
  indices(iteration: number): Uint32Array {
    const { count, shuffle, seed } = this.#plan;
    const epoch = epochOf(iteration, this.perEpoch);
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#order = shuffle
        ? new Random(deriveSeed(seed, 'order', epoch)).permutation(count)
        : Uint32Array.from({ length: count }, (_, index) => index);
    }
    const start = this.#start(iteration);
    return this.#order.subarray(start, start + this.size(iteration));
  }

  #start(iteration: number): number {
    return ((iteration - 1) % this.perEpoch) * this.#plan.batchSize;
  }
}
