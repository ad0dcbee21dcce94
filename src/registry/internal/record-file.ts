import type { ExperimentRecord } from '../../core/experiment.ts';
import type { Attempt } from './attempt.ts';
import { recordPath } from './paths.ts';
import { serializeRecord } from './serialize.ts';

/** Shortest interval between rewrites of experiment.json within a stage, in milliseconds. */
const SAVE_INTERVAL = 3000;

/** experiment.json of an experiment that is being written. */
export class RecordFile {
  readonly #attempt: Attempt;
  readonly #content: () => ExperimentRecord;
  #saved = performance.now();

  constructor(attempt: Attempt, content: () => ExperimentRecord) {
    this.#attempt = attempt;
    this.#content = content;
  }

  save(): void {
    // Before the write: on a full disk the next try is after the interval, not at every point.
    this.#saved = performance.now();
    this.#attempt.replace(recordPath(this.#attempt.dir), serializeRecord(this.#content()));
  }

  saveIfDue(): void {
    if (performance.now() - this.#saved >= SAVE_INTERVAL) this.save();
  }
}
