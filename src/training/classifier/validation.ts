import type { Metrics, StepState, TrainingValidation, WatchMemory } from '../task.ts';

export interface ValidationOptions {
  /** Iterations between two; undefined where there is no validation part. */
  readonly every: number | undefined;
  /** The last iteration. */
  readonly until: number;
  /** The metric that decides, and which end of it is better. */
  readonly monitor: { readonly metric: string; readonly direction: 'min' | 'max' };
  readonly earlyStopping?: { readonly patience: number; readonly minDelta: number } | undefined;
  /** Scores of the validation part, with their names. */
  readonly measure: (state: StepState) => Promise<Metrics>;
  /** Scores of the test part, with their names. */
  readonly conclude?: ((state: StepState) => Promise<Metrics>) | undefined;
  /** The state of an iteration that was the best one. */
  readonly load: (iteration: number) => Promise<StepState>;
}

/** What is remembered between validations. Iterations are 0 for none. */
interface Progress {
  readonly best: number;
  readonly value: number;
  /** Validations since the last improvement by `minDelta`. */
  readonly waited: number;
  /** The value that an improvement is compared with. */
  readonly reference: number;
}

const BEGINNING: Progress = { best: 0, value: 0, waited: 0, reference: 0 };

/**
 * Measures the validation part every few iterations, chooses the best state and ends training when it improves no more, as
 * Keras's `EarlyStopping`. At the end it measures the test part with the best state.
 */
export class Validation implements TrainingValidation {
  readonly every: number | undefined;
  readonly #options: ValidationOptions;
  #progress: Progress = BEGINNING;
  /** Before the last iteration was measured: what a longer training goes on from. */
  #before: Progress = BEGINNING;
  /** The iteration at which training was over. */
  #concluded = 0;

  constructor(options: ValidationOptions) {
    this.#options = options;
    this.every = options.every;
  }

  isDue(iteration: number): boolean {
    return iteration === this.#options.until || this.#isRegular(iteration);
  }

  #isRegular(iteration: number): boolean {
    return this.every !== undefined && iteration % this.every === 0;
  }

  async measure(state: StepState, iteration: number): Promise<Metrics> {
    const { until, measure, conclude } = this.#options;
    const measured = this.every === undefined ? {} : await measure(state);
    this.#before = this.#progress;
    if (this.every !== undefined) this.#note(iteration, measured);
    if (iteration < until && this.end() === undefined) return measured;
    this.#concluded = iteration;
    const tested = await conclude?.(await this.#bestState(state, iteration));
    return { ...measured, ...tested };
  }

  #bestState(state: StepState, iteration: number): Promise<StepState> | StepState {
    const best = this.best();
    return best === undefined || best === iteration ? state : this.#options.load(best);
  }

  #note(iteration: number, measured: Metrics): void {
    const { monitor, earlyStopping } = this.#options;
    const value = measured[monitor.metric] as number;
    const sign = monitor.direction === 'max' ? 1 : -1;
    const { best, value: highest, waited, reference } = this.#progress;
    const isFirst = best === 0;
    const isBetter = isFirst || sign * (value - highest) > 0;
    const isImprovement = isFirst || sign * (value - reference) > (earlyStopping?.minDelta ?? 0);
    this.#progress = {
      ...(isBetter ? { best: iteration, value } : { best, value: highest }),
      ...(isImprovement ? { waited: 0, reference: value } : { waited: waited + 1, reference }),
    };
  }

  best(): number | undefined {
    return this.#progress.best === 0 ? undefined : this.#progress.best;
  }

  end(): string | undefined {
    const { earlyStopping, monitor } = this.#options;
    const { waited, best } = this.#progress;
    if (earlyStopping === undefined || waited < earlyStopping.patience) return undefined;
    const validations = `${waited} ${waited === 1 ? 'validation' : 'validations'}`;
    return `stopped early: ${monitor.metric} did not improve for ${validations}; best at iteration ${best.toLocaleString('en-US')}`;
  }

  memory(): WatchMemory {
    return {
      ...named('validation', this.#progress),
      ...named('validation.before', this.#before),
      [CONCLUDED]: this.#concluded,
    };
  }

  /** A training that was over between two validations goes on as if its last state had not been measured. */
  recall(memory: WatchMemory): void {
    const concluded = memory[CONCLUDED] ?? 0;
    const isExtra = this.wasOver(memory) && !this.#isRegular(concluded);
    this.#before = read('validation.before', memory);
    this.#progress = isExtra ? this.#before : read('validation', memory);
    this.#concluded = concluded;
  }

  wasOver(memory: WatchMemory): boolean {
    const concluded = memory[CONCLUDED] ?? 0;
    return concluded > 0 && concluded < this.#options.until;
  }
}

const CONCLUDED = 'validation.concluded';

const named = (prefix: string, progress: Progress): WatchMemory =>
  Object.fromEntries(Object.entries(progress).map(([name, value]) => [`${prefix}.${name}`, value as number]));

const read = (prefix: string, memory: WatchMemory): Progress =>
  Object.fromEntries(
    Object.entries(BEGINNING).map(([name, initial]) => [name, memory[`${prefix}.${name}`] ?? initial]),
  ) as unknown as Progress;
