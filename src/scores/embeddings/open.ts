import type { PredictorArtifact } from '../../core/artifacts.ts';
import type { TensorFlow } from '../../core/tensorflow.ts';
import type { Embedding } from './embedding.ts';
import { downloadInception, type InceptionFileOptions } from './inception-file.ts';
import { openInception } from './inception.ts';
import { openPredictorEmbedding } from './predictor.ts';

/** A classifier that a fit stage trained, or the Inception graph of 2015: its path, or `auto` for a download. */
export type EmbeddingChoice = PredictorArtifact | { readonly inception: string };

export interface OpenOptions {
  /** `[H, W, C]` of the pictures to embed. */
  readonly imageShape: readonly number[];
  /** How the Inception graph is downloaded. */
  readonly download: InceptionFileOptions;
}

/**
 * Opens an embedding. Dispose of it after use.
 * @throws Failure where it cannot be had, or takes other pictures; Interrupted
 */
export async function openEmbedding(
  tensorflow: TensorFlow,
  choice: EmbeddingChoice,
  { imageShape, download }: OpenOptions,
): Promise<Embedding> {
  if ('kind' in choice) return openPredictorEmbedding(tensorflow, choice, imageShape);
  const path = choice.inception === 'auto' ? await downloadInception(download) : choice.inception;
  return openInception(tensorflow, path, imageShape);
}
