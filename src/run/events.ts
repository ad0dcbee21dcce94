/**
 * The one vocabulary of a run: what the loop over stages emits, what a display shows, what a run's process tells the one that
 * follows it, and what `--progress jsonl` writes. An event is emitted once it is on record.
 */
import type { EventOfSchema, FailureOfSchema } from './event-schema.ts';

/** Events of a run, in order. */
export type RunEvent = EventOfSchema;

/** By type, whether there may be one event for each iteration, or for each line that is printed. */
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
  'run-ended': false,
  failed: false,
  note: false,
  output: true,
  dropped: false,
  'exit-called': false,
  leaving: false,
};

/** True for an event of a type that comes often. */
export const isFrequent = ({ type }: RunEvent): boolean => FREQUENT[type];

/** True for what a run tells; other code of its process may send anything. */
export const isRunEvent = (message: unknown): message is RunEvent =>
  typeof message === 'object' &&
  message !== null &&
  'type' in message &&
  Object.hasOwn(FREQUENT, String(message.type));

/** A failure as data. */
export type FailureDetail = FailureOfSchema;

/** Gets every event of a run. It returns at once, and throws nothing. */
export type Observer = (event: RunEvent) => void;

/** One observer of several, which get each event in this order. */
export const observedBy =
  (...observers: readonly Observer[]): Observer =>
  event => {
    for (const observe of observers) observe(event);
  };
