import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlow } from '../../core/tensorflow.ts';
import { forward, type ForwardResult } from '../../models/forward.ts';
import type { Gan } from '../../models/gan.ts';
import type { Network } from '../../models/network.ts';
import type { Round } from './rounds.ts';

type Tensors = Readonly<Record<string, Tf.Tensor>>;

/** Passes of one round. Each has a number, which keeps its random numbers apart from those of the others. */
const PASSES = { generate: 0, real: 1, fake: 2, generator: 3 } as const;
/** Numbers that a round has. */
const ROUND = 8;

/** What the discriminator judges: real images, generated ones in its own step, or those of the generator's step. */
export type Judged = Exclude<keyof typeof PASSES, 'generate'>;

/** Forward passes of an iteration. */
export interface Passes {
  /** Images of a round's noise, and the new state of a pass in training mode. */
  generate(weights: Tensors, round: Round, training: boolean): ForwardResult;
  /** The discriminator in training mode: logits `[B, 1]`, its heads and its new state. */
  judge(weights: Tensors, images: Tf.Tensor, round: Round, what: Judged): ForwardResult;
}

export interface PassOptions {
  /** Of the iteration: `[2] int32`. */
  readonly seed: Tf.Tensor;
  /** Layer by layer without rewrites. */
  readonly plain: boolean;
}

export function ganPasses(
  tensorflow: TensorFlow,
  { generator, discriminator }: Gan,
  { seed, plain }: PassOptions,
): Passes {
  const { tf } = tensorflow;
  const options = (network: Network, { oneHot, left }: Round, pass: keyof typeof PASSES) => ({
    labels: network.conditional ? oneHot : undefined,
    seed: seed.add(tf.tensor1d([0, ROUND * left + PASSES[pass]], 'int32')),
    plain,
  });
  return {
    generate: (weights, round, training) => {
      const settings = { ...options(generator, round, 'generate'), training };
      return forward(tensorflow, generator, weights, round.z, settings);
    },
    judge: (weights, images, round, what) => {
      const settings = { ...options(discriminator, round, what), training: true, logits: true };
      return forward(tensorflow, discriminator, weights, images, settings);
    },
  };
}
