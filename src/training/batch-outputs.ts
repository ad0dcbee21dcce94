import { setImmediate } from 'node:timers/promises';
import type { StepInput } from '../core/tensorflow.ts';
import type { Examples } from '../data/dataset.ts';
import { equalBatches } from '../data/equal-batches.ts';

/** Outputs of a network for consecutive examples. */
export interface BatchOutputs {
  /** Position of the first one in its data set. */
  readonly first: number;
  readonly count: number;
  /** `[count, width]`: probabilities of classes, or numbers. */
  readonly outputs: Float32Array;
}

export interface BatchOutputsOptions {
  readonly batchSize: number;
  /** Numbers of each example's output. */
  readonly width: number;
}

/**
 * The outputs for all examples in their order, a batch at a time. Between two the event loop runs, as it does in training.
 * @param run From a batch `[B, …shape]` to its outputs `[B, width]`. All batches have one size: another would be another graph.
 */
export async function* batchOutputs(
  examples: Examples,
  { batchSize, width }: BatchOutputsOptions,
  run: (batch: StepInput) => Promise<Float32Array>,
): AsyncGenerator<BatchOutputs> {
  for (const { first, count, ...batch } of equalBatches(examples, batchSize)) {
    const all = await run(batch);
    yield { first, count, outputs: all.subarray(0, count * width) };
    await setImmediate();
  }
}
