import type { ModelArtifact } from '../../core/artifacts.ts';
import type { TensorFlow } from '../../core/tensorflow.ts';
import type { Dataset } from '../../data/dataset.ts';
import { drawFrame, drawSampleGrid } from '../../images/samples.ts';
import type { Gan } from '../../models/gan.ts';
import { Batches } from '../batches.ts';
import { dropoutSeed, imageInputs, scalarInput } from '../feed.ts';
import type { Schedule } from '../schedules.ts';
import type { Iteration, Metrics, TrainingTask, TrainingValidation } from '../task.ts';
import { averagedWeights } from './average.ts';
import { settingInputs } from './setting-inputs.ts';
import { frameImages, isConstant, takeSnapshot } from './snapshot.ts';
import { ganStep, type GanSettings } from './step.ts';
import type { GanMetric, GanWatch } from './watch.ts';

export interface GanTaskOptions {
  readonly seed: number;
  /** Images of an iteration: those of all its discriminator steps. */
  readonly batchSize: number;
  readonly shuffle: boolean;
  /** The class of each image, for batches that have every class equally often. */
  readonly balancedBy?: Uint8Array | undefined;
  readonly learningRate: { readonly generator: Schedule; readonly discriminator: Schedule };
  readonly settings: Omit<GanSettings, 'transform'>;
  /** Written above the images of a frame. */
  readonly frameLabels: readonly string[] | undefined;
  readonly watch?: GanWatch;
  readonly validation?: TrainingValidation | undefined;
  /** What to do when training diverges. */
  readonly remedy: string;
}

/** The kinds of pictures: grids of other noise each time, and the same noise drawn again and again. */
export const GAN_PICTURES = {
  samples: { stem: 'sample', isPublished: true },
  frames: { stem: 'frame', isPublished: false },
} as const;

/** The training of a GAN on a data set that is open. */
export function ganTask(
  tensorflow: TensorFlow,
  model: ModelArtifact,
  networks: Gan,
  dataset: Dataset,
  options: GanTaskOptions,
): TrainingTask<GanMetric> {
  const { seed, batchSize, shuffle, balancedBy } = options;
  const { generator } = networks;
  const { count, transform } = dataset.artifact;
  return {
    step: ganStep(tensorflow, networks, { ...options.settings, transform }, model.seed),
    batches: new Batches({ count, batchSize, shuffle, seed, balancedBy }),
    feed: iteration => ganInputs(model, dataset, options, iteration),
    pictures: GAN_PICTURES,
    snapshot: async (state, iteration) => {
      const frame = frameImages(model.imageShape, model.conditional ? model.classes : undefined);
      const look = { transform, seed, frameImages: frame };
      const weights = averagedWeights(generator, state);
      const snapshot = takeSnapshot(tensorflow, generator, look, weights, iteration);
      options.watch?.pictures(iteration, isConstant(snapshot.grid));
      return {
        samples: await drawSampleGrid(snapshot.grid),
        frames: await drawFrame(snapshot.frame, options.frameLabels),
      };
    },
    progress: progressWords,
    ...(options.watch && { watch: options.watch }),
    validation: options.validation,
    remedy: options.remedy,
  };
}

function ganInputs(
  { latentDim }: ModelArtifact,
  dataset: Dataset,
  { seed, learningRate, settings }: GanTaskOptions,
  { iteration, indices, random }: Iteration,
): ReturnType<TrainingTask['feed']> {
  const count = indices.length;
  return {
    ...imageInputs(dataset, indices),
    z: { shape: [count, latentDim], values: random.normals(count * latentDim) },
    seed: dropoutSeed(seed, iteration),
    learningRate: scalarInput(learningRate.generator(iteration)),
    discriminatorLearningRate: scalarInput(learningRate.discriminator(iteration)),
    ...settingInputs(settings, iteration),
  };
}

const progressWords = ({ d_loss, g_loss, d_accuracy }: Metrics<GanMetric>): readonly string[] => [
  `D ${d_loss.toFixed(3)}`,
  `G ${g_loss.toFixed(3)}`,
  `accuracy ${Math.round(100 * d_accuracy)}%`,
];
