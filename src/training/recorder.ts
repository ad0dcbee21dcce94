import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, Interrupted } from '../core/failure.ts';
import { counted } from '../core/format.ts';
import type { MetricEvent } from '../core/events.ts';
import type { StageContext } from '../core/stage.ts';
import { epochOf } from './batches.ts';
import { checkpointName, writeCheckpoint, type Checkpoint } from './checkpoint.ts';
import { CHECKPOINTS, findEarlierTraining, pictureFile } from './earlier.ts';
import type { TrainingObserver } from './loop.ts';
import { formatTimeLeft, isLogged, Rate } from './progress.ts';
import type { Retention } from './retention.ts';
import type { Measured, Metrics, PictureKind, TrainingState, TrainingTask } from './task.ts';

type RecorderContext = Pick<StageContext, 'outputDir' | 'resume' | 'emit'>;

export interface RecorderOptions {
  /** Of checkpoints, and of the pictures that go with each. */
  readonly retention: Retention;
  /** Iterations between points of the metrics. */
  readonly logEvery: number;
  /** The name of a metric that gets the examples per second. */
  readonly speed?: string | undefined;
}

/** Records a training in its stage: progress, points of the metrics, pictures and checkpoints in the output folder. */
export class TrainingRecorder<M extends string = string> implements TrainingObserver<M> {
  /** The iterations whose pictures are there, in order. */
  readonly pictured: number[] = [];
  readonly #context: RecorderContext;
  readonly #task: TrainingTask<M>;
  readonly #options: RecorderOptions;
  readonly #kinds: readonly (readonly [string, PictureKind])[];
  readonly #rate = new Rate();
  /** The newest numbers of the task's validation. */
  #measured: Metrics = {};
  #checkpoint: string | undefined;

  constructor(context: RecorderContext, task: TrainingTask<M>, options: RecorderOptions) {
    this.#context = context;
    this.#task = task;
    this.#options = options;
    this.#kinds = Object.entries(task.pictures ?? {});
  }

  /** Makes the folders; returns the checkpoint to resume from, where an earlier try left one. */
  async prepare(): Promise<Checkpoint | undefined> {
    const { outputDir, resume } = this.#context;
    for (const folder of [...this.#kinds.map(([name]) => name), CHECKPOINTS])
      await mkdir(join(outputDir, folder), { recursive: true });
    return resume === undefined ? undefined : this.#takeUp(resume);
  }

  async #takeUp(resume: NonNullable<StageContext['resume']>): Promise<Checkpoint | undefined> {
    const { retention } = this.#options;
    const { iterations } = retention;
    const kinds = Object.fromEntries(this.#kinds);
    const { validation } = this.#task;
    const earlier = await findEarlierTraining(this.#context.outputDir, kinds, retention, {
      isUsable: ({ iteration, memory = {} }) => validation?.isUsable(iteration, memory) ?? true,
      needs: ({ memory = {} }) => validation?.needs(memory) ?? [],
    });
    const { checkpoint, damaged } = earlier;
    const last = checkpoint?.iteration ?? 0;
    const isKept = (step: number) => step <= last && this.#isLogged(step);
    const isScored = (step: number) => validation?.hasOwnPoints === true && validation.isDue(step);
    const points = countUpTo(last, isKept) + countUpTo(last, isScored);
    const missing = points - resume.keepMetrics(isKept);
    const isForeign = validation?.hasForeignPoint(checkpoint?.memory ?? {}) === true;
    if (earlier.isComplete && missing === 0 && !isForeign) resume.markReproducible();
    for (const iteration of earlier.pictured) this.#addPictures(iteration);
    if (checkpoint !== undefined) this.#checkpoint = checkpointName(last);
    for (const text of damaged) this.#log('warning', `the checkpoint ${text}`);
    if (missing > 0) this.#log('warning', missingWords(missing, last));
    this.#log('notice', startingWords(checkpoint, iterations));
    return checkpoint;
  }

  iteration(iteration: number, metrics: Metrics<M>, measured: Measured | undefined): void {
    const { speed, retention } = this.#options;
    const { batches, examples = 'images' } = this.#task;
    this.#measured = { ...this.#measured, ...measured?.numbers };
    const perSecond = this.#rate.add(performance.now(), batches.size(iteration));
    const total = retention.iterations;
    const [epoch, epochs] = [iteration, total].map(each => epochOf(each, batches.perEpoch)) as [
      number,
      number,
    ];
    const left = perSecond === 0 ? Infinity : ((total - iteration) * batches.size(iteration)) / perSecond;
    const words = this.#task.progress?.(metrics, this.#measured) ?? metricWords(metrics);
    const time = `${formatTimeLeft(left)} left`;
    const speedWords = `${perSecond.toFixed(0)} ${examples}/s`;
    const epochWords = `epoch ${epoch}/${epochs}`;
    const [first = '', ...others] = words;
    // A narrow terminal cuts off what comes last.
    const ordered =
      this.#task.countsEpochs === true
        ? [epochWords, first, time, ...others, speedWords]
        : [time, speedWords, ...words, epochWords];
    const text = ordered.join(' · ');
    this.#context.emit({ type: 'progress', done: iteration, total, unit: 'iterations', text });
    if (!this.#isLogged(iteration)) return;
    const rate = speed === undefined || perSecond === 0 ? {} : { [speed]: perSecond };
    const joined = measured?.protocol === undefined ? measured?.numbers : {};
    this.#point({ step: iteration, epoch, values: { ...metrics, ...joined, ...rate } });
    if (measured?.protocol === undefined) return;
    const { numbers, protocol, intervals = {} } = measured;
    this.#point({ step: iteration, epoch, values: numbers, protocol, intervals });
  }

  #point(point: Omit<MetricEvent, 'type'>): void {
    this.#context.emit({ type: 'metric', ...point });
  }

  #isLogged(iteration: number): boolean {
    const { logEvery, retention } = this.#options;
    return (
      isLogged(iteration, logEvery, retention.iterations) || this.#task.validation?.isDue(iteration) === true
    );
  }

  async state({ iteration, state, random, pictures, memory }: TrainingState): Promise<void> {
    const { outputDir } = this.#context;
    const atCheckpoint = () => {
      this.#context.emit({ type: 'checkpoint' });
    };
    // Throws in a process that does not have the experiment any more. There is no state to resume from at iteration 0.
    if (iteration > 0) atCheckpoint();
    for (const [folder, kind] of this.#kinds)
      await writeFile(join(outputDir, pictureFile(folder, kind, iteration)), pictures[folder] as Uint8Array);
    this.#addPictures(iteration);
    if (iteration === 0) return;
    const folder = join(outputDir, CHECKPOINTS);
    const checkpoint = { iteration, noise: random, state, memory };
    const needed = this.#task.validation?.needs(memory ?? {}) ?? [];
    const retention = { ...this.#options.retention, needed };
    this.#checkpoint = await writeCheckpoint(folder, checkpoint, retention, atCheckpoint);
  }

  lastCheckpoint(): string {
    return this.#checkpoint === undefined
      ? 'there is no checkpoint yet'
      : `the last checkpoint is ${join(this.#context.outputDir, CHECKPOINTS, this.#checkpoint)}`;
  }

  /** Adds the last good checkpoint to a failure or a stop of training. */
  explain(error: unknown): unknown {
    if (error instanceof Interrupted) return new Interrupted(`${error.message}; ${this.lastCheckpoint()}`);
    if (!(error instanceof Failure)) return error;
    const { code, message, hint } = error;
    const details = [
      ...error.details,
      `${this.lastCheckpoint().replace(/^t/, 'T').replace(' last ', ' last good ')}.`,
    ];
    return new Failure({ code, message, details, ...(hint === undefined ? {} : { hint }), cause: error });
  }

  #addPictures(iteration: number): void {
    for (const [folder, kind] of this.#kinds)
      if (kind.isPublished)
        this.#context.emit({ type: 'publish', path: pictureFile(folder, kind, iteration) });
    this.pictured.push(iteration);
  }

  #log(level: 'warning' | 'notice', text: string): void {
    this.#context.emit({ type: 'log', level, text });
  }
}

const metricWords = (metrics: Metrics): readonly string[] =>
  Object.entries(metrics).map(([name, value]) => `${name} ${value.toPrecision(3)}`);

function countUpTo(last: number, isCounted: (step: number) => boolean): number {
  let count = 0;
  for (let step = 1; step <= last; step++) if (isCounted(step)) count++;
  return count;
}

const missingWords = (points: number, last: number): string =>
  `the metrics lack ${counted(points, 'point')} up to iteration ${last}: its result is not kept for other runs`;

/** Where training begins when it was stopped before. */
function startingWords(checkpoint: Checkpoint | undefined, iterations: number): string {
  if (checkpoint === undefined)
    return 'there is no checkpoint to resume from: training starts from its beginning';
  const { iteration } = checkpoint;
  if (iteration === iterations)
    return `iteration ${iteration} is the last and was done before: nothing is left to train`;
  return `training goes on after iteration ${iteration} of ${iterations}`;
}
