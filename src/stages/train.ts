import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import type { DatasetArtifact, Frame, ModelArtifact, TrainedModelArtifact } from '../core/artifacts.ts';
import { Failure, Interrupted } from '../core/failure.ts';
import { defineStage, type StageContext } from '../core/stage.ts';
import { drawFrame, drawSampleGrid } from '../images/samples.ts';
import { epochOf, iterationsPerEpoch } from '../training/batches.ts';
import { checkpointName, writeCheckpoint, type Checkpoint } from '../training/checkpoint.ts';
import { findEarlierTraining, FOLDERS, frameFile, sampleFile } from '../training/earlier.ts';
import { formatTimeLeft, Rate } from '../training/progress.ts';
import { saveLayersModel } from '../training/save-model.ts';
import { trainGan, type Moment, type TrainObserver, type TrainResult } from '../training/train-gan.ts';

const params = Type.Object(
  {
    epochs: Type.Integer({ minimum: 1, default: 20, description: 'How often every image is used.' }),
    iterations: Type.Optional(
      Type.Integer({ minimum: 1, description: 'The number of iterations, instead of epochs.' }),
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
    images_per_second: { direction: 'max', unit: 'images/s', description: 'Training speed.' },
  },
  resumable: ['epochs', 'iterations', 'sample', 'checkpoint', 'logEvery'],
  run: async context => {
    const { dataset, model } = context.inputs;
    const { params: p } = context;
    const tensorflow = await context.tensorflow();
    const perEpoch = iterationsPerEpoch({ count: dataset.count, batchSize: p.batchSize });
    const iterations = p.iterations ?? p.epochs * perEpoch;
    const keeper = new Keeper(context, model);
    const resumeFrom = await keeper.prepare(iterations, perEpoch);
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

const isLogged = (iteration: number, logEvery: number, iterations: number): boolean =>
  iteration % logEvery === 0 || iteration === iterations;

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
      text: [
        `epoch ${epoch}/${epochs}`,
        `D ${losses.d_loss.toFixed(3)}`,
        `G ${losses.g_loss.toFixed(3)}`,
        `accuracy ${Math.round(100 * losses.d_accuracy)}%`,
        `${perSecond.toFixed(0)} images/s`,
        `${formatTimeLeft(left)} left`,
      ].join(' · '),
    });
    if (!isLogged(iteration, context.params.logEvery, iterations)) return;
    const speed = perSecond === 0 ? {} : { images_per_second: perSecond };
    context.emit({ type: 'metric', step: iteration, epoch, values: { ...losses, ...speed } });
  };
}

/** Keeps what training shows on the way: sample grids, frames and checkpoints. */
class Keeper {
  readonly frames: Frame[] = [];
  readonly #context: StageContext<Params, Inputs>;
  readonly #labels: readonly string[] | undefined;
  #checkpoint: string | undefined;

  constructor(context: StageContext<Params, Inputs>, model: ModelArtifact) {
    this.#context = context;
    this.#labels = model.conditional ? model.classes : undefined;
  }

  /** Makes the folders; answers the checkpoint to go on from, where an earlier try left one. */
  async prepare(iterations: number, perEpoch: number): Promise<Checkpoint | undefined> {
    const { outputDir, params, resume } = this.#context;
    for (const folder of FOLDERS) await mkdir(join(outputDir, folder), { recursive: true });
    if (resume === undefined) return undefined;
    const options = { iterations, sampleEvery: params.sample.every };
    const { checkpoint, damaged, pictured } = await findEarlierTraining(outputDir, options);
    const last = checkpoint?.iteration ?? 0;
    resume.keepMetrics(step => step <= last && isLogged(step, params.logEvery, iterations));
    for (const iteration of pictured) {
      this.#context.emit({ type: 'publish', path: sampleFile(iteration) });
      const epoch = epochOf(Math.max(iteration, 1), perEpoch);
      this.frames.push({ file: frameFile(iteration), epoch, iteration });
    }
    if (checkpoint !== undefined) this.#checkpoint = checkpointName(last);
    for (const text of damaged)
      this.#context.emit({ type: 'log', level: 'warning', text: `the checkpoint ${text}` });
    this.#context.emit({ type: 'log', level: 'notice', text: startingWords(checkpoint, iterations) });
    return checkpoint;
  }

  async keep({ iteration, epoch, snapshot, state, noise }: Moment): Promise<void> {
    const { outputDir, params } = this.#context;
    const [grid, frame] = [sampleFile(iteration), frameFile(iteration)];
    await writeFile(join(outputDir, grid), await drawSampleGrid(snapshot.grid));
    await writeFile(join(outputDir, frame), await drawFrame(snapshot.frame, this.#labels));
    this.#context.emit({ type: 'publish', path: grid });
    this.frames.push({ file: frame, epoch, iteration });
    if (iteration === 0) return;
    const folder = join(outputDir, 'checkpoints');
    this.#context.emit({ type: 'checkpoint' });
    this.#checkpoint = await writeCheckpoint(folder, { iteration, noise, state }, params.checkpoint.keep);
  }

  lastCheckpoint(): string {
    return this.#checkpoint === undefined
      ? 'there is no checkpoint yet'
      : `the last checkpoint is ${join(this.#context.outputDir, 'checkpoints', this.#checkpoint)}`;
  }

  /** Adds the last good checkpoint to a failure of training. */
  explain(error: unknown): unknown {
    if (!(error instanceof Failure)) return error;
    const { code, message, hint } = error;
    const details = [
      ...error.details,
      `${this.lastCheckpoint().replace(/^t/, 'T').replace(' last ', ' last good ')}.`,
    ];
    return new Failure({ code, message, details, ...(hint === undefined ? {} : { hint }), cause: error });
  }
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

/** Where training begins when it was stopped before. */
function startingWords(checkpoint: Checkpoint | undefined, iterations: number): string {
  if (checkpoint === undefined) return 'there is no checkpoint yet: training starts from its beginning';
  const { iteration } = checkpoint;
  if (iteration === iterations)
    return `iteration ${iteration} is the last and was done before: nothing is left to train`;
  return `training goes on after iteration ${iteration} of ${iterations}`;
}

function closingWords({ iterations }: TrainResult, perEpoch: number): string {
  return `${iterations.toLocaleString('en-US')} iterations, ${(iterations / perEpoch).toFixed(1)} epochs`;
}
