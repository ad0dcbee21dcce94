import type { PredictorArtifact } from '../../core/artifacts.ts';
import type { TensorFlow } from '../../core/tensorflow.ts';
import type { Embedding } from './embedding.ts';
import { openInception } from './inception.ts';
import { openPredictorEmbedding } from './predictor.ts';
import { openReferenceEmbedding } from './reference.ts';

/** Pipe's own classifier of CIFAR-10, one that a fit stage trained, or the Inception graph of 2015, by its path. */
export type EmbeddingChoice = 'cifar10' | PredictorArtifact | { readonly inception: string };

/**
 * Opens an embedding. Dispose of it after use.
 * @param imageShape `[H, W, C]` of the pictures to embed.
 * @throws Failure where it cannot be read, or takes other pictures
 */
export async function openEmbedding(
  tensorflow: TensorFlow,
  choice: EmbeddingChoice,
  imageShape: readonly number[],
): Promise<Embedding> {
  if (choice === 'cifar10') return openReferenceEmbedding(tensorflow, imageShape);
  if ('kind' in choice) return openPredictorEmbedding(tensorflow, choice, imageShape);
  return openInception(tensorflow, choice.inception, imageShape);
}
