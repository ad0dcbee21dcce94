import { deriveSeed } from '../../core/random.ts';
import type { ImageBatch } from '../../images/pixels.ts';
import type { Generator } from '../../models/generator.ts';
import { drawShare, type DrawingModel } from './sampling.ts';

/** What a generator is asked for: so many pictures of each class, or of none for an unconditional model. */
export interface WantedFakes {
  /** By class, in the order of the model's classes; one number for an unconditional model. */
  readonly counts: readonly number[];
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** Pictures of one class. */
export interface FakeBatch extends ImageBatch {
  /** Its index; 0 for an unconditional model. */
  readonly label: number;
}

/** Draws pictures class after class, as bytes, in batches. @throws Interrupted when the signal is aborted between two */
export async function* drawFakes(
  generator: Generator,
  model: DrawingModel,
  { counts, seed, signal }: WantedFakes,
): AsyncGenerator<FakeBatch> {
  for (const [index, count] of counts.entries()) {
    const name = model.classes[index] as string;
    const label = model.conditional ? { name, index } : undefined;
    const share = { label, seed: label === undefined ? seed : deriveSeed(seed, name) };
    for await (const batch of drawShare(generator, model, share, { count, signal }))
      yield { ...batch, label: index };
  }
}
