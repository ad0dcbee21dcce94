import { Type, type Static } from 'typebox';
import { optimizerParams } from '../optimizers/param.ts';
import { objectiveParams } from './objective-params.ts';
import { orderParams, recordingParams } from '../params.ts';
import { scoringParam } from './scoring-param.ts';
import { scheduleParam } from '../schedule-param.ts';

/** The parameters of the stage `train`. */
export const ganParams = Type.Object(
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
    learningRate: Type.Number({ exclusiveMinimum: 0, default: 2e-4, description: 'The learning rate.' }),
    discriminatorLearningRate: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'Another learning rate for the discriminator.' }),
    ),
    schedule: scheduleParam,
    ...optimizerParams,
    ...orderParams,
    fakes: Type.Union([Type.Literal('inference'), Type.Literal('shared')], {
      default: 'inference',
      description:
        'What the discriminator sees: images made with moving averages, as in the original, or those of the training pass that the generator’s step uses too (faster).',
    }),
    evaluate: scoringParam,
    savedModel: Type.Boolean({
      default: false,
      description:
        'Also saves the generator as a SavedModel, which Python opens with tf.saved_model.load. Takes the native library.',
    }),
    ...objectiveParams,
    ...recordingParams,
  },
  { additionalProperties: false },
);

export type GanParams = Static<typeof ganParams>;
