/** Early stopping, as a sweep's file says it. */
import { nearest } from '../core/nearest.ts';
import { resumableOf } from '../core/stage-functions.ts';
import { oneOf, type Details } from '../config/problems.ts';
import type { Space } from '../search/space.ts';
import type { CheckedPlan, CheckedPlans } from './check-points.ts';
import type { EarlyStopping, Objective } from './definition.ts';
import type { SweepFile } from './file-schema.ts';
import { placeOf, reportAt, type Reporter } from './problems.ts';

type Stop = NonNullable<SweepFile['stop']>;
/** Reports a problem at a part of `stop`. */
type Fail = (path: readonly string[], code: string, message: string, details?: Details) => undefined;
type PlannedStage = CheckedPlan['plan']['stages'][number];

interface Parts {
  readonly plans: CheckedPlans;
  readonly space: Space;
  readonly objective: Objective;
}

/** Early stopping; undefined where there is none, or with its problems reported. */
export function resolveEarly(
  { stop }: SweepFile,
  { plans, space, objective }: Parts,
  reporter: Reporter,
): EarlyStopping | undefined {
  if (stop === undefined) return undefined;
  const fail: Fail = (path, code, message, details = {}) => {
    reportAt(reporter, placeOf(reporter, ['stop', ...path]), code, message, details);
    return undefined;
  };
  const { method, stage, eta = 3, atLeast = 5 } = stop;
  const stages = pausingStages(stage, plans, fail);
  if (stages === undefined) return undefined;
  if (objective.stage !== stage)
    return fail(
      ['stage'],
      'measured-later',
      `"${objective.stage}.${objective.metric}" is measured once ${stage} has ended`,
      { hint: `name a metric that ${stage} itself measures, as objective` },
    );
  const max = lastIteration(stop, stages, space, fail);
  if (max === undefined) return undefined;
  const rungs = rungsOf(stop, eta, max, fail);
  return rungs && { method, stage, rungs, max, eta, atLeast };
}

/** The stage in each pipeline, which must be able to pause. */
function pausingStages(stage: string, plans: CheckedPlans, fail: Fail): readonly PlannedStage[] | undefined {
  const stages = plans.flatMap(({ plan }) => plan.stages.filter(({ id }) => id === stage));
  if (stages.length < plans.length) {
    const ids = plans.flatMap(({ plan }) => plan.stages.map(({ id }) => id));
    return fail(['stage'], 'unknown-stage-id', `no stage "${stage}" to stop`, {
      suggestion: nearest(stage, ids),
      expected: oneOf([...new Set(ids)]),
    });
  }
  if (stages.every(each => resumableOf(each.stage)?.pausable === true)) return stages;
  return fail(
    ['stage'],
    'cannot-pause',
    `stage "${stage}" cannot pause: it cannot be resumed from an iteration`,
    { expected: 'a stage such as train or fit' },
  );
}

/** `max`, or the `iterations` that all pipelines agree on. */
function lastIteration(
  { stage, max }: Stop,
  stages: readonly PlannedStage[],
  space: Space,
  fail: Fail,
): number | undefined {
  const varied = space.find(({ name }) => name === `${stage}.iterations`);
  const counts = new Set(stages.map(({ params }) => params['iterations']));
  const [first] = counts;
  const count = varied === undefined && counts.size === 1 && typeof first === 'number' ? first : undefined;
  if (max !== undefined && count !== undefined && max > count)
    return fail(['max'], 'no-maximum', `${stage} ends at iteration ${count}, before ${max}`, {
      expected: `at most ${count}`,
    });
  if (max !== undefined || count !== undefined) return max ?? count;
  if (varied === undefined)
    return fail([], 'no-maximum', `how long ${stage} runs is not known in iterations`, {
      hint: `set ${stage}.iterations, or say it here: max: 6000`,
    });
  const largest = varied.kind === 'range' ? varied.high : Math.max(...varied.values.map(Number));
  return fail([], 'no-maximum', `how long ${stage} runs is not known: ${varied.name} varies`, {
    hint: `the largest: max: ${largest}`,
  });
}

function rungsOf({ rungs, min }: Stop, eta: number, max: number, fail: Fail): readonly number[] | undefined {
  if (rungs !== undefined && min !== undefined)
    return fail(['min'], 'wrong-rungs', 'where trials pause is said twice: rungs and min', {
      hint: 'leave one of them out',
    });
  const all = rungs ?? (min === undefined ? undefined : rungsFrom(min, eta, max));
  if (all === undefined)
    return fail([], 'no-rungs', 'where trials pause is not said', {
      hint: 'rungs: [500, 1500], or min: 500',
    });
  const at = all.findIndex((rung, index) => rung <= (all[index - 1] ?? 0));
  if (at !== -1)
    return fail(
      [rungs === undefined ? 'eta' : 'rungs'],
      'wrong-rungs',
      `the iterations at which trials pause do not ascend: ${all.slice(Math.max(0, at - 1), at + 1).join(', ')}`,
    );
  const last = all.at(-1) as number;
  if (last < max) return all;
  return fail(
    [rungs === undefined ? 'min' : 'rungs'],
    'wrong-rungs',
    `a pause at iteration ${last} of ${max} is none`,
    { expected: `iterations below ${max}` },
  );
}

function rungsFrom(min: number, eta: number, max: number): readonly number[] {
  const rungs: number[] = [];
  for (let rung = min; rung < max; rung *= eta) rungs.push(Math.round(rung));
  return rungs.length === 0 ? [min] : rungs;
}
