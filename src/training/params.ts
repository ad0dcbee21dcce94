/** Parameters of stages that train. */
import { Type, type Static, type TObject } from 'typebox';
import type { Resumable } from '../core/stage.ts';
import { scheduleObstacle } from './schedule-obstacle.ts';
import { scheduleParam, type ScheduledTraining } from './schedule-param.ts';

/** What a stage keeps of its training on the way: the fields that `runTraining` takes. */
export const recordingParams = {
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
      keepEvery: Type.Integer({
        minimum: 0,
        default: 5000,
        description:
          'Iterations between checkpoints that are kept for good; 0 for none. Each is the first one at or after a multiple.',
      }),
    },
    { additionalProperties: false, default: {}, description: 'States to resume from.' },
  ),
  logEvery: Type.Integer({
    minimum: 1,
    default: 1,
    description: 'Iterations between points of the metrics.',
  }),
};

export type RecordingParams = Readonly<Static<TObject<typeof recordingParams>>>;

/** In which order examples are used. */
export const orderParams = {
  shuffle: Type.Boolean({
    default: true,
    description: 'A new order in every epoch; otherwise file order.',
  }),
  balanced: Type.Boolean({
    default: false,
    description:
      'Every class equally often in every batch. An epoch is as many examples as there are: those of rare classes come several times.',
  }),
};

/** The parameters of a stage that trains, beside its own. */
export const trainingParams = {
  iterations: Type.Integer({
    minimum: 1,
    maximum: 1_000_000_000,
    default: 1000,
    description: 'The number of iterations.',
  }),
  batchSize: Type.Integer({ minimum: 1, maximum: 4096, default: 32, description: 'Images per iteration.' }),
  learningRate: Type.Number({ exclusiveMinimum: 0, default: 1e-3, description: 'The learning rate.' }),
  schedule: scheduleParam,
  ...recordingParams,
};

/** The `resumable` of a stage with `trainingParams`. */
export const trainingResumable: Resumable<ScheduledTraining, unknown> = {
  parameters: ['iterations', 'schedule', ...Object.keys(recordingParams)],
  lengthenedBy: ['iterations'],
  pausable: true,
  obstacle: ({ then, now, ...stage }) => scheduleObstacle(then, now, stage),
};
