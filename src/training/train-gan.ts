import { setImmediate } from 'node:timers/promises';
import type { DatasetArtifact, ModelArtifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import { deriveSeed, Random, type RandomState } from '../core/random.ts';
import type { CompiledStep, TensorFlow } from '../core/tensorflow.ts';
import { openDataset, type Dataset, type DatasetOptions } from '../data/dataset.ts';
import { bindGan, type Gan } from '../models/gan.ts';
import { Batches, epochOf, iterationsPerEpoch } from './batches.ts';
import type { Checkpoint } from './checkpoint.ts';
import { ganStep, type GanSettings } from './gan-step.ts';
import { frameImages, isConstant, Snapshots, type Snapshot } from './snapshot.ts';

export interface TrainOptions {
  readonly seed: number;
  readonly iterations: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  /** A moment of rest every so many iterations: pictures and a checkpoint. */
  readonly sampleEvery: number;
  readonly settings: Omit<GanSettings, 'transform'>;
  readonly signal: AbortSignal;
  /** The state to go on from; without one training begins. */
  readonly resumeFrom?: Checkpoint | undefined;
  readonly data?: DatasetOptions;
}

/** The numbers of one iteration, by the names of the metrics. */
export type Losses = Readonly<
  Record<'d_loss' | 'd_loss_real' | 'd_loss_fake' | 'd_accuracy' | 'g_loss', number>
>;

/** A state of training that can be kept: the pictures, the weights and all that is needed to go on. */
export interface Moment {
  readonly iteration: number;
  readonly epoch: number;
  readonly snapshot: Snapshot;
  readonly state: Readonly<Record<string, Float32Array>>;
  readonly noise: RandomState;
}

/** What the loop tells while it runs. `moment` returns when what it keeps is on disk. */
export interface TrainObserver {
  iteration(iteration: number, epoch: number, images: number, losses: Losses): void;
  moment(moment: Moment): Promise<void>;
}

export interface TrainResult {
  readonly networks: Gan;
  /** Iterations done; fewer than asked for when the signal was aborted. */
  readonly iterations: number;
  /** Weights and optimizer state by key. */
  readonly state: Readonly<Record<string, Float32Array>>;
}

/**
 * Trains a GAN: iteration 0 is the untrained state. Between iterations the event loop runs, so that signals and
 * timers are served. From a checkpoint of the same options it goes on as if it had not stopped, to the last bit. Throws a Failure when a loss is not finite or the generator draws the same image for every noise.
 */
export async function trainGan(
  tensorflow: TensorFlow,
  model: ModelArtifact,
  artifact: DatasetArtifact,
  options: TrainOptions,
  observer: TrainObserver,
): Promise<TrainResult> {
  const networks = bindGan(model);
  const dataset = await openDataset(artifact, options.data);
  try {
    return await trainOn(dataset, tensorflow, { model, networks }, options, observer);
  } finally {
    await dataset.close();
  }
}

async function trainOn(
  dataset: Dataset,
  tensorflow: TensorFlow,
  { model, networks }: { readonly model: ModelArtifact; readonly networks: Gan },
  options: TrainOptions,
  observer: TrainObserver,
): Promise<TrainResult> {
  const { seed, batchSize, resumeFrom } = options;
  const { artifact } = dataset;
  const settings = { ...options.settings, transform: artifact.transform };
  const step = tensorflow.compile(
    ganStep(tensorflow, networks.generator, networks.discriminator, settings, model.seed),
  );
  const frame = frameImages(model.imageShape, model.conditional ? model.classes : undefined);
  const look = { transform: artifact.transform, seed, frameImages: frame };
  const snapshots = new Snapshots(tensorflow, networks.generator, look);
  const batches = new Batches({ count: artifact.count, batchSize, shuffle: options.shuffle, seed });
  const perEpoch = iterationsPerEpoch({ count: artifact.count, batchSize });
  const noise = resumeFrom ? Random.fromState(resumeFrom.noise) : new Random(deriveSeed(seed, 'noise'));
  let rested = resumeFrom?.iteration ?? 0;
  const rest = async (iteration: number) => {
    const epoch = epochOf(Math.max(iteration, 1), perEpoch);
    await observer.moment(await momentOf(step, snapshots, noise, iteration, epoch));
    rested = iteration;
  };
  try {
    if (resumeFrom) await restore(step, resumeFrom);
    else await rest(0);
    let iteration = resumeFrom?.iteration ?? 0;
    while (iteration < options.iterations && !options.signal.aborted) {
      iteration++;
      const { images, labels } = dataset.batch(batches.indices(iteration));
      const count = labels.length;
      const values = await step.run({
        images: { shape: [count, artifact.height, artifact.width, artifact.channels], values: images },
        labels: { shape: [count], values: labels },
        z: { shape: [count, model.latentDim], values: noise.normals(count * model.latentDim) },
        seed: { shape: [2], values: Int32Array.of(deriveSeed(seed, 'dropout', iteration), 0) },
      });
      const losses = lossesOf(values, iteration);
      observer.iteration(iteration, epochOf(iteration, perEpoch), count, losses);
      if (iteration % options.sampleEvery === 0) await rest(iteration);
      await setImmediate();
    }
    // The end, or where a signal stopped it.
    if (rested !== iteration) await rest(iteration);
    return { networks, iterations: iteration, state: await step.read() };
  } finally {
    await step.dispose();
  }
}

/** @throws Failure when the checkpoint is of other networks. */
async function restore(step: CompiledStep, { iteration, state }: Checkpoint): Promise<void> {
  const shape = (values: Readonly<Record<string, Float32Array>>) =>
    JSON.stringify(
      Object.entries(values)
        .map(([key, { length }]) => [key, length])
        .sort(),
    );
  if (shape(state) !== shape(await step.read()))
    throw new Failure({
      code: 'checkpoint-of-other-networks',
      message: `The checkpoint of iteration ${iteration} holds the state of other networks than these.`,
      hint: 'Run the pipeline from its beginning: pipe run',
    });
  await step.write(state);
}

function lossesOf(values: Readonly<Record<string, Float32Array>>, iteration: number): Losses {
  const losses = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value[0] as number]),
  ) as Losses;
  for (const [name, value] of Object.entries(losses))
    if (!Number.isFinite(value))
      throw new Failure({
        code: 'training-diverged',
        message: `Training diverged: ${name} is ${value} at iteration ${iteration}.`,
        hint: 'Try a smaller learning rate: --set train.learningRate=0.0001',
      });
  return losses;
}

async function momentOf(
  step: CompiledStep,
  snapshots: Snapshots,
  noise: Random,
  iteration: number,
  epoch: number,
): Promise<Moment> {
  const state = await step.read();
  const snapshot = snapshots.take(state, iteration);
  if (iteration > 0 && isConstant(snapshot.grid))
    throw new Failure({
      code: 'training-collapsed',
      message: `Training collapsed: at iteration ${iteration} the generator draws the same image whatever its noise.`,
      hint: 'Try a smaller learning rate, or another seed: --set seed=2',
    });
  return { iteration, epoch, snapshot, state, noise: noise.state() };
}
