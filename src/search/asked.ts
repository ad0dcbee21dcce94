import type { Point, Space } from './space.ts';

/** What came of a point. */
export interface Observation {
  readonly point: Point;
  /** Undefined or NaN for a point that failed, or that a constraint refuses: worse than all others. */
  readonly value: number | undefined;
  /** Share of the full resource, 1 for a point that ran to its end. */
  readonly reached: number;
}

/** All that a suggestion depends on. */
export interface Asked {
  readonly space: Space;
  readonly direction: 'min' | 'max';
  readonly seed: number;
  /** Of the point that is asked for, from 0. */
  readonly index: number;
  /** In the order of their points' indices. */
  readonly observations: readonly Observation[];
  /** Suggested and not observed. */
  readonly pending: readonly Point[];
}

/** The next point: the same for the same arguments. Undefined once every point of the space was observed or is pending. */
export type Suggest = (asked: Asked) => Point | undefined;
