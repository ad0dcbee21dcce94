import type * as Tf from '@tensorflow/tfjs';
import type { Transform } from '../../core/artifacts.ts';
import type { StepDefinition, TensorFlow } from '../../core/tensorflow.ts';
import type { Gan } from '../../models/gan.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { optimizerState, updateNetwork, weightState, type NetworkLoss } from '../update.ts';
import type { Augmentation } from '../augment.ts';
import { averageState, updatedAverages } from './average.ts';
import { classLoss } from './class-loss.ts';
import { discriminatorStep, type DiscriminatorSettings } from './discriminator.ts';
import { ganPasses, type Passes } from './passes.ts';
import { roundsOf, type Round } from './rounds.ts';

/** Settings of an iteration, besides the networks. */
export interface GanSettings extends DiscriminatorSettings {
  readonly generator: Optimizer;
  readonly discriminator: Optimizer;
  /**
   * `inference`: the discriminator's fakes come from a pass with moving averages, as in the original.
   * `shared`: from a training-mode pass; the last discriminator step's also serves the generator's step.
   */
  readonly fakes: 'inference' | 'shared';
  /** Discriminator steps of an iteration, 1 by default: its batch is divided among them. */
  readonly discriminatorSteps?: number;
  /** Decay of the moving average of the generator's weights; none by default. */
  readonly ema?: number | undefined;
  /** Changes of what the discriminator sees, in their order; none by default. */
  readonly augment?: readonly Augmentation[];
  /** How the data's bytes become numbers. */
  readonly transform: Transform;
  /** Layer by layer without rewrites, for tests. */
  readonly plain?: boolean;
}

type Tensors = Readonly<Record<string, Tf.Tensor>>;
type Inputs = Record<
  'images' | 'labels' | 'z' | 'seed' | 'learningRate' | 'discriminatorLearningRate',
  Tf.Tensor
> &
  Partial<Record<'averageWeight' | 'penaltyWeight', Tf.Tensor>>;

/**
 * One iteration of a GAN (Goodfellow et al. 2014, algorithm 1), conditional when the networks take labels: discriminator steps on
 * real images and fakes, and a generator step, all on logits.
 *
 * Inputs: `images [B, H, W, C] uint8`, `labels [B] uint8`, `z [B, latent] float32`, `seed [2] int32` (for dropout and
 * augmentation), `learningRate [] float32` (the generator's) and `discriminatorLearningRate [] float32`; with `ema`
 * `averageWeight [] float32`, and in an iteration with a gradient penalty `penaltyWeight [] float32`.
 * Outputs, all `[]`: `d_loss_real`, `d_loss_fake`, `d_loss` and `d_accuracy` (means of real and fake), with a class head
 * `d_class_loss` and `d_class_accuracy`, with a penalty `d_penalty`, all means of the discriminator steps; `g_loss`, `g_class_loss`.
 */
export function ganStep(
  tensorflow: TensorFlow,
  gan: Gan,
  settings: GanSettings,
  seed: number,
): StepDefinition {
  const { generator, discriminator } = gan;
  const { transform, plain = false, discriminatorSteps: steps = 1, augment = [] } = settings;
  const { classes } = generator.dimensions;
  const generating = { network: generator, optimizer: settings.generator };
  const judging = { network: discriminator, optimizer: settings.discriminator };

  const run = (given: Tensors, initial: Tensors) => {
    const inputs = given as Inputs;
    const passes = ganPasses(tensorflow, gan, { seed: inputs.seed, plain, augment, transform });
    const rounds = roundsOf(tensorflow.tf, inputs, { steps, classes, transform });
    const state: Record<string, Tf.Tensor> = { ...initial };
    const judge = { ...judging, learningRate: inputs.discriminatorLearningRate };
    const judgements = rounds.map(round => {
      const fakes = passes.generate(state, round, settings.fakes === 'shared').y;
      const images = { round, fakes, penaltyWeight: inputs.penaltyWeight };
      const { updates, metrics } = discriminatorStep(tensorflow, judge, state, settings, passes, images);
      Object.assign(state, updates);
      return metrics;
    });

    const last = rounds[rounds.length - 1] as Round;
    const trainee = { ...generating, learningRate: inputs.learningRate };
    const generated = updateNetwork(tensorflow, trainee, state, weights =>
      generatorLoss(tensorflow, settings, passes, last, weights, state),
    );
    Object.assign(state, generated.updates);
    if (settings.ema !== undefined)
      Object.assign(state, updatedAverages(generator, state, inputs.averageWeight as Tf.Tensor));
    return {
      outputs: { ...meansOf(judgements), ...generated.aux },
      updates: Object.fromEntries(Object.entries(state).filter(([key, tensor]) => tensor !== initial[key])),
    };
  };

  const weights = weightState(generator, seed);
  return {
    name: `${generator.conditional ? 'conditional GAN' : 'GAN'} iteration`,
    state: {
      ...weights,
      ...weightState(discriminator, seed),
      ...optimizerState(generating),
      ...optimizerState(judging),
      ...(settings.ema !== undefined && averageState(generator, weights)),
    },
    run,
  };
}

/** The generator's loss on images of a round, judged by a discriminator that does not move. */
function generatorLoss(
  tensorflow: TensorFlow,
  { loss, classWeight }: GanSettings,
  passes: Passes,
  round: Round,
  weights: Tensors,
  state: Tensors,
): NetworkLoss {
  // A shared pass is the same operations as that of the discriminator's step; a compiled step executes them once.
  const made = passes.generate(weights, round, true);
  const seen = passes.augment(made.y, round, 'generator');
  const judged = passes.judge(state, seen, round, 'generator');
  const value = loss.generator(tensorflow.tf, judged.y);
  const classes = classLoss(tensorflow, judged, round, classWeight);
  return {
    loss: classes ? value.add(classes.term) : value,
    moved: made.state,
    aux: { g_loss: value, ...(classes && { g_class_loss: classes.loss }) },
  };
}

/** Means of numbers `[]` by name. */
function meansOf(records: readonly Tensors[]): Tensors {
  const [first = {}, ...others] = records;
  if (others.length === 0) return first;
  return Object.fromEntries(
    Object.entries(first).map(([name, value]) => {
      const sum = others.reduce((total, record) => total.add(record[name] as Tf.Tensor), value);
      return [name, sum.div(records.length)];
    }),
  );
}
