import { Type, type Static } from 'typebox';
import { BUILT_IN_PREDICTORS, type BuiltInPredictor } from '../../models/predictor.ts';
import { PredictorSchema, type PredictorSpec } from '../../models/schema.ts';
import { optimizerParams, share } from '../optimizers/param.ts';
import { orderParams, recordingParams } from '../params.ts';
import { scheduleParam } from '../schedule-param.ts';
import { MONITORED, type Monitored } from './metrics.ts';
import { objectiveParams } from './objective-params.ts';

const validation = Type.Object(
  {
    every: Type.Integer({ minimum: 1, default: 1, description: 'Epochs between two validations.' }),
    batchSize: Type.Integer({
      minimum: 1,
      maximum: 4096,
      default: 256,
      description: 'Examples at once. It changes no score.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'How the validation part is measured.' },
);

const earlyStopping = Type.Optional(
  Type.Object(
    {
      patience: Type.Integer({
        minimum: 1,
        default: 5,
        description: 'Validations without an improvement that end training.',
      }),
      minDelta: Type.Number({
        minimum: 0,
        default: 0,
        description: 'The smallest change that is an improvement.',
      }),
    },
    {
      additionalProperties: false,
      description:
        'Ends training when the monitored metric improves no more; without it training runs to its end.',
    },
  ),
);

const checkpoint = Type.Object(
  {
    every: Type.Integer({
      minimum: 1,
      default: 200,
      description: 'Iterations between checkpoints; there is one at each validation as well.',
    }),
    ...recordingParams.checkpoint.properties,
  },
  { additionalProperties: false, default: {}, description: 'States to resume from.' },
);

/** The parameters of the stage `fit`. */
export const fitParams = Type.Object(
  {
    network: Type.Unsafe<BuiltInPredictor | PredictorSpec>(
      Type.Union([...BUILT_IN_PREDICTORS.map(name => Type.Literal(name)), PredictorSchema], {
        yamlFile: true,
        description:
          'A ready-made network by its name, or one of your own: the path of a YAML file, or written out here. It ends in one number for each class.',
      }),
    ),
    epochs: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 20,
      description: 'How often every example is used.',
    }),
    iterations: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000_000,
        description: 'The number of iterations, instead of epochs.',
      }),
    ),
    batchSize: Type.Integer({
      minimum: 1,
      maximum: 4096,
      default: 128,
      description: 'Examples per iteration.',
    }),
    learningRate: Type.Number({ exclusiveMinimum: 0, default: 1e-3, description: 'The learning rate.' }),
    schedule: scheduleParam,
    ...optimizerParams,
    beta1: share(0.9, 'Decay of Adam’s first moment.'),
    ...orderParams,
    ...objectiveParams,
    monitor: Type.Optional(
      Type.Unsafe<Monitored>(
        Type.Union(
          MONITORED.map(name => Type.Literal(name)),
          {
            description:
              'The metric by which the best weights are chosen and training stops early: val_accuracy by default, val_loss for regression.',
          },
        ),
      ),
    ),
    earlyStopping,
    validation,
    topK: Type.Integer({
      minimum: 2,
      maximum: 255,
      default: 5,
      description: 'k of top-k accuracy, where there are more classes.',
    }),
    savedModel: Type.Boolean({
      default: false,
      description:
        'Also saves the network as a SavedModel, which Python opens with tf.saved_model.load. Takes the native library.',
    }),
    checkpoint,
    logEvery: recordingParams.logEvery,
  },
  { additionalProperties: false },
);

export type FitParams = Static<typeof fitParams>;
