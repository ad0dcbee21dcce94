import type { Measured, Metrics, StepState, TrainingValidation, WatchMemory } from './task.ts';

export interface ValidationOptions {
  /** Iterations between two; undefined where there is no validation part. */
  readonly every: number | undefined;
  /** The last iteration. */
  readonly until: number;
  /** The metric that decides, and which end of it is better. */
  readonly monitor: { readonly metric: string; readonly direction: 'min' | 'max' };
  readonly earlyStopping?: { readonly patience: number; readonly minDelta: number } | undefined;
  /** Scores of the validation part, with their names. */
  readonly measure: (state: StepState, iteration: number) => Promise<Measured>;
  readonly hasOwnPoints?: boolean;
  /** Scores of the test part, with their names. */
  readonly conclude?: ((state: StepState, iteration: number) => Promise<Metrics>) | undefined;
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
 * Keras's `EarlyStopping`. The last iteration is measured in any case. At the end the test part is measured with the best state.
 *
 * A longer training does not measure the last iteration of a shorter one unless it is a regular one, and never with the test part:
 * what is remembered of that is apart, so that training goes on as if it had not been.
 */
export class Validation implements TrainingValidation {
  readonly every: number | undefined;
  readonly hasOwnPoints: boolean;
  readonly #options: ValidationOptions;
  #progress: Progress = BEGINNING;
  /** With the last iteration, where that is no regular one. */
  #last: Progress | undefined;
  /** The iteration that was measured as the last one with more than a regular one is; 0 for none. */
  #concluded = 0;
  /** The same of a shorter training. */
  #foreign = 0;

  constructor(options: ValidationOptions) {
    this.#options = options;
    this.every = options.every;
    this.hasOwnPoints = options.hasOwnPoints ?? false;
  }

  isDue(iteration: number): boolean {
    return iteration === this.#options.until || this.#isRegular(iteration);
  }

  #isRegular(iteration: number): boolean {
    return this.every !== undefined && iteration % this.every === 0;
  }

  async measure(state: StepState, iteration: number): Promise<Measured> {
    const { until, measure, conclude } = this.#options;
    const measured = this.every === undefined ? { numbers: {} } : await measure(state, iteration);
    if (this.every !== undefined) this.#note(iteration, measured.numbers);
    if (iteration < until && this.end() === undefined) return measured;
    if (conclude !== undefined || !this.#isRegular(iteration)) this.#concluded = iteration;
    const tested = await conclude?.(await this.#bestState(state, iteration), iteration);
    return { ...measured, numbers: { ...measured.numbers, ...tested } };
  }

  #bestState(state: StepState, iteration: number): Promise<StepState> | StepState {
    const best = this.best();
    return best === undefined || best === iteration ? state : this.#options.load(best);
  }

  #note(iteration: number, measured: Metrics): void {
    const value = measured[this.#options.monitor.metric] as number;
    const progress = advanced(this.#progress, { iteration, value }, this.#options);
    if (this.#isRegular(iteration)) this.#progress = progress;
    else this.#last = progress;
  }

  /** The iteration of the best state so far. */
  best(): number | undefined {
    const { best } = this.#last ?? this.#progress;
    return best === 0 ? undefined : best;
  }

  end(): string | undefined {
    const { monitor } = this.#options;
    if (!this.#isPatienceOver(this.#progress)) return undefined;
    const { waited } = this.#progress;
    const validations = `${waited} ${waited === 1 ? 'validation' : 'validations'}`;
    return `stopped early: ${monitor.metric} did not improve for ${validations}`;
  }

  #isPatienceOver({ waited }: Progress): boolean {
    const { earlyStopping } = this.#options;
    return earlyStopping !== undefined && waited >= earlyStopping.patience;
  }

  memory(): WatchMemory {
    return {
      ...named(PROGRESS, this.#progress),
      ...(this.#last && named(LAST, this.#last)),
      [CONCLUDED]: this.#concluded,
      [FOREIGN]: this.#foreign,
    };
  }

  recall(memory: WatchMemory): void {
    const isOver = this.#isOver(memory);
    this.#progress = read(PROGRESS, memory);
    this.#last = isOver && `${LAST}.best` in memory ? read(LAST, memory) : undefined;
    this.#concluded = isOver ? (memory[CONCLUDED] ?? 0) : 0;
    this.#foreign = this.#foreignIn(memory);
  }

  /** True for the memory of a training that ended where this one does. */
  #isOver(memory: WatchMemory): boolean {
    return memory[CONCLUDED] === this.#options.until || this.#isPatienceOver(read(PROGRESS, memory));
  }

  #foreignIn(memory: WatchMemory): number {
    const { [FOREIGN]: foreign = 0, [CONCLUDED]: concluded = 0 } = memory;
    return foreign === 0 && !this.#isOver(memory) ? concluded : foreign;
  }

  needs(memory: WatchMemory): readonly number[] {
    const iterations = [PROGRESS, LAST].map(prefix => read(prefix, memory).best);
    return [...new Set(iterations)].filter(iteration => iteration > 0);
  }

  isUsable(iteration: number, memory: WatchMemory): boolean {
    const { until, conclude } = this.#options;
    const isOnlyRegular = conclude === undefined && this.#isRegular(iteration);
    return iteration < until || isOnlyRegular || this.#isOver(memory);
  }

  hasForeignPoint(memory: WatchMemory): boolean {
    return this.#foreignIn(memory) > 0;
  }
}

/** Progress after one more value, by the rules of Keras's `EarlyStopping` and, for the best one, `ModelCheckpoint`. */
function advanced(
  { best, value: highest, waited, reference }: Progress,
  { iteration, value }: { readonly iteration: number; readonly value: number },
  { monitor, earlyStopping }: Pick<ValidationOptions, 'monitor' | 'earlyStopping'>,
): Progress {
  const sign = monitor.direction === 'max' ? 1 : -1;
  const minDelta = earlyStopping?.minDelta ?? 0;
  const isFirst = best === 0;
  const isBetter = isFirst || sign * (value - highest) > 0;
  const isImprovement = isFirst || sign * value - minDelta > sign * reference;
  return {
    ...(isBetter ? { best: iteration, value } : { best, value: highest }),
    ...(isImprovement ? { waited: 0, reference: value } : { waited: waited + 1, reference }),
  };
}

const PROGRESS = 'validation';
const LAST = 'validation.last';
const CONCLUDED = 'validation.concluded';
const FOREIGN = 'validation.foreign';

const named = (prefix: string, progress: Progress): WatchMemory =>
  Object.fromEntries(Object.entries(progress).map(([name, value]) => [`${prefix}.${name}`, value as number]));

const read = (prefix: string, memory: WatchMemory): Progress =>
  Object.fromEntries(
    Object.entries(BEGINNING).map(([name, initial]) => [name, memory[`${prefix}.${name}`] ?? initial]),
  ) as unknown as Progress;
