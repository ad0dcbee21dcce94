import type * as Tf from '@tensorflow/tfjs';
import type { Transform } from '../core/artifacts.ts';
import type { StepDefinition, TensorFlow } from '../core/tensorflow.ts';
import { forward, trainedWeights, type ForwardResult } from '../models/forward.ts';
import { initialWeights } from '../models/initial-weights.ts';
import { oneHotLabels } from '../models/labels.ts';
import type { Network } from '../models/network.ts';
import { gradientsOf, type Traced } from './gradients.ts';
import { adamState, adamUpdate, type AdamSettings } from './optimizer.ts';

/** What an iteration needs to know besides the networks. */
export interface GanSettings {
  readonly generator: AdamSettings;
  readonly discriminator: AdamSettings;
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

type State = Readonly<Record<string, Tf.Tensor>>;

/**
 * One iteration of a GAN (Goodfellow et al. 2014, algorithm 1, with the non-saturating loss of section 3), conditional when the
 * networks take labels: a discriminator step on real images with target 1, one on fakes with target 0, and a generator
 * step against target 1, all on logits.
 *
 * Inputs: `images [B, H, W, C] uint8`, `labels [B] uint8`, `z [B, latent] float32`, `seed [2] int32` (for dropout).
 * Outputs, all `[]`: `d_loss_real`, `d_loss_fake`, `d_loss` and `d_accuracy` (means of the two steps), `g_loss`.
 */
export function ganStep(
  tensorflow: TensorFlow,
  generator: Network,
  discriminator: Network,
  settings: GanSettings,
  seed: number,
): StepDefinition {
  const { tf } = tensorflow;
  const { classes } = generator.dimensions;

  const run = (inputs: State, initial: State) => {
    const {
      images,
      labels,
      z,
      seed: callSeed,
    } = inputs as Record<'images' | 'labels' | 'z' | 'seed', Tf.Tensor>;
    const real = tf
      .cast(images, 'float32')
      .mul(tf.tensor1d([...settings.transform.scale]))
      .add(tf.tensor1d([...settings.transform.offset]));
    const oneHot = oneHotLabels(tf, labels, classes);
    const state: Record<string, Tf.Tensor> = { ...initial };
    const pass = (
      network: Network,
      weights: State,
      x: Tf.Tensor,
      training: boolean,
      call: number,
    ): ForwardResult =>
      forward(tensorflow, network, weights, x, {
        training,
        logits: network === discriminator,
        labels: network.conditional ? oneHot : undefined,
        seed: callSeed.add(tf.tensor1d([0, call], 'int32')),
        plain: settings.plain === true,
      });

    const fakes = pass(generator, state, z, settings.fakes === 'shared', 0).y;
    const onReal = discriminatorStep(tensorflow, discriminator, settings, state, 1, weights =>
      pass(discriminator, weights, real, true, 1),
    );
    Object.assign(state, onReal.updates);
    const onFakes = discriminatorStep(tensorflow, discriminator, settings, state, 0, weights =>
      pass(discriminator, weights, fakes, true, 2),
    );
    Object.assign(state, onFakes.updates);

    // A shared pass is the same operations as the one above; a compiled step executes them once.
    const onGenerator = gradientsOf(tf, trained(generator, state), weights => {
      const made = pass(generator, { ...state, ...weights }, z, true, 0);
      const judged = pass(discriminator, state, made.y, true, 3);
      return { loss: tf.softplus(judged.y.neg()).mean<Tf.Scalar>(), aux: made.state };
    });
    Object.assign(
      state,
      adamUpdate(tensorflow, generator, settings.generator, onGenerator.gradients, state),
      onGenerator.aux,
    );
    return {
      outputs: {
        d_loss_real: onReal.loss,
        d_loss_fake: onFakes.loss,
        d_loss: onReal.loss.add(onFakes.loss).div(2),
        d_accuracy: onReal.accuracy.add(onFakes.accuracy).div(2),
        g_loss: onGenerator.loss,
      },
      updates: Object.fromEntries(Object.entries(state).filter(([key, tensor]) => tensor !== initial[key])),
    };
  };

  const weights = { ...initialWeights(generator, seed), ...initialWeights(discriminator, seed) };
  return {
    name: `${generator.conditional ? 'conditional GAN' : 'GAN'} iteration`,
    state: {
      ...Object.fromEntries(
        [...generator.weights, ...discriminator.weights].map(({ key, shape }) => [
          key,
          { shape, values: weights[key] as Float32Array },
        ]),
      ),
      ...adamState(generator, settings.generator),
      ...adamState(discriminator, settings.discriminator),
    },
    run,
  };
}

/** One update of the discriminator towards `target`. */
function discriminatorStep(
  tensorflow: TensorFlow,
  network: Network,
  settings: GanSettings,
  state: State,
  target: 0 | 1,
  judge: (weights: State) => ForwardResult,
): { loss: Tf.Tensor; accuracy: Tf.Tensor; updates: Record<string, Tf.Tensor> } {
  const { tf } = tensorflow;
  const result = gradientsOf(tf, trained(network, state), (weights): Traced => {
    const { y: logits, state: moved } = judge({ ...state, ...weights });
    // Binary cross-entropy on logits: softplus(-l) for target 1, softplus(l) for target 0.
    const loss = tf.softplus(target === 1 ? logits.neg() : logits).mean<Tf.Scalar>();
    return { loss, aux: { logits, ...moved } };
  });
  const { logits, ...moved } = result.aux as Record<string, Tf.Tensor> & { logits: Tf.Tensor };
  const taken = logits.greater(0);
  const right = target === 1 ? taken : taken.logicalNot();
  return {
    loss: result.loss,
    accuracy: tf.cast(right, 'float32').mean(),
    updates: {
      ...adamUpdate(tensorflow, network, settings.discriminator, result.gradients, state),
      ...moved,
    },
  };
}

function trained(network: Network, state: State): Record<string, Tf.Tensor> {
  return Object.fromEntries(trainedWeights(network).map(({ key }) => [key, state[key] as Tf.Tensor]));
}
