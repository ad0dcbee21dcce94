import { Type, type Static } from 'typebox';
import type { ParamProblem } from '../core/stage.ts';
import { constant, cosine, linear, steps, warmUp, type Schedule } from './schedules.ts';

const warmUpParam = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: 1_000_000_000,
    description: 'Iterations in which the rate rises from 0 at first; the schedule follows them.',
  }),
);

const decay = {
  endFactor: Type.Optional(
    Type.Number({
      minimum: 0,
      description: 'What the learning rate is multiplied by in the end and from then on; 0 by default.',
    }),
  ),
  iterations: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000_000,
      description: 'The iteration at which it ends; by default the last one of training.',
    }),
  ),
  warmUp: warmUpParam,
};

const closed = (description: string) => ({ additionalProperties: false, description });

const kinds = [
  Type.Object(
    { kind: Type.Literal('constant'), warmUp: warmUpParam },
    closed('The same learning rate throughout.'),
  ),
  Type.Object(
    { kind: Type.Literal('linear'), ...decay },
    closed('Falls by the same step at each iteration.'),
  ),
  Type.Object({ kind: Type.Literal('cosine'), ...decay }, closed('Falls along half a cosine.')),
  Type.Object(
    {
      kind: Type.Literal('steps'),
      at: Type.Array(Type.Integer({ minimum: 1 }), {
        minItems: 1,
        uniqueItems: true,
        description: 'The iterations after which it falls.',
      }),
      factor: Type.Optional(
        Type.Number({
          exclusiveMinimum: 0,
          description: 'What it is multiplied by each time; 0.1 by default.',
        }),
      ),
      warmUp: warmUpParam,
    },
    closed('Falls after certain iterations.'),
  ),
] as const;

/** A schedule as people write it: `{ kind: cosine, warmUp: 500 }`. */
export type ScheduleSpec = Static<(typeof kinds)[number]>;

/** The parameter `schedule` of a stage that has a `learningRate`. */
export const scheduleParam = Type.Optional(
  Type.Unsafe<ScheduleSpec>({
    type: 'object',
    discriminator: { propertyName: 'kind' },
    required: ['kind'],
    oneOf: kinds,
    description:
      'How the learning rate changes, by its kind: constant, as without it; linear or cosine, towards the end; steps, after certain iterations.',
  }),
);

/** A training's length, and how its learning rate changes. */
export interface ScheduledTraining {
  readonly schedule?: ScheduleSpec | undefined;
  readonly learningRate: number;
  /** The last iteration. */
  readonly iterations: number;
}

/** The learning rate of a training by the iteration. */
export function scheduleOf({ schedule, learningRate, iterations }: ScheduledTraining): Schedule {
  const main = mainSchedule(schedule, learningRate, iterations);
  return schedule?.warmUp === undefined ? main : warmUp(schedule.warmUp, main);
}

function mainSchedule(spec: ScheduleSpec | undefined, start: number, iterations: number): Schedule {
  switch (spec?.kind) {
    case undefined:
    case 'constant':
      return constant(start);
    case 'steps':
      return steps({ start, factor: spec.factor ?? 0.1, at: spec.at });
    case 'linear':
    case 'cosine': {
      const end = start * (spec.endFactor ?? 0);
      const decay = { start, end, after: spec.warmUp ?? 0, until: spec.iterations ?? iterations };
      return spec.kind === 'linear' ? linear(decay) : cosine(decay);
    }
  }
}

/** True for a schedule that is another one when training gets longer. */
export const spansTraining = (spec: ScheduleSpec | undefined): boolean =>
  (spec?.kind === 'linear' || spec?.kind === 'cosine') && spec.iterations === undefined;

/**
 * What a schema cannot say of a schedule: that it contradicts itself, and, as warnings, which part of it comes after training.
 * @param iterations The last iteration of training, where it is known.
 */
export function scheduleProblems(
  spec: ScheduleSpec | undefined,
  iterations: number | undefined,
): readonly ParamProblem[] {
  if (spec === undefined) return [];
  const contradiction = lateFall(spec, iterations);
  if (contradiction.length > 0 || iterations === undefined) return contradiction;
  return [...longWarmUp(spec, iterations), ...lateEnd(spec, iterations), ...lateSteps(spec, iterations)];
}

const isDecay = (spec: ScheduleSpec) => spec.kind === 'linear' || spec.kind === 'cosine';

function lateFall(spec: ScheduleSpec, iterations: number | undefined): readonly ParamProblem[] {
  if (spec.warmUp === undefined || !isDecay(spec)) return [];
  const end = spec.iterations ?? iterations;
  if (end === undefined || spec.warmUp < end) return [];
  return [
    {
      path: ['schedule', 'warmUp'],
      code: 'warm-up-too-long',
      message: `the learning rate rises for ${spec.warmUp} iterations, and is to have fallen by iteration ${end}`,
      hint: `give warmUp fewer than ${end} iterations`,
    },
  ];
}

const beyond = (name: string, message: string, hint: string): readonly ParamProblem[] => [
  { path: ['schedule', name], code: 'schedule-longer-than-training', severity: 'warning', message, hint },
];

function longWarmUp(spec: ScheduleSpec, iterations: number): readonly ParamProblem[] {
  if (spec.warmUp === undefined || spec.warmUp <= iterations) return [];
  const message = `the learning rate rises for ${spec.warmUp} iterations, and training ends at iteration ${iterations}`;
  return beyond('warmUp', message, 'give warmUp fewer iterations, or train longer');
}

function lateEnd(spec: ScheduleSpec, iterations: number): readonly ParamProblem[] {
  if (!isDecay(spec) || spec.iterations === undefined || spec.iterations <= iterations) return [];
  const share = scheduleOf({ schedule: spec, learningRate: 1, iterations })(iterations);
  const message = `the learning rate falls until iteration ${spec.iterations}, and training ends at iteration ${iterations}, with ${Number(share.toPrecision(2))} of it left`;
  return beyond('iterations', message, 'leave it out for a schedule that ends with training');
}

function lateSteps(spec: ScheduleSpec, iterations: number): readonly ParamProblem[] {
  if (spec.kind !== 'steps') return [];
  const late = spec.at.filter(each => each >= iterations);
  if (late.length === 0) return [];
  const message = `the learning rate is to fall after iteration ${late.join(', ')}, and training ends at iteration ${iterations}`;
  return beyond('at', message, 'name earlier iterations, or train longer');
}
