import { setImmediate } from 'node:timers/promises';
import { Failure, Interrupted } from '../core/failure.ts';
import { deriveSeed, Random } from '../core/random.ts';
import type { CompiledStep, TensorFlow } from '../core/tensorflow.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Measured, Metrics, StepState, TrainingState, TrainingTask, WatchMemory } from './task.ts';

/** What the loop tells while it runs. `state` resolves when what it keeps is on disk. */
export interface TrainingObserver<M extends string = string> {
  /** @param measured By the task's validation, where there was one. */
  iteration(iteration: number, metrics: Metrics<M>, measured: Measured | undefined): void;
  state(state: TrainingState): Promise<void>;
}

export interface LoopOptions<M extends string = string> {
  /** The last iteration. */
  readonly until: number;
  /** Iterations between states that the observer gets, beside the untrained one and the last. */
  readonly every: number;
  /** Of the random numbers that the task's `feed` gets. */
  readonly seed: number;
  /** Aborted: the iteration is finished, and its state is the last that the observer gets. */
  readonly signal: AbortSignal;
  /** Stops after this iteration, as at a signal, unless it is the last or before `resume`; with that at this iteration, at once. */
  readonly pauseAt?: number | undefined;
  /** The state to resume from; without one training begins. */
  readonly resume?: Checkpoint | undefined;
  readonly observer: TrainingObserver<M>;
}

export interface LoopResult {
  /** Fewer than asked for when the signal was aborted, at `pauseAt`, or when the task's validation ended training. */
  readonly iterations: number;
  /** Why the validation ended it. */
  readonly ended?: string | undefined;
  readonly state: StepState;
}

/**
 * Trains a task: iteration 0 is the untrained state. Between iterations the event loop runs, so that signals and timers are
 * served. From a checkpoint of the same task it resumes as if it had not stopped, to the last bit.
 * @throws Failure when a metric is not finite, or the checkpoint is of another task; Interrupted when the signal stops the
 * measuring of a state, which is not kept then: what it lacks would be missing for ever
 */
export async function trainLoop<M extends string>(
  tensorflow: TensorFlow,
  task: TrainingTask<M>,
  options: LoopOptions<M>,
): Promise<LoopResult> {
  const step = tensorflow.compile(task.step);
  try {
    return await iterate(step, task, options);
  } finally {
    await step.dispose();
  }
}

async function iterate<M extends string>(
  step: CompiledStep,
  task: TrainingTask<M>,
  { until, every, seed, signal, pauseAt, resume, observer }: LoopOptions<M>,
): Promise<LoopResult> {
  const random = resume ? Random.fromState(resume.noise) : new Random(deriveSeed(seed, 'noise'));
  const { watch, validation } = task;
  const keep = async (iteration: number) => {
    const state = await step.read();
    const pictures = (await task.snapshot?.(state, iteration)) ?? {};
    await observer.state({ iteration, state, random: random.state(), pictures, memory: memoryOf(task) });
    return iteration;
  };
  if (resume) {
    await restore(step, resume);
    watch?.recall(resume.memory ?? {});
    validation?.recall(resume.memory ?? {});
  }
  let kept = resume?.iteration ?? (await keep(0));
  let iteration = kept;
  const isStopped = () => signal.aborted || iteration === pauseAt || validation?.end() !== undefined;
  while (iteration < until && !isStopped()) {
    iteration++;
    const indices = task.batches.indices(iteration);
    const outputs = await step.run(task.feed({ iteration, indices, random }));
    const metrics = metricsOf<M>(numbersOf(outputs), iteration, task);
    const isValidated = validation?.isDue(iteration) === true;
    const measured = isValidated
      ? await validation.measure(await step.read(), iteration).catch((error: unknown) => {
          throw error instanceof Interrupted ? stoppedMeasuring(iteration, until) : error;
        })
      : undefined;
    metricsOf(measured?.numbers ?? {}, iteration, task);
    observer.iteration(iteration, metrics, measured);
    watch?.iteration(iteration, metrics);
    if (isValidated || iteration % every === 0) kept = await keep(iteration);
    await setImmediate();
  }
  // The end, or where it was stopped.
  if (kept !== iteration) await keep(iteration);
  return { iterations: iteration, ended: validation?.end(), state: await step.read() };
}

const stoppedMeasuring = (iteration: number, until: number): Interrupted =>
  new Interrupted(`training stopped while iteration ${iteration} of ${until} was measured`);

/** Undefined for a task with neither a watch nor a validation. */
function memoryOf<M extends string>({ watch, validation }: TrainingTask<M>): WatchMemory | undefined {
  if (watch === undefined && validation === undefined) return undefined;
  return { ...watch?.memory(), ...validation?.memory() };
}

/** @throws Failure when the checkpoint is of another task, such as one of other networks */
async function restore(step: CompiledStep, { iteration, state }: Checkpoint): Promise<void> {
  const shape = (values: StepState) =>
    JSON.stringify(
      Object.entries(values)
        .map(([key, { length }]) => [key, length])
        .sort(),
    );
  if (shape(state) !== shape(await step.read()))
    throw new Failure({
      code: 'checkpoint-of-other-networks',
      message: `The checkpoint of iteration ${iteration} holds the state of other networks than these.`,
      hint: 'Run the pipeline from its beginning: pipe run',
    });
  await step.write(state);
}

const numbersOf = (outputs: StepState): Metrics =>
  Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, values[0] as number]));

/** @throws Failure when a number is not finite */
function metricsOf<M extends string>(
  numbers: Metrics,
  iteration: number,
  { remedy = 'Try a smaller learning rate.' }: Pick<TrainingTask, 'remedy'>,
): Metrics<M> {
  const wrong = Object.entries(numbers).find(([, value]) => !Number.isFinite(value));
  if (wrong === undefined) return numbers;
  throw new Failure({
    code: 'training-diverged',
    message: `Training diverged: ${wrong[0]} is ${wrong[1]} at iteration ${iteration}.`,
    hint: remedy,
  });
}
