/** Inputs of a compiled step. */
import { deriveSeed } from '../core/random.ts';
import type { StepInput } from '../core/tensorflow.ts';
import type { Dataset } from '../data/dataset.ts';

/** A number as an input `[]` float32, such as a learning rate. */
export const scalarInput = (value: number): StepInput => ({ shape: [], values: Float32Array.of(value) });

/** The input `[2] int32` from which the dropout of an iteration follows. */
export const dropoutSeed = (seed: number, iteration: number): StepInput => ({
  shape: [2],
  values: Int32Array.of(deriveSeed(seed, 'dropout', iteration), 0),
});

/** Images of a data set by their numbers: `images [B, H, W, C] uint8` and `labels [B] uint8`. */
export function imageInputs(
  dataset: Dataset,
  indices: Uint32Array,
): Readonly<Record<'images' | 'labels', StepInput>> {
  const { height, width, channels } = dataset.artifact;
  const { images, labels } = dataset.batch(indices);
  return {
    images: { shape: [indices.length, height, width, channels], values: images },
    labels: { shape: [indices.length], values: labels },
  };
}

/** Images of a data set by their numbers, in its transformed range: `[B, H, W, C]` one after the other. */
export function imageNumbers(dataset: Dataset, indices: readonly number[]): Float32Array {
  const { channels, transform } = dataset.artifact;
  const { scale, offset } = transform;
  return Float32Array.from(dataset.batch(indices).images, (byte, at) => {
    const channel = at % channels;
    return byte * (scale[channel] as number) + (offset[channel] as number);
  });
}
