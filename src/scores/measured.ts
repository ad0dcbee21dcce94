import type { MetricEvent } from '../core/events.ts';
import type { ScoreName } from './catalogue.ts';
import type { Score } from './score.ts';

/** Pictures of one class, as they were asked for and as they look. */
export interface ClassScores {
  readonly name: string;
  /** Pictures in which the classifier sees this class, and the same of held-out pictures, as shares. */
  readonly seen: number;
  readonly expected: number;
  /** Of conditional models. */
  readonly recognised?: number;
  readonly fid?: number;
}

/** A generated picture, and the training picture that is nearest to it. */
export interface NearestPicture {
  readonly picture: number;
  /** Its index in the training data. */
  readonly nearest: number;
  /** Its distance divided by that of the training picture to its own nearest one: below 1 it is likely a copy. */
  readonly ratio: number;
}

/** Everything that is measured of a set of pictures. */
export interface MeasuredScores {
  readonly count: number;
  readonly scores: Readonly<Partial<Record<ScoreName, Score>>>;
  readonly classes: readonly ClassScores[];
  /** The most suspicious first. */
  readonly nearest: readonly NearestPicture[];
}

/** Scores as a point of metrics. */
export function pointOf({ scores }: MeasuredScores): Required<Pick<MetricEvent, 'values' | 'intervals'>> {
  const entries = Object.entries(scores);
  return {
    values: Object.fromEntries(entries.map(([name, { value }]) => [name, value])),
    intervals: Object.fromEntries(entries.map(([name, { interval }]) => [name, interval])),
  };
}
