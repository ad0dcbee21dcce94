import { basename } from 'node:path';
import type { Artifact } from '../../core/artifacts.ts';
import { observeEnvironment } from '../../config/user-environment.ts';
import { Failure, unreachable } from '../../core/failure.ts';
import { runsEveryTime } from '../../core/stage-functions.ts';
import { kindsOf, sourcesOf, type Plan, type PlannedStage } from '../../plan/plan.ts';
import type { Decision, Decisions } from '../decide/decision.ts';
import { borrowInputs } from '../borrowed.ts';
import { checkEarlier, checkReused } from './check-earlier.ts';
import { stageRecord } from '../stage-record.ts';
import { recordedData } from '../fingerprint/fingerprints.ts';
import { keepResult } from './keep-result.ts';
import type { RunServices } from './run-services.ts';
import { reasonOf, runStage, strayFailure, type StageResult } from './run-stage.ts';
import { StageBackend } from './stage-backend.ts';
import { LOOKED_AT_EXPERIMENTS, StageReads, variablesBefore } from '../fingerprint/stage-reads.ts';
import { skipped, type End, type Stop } from './stage-end.ts';
import { takeFromCache } from './take-from-cache.ts';

type Outputs = Readonly<Record<string, Artifact>>;

/** Runs the stages of one experiment in order, and keeps their results. */
export class PlanRun {
  readonly #plan: Plan;
  readonly #decisions: Decisions;
  readonly #services: RunServices;
  readonly #outputs = new Map<string, Outputs>();
  /** The TensorFlow backend of each stage's result. */
  readonly #backends = new Map<string, string | undefined>();
  readonly #ran = new Set<string>();
  #stop: Stop | null = null;
  #isLeft = false;

  constructor(plan: Plan, decisions: Decisions, services: RunServices) {
    this.#plan = plan;
    this.#decisions = decisions;
    this.#services = services;
  }

  /** Null while nothing has gone wrong. */
  get stop(): Stop | null {
    return this.#stop;
  }

  /** Runs all stages. Rejects only for a bug. */
  async run(): Promise<void> {
    for (const planned of this.#plan.stages) {
      const { id } = planned;
      const end = await this.#step(planned).catch((error: unknown) => this.#unwritable(id, error));
      if (this.#isLeft) return;
      this.#services.emit({ type: 'stage-ended', stage: id, ...end });
    }
  }

  /** Ends the run while a stage may still be running; its experiment is closed without it. */
  leave(): Stop {
    this.#isLeft = true;
    return (this.#stop = { status: 'interrupted', stage: null });
  }

  /** Handles an experiment that cannot be written: stops the run like a failed stage; a bug is thrown. */
  #unwritable(id: string, error: unknown): End {
    if (!(error instanceof Failure)) throw error;
    const decision = this.#decisionFor(id).kind;
    if (this.#isLeft) return { status: 'interrupted', decision, reason: null, report: null, ms: null };
    this.#services.writer.makeRoom();
    this.#stop ??= { status: 'failed', stage: id, failure: error, isAtWork: false };
    if (this.#stop.stage !== id) return skipped(this.#reasonToSkip());
    // Follow-up errors say less than the first failure.
    const { message } = this.#stop.status === 'failed' ? this.#stop.failure : error;
    return { status: 'failed', decision, reason: message, report: null, ms: null };
  }

  #decisionFor(id: string): Decision {
    return this.#decisions.get(id) ?? { kind: 'run' };
  }

  #warn(stage: string, text: string): void {
    this.#services.emit({ type: 'log', stage, level: 'warning', text });
  }

  async #step(planned: PlannedStage): Promise<End> {
    const reason = this.#reasonToSkip();
    if (reason !== null) return this.#skip(planned, reason);
    const decision = this.#decisionFor(planned.id);
    switch (decision.kind) {
      case 'skip':
        return this.#skip(planned, decision.reason);
      case 'reuse':
        return this.#reuse(planned, decision);
      case 'keep':
        return this.#keep(planned, decision);
      case 'cache-hit':
        return this.#restore(planned, decision);
      case 'run':
        return this.#run(planned, decision);
      default:
        return unreachable(decision);
    }
  }

  /** Ends the run for an uncaught error between two stages, from something that an earlier one left running. */
  noticeStray(): void {
    const { early } = this.#services.strays;
    if (early === undefined || this.#stop !== null) return;
    const stage = early.stage ?? [...this.#ran].at(-1) ?? '';
    const failure = strayFailure(early, stage, this.#services);
    this.#stop = { status: 'failed', stage, failure, isAtWork: true };
  }

  #reasonToSkip(): string | null {
    this.noticeStray();
    if (this.#stop === null && this.#services.signal.aborted)
      this.#stop = { status: 'interrupted', stage: null };
    if (this.#stop === null) return null;
    return this.#stop.status === 'failed' ? `${this.#stop.stage} failed` : 'interrupted';
  }

  async #skip({ id }: PlannedStage, reason: string): Promise<End> {
    await this.#services.writer.endStage(id, { status: 'skipped', report: null, reason }, {});
    return skipped(reason);
  }

  async #reuse(
    planned: PlannedStage,
    { experiment, outputs, fingerprint, backend, variables }: Decision & { kind: 'reuse' },
  ): Promise<End> {
    const { id } = planned;
    const { writer } = this.#services;
    this.#outputs.set(id, outputs);
    this.#backends.set(id, backend);
    const reason = `outputs of ${experiment}`;
    const known = { fingerprint: fingerprint?.fingerprint, backend, ...(variables && { variables }) };
    const end = { status: 'reused', report: null, reason, ...known, kinds: kindsOf(planned) } as const;
    await writer.endStage(id, end, outputs);
    // Checked after their use was recorded: `pipe rm` checks in the other order, so one of the two notices.
    await checkReused(planned, outputs, { experiment, pipeline: writer.record.pipeline.file });
    return { status: 'reused', decision: 'reuse', reason, report: null, ms: null };
  }

  /** Keeps a stage; stores its result in the cache if a kill prevented that. */
  async #keep(planned: PlannedStage, { outputs, fingerprint }: Decision & { kind: 'keep' }): Promise<End> {
    const { id } = planned;
    const { writer, cache } = this.#services;
    const { backend } = stageRecord(writer, id) ?? {};
    await checkEarlier(planned, outputs, { experiment: writer.id, pipeline: writer.record.pipeline.file });
    this.#outputs.set(id, outputs);
    this.#backends.set(id, backend);
    if (fingerprint !== undefined && cache?.peek(fingerprint.fingerprint) === undefined)
      await keepResult({ stage: id, fingerprint, keep: 'add', outputs, backend }, this.#services);
    return { status: 'ran', decision: 'keep', reason: 'done before', report: null, ms: null };
  }

  /** Takes a stage's outputs from the cache; runs it if they are gone, or if one of its sources ran. */
  async #restore(
    planned: PlannedStage,
    { entry, kind: _, ...known }: Decision & { kind: 'cache-hit' },
  ): Promise<End> {
    const { id } = planned;
    const { writer, cache, cwd } = this.#services;
    const mayRestore = sourcesOf(planned).every(source => !this.#ran.has(source));
    if (cache !== undefined && mayRestore) {
      const taken = await takeFromCache(planned, { entry, data: known.data }, { writer, cache, cwd });
      if ('outputs' in taken) {
        this.#outputs.set(id, taken.outputs);
        this.#backends.set(id, taken.backend);
        const { reason } = taken;
        return { status: 'reused', decision: 'cache-hit', reason, report: null, ms: null };
      }
      this.#warn(id, taken.fault);
    }
    const { fingerprint, parts } = entry;
    return this.#run(planned, {
      kind: 'run',
      fingerprint: { fingerprint, parts, ...known },
      keep: 'replace',
    });
  }

  async #run(planned: PlannedStage, decision: Decision & { kind: 'run' }): Promise<End> {
    const startedAt = performance.now();
    const { id } = planned;
    const { fingerprint, keep, from } = decision;
    this.#ran.add(id);
    const backend = new StageBackend(sourcesOf(planned).map(source => this.#backends.get(source)));
    const { writer } = this.#services;
    const reads = StageReads.into(writer, id, fingerprint?.covered);
    const services = {
      ...this.#services,
      tensorflow: backend.watch(id, this.#services),
      env: reads.env(this.#services.env),
      experiments: reads.experiments(this.#services.experiments),
      borrow: async () => fingerprint?.borrowed ?? borrowInputs(planned, this.#services.experiments),
    };
    const start = {
      ...(from !== undefined && { from }),
      ...(from !== undefined && from !== writer.dir && { resumedFrom: basename(from) }),
      ...(fingerprint && { fingerprint: fingerprint.fingerprint, code: fingerprint.parts.code }),
      ...recordedData(fingerprint?.data),
      ...variablesBefore(planned, decision.variables, writer),
    };
    const { reason: why = null } = decision;
    const resumedFrom = from === undefined ? null : basename(from);
    this.#services.emit({ type: 'stage-started', stage: id, reason: why, resumedFrom });
    const stopObserving = observeEnvironment(planned.files[0] ?? '', reads.note);
    const result = await runStage(planned, this.#inputs(planned), services, start);
    stopObserving();
    const { status, report } = result;
    const outputs = this.#take(id, result);
    this.#backends.set(id, backend.name);
    const reason = reasonOf(result);
    const isReusable = !reads.hasLookedAtExperiments || runsEveryTime(planned);
    if (!isReusable) this.#warn(id, LOOKED_AT_EXPERIMENTS);
    const isKnown = result.status !== 'ran' || (result.isReproducible && !backend.isMixed && isReusable);
    const isAtWork = result.status === 'failed' && result.isAtWork;
    const end = { status, report, reason, isAtWork, backend: backend.name, kinds: kindsOf(planned) };
    await writer.endStage(id, isKnown ? end : { ...end, fingerprint: undefined }, outputs);
    if (status === 'ran' && isKnown && fingerprint !== undefined && keep !== undefined)
      await keepResult({ stage: id, fingerprint, keep, outputs, backend: backend.name }, this.#services);
    return { status, decision: 'run', reason, report, ms: performance.now() - startedAt };
  }

  /** Keeps the result of a stage; returns its outputs. */
  #take(id: string, result: StageResult): Outputs {
    switch (result.status) {
      case 'ran':
        this.#outputs.set(id, result.outputs);
        return result.outputs;
      case 'failed':
        this.#services.writer.makeRoom();
        this.#stop = { status: 'failed', stage: id, failure: result.failure, isAtWork: result.isAtWork };
        return {};
      case 'interrupted':
        this.#stop = { status: 'interrupted', stage: id };
        return {};
      default:
        return unreachable(result);
    }
  }

  #inputs({ bindings }: PlannedStage): Outputs {
    return Object.fromEntries(
      Object.entries(bindings).flatMap(([name, { stage, output }]) => {
        const artifact = this.#outputs.get(stage)?.[output];
        return artifact === undefined ? [] : [[name, artifact] as const];
      }),
    );
  }
}
