import { decodeNumber } from '../core/numbers.ts';
import type { RungResult } from '../search/early.ts';
import type { Observation } from '../search/suggest.ts';
import type { Point } from '../search/space.ts';
import { repeatsOf, type SweepDefinition } from './definition.ts';
import type { Ended, JournalEntry, Started, TrialEnd, TrialName } from './journal.ts';

export type TrialStatus = 'waiting' | 'running' | TrialEnd;

export interface Trial extends TrialName {
  readonly status: TrialStatus;
  /** Its experiment, as soon as it is known. */
  readonly experiment?: string;
  readonly value?: number;
  readonly equal?: boolean;
  readonly failure?: string;
  /** Attempts whose process died. */
  readonly crashes: number;
  /** The rung of the last attempt: at which it was to pause, undefined for its end. */
  readonly rung: number | undefined;
  readonly startedAt?: string;
  readonly endedAt?: string;
}

export interface PointState {
  /** From 1. */
  readonly number: number;
  readonly values: Point;
  readonly trials: readonly Trial[];
}

/** A sweep's state: a fold of its journal. */
export class SweepState {
  /** With the budget and the retries of the last driver. */
  #definition: SweepDefinition;
  readonly #points: PointState[] = [];
  readonly #refused: Point[] = [];
  readonly #rungResults: RungResult[] = [];
  readonly #clock = new DriverClock();
  #draws = 0;
  #refusals = 0;
  #completed: string | undefined;

  constructor(definition: SweepDefinition, journal: readonly JournalEntry[] = []) {
    this.#definition = definition;
    for (const entry of journal) this.add(entry);
  }

  get definition(): SweepDefinition {
    return this.#definition;
  }

  get points(): readonly PointState[] {
    return this.#points;
  }

  get trials(): readonly Trial[] {
    return this.#points.flatMap(({ trials }) => trials);
  }

  /** How often the method was asked. */
  get draws(): number {
    return this.#draws;
  }

  /** How many suggestions in a row a condition has refused. */
  get refusals(): number {
    return this.#refusals;
  }

  /** Why nothing is left to do; undefined before. */
  get completed(): string | undefined {
    return this.#completed;
  }

  /** Results at rungs, in the order in which they came. */
  get rungResults(): readonly RungResult[] {
    return this.#rungResults;
  }

  /** Milliseconds that drivers have spent up to the last entry. */
  get spentMs(): number {
    return this.#clock.ms;
  }

  /** The time of the last entry: milliseconds since 1970. */
  get lastAt(): number {
    return this.#clock.lastAt;
  }

  /** What the method gets: points with a result, at their end or at a rung, and those without. */
  get observed(): { readonly observations: readonly Observation[]; readonly pending: readonly Point[] } {
    const observations: Observation[] = this.#refused.map(point => ({ point, value: undefined, reached: 1 }));
    const pending: Point[] = [];
    for (const point of this.#points) {
      const result = this.resultOf(point);
      if (result === undefined) pending.push(point.values);
      else observations.push({ point: point.values, ...result });
    }
    return { observations, pending };
  }

  /** Value and share of the full length that a point has reached with all of its repeats. */
  resultOf({ number, trials }: PointState): Omit<Observation, 'point'> | undefined {
    if (trials.every(trial => this.isFinal(trial))) return { value: meanValue(trials), reached: 1 };
    const { early } = this.definition;
    const last = this.#rungResults.findLast(({ point }) => point === number);
    if (early === undefined || last === undefined) return undefined;
    return { value: last.value, reached: (early.rungs[last.rung] as number) / early.max };
  }

  /** True where nothing more comes of a trial. */
  isFinal({ status, crashes }: Trial): boolean {
    if (status === 'crashed') return crashes > this.definition.retries;
    return status === 'finished' || status === 'failed';
  }

  add(entry: JournalEntry): void {
    this.#clock.add(entry);
    switch (entry.type) {
      case 'opened':
        this.#completed = undefined;
        this.#definition = { ...this.#definition, budget: entry.budget, retries: entry.retries };
        return;
      case 'suggested':
        this.#draws = entry.draw + 1;
        this.#refusals = 0;
        this.#points.push(newPoint(entry.point, entry.values, repeatsOf(this.definition)));
        return;
      case 'refused':
        this.#draws = entry.draw + 1;
        this.#refusals++;
        this.#refused.push(entry.values);
        return;
      case 'started':
        this.#change(entry, trial => started(trial, entry));
        return;
      case 'ended':
        this.#change(entry, trial => ended(trial, entry));
        this.#noteRung(entry);
        return;
      case 'completed':
        this.#completed = entry.why;
        return;
      case 'closed':
        return;
    }
  }

  #change({ point, repeat }: TrialName, change: (trial: Trial) => Trial): void {
    const state = this.#points[point - 1];
    if (state?.trials[repeat - 1] === undefined) return;
    const trials = state.trials.map(trial => (trial.repeat === repeat ? change(trial) : trial));
    this.#points[point - 1] = { ...state, trials };
  }

  /** A point has a result at a rung once all of its repeats are there, or never will be. */
  #noteRung({ point }: Ended): void {
    const { early } = this.definition;
    const trials = this.#points[point - 1]?.trials;
    if (early === undefined || trials === undefined) return;
    const paused = trials.flatMap(({ status, rung }) =>
      status === 'paused' && rung !== undefined ? [rung] : [],
    );
    const rung = Math.max(...paused);
    const isThere = trials.every(
      trial => this.isFinal(trial) || (trial.status === 'paused' && trial.rung === rung),
    );
    const isKnown = this.#rungResults.some(each => each.point === point && each.rung === rung);
    if (paused.length === 0 || !isThere || isKnown) return;
    this.#rungResults.push({ point, rung, value: meanValue(trials) });
  }
}

const newPoint = (number: number, values: Point, repeats: number): PointState => ({
  number,
  values,
  trials: Array.from({ length: repeats }, (_, index) => ({
    point: number,
    repeat: index + 1,
    status: 'waiting' as const,
    crashes: 0,
    rung: undefined,
  })),
});

function started(trial: Trial, { at, rung, experiment }: Started): Trial {
  const { point, repeat, crashes, startedAt = at } = trial;
  return {
    point,
    repeat,
    status: 'running',
    crashes,
    rung,
    startedAt,
    ...(experiment !== undefined && { experiment }),
  };
}

function ended(trial: Trial, { at, status, experiment, value, equal, failure }: Ended): Trial {
  const number = decodeNumber(value);
  return {
    ...trial,
    status,
    endedAt: at,
    crashes: trial.crashes + (status === 'crashed' ? 1 : 0),
    ...(experiment !== undefined && { experiment }),
    ...(number !== undefined && { value: number }),
    ...(equal === true && { equal }),
    ...(failure !== undefined && { failure }),
  };
}

/** The mean over repeats; undefined where one has no number: a point that fails with one seed is no good point. */
function meanValue(trials: readonly Trial[]): number | undefined {
  const values = trials.map(({ status, value }) =>
    status === 'failed' || status === 'crashed' ? undefined : value,
  );
  const numbers = values.filter(value => value !== undefined && Number.isFinite(value)) as readonly number[];
  if (numbers.length < values.length) return undefined;
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

/** Time that drivers have spent: between the entries of each. A clock that is set back counts for nothing. */
class DriverClock {
  ms = 0;
  lastAt = 0;

  add({ type, at }: JournalEntry): void {
    const time = Date.parse(at);
    if (type !== 'opened') this.ms += Math.max(0, time - this.lastAt);
    this.lastAt = time;
  }
}
