import type { ScoreReferenceArtifact } from '../../core/artifacts.ts';
import type { TensorFlow } from '../../core/tensorflow.ts';
import type { ImageBatch } from '../../images/pixels.ts';
import type { Generator } from '../../models/generator.ts';
import { labelsOf, proportional } from '../../scores/baseline-pictures.ts';
import { embedPictures } from '../../scores/embeddings/embed-pictures.ts';
import type { Embedding } from '../../scores/embeddings/embedding.ts';
import { measureScores } from '../../scores/measure.ts';
import type { MeasuredScores } from '../../scores/measured.ts';
import { openReference, type OpenReference } from '../../scores/open-reference.ts';
import { referenceEmbedding } from '../../scores/reference-embedding.ts';
import { drawFakes } from './fakes.ts';
import type { DrawingModel } from './sampling.ts';

export interface ScoringOptions {
  /** Pictures to draw. */
  readonly count: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/** Scores of a generator with the pictures that have them. */
export interface ScoredGenerator {
  readonly measured: MeasuredScores;
  readonly pictures: ImageBatch;
  /** Classes asked for; undefined for an unconditional model. */
  readonly labels: Uint8Array | undefined;
}

/** Scores generators against a reference. Dispose of it after use. */
export class GeneratorScorer {
  readonly #tensorflow: TensorFlow;
  readonly #reference: OpenReference;
  readonly #embedding: Embedding;

  private constructor(tensorflow: TensorFlow, reference: OpenReference, embedding: Embedding) {
    this.#tensorflow = tensorflow;
    this.#reference = reference;
    this.#embedding = embedding;
  }

  /** @throws Failure when a file of the reference is missing or damaged */
  static async open(tensorflow: TensorFlow, artifact: ScoreReferenceArtifact): Promise<GeneratorScorer> {
    const reference = await openReference(artifact);
    return new GeneratorScorer(tensorflow, reference, await referenceEmbedding(tensorflow, artifact));
  }

  /**
   * Draws pictures, of a conditional model's classes in the proportions of the held-out pictures, rounds them to bytes and scores
   * them. The same seed draws the same noise.
   * @throws Interrupted when the signal is aborted
   */
  async score(
    generator: Generator,
    model: DrawingModel,
    { count, seed, signal, onProgress }: ScoringOptions,
  ): Promise<ScoredGenerator> {
    const { labels: heldOut } = this.#reference;
    const sizes = model.classes.map((_, label) => heldOut.filter(each => each === label).length);
    const counts = model.conditional ? proportional(count, sizes) : [count];
    const [height, width, channels] = model.imageShape;
    const size = height * width * channels;
    const images = new Uint8Array(count * size);
    let done = 0;
    for await (const batch of drawFakes(generator, model, { counts, seed, signal })) {
      images.set(batch.images, done * size);
      done += batch.count;
      onProgress?.(done);
    }
    const { features, probabilities } = await embedPictures(this.#embedding, images, count, signal);
    const labels = model.conditional ? labelsOf(counts) : undefined;
    const named = { name: 'generated pictures', values: features, count, width: this.#embedding.width };
    const scored = { features: named, probabilities, labels };
    const measured = await measureScores(this.#tensorflow, scored, this.#reference, signal);
    return { measured, pictures: { images, count, height, width, channels }, labels };
  }

  dispose(): Promise<void> {
    return this.#embedding.dispose();
  }
}
