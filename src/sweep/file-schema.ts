import { Type, type Static } from 'typebox';
import { ByName } from '../core/record/schema-parts.ts';

const Text = (description: string) => Type.String({ minLength: 1, description });

/** Values by dotted name, such as `train.learningRate`. */
const Settings = (description: string) => ByName(Type.Unknown(), { description });

const Bounds = (description: string) => Type.Array(Type.Number(), { minItems: 2, maxItems: 2, description });

const When = Type.Optional(
  Settings('It varies only where another parameter that varies has this value, or one of these.'),
);

/** What one parameter may be. */
const Varied = Type.Union([
  Type.Array(Type.Unknown(), { minItems: 1, description: 'These values.' }),
  Type.Object(
    {
      values: Type.Optional(Type.Array(Type.Unknown(), { minItems: 1, description: 'These values.' })),
      range: Type.Optional(Bounds('Numbers from the first to the second.')),
      log: Type.Optional(Bounds('The same, each order of magnitude alike.')),
      integer: Type.Optional(Type.Boolean({ description: 'Whole numbers only.' })),
      step: Type.Optional(
        Type.Number({ exclusiveMinimum: 0, description: 'Distance of neighbouring numbers.' }),
      ),
      when: When,
    },
    { additionalProperties: false },
  ),
]);

const METHODS = ['grid', 'list', 'random', 'sobol', 'tpe'] as const;

const oneOf = <T extends string>(values: readonly T[], description: string) =>
  Type.Unsafe<T>({ type: 'string', enum: values, description });

/** Of a pipeline, too. */
const MAX_SEED = 2 ** 32 - 1;
const MOST_SEEDS = 10_000;

const Whole = (description: string, minimum = 1) => Type.Integer({ minimum, description });

const Objective = Type.Union([
  Text('The metric: `kid`, or `evaluate.kid` where several stages have it.'),
  Type.Object(
    {
      metric: Text('The metric: `kid`, or `evaluate.kid` where several stages have it.'),
      direction: Type.Optional(
        oneOf(['min', 'max'], 'Which values are better; by default as the stage declares it.'),
      ),
      at: Type.Optional(oneOf(['best', 'last'], 'Which value of a run counts; by default the best.')),
    },
    { additionalProperties: false },
  ),
]);

const Stop = Type.Object(
  {
    method: oneOf(
      ['asha', 'median'],
      'asha: one of `eta` goes on from each pause. median: what is worse than the median of the others ends.',
    ),
    stage: Text('The stage that pauses, such as train.'),
    rungs: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1 }), {
        minItems: 1,
        description: 'The iterations at which it pauses, ascending.',
      }),
    ),
    min: Type.Optional(
      Whole('The first pause, in iterations; each of the others is `eta` times the one before.'),
    ),
    max: Type.Optional(Whole('The last iteration; by default the stage’s `iterations`.')),
    eta: Type.Optional(
      Type.Number({ exclusiveMinimum: 1, default: 3, description: 'One of so many goes on; 3 by default.' }),
    ),
    atLeast: Type.Optional(Whole('median: results at a pause before any is final; 5 by default.')),
  },
  {
    additionalProperties: false,
    description: 'Early stopping: trials pause, and the promising ones are resumed.',
  },
);

/** A sweep's file. */
export const SweepFile = Type.Object(
  {
    name: Type.Optional(Text('Its name in lists; by default the file’s.')),
    pipeline: Type.Union(
      [Text('The pipeline file, relative to this one.'), Type.Array(Type.String(), { minItems: 1 })],
      { description: 'The pipeline file, relative to this one; a list varies it.' },
    ),
    set: Type.Optional(Settings('Values for all trials, as with --set.')),
    vary: Type.Optional(
      ByName(Varied, { description: 'What varies, by dotted name: a list of values, or a range.' }),
    ),
    points: Type.Optional(
      Type.Array(Settings('The values of one point.'), {
        minItems: 1,
        description: 'The points themselves, for the method list.',
      }),
    ),
    method: Type.Optional(
      oneOf(METHODS, 'How points are chosen. By default list where there are points, grid otherwise.'),
    ),
    seeds: Type.Optional(
      Type.Union(
        [
          Type.Integer({
            minimum: 1,
            maximum: MOST_SEEDS,
            description: 'So many repeats of each point, with the seeds 1, 2, 3, ….',
          }),
          Type.Array(Type.Integer({ minimum: 0, maximum: MAX_SEED }), { minItems: 1, maxItems: MOST_SEEDS }),
        ],
        {
          description: 'Repeats of each point: how many, or their seeds.',
        },
      ),
    ),
    objective: Type.Unsafe<Static<typeof Objective>>({
      ...Objective,
      description: 'The metric that ranks the points.',
    }),
    where: Type.Optional(
      Type.Union([Text('A condition.'), Type.Array(Type.String())], {
        description:
          'Conditions that each point fulfils, such as train.batchSize * train.iterations <= 640000.',
      }),
    ),
    stop: Type.Optional(Stop),
    budget: Type.Optional(
      Type.Object(
        {
          runs: Type.Optional(Whole('Most trials, repeats counted.')),
          hours: Type.Optional(
            Type.Number({ exclusiveMinimum: 0, description: 'No trial begins after so many.' }),
          ),
        },
        { additionalProperties: false, description: 'Where the sweep ends, though points are left.' },
      ),
    ),
    retries: Type.Optional(Whole('How often a trial is resumed whose process died; 1 by default.', 0)),
    workers: Type.Optional(Whole('Trials at a time; 1 by default. They share the processors.')),
    seed: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_SEED,
        description: 'Every suggestion follows from it; 1 by default.',
      }),
    ),
  },
  { additionalProperties: false, title: 'A pipe sweep', description: 'For pipe sweep.' },
);

export type SweepFile = Static<typeof SweepFile>;
