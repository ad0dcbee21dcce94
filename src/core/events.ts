/** Events of a running stage. The runner shows them, the registry stores them. */
import type { Interval } from './interval.ts';

export interface ProgressEvent {
  readonly type: 'progress';
  /** Units done and to do; `total` is absent while it is unknown. */
  readonly done: number;
  readonly total?: number;
  /** The unit counted: `iterations`, `images`, `bytes`. */
  readonly unit: string;
  /** The rest of the line, such as time left and losses. What matters most comes first: a narrow terminal cuts the line. */
  readonly text?: string;
}

/** Values measured at one step, such as `{ d_loss: 0.69, g_loss: 0.71 }` at iteration 100. */
export interface MetricEvent {
  readonly type: 'metric';
  /** Iteration, counted from 1. */
  readonly step: number;
  /** Counted from 1. */
  readonly epoch?: number;
  readonly values: Readonly<Record<string, number>>;
  /**
   * How the values were measured, such as `pipe-cifar10@1a2b3c4d/10000x10000/uint8`: parts separated by `/`, 1 to 200 characters
   * on one line. Values of two protocols are never compared, and each metric of a stage has one protocol, or none.
   */
  readonly protocol?: string;
  /** 95 % intervals of some of the values: `{ kid: [0.0399, 0.0411] }`. */
  readonly intervals?: Readonly<Record<string, Interval>>;
}

/** Text for the stage's log. A `warning` and a `notice` (such as a table) are also shown on the terminal. */
export interface LogEvent {
  readonly type: 'log';
  readonly level: 'info' | 'notice' | 'warning';
  readonly text: string;
}

/** A file or folder of the stage's output folder that people should see: it appears under `artifacts/<stage id>/`. */
export interface PublishEvent {
  readonly type: 'publish';
  /** Relative to the output folder. */
  readonly path: string;
}

/**
 * Emitted when a stage is about to keep a state from which it can resume: when `emit` returns, the metrics so far are on disk.
 * `emit` throws where another process has taken over the experiment, so it is best called right before the state is renamed into
 * place.
 */
export interface CheckpointEvent {
  readonly type: 'checkpoint';
}

export type StageEvent = ProgressEvent | MetricEvent | LogEvent | PublishEvent | CheckpointEvent;
