import { setImmediate } from 'node:timers/promises';
import { Interrupted } from '../../core/failure.ts';
import type { Embedded, Embedding } from './embedding.ts';

/**
 * Features and probabilities of pictures in memory, a batch at a time. Between two batches the event loop runs.
 * @param images `[count, H, W, C] uint8`
 * @throws Interrupted
 */
export async function embedPictures(
  embedding: Embedding,
  images: Uint8Array,
  count: number,
  signal: AbortSignal,
): Promise<Embedded> {
  const bytes = images.length / count;
  const length = Math.min(embedding.batchSize, count);
  const features = new Float32Array(count * embedding.width);
  let probabilities = new Float32Array();
  for (let first = 0; first < count; first += length) {
    if (signal.aborted) throw new Interrupted();
    const size = Math.min(length, count - first);
    // All batches have one size, as another would be another graph: a smaller last one is filled up.
    const batch = new Uint8Array(length * bytes);
    batch.set(images.subarray(first * bytes, (first + size) * bytes));
    const made = await embedding.embed(batch, length);
    const each = made.probabilities.length / length;
    if (first === 0) probabilities = new Float32Array(count * each);
    features.set(made.features.subarray(0, size * embedding.width), first * embedding.width);
    probabilities.set(made.probabilities.subarray(0, size * each), first * each);
    await setImmediate();
  }
  return { features, probabilities };
}
