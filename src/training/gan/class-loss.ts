/** The class loss of AC-GAN (Odena et al. 2017): cross-entropy on real images for the discriminator, on fakes for the generator. */
import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlow } from '../../core/tensorflow.ts';
import type { ForwardResult } from '../../models/forward.ts';
import { CLASS_HEAD } from '../../models/layers/class-head.ts';
import { accuracy, softmaxCrossEntropy } from '../losses.ts';
import type { Round } from './rounds.ts';

/** Weight of the class loss where none is written. */
export const CLASS_WEIGHT = 1;

export interface ClassLoss {
  /** `[]`: what is added to the loss. */
  readonly term: Tf.Scalar;
  /** `[]`: the cross-entropy, without the weight. */
  readonly loss: Tf.Scalar;
  /** `[]`: the share of images whose class is recognised. */
  readonly accuracy: Tf.Scalar;
}

/** Undefined for a discriminator without the head. */
export function classLoss(
  { tf }: TensorFlow,
  { heads }: Pick<ForwardResult, 'heads'>,
  { oneHot, labels }: Pick<Round, 'oneHot' | 'labels'>,
  weight = CLASS_WEIGHT,
): ClassLoss | undefined {
  const logits = heads[CLASS_HEAD];
  if (logits === undefined) return undefined;
  const loss = softmaxCrossEntropy(logits, oneHot);
  return { loss, term: loss.mul(weight), accuracy: accuracy(tf, logits, labels) };
}
