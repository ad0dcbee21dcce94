/** Parameters of what a GAN minimises. */
import { Type, type Static, type TObject } from 'typebox';
import type { ParamProblem } from '../../core/stage.ts';
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
};

export type ObjectiveParams = Readonly<Static<TObject<typeof objectiveParams>>>;

/** What a schema cannot say of these parameters. */
export function objectiveProblems({
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
