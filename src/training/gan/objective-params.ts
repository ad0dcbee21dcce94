/** Parameters of what a GAN minimises. */
import { Type, type Static, type TObject } from 'typebox';
import type { ParamProblem } from '../../core/stage.ts';
import { CLASS_WEIGHT } from './class-loss.ts';
import { augmentParam } from '../augment-param.ts';
import { PENALTIES, type GradientPenalty } from './gradient-penalty.ts';
import { GAN_LOSSES, type GanLossName } from './losses.ts';

export const objectiveParams = {
  loss: Type.Unsafe<GanLossName>(
    Type.Union(
      GAN_LOSSES.map(name => Type.Literal(name)),
      {
        default: 'bce',
        description:
          'What the networks minimise: binary cross-entropy, hinge, least squares or Wasserstein with a gradient penalty.',
      },
    ),
  ),
  labelSmoothing: Type.Number({
    minimum: 0,
    exclusiveMaximum: 0.5,
    default: 0,
    description: 'With `bce`: real images have the target 1 - labelSmoothing.',
  }),
  discriminatorSteps: Type.Integer({
    minimum: 1,
    maximum: 100,
    default: 1,
    description:
      'Discriminator steps of an iteration, each with batchSize images of its own; one generator step follows.',
  }),
  discriminatorUpdate: Type.Union([Type.Literal('separate'), Type.Literal('joint')], {
    default: 'separate',
    description:
      'A discriminator step: one update on real images and one on generated ones, or one on the sum of both losses.',
  }),
  classWeight: Type.Number({
    minimum: 0,
    default: CLASS_WEIGHT,
    description: 'Weight of the class loss, for a discriminator with a class head (AC-GAN).',
  }),
  gradientPenalty: Type.Optional(
    Type.Object(
      {
        kind: Type.Unsafe<GradientPenalty['kind']>(
          Type.Union(
            PENALTIES.map(name => Type.Literal(name)),
            {
              description:
                'r1: of the squared norm on real images; wgan-gp: of its distance from 1 between real and generated images.',
            },
          ),
        ),
        weight: Type.Number({ exclusiveMinimum: 0, default: 10, description: 'Weight of the penalty.' }),
        every: Type.Integer({
          minimum: 1,
          maximum: 1000,
          default: 1,
          description: 'Iterations from one penalty to the next; the weight counts for all of them.',
        }),
      },
      {
        additionalProperties: false,
        description:
          'Penalty on the gradient of the discriminator’s output by its images; with loss: wgan-gp that of wgan-gp by default.',
      },
    ),
  ),
  ema: Type.Optional(
    Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      description:
        'Decay of a moving average of the generator’s weights, such as 0.999. Samples and the saved generator use it; the last weights are saved as generator-last.',
    }),
  ),
  augment: augmentParam(
    'Random changes of every image that the discriminator sees, real or generated: flip, translation, cutout, color.',
  ),
};

export type ObjectiveParams = Readonly<Static<TObject<typeof objectiveParams>>>;

type Penalised = Pick<ObjectiveParams, 'loss' | 'gradientPenalty'>;

/** The penalty of a training: the Wasserstein loss has one even where none is written. */
export const penaltyOf = ({ loss, gradientPenalty }: Penalised): GradientPenalty | undefined =>
  gradientPenalty ?? (loss === 'wgan-gp' ? { kind: 'wgan-gp', weight: 10, every: 1 } : undefined);

/** What a schema cannot say of these parameters. */
export const objectiveProblems = (
  params: Penalised & Pick<ObjectiveParams, 'labelSmoothing' | 'discriminatorUpdate'>,
): readonly ParamProblem[] => [...uselessSmoothing(params), ...halfPenalised(params)];

function uselessSmoothing({
  loss,
  labelSmoothing,
}: Pick<ObjectiveParams, 'loss' | 'labelSmoothing'>): readonly ParamProblem[] {
  if (labelSmoothing === 0 || loss === 'bce') return [];
  return [
    {
      path: ['labelSmoothing'],
      code: 'no-label-smoothing',
      message: `label smoothing changes the targets of bce, and the loss is ${loss}`,
      hint: 'leave out labelSmoothing, or set loss: bce',
    },
  ];
}

/** Without the penalty beside it, the update on real images raises its outputs without a bound. */
function halfPenalised({
  loss,
  discriminatorUpdate,
}: Pick<ObjectiveParams, 'loss' | 'discriminatorUpdate'>): readonly ParamProblem[] {
  if (loss !== 'wgan-gp' || discriminatorUpdate === 'joint') return [];
  return [
    {
      path: ['loss'],
      code: 'separate-wasserstein',
      severity: 'warning',
      message:
        'wgan-gp is a loss on real and generated images together, and the discriminator updates are separate',
      hint: 'set discriminatorUpdate: joint',
    },
  ];
}
