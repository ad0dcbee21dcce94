/** The ranking of a sweep's points. */
import type { Interval } from '../core/interval.ts';
import { meanEstimate } from '../compare/statistics/intervals.ts';
import type { SweepState, PointState, Trial } from './state.ts';

export type PointStatus = 'running' | 'waiting' | 'done' | 'paused' | 'pruned' | 'failed' | 'stopped';

export interface RankedPoint {
  readonly point: PointState;
  readonly status: PointStatus;
  /** The mean over the repeats that have a value; undefined where none has. */
  readonly value: number | undefined;
  /** 95 % interval of the mean, from two repeats on. */
  readonly interval?: Interval;
  /** Repeats with a value. */
  readonly n: number;
  /** Where it paused for good: the iteration; absent for points at their end. */
  readonly step?: number;
}

/** Points, the best first: those at their end, then those that paused, farthest first, then those without a value. */
export function rank(state: SweepState): readonly RankedPoint[] {
  const sign = state.definition.objective.direction === 'min' ? 1 : -1;
  const order = ({ status, step, value }: RankedPoint): readonly number[] => [
    value === undefined ? 2 : status === 'done' ? 0 : 1,
    -(step ?? 0),
    sign * (value ?? 0),
  ];
  return state.points
    .map(point => rankedPoint(point, state))
    .toSorted((a, b) => {
      const [left, right] = [order(a), order(b)];
      return left.map((key, at) => key - (right[at] as number)).find(difference => difference !== 0) ?? 0;
    });
}

/** The best point at its end; undefined while there is none. */
export const bestOfSweep = (ranking: readonly RankedPoint[]): RankedPoint | undefined =>
  ranking.find(({ status, value }) => status === 'done' && value !== undefined);

function rankedPoint(point: PointState, state: SweepState): RankedPoint {
  const values = point.trials.flatMap(({ value, status }) =>
    hasCome(status) && value !== undefined && Number.isFinite(value) ? [value] : [],
  );
  const { early } = state.definition;
  const rungs = point.trials.flatMap(({ status, rung }) =>
    status === 'paused' && rung !== undefined ? [rung] : [],
  );
  const step = early?.rungs[Math.max(...rungs)];
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    point,
    status: statusOf(point, state),
    n: values.length,
    value: values.length === 0 ? undefined : mean,
    ...(values.length > 1 && { interval: meanEstimate(values).interval }),
    ...(step !== undefined && { step }),
  };
}

/** True for a trial at its end, or at a pause: what others measured is compared with nothing. */
const hasCome = (status: Trial['status']): boolean => status === 'finished' || status === 'paused';

function statusOf({ trials }: PointState, state: SweepState): PointStatus {
  const has = (test: (trial: Trial) => boolean) => trials.some(test);
  if (has(({ status }) => status === 'running')) return 'running';
  if (has(trial => trial.status === 'stopped' || (trial.status === 'crashed' && !state.isFinal(trial))))
    return 'stopped';
  if (has(({ status }) => status === 'waiting')) return state.completed === undefined ? 'waiting' : 'stopped';
  if (has(({ status }) => status === 'paused')) return state.completed === undefined ? 'paused' : 'pruned';
  return has(({ status }) => status === 'finished') ? 'done' : 'failed';
}
