import type * as Tf from '@tensorflow/tfjs';
import type { Transform } from '../../core/artifacts.ts';
import type { StepDefinition, TensorFlow } from '../../core/tensorflow.ts';
import { forward, type ForwardResult } from '../../models/forward.ts';
import type { Gan } from '../../models/gan.ts';
import { oneHotLabels } from '../../models/labels.ts';
import type { Network } from '../../models/network.ts';
import { toNumbers } from '../feed.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { optimizerState, updateNetwork, weightState, type NetworkUpdate, type Trainee } from '../update.ts';
import type { GanLoss, LossOfLogits } from './losses.ts';

/** Settings of an iteration, besides the networks. */
export interface GanSettings {
  readonly loss: GanLoss;
  readonly generator: Optimizer;
  readonly discriminator: Optimizer;
  /**
   * `inference`: the discriminator's fakes come from a pass with moving averages, as in the original.
   * `shared`: from the training-mode pass that also serves the generator's step.
   */
  readonly fakes: 'inference' | 'shared';
  /** How the data's bytes become numbers. */
  readonly transform: Transform;
  /** Layer by layer without rewrites, for tests. */
  readonly plain?: boolean;
}

type Tensors = Readonly<Record<string, Tf.Tensor>>;
type Inputs = Record<
  'images' | 'labels' | 'z' | 'seed' | 'learningRate' | 'discriminatorLearningRate',
  Tf.Tensor
>;

/** Runs a network; the call's number keeps the dropout of one pass apart from that of another. */
type Pass = (
  network: Network,
  weights: Tensors,
  x: Tf.Tensor,
  training: boolean,
  call: number,
) => ForwardResult;

/**
 * One iteration of a GAN (Goodfellow et al. 2014, algorithm 1), conditional when the networks take labels: a discriminator step
 * on real images, one on fakes, and a generator step, all on logits.
 *
 * Inputs: `images [B, H, W, C] uint8`, `labels [B] uint8`, `z [B, latent] float32`, `seed [2] int32` (for dropout),
 * `learningRate [] float32` (the generator's) and `discriminatorLearningRate [] float32`.
 * Outputs, all `[]`: `d_loss_real`, `d_loss_fake`, `d_loss` and `d_accuracy` (means of the two steps), `g_loss`.
 */
export function ganStep(
  tensorflow: TensorFlow,
  { generator, discriminator }: Gan,
  settings: GanSettings,
  seed: number,
): StepDefinition {
  const { tf } = tensorflow;
  const { loss } = settings;
  const generating = { network: generator, optimizer: settings.generator };
  const judging = { network: discriminator, optimizer: settings.discriminator };

  const run = (inputs: Tensors, initial: Tensors) => {
    const { images, labels, z, seed: callSeed, learningRate, discriminatorLearningRate } = inputs as Inputs;
    const real = toNumbers(tf, images, settings.transform);
    const oneHot = oneHotLabels(tf, labels, generator.dimensions.classes);
    const pass: Pass = (network, weights, x, training, call) =>
      forward(tensorflow, network, weights, x, {
        training,
        logits: network === discriminator,
        labels: network.conditional ? oneHot : undefined,
        seed: callSeed.add(tf.tensor1d([0, call], 'int32')),
        plain: settings.plain === true,
      });
    const state: Record<string, Tf.Tensor> = { ...initial };
    const judge = { ...judging, learningRate: discriminatorLearningRate };

    const fakes = pass(generator, state, z, settings.fakes === 'shared', 0).y;
    const onReal = discriminatorStep(tensorflow, judge, state, loss.real, weights =>
      pass(discriminator, weights, real, true, 1),
    );
    Object.assign(state, onReal.updates);
    const onFakes = discriminatorStep(tensorflow, judge, state, loss.fake, weights =>
      pass(discriminator, weights, fakes, true, 2),
    );
    Object.assign(state, onFakes.updates);

    // A shared pass is the same operations as the one above; a compiled step executes them once.
    const onGenerator = updateNetwork(tensorflow, { ...generating, learningRate }, state, weights => {
      const made = pass(generator, weights, z, true, 0);
      const judged = pass(discriminator, state, made.y, true, 3);
      return { loss: loss.generator(tf, judged.y), moved: made.state };
    });
    Object.assign(state, onGenerator.updates);
    const [realAccuracy, fakeAccuracy] = [share(tf, onReal, true), share(tf, onFakes, false)];
    return {
      outputs: {
        d_loss_real: onReal.loss,
        d_loss_fake: onFakes.loss,
        d_loss: onReal.loss.add(onFakes.loss).div(2),
        d_accuracy: realAccuracy.add(fakeAccuracy).div(2),
        g_loss: onGenerator.loss,
      },
      updates: Object.fromEntries(Object.entries(state).filter(([key, tensor]) => tensor !== initial[key])),
    };
  };

  return {
    name: `${generator.conditional ? 'conditional GAN' : 'GAN'} iteration`,
    state: {
      ...weightState(generator, seed),
      ...weightState(discriminator, seed),
      ...optimizerState(generating),
      ...optimizerState(judging),
    },
    run,
  };
}

/** One update of the discriminator; `aux.logits` are its judgements `[B, 1]`. */
function discriminatorStep(
  tensorflow: TensorFlow,
  trainee: Trainee,
  state: Tensors,
  loss: LossOfLogits,
  pass: (weights: Tensors) => ForwardResult,
): NetworkUpdate {
  return updateNetwork(tensorflow, trainee, state, weights => {
    const { y: logits, state: moved } = pass(weights);
    return { loss: loss(tensorflow.tf, logits), moved, aux: { logits } };
  });
}

/** The share `[]` of logits that take their images for real, or for generated ones. */
function share({ cast }: TensorFlow['tf'], { aux }: NetworkUpdate, isReal: boolean): Tf.Tensor {
  const taken = (aux as { readonly logits: Tf.Tensor }).logits.greater(0);
  return cast(isReal ? taken : taken.logicalNot(), 'float32').mean();
}
