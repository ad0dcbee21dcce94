import type { EqualBatch } from '../../data/equal-batches.ts';
import { embedBatches } from './embed-batches.ts';
import type { Embedded, Embedding } from './embedding.ts';

/**
 * Features and probabilities of pictures in memory, a batch at a time. Between two batches the event loop runs.
 * @param images `[count, H, W, C] uint8`
 * @throws Interrupted
 */
export const embedPictures = (
  embedding: Embedding,
  images: Uint8Array,
  count: number,
  signal: AbortSignal,
): Promise<Embedded> => embedBatches(embedding, batchesOf(embedding, images, count), count, { signal });

/** All batches have one size, as another would be another graph: a smaller last one is filled up with black. */
function* batchesOf(
  { batchSize, imageShape }: Embedding,
  images: Uint8Array,
  total: number,
): Generator<EqualBatch> {
  const bytes = images.length / total;
  const length = Math.min(batchSize, total);
  for (let first = 0; first < total; first += length) {
    const count = Math.min(length, total - first);
    const values = new Uint8Array(length * bytes);
    values.set(images.subarray(first * bytes, (first + count) * bytes));
    yield { first, count, shape: [length, ...imageShape], values };
  }
}
