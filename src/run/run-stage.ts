import { join, relative } from 'node:path';
import type { Artifact } from '../core/artifacts.ts';
import { Failure, Interrupted } from '../core/failure.ts';
import type { ExperimentLookup, Ports, StageContext } from '../core/stage.ts';
import type { TensorFlow } from '../core/tensorflow.ts';
import type { PlannedStage } from '../plan/plan.ts';
import type { ExperimentWriter } from '../registry/types.ts';
import { captureOutput } from './capture.ts';
import { checkOutputs } from './check-outputs.ts';
import type { Line } from './display.ts';
import { openEventSink } from './stage-events.ts';

/** What a stage finds around it, the same for all stages of a run. */
export interface StageSurroundings {
  readonly writer: ExperimentWriter;
  readonly signal: AbortSignal;
  readonly experiments: ExperimentLookup;
  readonly pipelineDir: string;
  readonly home: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Loads TensorFlow; `warn` gets what people should know about it. */
  tensorflow(warn: (text: string) => void): Promise<TensorFlow>;
}

export type StageResult =
  | {
      readonly status: 'ran';
      readonly report: string | null;
      readonly outputs: Readonly<Record<string, Artifact>>;
    }
  | { readonly status: 'interrupted'; readonly report: string | null }
  | { readonly status: 'failed'; readonly report: string | null; readonly failure: Failure };

/** Runs one stage: its events and everything it prints go to the experiment, its outputs are checked. Rejects only when the experiment
 * cannot be written. */
export async function runStage(
  planned: PlannedStage,
  inputs: Readonly<Record<string, Artifact>>,
  around: StageSurroundings,
  line: Line,
): Promise<StageResult> {
  const { id, stage } = planned;
  // The plan has bound the inputs by the stage's own declaration.
  const run = stage.run as (context: StageContext) => Promise<unknown>;
  const { writer } = around;
  let report: string | null = null;
  try {
    const outputDir = await writer.beginStage(id);
    const events = openEventSink(id, stage, writer, line);
    const warn = (text: string) => {
      events.emit({ type: 'log', level: 'warning', text });
    };
    const context: StageContext = {
      id,
      params: structuredClone(planned.params),
      inputs,
      seed: planned.stageSeed,
      signal: around.signal,
      outputDir,
      pipelineDir: around.pipelineDir,
      home: around.home,
      env: around.env,
      experiments: around.experiments,
      emit: event => {
        events.emit(event);
      },
      report: text => {
        report = text;
      },
      tensorflow: () => around.tensorflow(warn),
    };
    const outputs = await settle(
      () => withCapture(writer, id, () => run(context)),
      () => events.settled(),
    );
    return { status: 'ran', report, outputs: checkOutputs(id, stage.outputs as Ports, outputs) };
  } catch (error) {
    if (isInterruption(error, around.signal)) return { status: 'interrupted', report };
    return { status: 'failed', report, failure: asFailure(error, id, around) };
  }
}

/** Waits for what the stage published even when the stage fails; the stage's own error is the one that counts. */
async function settle<T>(run: () => Promise<T>, publishing: () => Promise<readonly Error[]>): Promise<T> {
  const [result] = await Promise.allSettled([run()]);
  const [fault] = await publishing();
  if (result.status === 'rejected') throw result.reason;
  if (fault !== undefined) throw fault;
  return result.value;
}

async function withCapture<T>(writer: ExperimentWriter, id: string, run: () => Promise<T>): Promise<T> {
  const restore = captureOutput(text => {
    writer.log(id, text);
  });
  try {
    return await run();
  } finally {
    restore();
  }
}

/** A stage stops by `Interrupted`; what it waits for (fetch, timers, processes) by an AbortError. */
function isInterruption(error: unknown, signal: AbortSignal): boolean {
  if (error instanceof Interrupted) return true;
  return signal.aborted && error instanceof Error && error.name === 'AbortError';
}

/** A failure as it is; anything else is the stage's bug: its stack goes to the log, its message to people. */
function asFailure(error: unknown, id: string, around: StageSurroundings): Failure {
  if (error instanceof Failure) return error;
  const { writer, cwd } = around;
  const message = error instanceof Error ? error.message : String(error);
  writer.log(id, `${error instanceof Error ? (error.stack ?? message) : message}\n`);
  const log = relative(cwd, join(writer.dir, 'stages', id, 'log.txt'));
  return new Failure({
    code: 'unexpected-error',
    message: `unexpected error in stage "${id}": ${message}, stack in ${log}`,
    cause: error,
  });
}
