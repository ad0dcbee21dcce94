/** Entries of `sweeps/sweep-1/journal.jsonl`, in the order in which the driver wrote them. Everything else follows from them. */
import type { Point } from '../search/space.ts';
import type { Budget } from './definition.ts';

interface Entry<T extends string> {
  readonly type: T;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** One trial: a repeat of a point, both from 1. */
export interface TrialName {
  readonly point: number;
  readonly repeat: number;
}

/** How an attempt to run a trial ended. */
export type TrialEnd =
  /** To its end: its value is final. */
  | 'finished'
  /** At the rung that it was to reach. */
  | 'paused'
  /** A stage failed, or the pipeline is wrong: not retried. */
  | 'failed'
  /** Its process died. */
  | 'crashed'
  /** It was stopped, or its driver was gone: resumed without counting as a crash. */
  | 'stopped';

/** A driver begins or goes on. */
export interface Opened extends Entry<'opened'> {
  readonly workers: number;
  /** Compute threads of each trial. */
  readonly threads: number;
  /** Those of the sweep's file, which may change between drivers. */
  readonly budget: Budget;
  readonly retries: number;
}

/** The method gave a point. `draw` counts its suggestions, from 0, those that a condition refused included. */
export interface Suggested extends Entry<'suggested'> {
  readonly point: number;
  readonly draw: number;
  readonly values: Point;
}

/** A point that fulfils not every condition. */
export interface Refused extends Entry<'refused'> {
  readonly draw: number;
  readonly values: Point;
}

export interface Started extends Entry<'started'>, TrialName {
  /** The index of the rung at which it is to pause; absent where it runs to its end. */
  readonly rung?: number;
  /** The experiment that is resumed. */
  readonly experiment?: string;
}

export interface Ended extends Entry<'ended'>, TrialName {
  readonly status: TrialEnd;
  /** Absent where none was claimed. */
  readonly experiment?: string;
  /** The objective; absent where there is none, NaN where it is no number. */
  readonly value?: number;
  /** True where an earlier experiment has the same result, and nothing ran. */
  readonly equal?: boolean;
  /** Why it failed, in one line. */
  readonly failure?: string;
}

/** The driver stops for now. */
export interface Closed extends Entry<'closed'> {
  readonly why: string;
}

/** Nothing is left to do. */
export interface Completed extends Entry<'completed'> {
  readonly why: string;
}

export type JournalEntry = Opened | Suggested | Refused | Started | Ended | Closed | Completed;
