import { setImmediate } from 'node:timers/promises';
import { Failure, Interrupted } from '../../core/failure.ts';
import type { Examples } from '../../data/dataset.ts';
import { equalBatches } from '../../data/equal-batches.ts';
import { needImages } from '../../data/images-needed.ts';
import { checkImageShape, type Embedded, type Embedding } from './embedding.ts';

export interface EmbedOptions {
  /** Pictures to embed, in this order; all in their order by default. */
  readonly indices?: Uint32Array;
  readonly signal: AbortSignal;
  /** Called after each batch with the number of pictures embedded so far. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Features and probabilities of the pictures of a data set, a batch at a time, whatever its transform. Between two batches the
 * event loop runs.
 *
 * @throws Failure `no-pictures` for none, and for examples that are no pictures, or have another size; Interrupted
 */
export async function embedDataset(
  embedding: Embedding,
  examples: Examples,
  { indices, signal, onProgress }: EmbedOptions,
): Promise<Embedded> {
  needImages(examples.artifact);
  checkImageShape(embedding.name, embedding.imageShape, examples.shape);
  const { width, batchSize } = embedding;
  const total = indices?.length ?? examples.artifact.count;
  if (total === 0) throw noPictures(examples.artifact.source);
  const features = new Float32Array(total * width);
  let probabilities: Float32Array | undefined;
  for (const { first, count, shape, values } of equalBatches(examples, batchSize, indices)) {
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

const noPictures = (source: string): Failure =>
  new Failure({
    code: 'no-pictures',
    message: `there are no pictures of ${source} to score`,
    hint: 'load some: scores of fewer than 1,000 pictures tell little',
  });
