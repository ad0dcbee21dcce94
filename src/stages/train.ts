import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import type { DatasetArtifact, ModelArtifact, TrainedModelArtifact } from '../core/artifacts.ts';
import { Interrupted } from '../core/failure.ts';
import { defineStage, type StageContext } from '../core/stage.ts';
import { iterationsPerEpoch } from '../training/batches.ts';
import { checkFit, fitProblems } from '../training/fit.ts';
import { Keeper } from '../training/keeper.ts';
import { formatTimeLeft, isLogged, Rate } from '../training/progress.ts';
import { saveLayersModel } from '../training/save-model.ts';
import { frameImages } from '../training/snapshot.ts';
import { trainGan, type TrainObserver, type TrainResult } from '../training/train-gan.ts';

const params = Type.Object(
  {
    epochs: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 20,
      description: 'How often every image is used.',
    }),
    iterations: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000_000,
        description: 'The number of iterations, instead of epochs.',
      }),
    ),
    batchSize: Type.Integer({ minimum: 1, maximum: 4096, default: 32, description: 'Images per iteration.' }),
    learningRate: Type.Number({ exclusiveMinimum: 0, default: 2e-4, description: 'Adam’s learning rate.' }),
    discriminatorLearningRate: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'Another learning rate for the discriminator.' }),
    ),
    beta1: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.5,
      description: 'Adam’s decay of the first moment.',
    }),
    beta2: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.999,
      description: 'Adam’s decay of the second moment.',
    }),
    epsilon: Type.Number({ exclusiveMinimum: 0, default: 1e-7, description: 'Adam’s ε.' }),
    shuffle: Type.Boolean({
      default: true,
      description: 'A new order in every epoch; otherwise file order.',
    }),
    fakes: Type.Union([Type.Literal('inference'), Type.Literal('shared')], {
      default: 'inference',
      description:
        'What the discriminator sees: images made with moving averages, as in the original, or those of the training pass that the generator’s step uses too (faster).',
    }),
    sample: Type.Object(
      {
        every: Type.Integer({
          minimum: 1,
          default: 100,
          description: 'Iterations between sample grids, frames and checkpoints.',
        }),
      },
      { additionalProperties: false, default: {}, description: 'Pictures on the way.' },
    ),
    checkpoint: Type.Object(
      {
        keep: Type.Integer({
          minimum: 1,
          default: 2,
          description: 'How many of the newest checkpoints are kept.',
        }),
        keepEvery: Type.Integer({
          minimum: 0,
          default: 5000,
          description:
            'Iterations between checkpoints that are kept for good; 0 for none. Each is the first one at or after a multiple.',
        }),
      },
      { additionalProperties: false, default: {}, description: 'States to go on from.' },
    ),
    logEvery: Type.Integer({
      minimum: 1,
      default: 1,
      description: 'Iterations between points of the metrics.',
    }),
  },
  { additionalProperties: false },
);

type Params = Static<typeof params>;
type Inputs = { readonly dataset: DatasetArtifact; readonly model: ModelArtifact };

export default defineStage({
  name: 'train',
  version: 1,
  summary: 'Trains the networks; keeps metrics, sample grids, frames and checkpoints as it goes.',
  params,
  inputs: {
    dataset: { kind: 'dataset', description: 'The images to learn from.' },
    model: { kind: 'model', description: 'The networks to train.' },
  },
  outputs: {
    model: { kind: 'trained-model', description: 'Both networks as TensorFlow.js layers models.' },
    frames: { kind: 'frames', description: 'The same noise drawn as training went on.' },
  },
  metrics: {
    d_loss: { direction: 'none', description: 'Discriminator loss, mean of real and fake.' },
    d_loss_real: { direction: 'none', description: 'Discriminator loss on real images.' },
    d_loss_fake: { direction: 'none', description: 'Discriminator loss on generated images.' },
    d_accuracy: { direction: 'none', description: 'Share of images that the discriminator judges right.' },
    g_loss: { direction: 'none', description: 'Generator loss.' },
    images_per_second: {
      direction: 'max',
      unit: 'images/s',
      description: 'Training speed.',
      wallClock: true,
    },
  },
  ignores: ({ iterations }) =>
    iterations === undefined ? [] : [{ path: ['epochs'], because: ['iterations'] }],
  outline: (_, { dataset, model }) => ({
    outputs: { model },
    problems: fitProblems(dataset, model),
  }),
  resumable: ['epochs', 'iterations', 'sample', 'checkpoint', 'logEvery'],
  run: async context => {
    const { dataset, model } = context.inputs;
    const { params: p } = context;
    checkFit(dataset, model);
    const tensorflow = await context.tensorflow();
    const perEpoch = iterationsPerEpoch({ count: dataset.count, batchSize: p.batchSize });
    const iterations = p.iterations ?? p.epochs * perEpoch;
    const keeper = new Keeper(context, {
      labels: frameLabels(context),
      retention: { every: p.sample.every, iterations, ...p.checkpoint },
      logEvery: p.logEvery,
    });
    const resumeFrom = await keeper.prepare(perEpoch);
    const adam = { beta1: p.beta1, beta2: p.beta2, epsilon: p.epsilon };
    const options = {
      seed: context.seed,
      iterations,
      batchSize: p.batchSize,
      shuffle: p.shuffle,
      sampleEvery: p.sample.every,
      settings: {
        generator: { ...adam, learningRate: p.learningRate },
        discriminator: { ...adam, learningRate: p.discriminatorLearningRate ?? p.learningRate },
        fakes: p.fakes,
      },
      signal: context.signal,
      resumeFrom,
    };
    const result = await trainGan(tensorflow, model, dataset, options, {
      iteration: reporter(context, iterations, Math.ceil(iterations / perEpoch)),
      moment: moment => keeper.keep(moment),
    }).catch((error: unknown) => {
      throw keeper.explain(error);
    });
    if (result.iterations < iterations)
      throw new Interrupted(
        `training stopped after iteration ${result.iterations} of ${iterations}; ${keeper.lastCheckpoint()}`,
      );
    for (const network of [result.networks.generator, result.networks.discriminator]) {
      await saveLayersModel(tensorflow.tf, network, result.state, join(context.outputDir, network.name));
      context.emit({ type: 'publish', path: network.name });
    }
    context.report(closingWords(result, perEpoch));
    return {
      model: trainedModel(context, result),
      frames: { kind: 'frames', dir: context.outputDir, frames: keeper.frames },
    };
  },
});

/** The classes that a frame shows, if it shows classes. */
function frameLabels(context: StageContext<Params, Inputs>): readonly string[] | undefined {
  const { conditional, classes, imageShape } = context.inputs.model;
  if (!conditional) return undefined;
  const shown = classes.slice(0, frameImages(imageShape, classes));
  if (shown.length < classes.length) {
    const text = `frames show the first ${shown.length} of ${classes.length} classes: more do not fit into a picture`;
    context.emit({ type: 'log', level: 'notice', text });
  }
  return shown;
}

/** Tells every iteration: progress for the terminal, a point for the metrics. */
function reporter(
  context: StageContext<Params>,
  iterations: number,
  epochs: number,
): TrainObserver['iteration'] {
  const rate = new Rate();
  return (iteration, epoch, images, losses) => {
    const perSecond = rate.add(performance.now(), images);
    const left = perSecond === 0 ? Infinity : ((iterations - iteration) * images) / perSecond;
    context.emit({
      type: 'progress',
      done: iteration,
      total: iterations,
      unit: 'iterations',
      // A narrow terminal cuts off what comes last.
      text: [
        `${formatTimeLeft(left)} left`,
        `${perSecond.toFixed(0)} images/s`,
        `D ${losses.d_loss.toFixed(3)}`,
        `G ${losses.g_loss.toFixed(3)}`,
        `accuracy ${Math.round(100 * losses.d_accuracy)}%`,
        `epoch ${epoch}/${epochs}`,
      ].join(' · '),
    });
    if (!isLogged(iteration, context.params.logEvery, iterations)) return;
    const speed = perSecond === 0 ? {} : { images_per_second: perSecond };
    context.emit({ type: 'metric', step: iteration, epoch, values: { ...losses, ...speed } });
  };
}

function trainedModel(
  { inputs, outputDir }: StageContext<Params, Inputs>,
  result: TrainResult,
): TrainedModelArtifact {
  const { model, latentDim, conditional, imageShape, classes } = inputs.model;
  return {
    kind: 'trained-model',
    dir: outputDir,
    model,
    latentDim,
    conditional,
    imageShape,
    classes,
    generator: result.networks.generator.name,
    discriminator: result.networks.discriminator.name,
    transform: inputs.dataset.transform,
    iterations: result.iterations,
  };
}

function closingWords({ iterations }: TrainResult, perEpoch: number): string {
  return `${iterations.toLocaleString('en-US')} iterations, ${(iterations / perEpoch).toFixed(1)} epochs`;
}
