import type * as Tf from '@tensorflow/tfjs';
import type { Transform } from '../../core/artifacts.ts';
import type { TensorFlow } from '../../core/tensorflow.ts';
import { forward, type ForwardResult } from '../../models/forward.ts';
import type { Gan } from '../../models/gan.ts';
import type { Network } from '../../models/network.ts';
import { augmented, randomNumbers, type Augmentation } from '../augment.ts';
import type { Round } from './rounds.ts';

type Tensors = Readonly<Record<string, Tf.Tensor>>;

/** Passes of one round. Each has a number, which keeps its random numbers apart from those of the others. */
const PASSES = { generate: 0, real: 1, fake: 2, generator: 3, between: 4 } as const;
/** Numbers that a round has. */
const ROUND = 8;

/** Images of the discriminator: real, generated in its own step or in the generator's, or between real and generated. */
export type Judged = Exclude<keyof typeof PASSES, 'generate'>;

/** Forward passes of an iteration. */
export interface Passes {
  /** Images of a round's noise, and the new state of a pass in training mode. */
  readonly generate: (weights: Tensors, round: Round, training: boolean) => ForwardResult;
  /** Images as the discriminator gets to see them: changed at random where training augments. */
  readonly augment: (images: Tf.Tensor, round: Round, what: Judged) => Tf.Tensor;
  /** Random numbers `[B, 1, 1, 1]` in `[0, 1)` of a pass, beside those of its layers. */
  readonly random: (round: Round, what: Judged) => Tf.Tensor;
  /** The discriminator in training mode on images as it gets to see them: logits `[B, 1]`, its heads and its new state. */
  readonly judge: (weights: Tensors, images: Tf.Tensor, round: Round, what: Judged) => ForwardResult;
}

export interface PassOptions {
  /** Of the iteration: `[2] int32`. */
  readonly seed: Tf.Tensor;
  /** Layer by layer without rewrites. */
  readonly plain: boolean;
  readonly augment: readonly Augmentation[];
  /** From bytes to the numbers of the images. */
  readonly transform: Transform;
}

export function ganPasses(
  tensorflow: TensorFlow,
  { generator, discriminator }: Gan,
  { seed, plain, augment, transform }: PassOptions,
): Passes {
  const { tf } = tensorflow;
  const seedOf = ({ left }: Round, pass: keyof typeof PASSES) =>
    seed.add<Tf.Tensor>(tf.tensor1d([0, ROUND * left + PASSES[pass]], 'int32'));
  const numbersOf = (round: Round, pass: Judged) =>
    randomNumbers(tensorflow, seedOf(round, pass), round.z.shape[0] ?? 0);
  const options = (network: Network, round: Round, pass: keyof typeof PASSES) => ({
    labels: network.conditional ? round.oneHot : undefined,
    seed: seedOf(round, pass),
    plain,
  });
  return {
    generate: (weights, round, training) => {
      const settings = { ...options(generator, round, 'generate'), training };
      return forward(tensorflow, generator, weights, round.z, settings);
    },
    augment: (images, round, what) => {
      if (augment.length === 0) return images;
      return augmented(tf, augment, { images, transform }, numbersOf(round, what));
    },
    random: (round, what) => numbersOf(round, what)(0, 1).reshape([-1, 1, 1, 1]),
    judge: (weights, images, round, what) => {
      const settings = { ...options(discriminator, round, what), training: true, logits: true };
      return forward(tensorflow, discriminator, weights, images, settings);
    },
  };
}
