import { balancedOrder, repeatedOrder, type ExampleOrder } from './example-order.ts';

export interface BatchPlan {
  /** Examples in the data set. */
  readonly count: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
  /**
   * The class of each example, for batches that have every class equally often, as far as their size allows. An epoch is as many
   * examples as there are: those of rare classes are used several times in it, at least once each, and those of others not always.
   */
  readonly balancedBy?: Uint8Array | undefined;
}

export const iterationsPerEpoch = ({ count, batchSize }: Pick<BatchPlan, 'count' | 'batchSize'>): number =>
  Math.ceil(count / batchSize);

/** The epoch of an iteration, both counted from 1. */
export const epochOf = (iteration: number, perEpoch: number): number => Math.ceil(iteration / perEpoch);

/**
 * Which examples an iteration takes: unless batches are balanced, every one once per epoch. The last batch of an epoch holds what
 * is left of it. The order follows from the seed and the iteration alone, so that it needs no state.
 */
export class Batches {
  /** Iterations of an epoch. */
  readonly perEpoch: number;
  readonly #plan: BatchPlan;
  readonly #order: ExampleOrder;

  constructor(plan: BatchPlan) {
    this.#plan = plan;
    this.perEpoch = iterationsPerEpoch(plan);
    this.#order =
      plan.balancedBy === undefined ? repeatedOrder(plan.count, plan) : balancedOrder(plan.balancedBy, plan);
  }

  /** How many examples an iteration takes. */
  size(iteration: number): number {
    const { count, batchSize } = this.#plan;
    return Math.min(batchSize, count - this.#start(iteration));
  }

  /** The numbers of an iteration's examples, counted from 0. The iteration is counted from 1. */
  indices(iteration: number): Uint32Array {
    const first = (epochOf(iteration, this.perEpoch) - 1) * this.#plan.count + this.#start(iteration);
    return Uint32Array.from({ length: this.size(iteration) }, (_, at) => this.#order(first + at));
  }

  /** The place in its epoch of the first of an iteration's examples. */
  #start(iteration: number): number {
    return ((iteration - 1) % this.perEpoch) * this.#plan.batchSize;
  }
}
