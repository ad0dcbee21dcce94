import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frame } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import { counted } from '../core/format.ts';
import type { StageContext } from '../core/stage.ts';
import { drawFrame, drawSampleGrid } from '../images/samples.ts';
import { epochOf } from './batches.ts';
import { checkpointName, writeCheckpoint, type Checkpoint } from './checkpoint.ts';
import { findEarlierTraining, FOLDERS, frameFile, sampleFile } from './earlier.ts';
import { isLogged } from './progress.ts';
import type { Retention } from './retention.ts';
import type { Moment } from './train-gan.ts';

type KeeperContext = Pick<StageContext, 'outputDir' | 'resume' | 'emit'>;

export interface KeeperOptions {
  /** Written above the images of a frame. */
  readonly labels: readonly string[] | undefined;
  /** Of checkpoints, and of the pictures that go with each. */
  readonly retention: Retention;
  readonly logEvery: number;
}

/** Keeps what training shows on the way, in the stage's output folder: sample grids, frames and checkpoints. */
export class Keeper {
  readonly frames: Frame[] = [];
  readonly #context: KeeperContext;
  readonly #options: KeeperOptions;
  #checkpoint: string | undefined;

  constructor(context: KeeperContext, options: KeeperOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Makes the folders; answers the checkpoint to go on from, where an earlier try left one. */
  async prepare(perEpoch: number): Promise<Checkpoint | undefined> {
    const { outputDir, resume } = this.#context;
    const { retention, logEvery } = this.#options;
    const { iterations } = retention;
    for (const folder of FOLDERS) await mkdir(join(outputDir, folder), { recursive: true });
    if (resume === undefined) return undefined;
    const earlier = await findEarlierTraining(outputDir, retention);
    const { checkpoint, damaged, pictured } = earlier;
    const last = checkpoint?.iteration ?? 0;
    const isKept = (step: number) => step <= last && isLogged(step, logEvery, iterations);
    const missing = countUpTo(last, isKept) - resume.keepMetrics(isKept);
    if (earlier.isComplete && missing === 0) resume.markReproducible();
    for (const iteration of pictured) {
      this.#context.emit({ type: 'publish', path: sampleFile(iteration) });
      const epoch = epochOf(Math.max(iteration, 1), perEpoch);
      this.frames.push({ file: frameFile(iteration), epoch, iteration });
    }
    if (checkpoint !== undefined) this.#checkpoint = checkpointName(last);
    for (const text of damaged)
      this.#context.emit({ type: 'log', level: 'warning', text: `the checkpoint ${text}` });
    if (missing > 0) this.#context.emit({ type: 'log', level: 'warning', text: missingWords(missing, last) });
    this.#context.emit({ type: 'log', level: 'notice', text: startingWords(checkpoint, iterations) });
    return checkpoint;
  }

  async keep({ iteration, epoch, snapshot, state, noise }: Moment): Promise<void> {
    const { outputDir } = this.#context;
    const { labels, retention } = this.#options;
    const atCheckpoint = () => {
      this.#context.emit({ type: 'checkpoint' });
    };
    // Throws in a process that does not have the experiment any more. There is no state to go on from at iteration 0.
    if (iteration > 0) atCheckpoint();
    const [grid, frame] = [sampleFile(iteration), frameFile(iteration)];
    await writeFile(join(outputDir, grid), await drawSampleGrid(snapshot.grid));
    await writeFile(join(outputDir, frame), await drawFrame(snapshot.frame, labels));
    this.#context.emit({ type: 'publish', path: grid });
    this.frames.push({ file: frame, epoch, iteration });
    if (iteration === 0) return;
    const folder = join(outputDir, 'checkpoints');
    this.#checkpoint = await writeCheckpoint(folder, { iteration, noise, state }, retention, atCheckpoint);
  }

  lastCheckpoint(): string {
    return this.#checkpoint === undefined
      ? 'there is no checkpoint yet'
      : `the last checkpoint is ${join(this.#context.outputDir, 'checkpoints', this.#checkpoint)}`;
  }

  /** Adds the last good checkpoint to a failure of training. */
  explain(error: unknown): unknown {
    if (!(error instanceof Failure)) return error;
    const { code, message, hint } = error;
    const details = [
      ...error.details,
      `${this.lastCheckpoint().replace(/^t/, 'T').replace(' last ', ' last good ')}.`,
    ];
    return new Failure({ code, message, details, ...(hint === undefined ? {} : { hint }), cause: error });
  }
}

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
