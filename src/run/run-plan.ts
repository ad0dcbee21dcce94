import type { ExperimentRecord } from '../core/experiment.ts';
import type { Failure } from '../core/failure.ts';
import type { TensorFlow } from '../core/tensorflow.ts';
import type { Plan } from '../plan/plan.ts';
import type { ExperimentWriter, NewExperiment, Registry } from '../registry/types.ts';
import type { Cancellation } from './cancel.ts';
import type { Decisions } from './decide.ts';
import type { Caching } from './decide-cached.ts';
import type { Display } from './display.ts';
import { flattenParameters } from './parameters.ts';
import { PlanRun, type Stop } from './plan-run.ts';
import type { StageSurroundings } from './run-stage.ts';

/** Milliseconds that recording may take when the user wants to stop at once. */
const LAST_WORDS = 2000;

export interface RunDeps {
  readonly registry: Registry;
  readonly display: Display;
  readonly cancellation: Pick<Cancellation, 'signal' | 'stopNow'>;
  /** `notice` is what people should know about the TensorFlow that was found. */
  readonly loadTensorFlow: () => Promise<TensorFlow & { readonly notice?: string }>;
  /** Where and how this run was started, for the record. */
  readonly provenance: Pick<NewExperiment, 'command' | 'cwd' | 'git' | 'environment'>;
  /** Where results are kept, and which TensorFlow they come from; without it none are. */
  readonly caching?: Pick<Caching, 'cache' | 'backend'>;
  /** `$PIPE_HOME`. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface RunOutcome {
  readonly id: string;
  readonly dir: string;
  readonly status: 'finished' | 'failed' | 'interrupted';
  /** Milliseconds. */
  readonly ms: number;
  readonly failure: Failure | null;
  /** True when a stage may still be at work in this process, which should exit. */
  readonly abandoned: boolean;
}

/**
 * Claims an experiment and runs the plan's stages in order. Rejects only when the experiment cannot be written: what goes
 * wrong in a stage, or an interruption, is the outcome.
 */
export async function runPlan(plan: Plan, decisions: Decisions, deps: RunDeps): Promise<RunOutcome> {
  const startedAt = performance.now();
  deps.cancellation.signal.throwIfAborted();
  const writer = await deps.registry.claim(newExperiment(plan, deps));
  deps.display.note(`${writer.id} · ${plan.pipeline.name}`);
  const run = new PlanRun(plan, decisions, surroundings(plan, writer, deps));
  const isLeft = await untilStopped(deps.display.run(run.steps()), deps.cancellation.stopNow);
  const stop: Stop | null = isLeft ? { status: 'interrupted', stage: null } : run.stop;
  const status = stop?.status ?? 'finished';
  const failure = stop?.status === 'failed' ? stop.failure : null;
  const recorded = writer.finish(status, failureRecord(stop));
  await (isLeft ? untilStopped(recorded, AbortSignal.timeout(LAST_WORDS)) : recorded);
  return {
    id: writer.id,
    dir: writer.dir,
    status,
    ms: performance.now() - startedAt,
    failure,
    abandoned: isLeft || (stop?.status === 'failed' && stop.isAtWork),
  };
}

/** Waits for the promise or the signal; true when it was the signal. */
async function untilStopped(work: Promise<void>, signal: AbortSignal): Promise<boolean> {
  const stopped = new Promise<boolean>(resolve => {
    if (signal.aborted) resolve(true);
    signal.addEventListener('abort', () => {
      resolve(true);
    });
  });
  return Promise.race([work.then(() => false), stopped]);
}

function newExperiment({ pipeline, stages }: Plan, { provenance }: RunDeps): NewExperiment {
  return {
    ...provenance,
    pipelineName: pipeline.name,
    pipelineFile: pipeline.file,
    givenText: pipeline.givenText,
    resolvedText: pipeline.resolvedText,
    seed: pipeline.seed,
    parameters: flattenParameters(stages),
    stages: stages.map(({ id, use, stage }) => ({ id, use, version: stage.version })),
    parent: null,
  };
}

function surroundings(plan: Plan, writer: ExperimentWriter, deps: RunDeps): StageSurroundings {
  return {
    writer,
    signal: deps.cancellation.signal,
    experiments: deps.registry.lookup(writer),
    pipelineDir: plan.pipeline.dir,
    home: deps.home,
    ...deps.caching,
    cwd: deps.provenance.cwd,
    env: deps.env,
    tensorflow: tensorFlowOnce(writer, deps),
  };
}

/** Loads TensorFlow at the first call, and records which one it is. */
function tensorFlowOnce(
  writer: ExperimentWriter,
  { loadTensorFlow }: RunDeps,
): StageSurroundings['tensorflow'] {
  let loading: Promise<TensorFlow> | undefined;
  return warn => {
    loading ??= loadTensorFlow().then(tensorflow => {
      writer.setTensorFlow({ kind: tensorflow.kind, version: tensorflow.version });
      if (tensorflow.notice !== undefined) warn(tensorflow.notice);
      return tensorflow;
    });
    return loading;
  };
}

function failureRecord(stop: Stop | null): ExperimentRecord['failure'] {
  if (stop?.status !== 'failed') return null;
  const { code, message, details, hint } = stop.failure;
  return { stage: stop.stage, code, message: [message, ...details].join('\n'), hint: hint ?? null };
}
