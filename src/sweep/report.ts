/** A sweep as data: its ranking, for displays, scripts and pages. */
import { counted } from '../core/format.ts';
import { importances, type Importances } from '../search/importance.ts';
import type { Observation } from '../search/suggest.ts';
import type { OpenedSweep } from './stored.ts';
import { bestOfSweep, rank, type RankedPoint } from './rank.ts';
import type { SweepState } from './state.ts';

export type SweepStatus = 'running' | 'complete' | 'stopped';

export interface SweepReport {
  readonly id: string;
  readonly name: string;
  readonly status: SweepStatus;
  /** Why it is complete. */
  readonly why?: string;
  readonly method: string;
  readonly objective: OpenedSweep['definition']['objective'];
  /** The best first. */
  readonly ranking: readonly RankedPoint[];
  readonly best: RankedPoint | undefined;
  /** Of what varies; undefined where a single point is all there is. */
  readonly importance: Importances | undefined;
  readonly counts: Counts;
}

/** Trials by what became of them. */
export interface Counts {
  readonly finished: number;
  readonly running: number;
  readonly waiting: number;
  readonly paused: number;
  /** Paused for good. */
  readonly pruned: number;
  readonly failed: number;
}

export function reportOf({ definition, state, stored }: OpenedSweep): SweepReport {
  const isDriven = stored.driver !== undefined;
  // What ran when its driver was killed is resumed by the next one.
  const ranking = rank(state).map(each =>
    each.status === 'running' && !isDriven ? { ...each, status: 'stopped' as const } : each,
  );
  const counts = countsOf(state);
  const { id, name, method, objective, space } = definition;
  return {
    id,
    name,
    method,
    objective,
    status: isDriven ? 'running' : state.completed === undefined ? 'stopped' : 'complete',
    ...(state.completed !== undefined && { why: state.completed }),
    ranking,
    best: bestOfSweep(ranking),
    importance:
      space.length > 0 && ranking.length > 1
        ? importances(space, observationsOf(ranking), objective.direction)
        : undefined,
    counts: isDriven ? counts : { ...counts, running: 0, waiting: counts.waiting + counts.running },
  };
}

const observationsOf = (ranking: readonly RankedPoint[]): readonly Observation[] =>
  ranking
    .filter(({ status }) => status === 'done')
    .map(({ point, value }) => ({ point: point.values, value, reached: 1 }));

export function countsOf(state: SweepState): Counts {
  const count = (...statuses: readonly string[]) =>
    state.trials.filter(({ status }) => statuses.includes(status)).length;
  const dead = state.trials.filter(trial => trial.status === 'crashed' && state.isFinal(trial)).length;
  return {
    finished: count('finished'),
    running: count('running'),
    waiting: count('waiting', 'stopped', 'crashed') - dead,
    paused: state.completed === undefined ? count('paused') : 0,
    pruned: state.completed === undefined ? 0 : count('paused'),
    failed: count('failed') + dead,
  };
}

/** Why a complete sweep has found nothing; undefined where it has found something. */
export function faultOf({ state, definition: { objective } }: OpenedSweep): string | undefined {
  const { trials, completed = '' } = state;
  if (trials.length === 0) return `no trial has run: ${completed}`;
  if (trials.every(trial => state.isFinal(trial) && trial.status !== 'finished'))
    return `all ${counted(trials.length, 'trial')} failed`;
  const isMeasured = trials.some(({ value }) => value !== undefined);
  return isMeasured ? undefined : `no trial has measured ${objective.stage}.${objective.metric}`;
}
