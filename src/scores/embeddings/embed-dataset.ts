import { Failure } from '../../core/failure.ts';
import type { Examples } from '../../data/dataset.ts';
import { equalBatches } from '../../data/equal-batches.ts';
import { needImages } from '../../data/images-needed.ts';
import { embedBatches } from './embed-batches.ts';
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
  const total = indices?.length ?? examples.artifact.count;
  if (total === 0) throw noPictures(examples.artifact.source);
  return embedBatches(embedding, equalBatches(examples, embedding.batchSize, indices), total, {
    signal,
    onProgress,
  });
}

const noPictures = (source: string): Failure =>
  new Failure({
    code: 'no-pictures',
    message: `there are no pictures of ${source} to score`,
    hint: 'load some: scores of fewer than 1,000 pictures tell little',
  });
