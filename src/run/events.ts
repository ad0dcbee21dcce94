/**
 * Events of a run, one vocabulary for the loop that emits them, displays, the process that follows a run, and `--progress jsonl`.
 * An event is emitted once it has been recorded.
 */
import type { EventOfSchema, FailureOfSchema } from './event-schema.ts';

/** An event of a run. */
export type RunEvent = EventOfSchema;

/** By type: true if there may be one event for each iteration or printed line. */
const FREQUENT: Readonly<Record<RunEvent['type'], boolean>> = {
  claimed: false,
  unchanged: false,
  'stage-started': false,
  progress: true,
  metric: true,
  log: true,
  published: false,
  checkpoint: false,
  'stage-ended': false,
  'stop-heard': false,
  'metrics-drawn': false,
  'run-ended': false,
  failed: false,
  note: false,
  output: true,
  dropped: false,
  'exit-called': false,
  leaving: false,
};

/** True for an event of a frequent type. */
export const isFrequent = ({ type }: RunEvent): boolean => FREQUENT[type];

/** True for an event of a run; other code of its process may send anything. */
export const isRunEvent = (message: unknown): message is RunEvent =>
  typeof message === 'object' &&
  message !== null &&
  'type' in message &&
  Object.hasOwn(FREQUENT, String(message.type));

/** A failure as data. */
export type FailureDetail = FailureOfSchema;

/** Receiver of every event of a run. It returns at once and throws nothing. */
export type Observer = (event: RunEvent) => void;

/** Several observers as one; each event goes to them in this order. */
export const observedBy =
  (...observers: readonly Observer[]): Observer =>
  event => {
    for (const observe of observers) observe(event);
  };
