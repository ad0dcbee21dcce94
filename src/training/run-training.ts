import { Interrupted, Paused } from '../core/failure.ts';
import type { StageContext } from '../core/stage.ts';
import { trainLoop } from './loop.ts';
import type { RecordingParams } from './params.ts';
import { TrainingRecorder } from './recorder.ts';
import type { StepState, TrainingTask } from './task.ts';

export interface RunTrainingOptions extends RecordingParams {
  readonly iterations: number;
  /** The name of a metric of the stage that gets the examples per second. */
  readonly speed?: string;
}

export interface TrainingResult {
  /** Weights, moving statistics and the state of optimizers, by key. */
  readonly state: StepState;
  /** The iterations whose pictures are in the output folder, in order. */
  readonly pictured: readonly number[];
  /** Iterations done: fewer than asked for where validation ended training. */
  readonly iterations: number;
  /** The closing words: how long training was, and what was said of it. */
  readonly words: string;
}

type TrainingContext = Pick<
  StageContext,
  'outputDir' | 'resume' | 'pauseAt' | 'emit' | 'report' | 'seed' | 'signal' | 'tensorflow'
>;

/**
 * Trains a task in a stage: from the checkpoint that an earlier try left, where there is one, with progress, points of the
 * metrics, pictures and checkpoints on the way, and the length of training as closing words.
 * @throws Interrupted when the stage's signal was aborted; Paused at the iteration `pauseAt` of the context; Failure when training diverges
 */
export async function runTraining<M extends string>(
  context: TrainingContext,
  task: TrainingTask<M>,
  { iterations, speed, sample, checkpoint, logEvery }: RunTrainingOptions,
): Promise<TrainingResult> {
  const { seed, signal, pauseAt } = context;
  const { watch, validation } = task;
  const retention = { every: sample.every, validated: validation?.every, iterations, ...checkpoint };
  const observer = new TrainingRecorder(context, task, { retention, logEvery, speed });
  const resume = await observer.prepare();
  const options = { until: iterations, every: sample.every, seed, signal, pauseAt, resume, observer };
  const result = await trainLoop(await context.tensorflow(), task, options).catch((error: unknown) => {
    throw observer.explain(error);
  });
  const { ended, iterations: done } = result;
  if (done < iterations && ended === undefined)
    throw signal.aborted
      ? new Interrupted(
          `training stopped after iteration ${done} of ${iterations}; ${observer.lastCheckpoint()}`,
        )
      : new Paused('iteration', done, iterations);
  const epochs = (done / task.batches.perEpoch).toFixed(1);
  const length = `${done.toLocaleString('en-US')} iterations, ${epochs} epochs`;
  const words = [length, ended ?? [], watch?.conclusion?.() ?? []].flat().join('; ');
  context.report(words);
  return { state: result.state, pictured: observer.pictured, iterations: done, words };
}
