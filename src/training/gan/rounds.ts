import type * as Tf from '@tensorflow/tfjs';
import type { Transform } from '../../core/artifacts.ts';
import type { TensorFlowNamespace } from '../../core/tensorflow.ts';
import { oneHotLabels } from '../../models/labels.ts';
import { toNumbers } from '../../models/to-numbers.ts';

/** Images, labels and noise of one discriminator step; the generator's step goes with the last one. */
export interface Round {
  /** Discriminator steps that follow this one. */
  readonly left: number;
  /** `[B, H, W, C] float32` */
  readonly real: Tf.Tensor;
  /** `[B] int32` */
  readonly labels: Tf.Tensor;
  /** `[B, classes] float32` */
  readonly oneHot: Tf.Tensor;
  /** `[B, latent] float32` */
  readonly z: Tf.Tensor;
}

/** Parts of a batch, as equal as they can be, none of them empty. */
export function partSizes(count: number, parts: number): readonly number[] {
  const possible = Math.min(count, parts);
  const end = (part: number) => Math.floor((part * count) / possible);
  return Array.from({ length: possible }, (_, part) => end(part + 1) - end(part));
}

/** The discriminator steps of an iteration: its batch in parts. A batch of fewer images than steps makes fewer steps. */
export function roundsOf(
  tf: TensorFlowNamespace,
  inputs: Readonly<Record<'images' | 'labels' | 'z', Tf.Tensor>>,
  { steps, classes, transform }: { steps: number; classes: number; transform: Transform },
): readonly Round[] {
  const { images, labels, z } = inputs;
  const whole = {
    real: toNumbers(tf, images, transform),
    labels: tf.cast(labels, 'int32'),
    oneHot: oneHotLabels(tf, labels, classes),
    z,
  };
  const sizes = partSizes(images.shape[0] ?? 0, steps);
  if (sizes.length === 1) return [{ ...whole, left: 0 }];
  const parts = (tensor: Tf.Tensor) => tf.split(tensor, [...sizes], 0);
  const [real, classIndices, oneHot, noise] = [whole.real, whole.labels, whole.oneHot, z].map(parts);
  return sizes.map((_, index) => {
    const at = (tensors: Tf.Tensor[] | undefined) => tensors?.[index] as Tf.Tensor;
    const left = sizes.length - 1 - index;
    return { left, real: at(real), labels: at(classIndices), oneHot: at(oneHot), z: at(noise) };
  });
}
