import type { Env } from '../../core/env.ts';
import type { ExperimentRecord, StageRecord } from '../../core/experiment.ts';
import type { Failure } from '../../core/failure.ts';
import type { TensorFlow } from '../../core/tensorflow.ts';
import type { Plan } from '../../plan/plan.ts';
import type { ExperimentWriter, NewExperiment, Registry, Reopening } from '../../registry/index.ts';
import type { Cancellation } from './cancel.ts';
import type { Caching, Decision, Decisions } from '../decide/decision.ts';
import type { Observer } from '../events.ts';
import { drawMetricsOf } from './draw-metrics.ts';
import { failureDetail } from '../failure-detail.ts';
import { recordedData } from '../fingerprint/fingerprints.ts';
import { flattenParameters } from '../fingerprint/parameters.ts';
import type { Stop } from './stage-end.ts';
import { PlanRun } from './stages.ts';
import type { Provenance } from '../provenance/provenance.ts';
import type { Pause, RunServices } from './run-services.ts';
import { StrayErrors } from './stray-errors.ts';

/** Most milliseconds for closing the record when the user stops at once. */
const CLOSING_TIMEOUT = 2000;

export interface RunDeps {
  readonly registry: Registry;
  readonly cancellation: Pick<Cancellation, 'signal' | 'stopNow'>;
  readonly pause?: Pause | undefined;
  /** `notice` is a warning about the TensorFlow found. */
  readonly loadTensorFlow: () => Promise<TensorFlow & { readonly notice?: string }>;
  /** Origin of this run, for the record. */
  readonly provenance: Pick<NewExperiment, 'command' | 'cwd' | 'hideSecrets'> & Provenance;
  /** The cache for results and the TensorFlow backend; without it none are stored. */
  readonly caching?: Pick<Caching, 'cache' | 'backend'>;
  /** `$PIPE_HOME`. */
  readonly home: string;
  readonly env: Env;
}

export interface RunOutcome {
  readonly id: string;
  readonly dir: string;
  readonly status: 'finished' | 'failed' | 'interrupted';
  /** Milliseconds. */
  readonly ms: number;
  readonly failure: Failure | null;
  /** True when a stage may still be running in this process, which should exit. */
  readonly abandoned: boolean;
}

/** The experiment in which a plan runs: a new one, or a stopped one that is resumed. */
export type RunTarget =
  | ({ readonly kind: 'new' } & Pick<NewExperiment, 'parent' | 'reproduces' | 'sweep' | 'range'>)
  | ({ readonly kind: 'reopen'; readonly id: string } & Pick<Reopening, 'force'>);

/**
 * Claims or reopens an experiment, runs the plan's stages in order and emits events. Rejects only when the experiment cannot be
 * written: a failed stage or an interruption is part of the outcome.
 */
export async function runPlan(
  plan: Plan,
  decisions: Decisions,
  deps: RunDeps,
  emit: Observer,
  target: RunTarget = { kind: 'new', parent: null },
): Promise<RunOutcome> {
  const startedAt = performance.now();
  deps.cancellation.signal.throwIfAborted();
  const writer = await openWriter(plan, decisions, deps, target);
  emit({
    type: 'claimed',
    experiment: writer.id,
    registry: deps.registry.dir,
    pipeline: plan.pipeline.name,
    stages: plan.stages.map(({ id }) => id),
    resumed: target.kind === 'reopen',
  });
  const strays = new StrayErrors();
  const run = new PlanRun(plan, decisions, {
    ...runServices(plan, writer, deps),
    emit: unlessLeft(() => isLeft, emit),
    strays,
  });
  let isLeft = false;
  isLeft = await untilStopped(run.run(), deps.cancellation.stopNow);
  run.noticeStray();
  const stop: Stop | null = isLeft ? run.leave() : run.stop;
  const status = stop?.status ?? 'finished';
  const failure = stop?.status === 'failed' ? stop.failure : null;
  const closing = writer.finish(status, failureRecord(stop));
  const isLate = isLeft && (await untilStopped(closing, AbortSignal.timeout(CLOSING_TIMEOUT)));
  if (!isLate) await closing;
  strays.end();
  if (!isLeft) {
    const signal = deps.cancellation.stopNow;
    await drawMetricsOf(writer.id, deps.registry, { emit, signal, failure });
  }
  const { id, dir } = writer;
  const ms = performance.now() - startedAt;
  const detail = failure && failureDetail(failure);
  emit({ type: 'run-ended', experiment: id, status, failure: detail, ms, recorded: !isLate });
  const abandoned = isLeft || (stop?.status === 'failed' && stop.isAtWork);
  return { id, dir, status, ms, failure, abandoned };
}

/** An abandoned stage may still emit; its events are dropped. */
const unlessLeft =
  (isLeft: () => boolean, emit: Observer): Observer =>
  event => {
    if (!isLeft()) emit(event);
  };

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

function openWriter(
  plan: Plan,
  decisions: Decisions,
  deps: RunDeps,
  target: RunTarget,
): Promise<ExperimentWriter> {
  const { registry, provenance } = deps;
  if (target.kind === 'new') return registry.claim(newExperiment(plan, decisions, deps, target));
  const { stages } = plan;
  return registry.reopen(target.id, {
    kept: stages.map(({ id }) => id).filter(id => decisions.get(id)?.kind === 'keep'),
    declarations: Object.fromEntries(stages.map(({ id, stage }) => [id, stage.metrics ?? {}])),
    command: provenance.command,
    origin: provenance,
    ...(provenance.hideSecrets && { hideSecrets: provenance.hideSecrets }),
    force: target.force,
  });
}

function newExperiment(
  { pipeline, stages }: Plan,
  decisions: Decisions,
  { provenance }: RunDeps,
  { parent, reproduces, sweep, range = {} }: RunTarget & { kind: 'new' },
): NewExperiment {
  return {
    ...provenance,
    pipelineName: pipeline.name,
    pipelineFile: pipeline.file,
    givenText: pipeline.givenText,
    resolvedText: pipeline.resolvedText,
    seed: pipeline.seed,
    parameters: flattenParameters(stages),
    stages: stages.map(({ id, use, stage }) => ({
      id,
      use,
      version: stage.version,
      ...dataOf(decisions.get(id)),
    })),
    parent,
    ...(reproduces !== undefined && { reproduces }),
    ...(sweep && { sweep }),
    ...(Object.keys(range).length > 0 && { range }),
  };
}

/** Data that a stage reads, as far as the decision examined it. */
function dataOf(decision: Decision | undefined): Pick<StageRecord, 'data'> {
  if (decision?.kind === 'run') return recordedData(decision.fingerprint?.data);
  return decision?.kind === 'cache-hit' ? recordedData(decision.data) : {};
}

function runServices(
  plan: Plan,
  writer: ExperimentWriter,
  deps: RunDeps,
): Omit<RunServices, 'strays' | 'emit'> {
  return {
    writer,
    signal: deps.cancellation.signal,
    pause: deps.pause,
    experiments: deps.registry.lookup(writer),
    pipelineDir: plan.pipeline.dir,
    home: deps.home,
    ...deps.caching,
    cwd: deps.provenance.cwd,
    env: deps.env,
    tensorflow: tensorFlowOnce(writer, deps),
  };
}

/** Loads TensorFlow on the first call, and records its version. */
function tensorFlowOnce(writer: ExperimentWriter, { loadTensorFlow }: RunDeps): RunServices['tensorflow'] {
  let loading: Promise<TensorFlow> | undefined;
  return warn => {
    loading ??= loadTensorFlow().then(tensorflow => {
      warnIfChanged(tensorflow, writer, warn);
      writer.setTensorFlow({ kind: tensorflow.kind, version: tensorflow.version });
      if (tensorflow.notice !== undefined) warn(tensorflow.notice);
      return tensorflow;
    });
    return loading;
  };
}

/** A different TensorFlow rounds differently. */
function warnIfChanged(
  { kind, version }: TensorFlow,
  { id, record }: ExperimentWriter,
  warn: (text: string) => void,
): void {
  const before = record.environment.tensorflow;
  if (before === null || (before.kind === kind && before.version === version)) return;
  warn(
    `${id} ran on TensorFlow ${before.version} ${before.kind} before, now on ${version} ${kind}: results differ in their last digits from those of a run without a stop`,
  );
}

function failureRecord(stop: Stop | null): ExperimentRecord['failure'] {
  if (stop?.status !== 'failed') return null;
  const { code, message, details, hint } = stop.failure;
  return { stage: stop.stage, code, message: [message, ...details].join('\n'), hint: hint ?? null };
}
