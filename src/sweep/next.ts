/** What a sweep does next: a pure function of its state, so that a replay of its journal proves every suggestion. */
import { asha, median } from '../search/early.ts';
import { suggesters } from '../search/suggest.ts';
import type { Point } from '../search/space.ts';
import { repeatsOf, type EarlyStopping } from './definition.ts';
import type { TrialName } from './journal.ts';
import { isAllowed } from './conditions.ts';
import type { PointState, SweepState, Trial } from './state.ts';

export type NextStep =
  | ({ readonly kind: 'start' } & Start)
  | { readonly kind: 'suggested' | 'refused'; readonly draw: number; readonly values: Point }
  /** Nothing can begin before a trial ends. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'complete'; readonly why: string };

export interface Start extends TrialName {
  /** The index of the rung at which it is to pause; absent where it runs to its end. */
  readonly rung?: number;
  /** The experiment to resume. */
  readonly experiment?: string;
}

/** Suggestions that conditions may refuse one after the other before a search is given up; a grid and a list have an end. */
const MOST_REFUSALS = 1000;

/** @param isTimeUp True once the budget of time is spent: nothing begins any more. */
export function nextStep(state: SweepState, isTimeUp: boolean): NextStep {
  const start = isTimeUp ? undefined : nextStart(state);
  if (start !== undefined) return { kind: 'start', ...start };
  const suggestion = isTimeUp ? 'the time is up' : nextSuggestion(state);
  if (typeof suggestion !== 'string') return suggestion;
  if (state.trials.some(({ status }) => status === 'running')) return { kind: 'wait' };
  return { kind: 'complete', why: suggestion };
}

/** Unfinished trials come first, then what remains of the points so far, then promotions. */
function nextStart(state: SweepState): Start | undefined {
  return unfinished(state) ?? remaining(state) ?? promoted(state);
}

function unfinished(state: SweepState): Start | undefined {
  const trial = state.trials.find(
    each => each.status === 'stopped' || (each.status === 'crashed' && !state.isFinal(each)),
  );
  return trial && startOf(trial, trial.rung);
}

function remaining(state: SweepState): Start | undefined {
  const { early } = state.definition;
  for (const point of state.points) {
    const target = targetOf(point, early);
    const trial = point.trials.find(
      ({ status, rung }) => status === 'waiting' || (status === 'paused' && isBelow(rung, target)),
    );
    if (trial !== undefined) return startOf(trial, target);
  }
  return undefined;
}

function promoted({ definition, points, rungResults }: SweepState): Start | undefined {
  const { early, objective } = definition;
  if (early === undefined) return undefined;
  for (const number of rule(early)(rungResults, objective.direction).promote) {
    const trials = points[number - 1]?.trials ?? [];
    const trial = trials.find(({ status }) => status === 'paused');
    // One that goes on already is not among those that all wait.
    if (trial?.rung === undefined || trials.some(({ status }) => status === 'running')) continue;
    const next = trial.rung + 1;
    return startOf(trial, next < early.rungs.length ? next : undefined);
  }
  return undefined;
}

const rule = ({ method, eta, atLeast }: EarlyStopping) =>
  method === 'asha' ? asha({ eta }) : median({ atLeast });

/** The rung to which the repeats of a point go: the farthest that one of them has begun. */
function targetOf({ trials }: PointState, early: EarlyStopping | undefined): number | undefined {
  if (early === undefined) return undefined;
  const begun = trials.filter(({ status }) => status !== 'waiting').map(({ rung }) => rung);
  return begun.length === 0 ? 0 : begun.reduce((far, rung) => (isBelow(far, rung) ? rung : far));
}

/** True for a rung before another; undefined, the end, is behind all. */
const isBelow = (rung: number | undefined, other: number | undefined): boolean =>
  rung !== undefined && (other === undefined || rung < other);

const startOf = ({ point, repeat, experiment }: Trial, rung: number | undefined): Start => ({
  point,
  repeat,
  ...(rung !== undefined && { rung }),
  ...(experiment !== undefined && { experiment }),
});

/** The next point, or why there is none. */
export function nextSuggestion(state: SweepState): Extract<NextStep, { readonly draw: number }> | string {
  const { definition, points, draws } = state;
  const { runs } = definition.budget;
  if (runs !== undefined && (points.length + 1) * repeatsOf(definition) > runs)
    return `${runs} runs were the budget`;
  if (state.refusals >= MOST_REFUSALS && !['grid', 'list'].includes(definition.method))
    return `${MOST_REFUSALS.toLocaleString('en')} points in a row did not fulfil "where"`;
  const values = suggest(state);
  if (values === undefined) return 'every point was tried';
  return { kind: isAllowed(definition, values) ? 'suggested' : 'refused', draw: draws, values };
}

function suggest({ definition, draws, observed }: SweepState): Point | undefined {
  const { method, space, objective, seed, points } = definition;
  if (method === 'list') return points?.[draws];
  const { direction } = objective;
  return suggesters[method]({ space, direction, seed, index: draws, ...observed });
}
