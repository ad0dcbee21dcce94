import type { DatasetOutline, ModelOutline } from '../../core/outline.ts';
import type { ParamProblem } from '../../core/stage.ts';
import { CLASS_HEAD } from '../../models/layers/class-head.ts';
import { augmentationProblems } from '../augment-param.ts';
import { iterationsPerEpoch } from '../batches.ts';
import { scheduleProblems } from '../schedule-param.ts';
import { penaltyOf } from './objective-params.ts';
import { CLASS_WEIGHT } from './class-loss.ts';
import type { GanParams } from './params.ts';

/** Images that an iteration takes, in as many parts as it has discriminator steps. */
export const imagesPerIteration = ({
  batchSize,
  discriminatorSteps,
}: Pick<GanParams, 'batchSize' | 'discriminatorSteps'>): number => batchSize * discriminatorSteps;

/** Problems of parameters with data and networks, as far as those are known. */
export const paramProblems = (
  params: GanParams,
  dataset: DatasetOutline,
  model: ModelOutline,
): readonly ParamProblem[] => [
  ...largeBatch(params, dataset),
  ...scheduleByEpochs(params, dataset),
  ...normalizedCritic(params, model),
  ...weightWithoutHead(params, model),
  ...augmentationProblems(params.augment, dataset),
];

function largeBatch(params: GanParams, { count }: DatasetOutline): readonly ParamProblem[] {
  const { batchSize, discriminatorSteps: steps } = params;
  if (count === undefined || imagesPerIteration(params) <= count) return [];
  const code = 'batch-larger-than-data';
  const only = count === 1 ? 'there is 1 image' : `there are ${count} images`;
  if (steps === 1 || batchSize > count)
    return [
      {
        path: ['batchSize'],
        code,
        message: `batchSize is ${batchSize}, and ${only}`,
        hint: `set batchSize to ${Math.max(1, Math.floor(count / steps))} or less, or take more data`,
      },
    ];
  return [
    {
      path: ['discriminatorSteps'],
      code,
      message: `an iteration has ${steps} discriminator steps with ${batchSize} images each, and ${only}`,
      hint: `set discriminatorSteps to ${Math.floor(count / batchSize)} or less, or a smaller batchSize`,
    },
  ];
}

/** The stage's `check` does this where `iterations` are given. */
function scheduleByEpochs(params: GanParams, { count }: DatasetOutline): readonly ParamProblem[] {
  const { schedule, iterations, epochs } = params;
  if (iterations !== undefined || count === undefined) return [];
  return scheduleProblems(
    schedule,
    epochs * iterationsPerEpoch({ count, batchSize: imagesPerIteration(params) }),
  );
}

/** The penalty is one of each image by itself, and batch normalisation ties the images of a batch together. */
function normalizedCritic(params: GanParams, { discriminator }: ModelOutline): readonly ParamProblem[] {
  if (penaltyOf(params)?.kind !== 'wgan-gp' || discriminator?.hasBatchNormalization !== true) return [];
  return [
    {
      path: [params.gradientPenalty === undefined ? 'loss' : 'gradientPenalty'],
      code: 'normalized-critic',
      severity: 'warning',
      message:
        'wgan-gp penalises the gradient of each image, and the discriminator’s batch normalisation makes it depend on the others of its batch',
      hint: 'leave batchNormalization out of the discriminator, or use layerNormalization (Gulrajani et al. 2017, section 4)',
    },
  ];
}

function weightWithoutHead(
  { classWeight }: GanParams,
  { discriminator }: ModelOutline,
): readonly ParamProblem[] {
  if (classWeight === CLASS_WEIGHT || discriminator === undefined) return [];
  if (discriminator.heads.includes(CLASS_HEAD)) return [];
  return [
    {
      path: ['classWeight'],
      code: 'no-class-head',
      message: `classWeight is ${classWeight}, and the discriminator has no class-head: there is no class loss to weigh`,
      hint: 'leave out classWeight, or put { use: class-head } into the discriminator',
    },
  ];
}
