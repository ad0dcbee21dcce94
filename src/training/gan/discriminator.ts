/** The discriminator's step on one round of real and generated images. */
import type * as Tf from '@tensorflow/tfjs';
import type { TensorFlow } from '../../core/tensorflow.ts';
import { updateNetwork, type NetworkLoss, type NetworkUpdate, type Trainee } from '../update.ts';
import type { GanLoss } from './losses.ts';
import type { Passes } from './passes.ts';
import type { Round } from './rounds.ts';

type Tensors = Readonly<Record<string, Tf.Tensor>>;

export interface DiscriminatorSettings {
  readonly loss: GanLoss;
  /** `separate`: one update on real images, then one on fakes. `joint`: one on the sum of both losses. */
  readonly discriminatorUpdate?: 'separate' | 'joint';
}

export interface DiscriminatorStep {
  /** New state by key. */
  readonly updates: Tensors;
  /** Numbers `[]` by the names of metrics. */
  readonly metrics: Readonly<Record<string, Tf.Tensor>>;
}

/** @param fakes Generated images of the round. */
export function discriminatorStep(
  tensorflow: TensorFlow,
  trainee: Trainee,
  state: Tensors,
  settings: DiscriminatorSettings,
  { judge }: Pick<Passes, 'judge'>,
  { round, fakes }: { readonly round: Round; readonly fakes: Tf.Tensor },
): DiscriminatorStep {
  const { tf } = tensorflow;
  const onReal = (weights: Tensors): NetworkLoss => {
    const { y: logits, state: moved } = judge(weights, round.real, round, 'real');
    const loss = settings.loss.real(tf, logits);
    return { loss, moved, aux: { realLogits: logits, d_loss_real: loss } };
  };
  const onFakes = (weights: Tensors): NetworkLoss => {
    const { y: logits, state: moved } = judge(weights, fakes, round, 'fake');
    const loss = settings.loss.fake(tf, logits);
    return { loss, moved, aux: { fakeLogits: logits, d_loss_fake: loss } };
  };
  const update = (current: Tensors, loss: (weights: Tensors) => NetworkLoss): NetworkUpdate =>
    updateNetwork(tensorflow, trainee, current, loss);

  const results: NetworkUpdate[] = [];
  if (settings.discriminatorUpdate === 'joint') results.push(update(state, sumOf(onReal, onFakes)));
  else {
    const first = update(state, onReal);
    results.push(first, update({ ...state, ...first.updates }, onFakes));
  }
  const merged = <T>(...records: Readonly<Record<string, T>>[]) =>
    Object.assign({}, ...records) as Record<string, T>;
  const { realLogits, fakeLogits, ...metrics } = merged(...results.map(({ aux }) => aux));
  const { d_loss_real: real, d_loss_fake: fake } = metrics;
  return {
    updates: merged(...results.map(({ updates }) => updates)),
    metrics: {
      ...metrics,
      d_loss: (real as Tf.Tensor).add(fake as Tf.Tensor).div(2),
      d_accuracy: accuracy(tf, settings.loss, realLogits as Tf.Tensor, fakeLogits as Tf.Tensor),
    },
  };
}

/** The sum of two losses; the second pass takes up the state that the first one leaves, as if it came after it. */
const sumOf =
  (first: (weights: Tensors) => NetworkLoss, second: (weights: Tensors) => NetworkLoss) =>
  (weights: Tensors): NetworkLoss => {
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
