/** What the stage `fit` makes smaller: the loss and what is done to examples, as its parameters. */
import { Type } from 'typebox';
import { augmentParam } from '../augment-param.ts';
import { classWeightsParam } from './class-weights.ts';

export const objectiveParams = {
  augment: augmentParam('Random changes of the pictures that are trained on, in this order.'),
  labelSmoothing: Type.Number({
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0,
    description: 'The share of each label that is spread over all classes (Szegedy et al. 2016, section 7).',
  }),
  mixup: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 100,
      description:
        'Mixes each batch with itself in another order; the shares are drawn from Beta(mixup, mixup) (Zhang et al. 2018).',
    }),
  ),
  classWeights: classWeightsParam,
};
