import { setImmediate } from 'node:timers/promises';
import { Interrupted } from '../../core/failure.ts';
import type { EqualBatch } from '../../data/equal-batches.ts';
import type { Embedded, Embedding } from './embedding.ts';

export interface EmbedBatchesOptions {
  readonly signal: AbortSignal;
  /** Called after each batch with the number of pictures embedded so far. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Features and probabilities of `total` pictures, which come in batches. Between two the event loop runs.
 * @throws Interrupted
 */
export async function embedBatches(
  embedding: Embedding,
  batches: Iterable<EqualBatch>,
  total: number,
  { signal, onProgress }: EmbedBatchesOptions,
): Promise<Embedded> {
  const { width } = embedding;
  const features = new Float32Array(total * width);
  let probabilities: Float32Array | undefined;
  for (const { first, count, shape, values } of batches) {
    if (signal.aborted) throw new Interrupted();
    const length = shape[0] as number;
    const made = await embedding.embed(values as Uint8Array, length);
    features.set(made.features.subarray(0, count * width), first * width);
    const each = made.probabilities.length / length;
    probabilities ??= new Float32Array(total * each);
    probabilities.set(made.probabilities.subarray(0, count * each), first * each);
    onProgress?.(first + count, total);
    await setImmediate();
  }
  return { features, probabilities: probabilities as Float32Array };
}
