import type * as Tf from '@tensorflow/tfjs';
import type { Transform } from '../../core/artifacts.ts';
import type { StepDefinition, TensorFlow } from '../../core/tensorflow.ts';
import { oneHotLabels } from '../../models/labels.ts';
import type { Network } from '../../models/network.ts';
import { toNumbers } from '../../models/to-numbers.ts';
import { augmented, randomNumbers, type Augmentation } from '../augment.ts';
import { accuracy, meanSquaredError } from '../losses.ts';
import { networkStep } from '../network-step.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { classificationLoss, type ClassificationLoss } from './loss.ts';
import { mixed } from './mixup.ts';

export interface FitSettings extends ClassificationLoss {
  /** Of the initial weights. */
  readonly seed: number;
  readonly optimizer: Optimizer;
  /** How the data's bytes or numbers become numbers. */
  readonly transform: Transform;
  /** Changes of the images, in their order. */
  readonly augment: readonly Augmentation[];
}

type Inputs = Readonly<Record<'examples' | 'seed', Tf.Tensor>> &
  Readonly<Partial<Record<'labels' | 'targets' | 'mixingShare', Tf.Tensor>>>;

/**
 * One iteration of a network that learns to predict: classes by the cross-entropy of logits, or numbers by the mean squared error.
 *
 * Inputs: `examples [B, …] uint8 or float32`, `labels [B] uint8` or `targets [B, targets] float32`, `seed [2] int32` (for dropout and
 * augmentation), `learningRate [] float32`, and for mixup `mixingShare [] float32`.
 * Outputs, all `[]`: `loss`, and of classes `accuracy`, of mixtures by the labels of their larger part's examples.
 */
export function fitStep(tensorflow: TensorFlow, network: Network, settings: FitSettings): StepDefinition {
  const { tf } = tensorflow;
  const { seed, optimizer, transform, augment } = settings;
  return networkStep(tensorflow, network, {
    seed,
    optimizer,
    loss: (given, pass) => {
      const { examples, seed: drawn, labels, targets, mixingShare } = given as Inputs;
      const numbers = toNumbers(tf, examples, transform);
      const random = randomNumbers(tensorflow, drawn, numbers.shape[0]);
      const truth =
        labels === undefined ? (targets as Tf.Tensor) : oneHotLabels(tf, labels, network.output[0] as number);
      const seen = { x: augmented(tf, augment, { images: numbers, transform }, random), targets: truth };
      const learnt = mixingShare === undefined ? seen : mixed(tf, seen, mixingShare);
      const y = pass(learnt.x, { logits: labels !== undefined });
      if (labels === undefined) return { loss: meanSquaredError(y, learnt.targets) };
      return {
        loss: classificationLoss(tf, y, learnt.targets, settings),
        metrics: { accuracy: accuracy(tf, y, learnt.targets.argMax(-1)) },
      };
    },
  });
}
