import type { StepInput, TensorFlow } from '../../core/tensorflow.ts';
import type { Examples } from '../../data/dataset.ts';
import type { Network } from '../../models/network.ts';
import { Batches } from '../batches.ts';
import { dropoutSeed, scalarInput } from '../feed.ts';
import type { Schedule } from '../schedules.ts';
import type { Iteration, Metrics, TrainingTask, TrainingValidation } from '../task.ts';
import { drawMixingShare } from './mixup.ts';
import { fitStep, type FitSettings } from './step.ts';

export interface FitTaskOptions {
  /** Of the order of examples, of dropout and augmentation. */
  readonly seed: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  /** The class of each example, for batches that have every class equally often. */
  readonly balancedBy?: Uint8Array | undefined;
  readonly learningRate: Schedule;
  /** α of the distribution from which the shares of mixtures are drawn; no mixup without it. */
  readonly mixup?: number | undefined;
  readonly settings: Omit<FitSettings, 'transform'>;
  readonly validation: TrainingValidation | undefined;
  /** What to do when training diverges. */
  readonly remedy: string;
}

/** The training of a network that predicts, on a data set that is open. */
export function fitTask(
  tensorflow: TensorFlow,
  network: Network,
  examples: Examples,
  options: FitTaskOptions,
): TrainingTask {
  const { seed, batchSize, shuffle, balancedBy, learningRate, mixup, validation, remedy } = options;
  const { count, transform, shape } = examples.artifact;
  return {
    step: fitStep(tensorflow, network, { ...options.settings, transform }),
    batches: new Batches({ count, batchSize, shuffle, seed, balancedBy }),
    feed: ({ iteration, indices, random }: Iteration) => ({
      examples: { shape: [indices.length, ...examples.shape], values: examples.batch(indices) },
      ...truths(examples, indices),
      seed: dropoutSeed(seed, iteration),
      learningRate: scalarInput(learningRate(iteration)),
      ...(mixup !== undefined && { mixingShare: scalarInput(drawMixingShare(random, mixup)) }),
    }),
    progress: progressWords,
    countsEpochs: true,
    validation,
    examples: shape === undefined ? 'images' : 'examples',
    remedy,
  };
}

/** `labels [B] uint8`, or `targets [B, targets] float32`. */
function truths({ targets, labels }: Examples, indices: Uint32Array): Readonly<Record<string, StepInput>> {
  const size = indices.length;
  if (targets === undefined)
    return { labels: { shape: [size], values: Uint8Array.from(indices, index => labels[index] as number) } };
  const width = targets.length / labels.length;
  const values = new Float32Array(size * width);
  indices.forEach((index, place) => {
    values.set(targets.subarray(index * width, (index + 1) * width), place * width);
  });
  return { targets: { shape: [size, width], values } };
}

/** The validation first, which is the shortest way to see how training goes. */
function progressWords({ loss = NaN, accuracy }: Metrics, measured: Metrics): readonly string[] {
  const percent = (name: string, share: number | undefined) =>
    share === undefined ? [] : [`${name} ${(100 * share).toFixed(1)}%`];
  const { val_accuracy, val_loss } = measured;
  const error =
    val_accuracy === undefined && val_loss !== undefined ? [`val loss ${val_loss.toPrecision(3)}`] : [];
  return [
    ...percent('val', val_accuracy),
    ...error,
    `loss ${loss.toPrecision(3)}`,
    ...percent('accuracy', accuracy),
  ];
}
