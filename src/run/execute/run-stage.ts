import { dirname, join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Artifact } from '../../core/artifacts.ts';
import { Failure, Interrupted, Paused } from '../../core/failure.ts';
import type { StageContext, StageResume } from '../../core/stage.ts';
import { isRefusalOfDisk } from '../../core/system-error.ts';
import { isThrown, readableFailure, thrownDetails, thrownMessage } from '../../core/thrown.ts';
import type { PlannedStage } from '../../plan/plan.ts';
import { storageFailure } from '../../storage/storage-failure.ts';
import { outputDir, type ExperimentWriter, type StageStart } from '../../registry/index.ts';
import { captureOutput } from './capture.ts';
import { changedInputs, checkRemains, restoreProcess, takeSnapshot } from './intact.ts';
import { checkOutputFolder, checkOutputs } from './check-outputs.ts';
import { codeFailure } from './code-failure.ts';
import { LOG_IS_FULL, openEventSink, type EventSink } from './stage-events.ts';
import type { RunServices } from './run-services.ts';
import { StrayError } from './stray-errors.ts';
import { countUnseeded } from './unseeded.ts';

type Outputs = Readonly<Record<string, Artifact>>;

export type StageResult = { readonly report: string | null } & (
  | {
      readonly status: 'ran';
      readonly outputs: Outputs;
      /** False when the stage resumed and a run from the beginning might give a different result. */
      readonly isReproducible: boolean;
    }
  | {
      readonly status: 'interrupted';
      /** Where it paused; null when a signal stopped it. */
      readonly reason: string | null;
    }
  | {
      readonly status: 'failed';
      readonly failure: Failure;
      /** True when the stage may still be running. */
      readonly isAtWork: boolean;
    }
);

/** Why a stage did not reach its end, for its record. */
export function reasonOf(result: StageResult): string | null {
  if (result.status === 'failed') return result.failure.message;
  return result.status === 'interrupted' ? result.reason : null;
}

/** Runs one stage: records its events and output, and checks its results. Rejects only when the experiment cannot be written. */
export async function runStage(
  planned: PlannedStage,
  bound: Outputs,
  services: RunServices,
  start: StageStart = {},
): Promise<StageResult> {
  const { id, stage } = planned;
  const { writer, signal } = services;
  // The plan has bound the inputs by the stage's declaration.
  const run = stage.run as (context: StageContext) => Promise<unknown>;
  let report: string | null = null;
  // A resumed stage calls markReproducible itself.
  let isReproducible = start.from === undefined;
  try {
    const outputDir = await writer.beginStage(id, start);
    if (start.from !== undefined) checkRemains(id, outputDir, services.cwd);
    const isResumed = start.from !== undefined;
    const inputs = { ...bound, ...(await services.borrow?.()) };
    const events = openEventSink(id, stage, { ...services, isResumed });
    const context: StageContext = {
      ...stageContext(planned, inputs, services, outputDir, events, text => {
        report = events.report(text);
      }),
      ...(start.from !== undefined && {
        resume: resumeOf(planned, writer, () => {
          isReproducible = true;
        }),
      }),
    };
    const given = await intact(planned, inputs, services, events, () =>
      settle(events, () =>
        services.strays.during(id, () =>
          withCapture(services, id, () => counted(services, id, () => run(context))),
        ),
      ),
    );
    checkOutputFolder(id, outputDir);
    const folders = [dirname(writer.dir), ...Object.values(inputs).map(({ dir }) => dir)];
    const outputs = await checkOutputs(planned, given, folders);
    return { status: 'ran', report, outputs, isReproducible };
  } catch (error) {
    if (isInterruption(error, signal)) {
      const reason = isThrown(error, Paused) ? thrownMessage(error) : null;
      return { status: 'interrupted', report, reason };
    }
    const isAtWork = isThrown(error, StrayError);
    const failure = isAtWork ? strayFailure(error, id, services) : asFailure(error, id, services);
    return { status: 'failed', report, failure, isAtWork };
  }
}

function stageContext(
  { id, params, stageSeed }: PlannedStage,
  inputs: Outputs,
  { signal, pause, cwd, pipelineDir, home, env, experiments, tensorflow }: RunServices,
  outputDir: string,
  events: EventSink,
  report: (text: string) => void,
): StageContext {
  const emit = (event: Parameters<EventSink['emit']>[0]) => {
    events.emit(event);
  };
  const warn = (text: string) => {
    emit({ type: 'log', level: 'warning', text });
  };
  return {
    id,
    params: structuredClone(params),
    // A copy that the stage may change.
    inputs: structuredClone(inputs),
    seed: stageSeed,
    signal,
    ...(pause?.stage === id && { pauseAt: pause.step }),
    outputDir,
    cwd,
    pipelineDir,
    home,
    env,
    experiments,
    emit,
    report,
    tensorflow: () => tensorflow(warn),
  };
}

const resumeOf = (
  { id, stage }: PlannedStage,
  writer: ExperimentWriter,
  markReproducible: StageResume['markReproducible'],
): StageResume => ({
  keepMetrics: keep => writer.keepMetrics(id, keep, stage.metrics ?? {}),
  markReproducible,
});

/** Runs a stage. Changes of the process are undone with a warning, changes of its inputs fail it. */
async function intact<T>(
  { id }: PlannedStage,
  inputs: Outputs,
  { writer, cwd }: RunServices,
  events: EventSink,
  run: () => Promise<T>,
): Promise<T> {
  const before = takeSnapshot(inputs);
  const [result] = await Promise.allSettled([run()]);
  for (const text of restoreProcess(before)) events.emit({ type: 'log', level: 'warning', text });
  const damage = await changedInputs(id, before, { known: writer.hashes, cwd });
  if (result.status === 'rejected' && damage !== undefined)
    writer.log(id, `${thrownDetails(result.reason)}\n`, true);
  if (damage !== undefined) throw damage;
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** Waits for publications even when the stage fails; the stage's own error takes precedence. */
async function settle<T>(events: EventSink, run: () => Promise<T>): Promise<T> {
  const [result] = await Promise.allSettled([run()]);
  const [fault] = await events.settled();
  if (result.status === 'rejected') throw result.reason;
  if (fault !== undefined) throw fault;
  return result.value;
}

async function withCapture<T>({ writer, emit }: RunServices, id: string, run: () => Promise<T>): Promise<T> {
  let isFull = false;
  const restore = captureOutput(text => {
    // Without colours, and without the display's own cursor moves, which pass through here as well.
    const plain = stripVTControlCharacters(text);
    if (plain === '') return;
    const isKept = writer.log(id, plain);
    if (!isKept) emit({ type: 'log', stage: id, level: 'warning', text: LOG_IS_FULL });
    isFull ||= !isKept;
    if (!isFull) emit({ type: 'log', stage: id, level: 'info', text: plain });
  });
  try {
    return await run();
  } finally {
    restore();
  }
}

async function counted<T>({ writer, cwd }: RunServices, id: string, run: () => Promise<T>): Promise<T> {
  const end = countUnseeded(cwd);
  try {
    return await run();
  } finally {
    writer.setUnseeded(id, end());
  }
}

/** True for `Interrupted`, and after a stop for the AbortError of what a stage waits for (fetch, timers, processes). */
function isInterruption(error: unknown, signal: AbortSignal): boolean {
  if (isThrown(error, Interrupted)) return true;
  return signal.aborted && isThrown(error, Error) && error.name === 'AbortError';
}

/**
 * A thrown value as a failure. Failures stay as they are, refusals of the disk become one; anything else is a bug of the stage,
 * whose stack goes to the log.
 */
function asFailure(error: unknown, id: string, { writer, cwd }: RunServices): Failure {
  // Node names the path of a failed open, not of a failed write; stages write to their output folder.
  const known = isRefusalOfDisk(error)
    ? storageFailure(error, 'write', error.path ?? outputDir(writer.dir, id))
    : error;
  if (isThrown(known, Failure)) return readableFailure(known);
  writer.log(id, `${thrownDetails(error)}\n`, true);
  const log = relative(cwd, join(writer.dir, 'stages', id, 'log.txt'));
  return codeFailure(error, `unexpected error in stage "${id}"`, { cwd, log });
}

/** The failure for an uncaught error. A timer may throw long after its stage has ended. @param id The current stage. */
export function strayFailure(error: StrayError, id: string, services: RunServices): Failure {
  const { cause, stage = id } = error;
  const failure = asFailure(cause, stage, services);
  if (stage === id) return failure;
  const { code, message, details, problems, hint } = failure;
  const late = `after stage "${stage}" had ended, something that it left running failed, and stage "${id}" was stopped`;
  return new Failure({
    code,
    message: `${message} (${late})`,
    details: [late, ...details],
    problems,
    cause,
    ...(hint !== undefined && { hint }),
  });
}
