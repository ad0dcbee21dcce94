/** The discriminator's step on one round of real and generated images. */
import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlow } from '../../core/tensorflow.ts';
import type { ForwardResult } from '../../models/forward.ts';
import { withInputGradient, type WithInputGradient } from '../second-gradients.ts';
import { updateNetwork, type NetworkLoss, type NetworkUpdate, type Trainee } from '../update.ts';
import { classLoss } from './class-loss.ts';
import { between, r1Penalty, wganPenalty, type GradientPenalty } from './gradient-penalty.ts';
import type { GanLoss } from './losses.ts';
import type { Passes } from './passes.ts';
import type { Round } from './rounds.ts';

type Tensors = Readonly<Record<string, Tf.Tensor>>;
type LossOfWeights = (weights: Tensors) => NetworkLoss;

export interface DiscriminatorSettings {
  readonly loss: GanLoss;
  /** `separate`: one update on real images, then one on fakes. `joint`: one on the sum of both losses. */
  readonly discriminatorUpdate?: 'separate' | 'joint';
  /** Of the class loss, for a discriminator with a class head; 1 by default. */
  readonly classWeight?: number;
  readonly gradientPenalty?: GradientPenalty | undefined;
}

/** What a discriminator step works on. */
export interface RoundImages {
  readonly round: Round;
  /** Generated images of the round. */
  readonly fakes: Tf.Tensor;
  /** `[]`: the weight of the gradient penalty; undefined in an iteration without one. */
  readonly penaltyWeight: Tf.Tensor | undefined;
}

export interface DiscriminatorStep {
  /** New state by key. */
  readonly updates: Tensors;
  /** Numbers `[]` by the names of metrics. */
  readonly metrics: Tensors;
}

export function discriminatorStep(
  tensorflow: TensorFlow,
  trainee: Trainee,
  state: Tensors,
  settings: DiscriminatorSettings,
  passes: Passes,
  images: RoundImages,
): DiscriminatorStep {
  const onReal = lossOnReal(tensorflow, settings, passes, images);
  const onFakes = lossOnFakes(tensorflow, settings, passes, images);
  const update = (current: Tensors, loss: LossOfWeights): NetworkUpdate =>
    updateNetwork(tensorflow, trainee, current, loss);

  const results: NetworkUpdate[] = [];
  if (settings.discriminatorUpdate === 'joint') results.push(update(state, sumOf(onReal, onFakes)));
  else {
    const first = update(state, onReal);
    results.push(first, update({ ...state, ...first.updates }, onFakes));
  }
  const { realLogits, fakeLogits, ...metrics } = Object.assign(
    {},
    ...results.map(({ aux }) => aux),
  ) as Record<string, Tf.Tensor>;
  const { d_loss_real: real, d_loss_fake: fake } = metrics;
  return {
    updates: Object.assign({}, ...results.map(({ updates }) => updates)) as Tensors,
    metrics: {
      ...metrics,
      d_loss: (real as Tf.Tensor).add(fake as Tf.Tensor).div(2),
      d_accuracy: accuracy(tensorflow.tf, settings.loss, realLogits as Tf.Tensor, fakeLogits as Tf.Tensor),
    },
  };
}

/** The loss on real images, with the class loss and R1's penalty where there are such. */
function lossOnReal(
  tensorflow: TensorFlow,
  { loss, classWeight, gradientPenalty }: DiscriminatorSettings,
  { judge, augment }: Passes,
  { round, penaltyWeight }: RoundImages,
): LossOfWeights {
  const { tf } = tensorflow;
  const seen = augment(round.real, round, 'real');
  const isPenalised = gradientPenalty?.kind === 'r1' && penaltyWeight !== undefined;
  return weights => {
    const pass = (images: Tf.Tensor): ForwardResult => judge(weights, images, round, 'real');
    const judged: ForwardResult & Partial<WithInputGradient> = isPenalised
      ? withInputGradient(tf, seen, pass)
      : pass(seen);
    const value = loss.real(tf, judged.y);
    const classes = classLoss(tensorflow, judged, round, classWeight);
    const penalty = judged.gradient && penaltyTerm(r1Penalty(judged.gradient), penaltyWeight);
    return {
      loss: total(value, classes?.term, penalty),
      moved: judged.state,
      aux: {
        realLogits: judged.y,
        d_loss_real: value,
        ...(classes && { d_class_loss: classes.loss, d_class_accuracy: classes.accuracy }),
        ...(penalty && { d_penalty: penalty }),
      },
    };
  };
}

/** The loss on generated images, with the penalty of WGAN-GP where there is one. */
function lossOnFakes(
  tensorflow: TensorFlow,
  { loss, gradientPenalty }: DiscriminatorSettings,
  { judge, augment, random }: Passes,
  { round, fakes, penaltyWeight }: RoundImages,
): LossOfWeights {
  const { tf } = tensorflow;
  const seen = augment(fakes, round, 'fake');
  const isPenalised = gradientPenalty?.kind === 'wgan-gp' && penaltyWeight !== undefined;
  const mixed = isPenalised
    ? between(augment(round.real, round, 'real'), seen, random(round, 'between'))
    : undefined;
  return weights => {
    const judged = judge(weights, seen, round, 'fake');
    const value = loss.fake(tf, judged.y);
    const pass = (images: Tf.Tensor): ForwardResult => judge(weights, images, round, 'between');
    const penalty =
      mixed && penaltyTerm(wganPenalty(withInputGradient(tf, mixed, pass).gradient), penaltyWeight);
    return {
      loss: total(value, penalty),
      moved: judged.state,
      aux: { fakeLogits: judged.y, d_loss_fake: value, ...(penalty && { d_penalty: penalty }) },
    };
  };
}

const penaltyTerm = (penalty: Tf.Scalar, weight: Tf.Tensor | undefined): Tf.Scalar | undefined =>
  weight && penalty.mul<Tf.Scalar>(weight);

const total = (first: Tf.Scalar, ...others: readonly (Tf.Scalar | undefined)[]): Tf.Scalar =>
  others.reduce<Tf.Scalar>((sum, term) => (term === undefined ? sum : sum.add(term)), first);

/** The sum of two losses; the second pass takes up the state that the first one leaves, as if it came after it. */
const sumOf =
  (first: LossOfWeights, second: LossOfWeights): LossOfWeights =>
  weights => {
    const one = first(weights);
    const other = second({ ...weights, ...one.moved });
    return {
      loss: one.loss.add(other.loss),
      moved: { ...one.moved, ...other.moved },
      aux: { ...one.aux, ...other.aux },
    };
  };

/** The share `[]` of images that are taken for what they are, real and generated ones counted alike. */
function accuracy(tf: TensorFlow['tf'], { boundary }: GanLoss, real: Tf.Tensor, fake: Tf.Tensor): Tf.Tensor {
  const limit = boundary ?? real.mean().add(fake.mean()).div(2);
  const share = (right: Tf.Tensor) => tf.cast(right, 'float32').mean();
  return share(real.greater(limit))
    .add(share(fake.greater(limit).logicalNot()))
    .div(2);
}
