import { basename } from 'node:path';
import type { Artifact } from '../../core/artifacts.ts';
import { observeEnvironment } from '../../config/user-environment.ts';
import { Failure, unreachable } from '../../core/failure.ts';
import { runsEveryTime } from '../../core/stage-functions.ts';
import { kindsOf, sourcesOf, type Plan, type PlannedStage } from '../../plan/plan.ts';
import type { Decision, Decisions } from '../decide/decision.ts';
import type { Line, LineEnd, Step } from '../display/display.ts';
import { checkEarlier, checkReused } from './check-earlier.ts';
import { stageRecord } from '../stage-record.ts';
import { recordedData } from '../fingerprint/fingerprints.ts';
import { keepResult } from './keep-result.ts';
import { runStage, strayFailure, type StageResult, type RunServices } from './run-stage.ts';
import { StageBackend } from './stage-backend.ts';
import { StageReads, variablesBefore } from '../fingerprint/stage-reads.ts';
import { takeFromCache } from './take-from-cache.ts';

type Outputs = Readonly<Record<string, Artifact>>;

const LOOKED_AT_EXPERIMENTS =
  'it looked at other experiments, so later runs do not reuse its result; alwaysRun: true in its definition says so';

/** Why the stages that are left do not run. `stage` is the one that stopped, null when it was between two. */
export type Stop =
  | {
      readonly status: 'failed';
      readonly stage: string;
      readonly failure: Failure;
      /** True when that stage may still be doing something. */
      readonly isAtWork: boolean;
    }
  | { readonly status: 'interrupted'; readonly stage: string | null };

/** The stages of one experiment as steps of a display; knows what has come of them so far. */
export class PlanRun {
  readonly #plan: Plan;
  readonly #decisions: Decisions;
  readonly #services: RunServices;
  readonly #outputs = new Map<string, Outputs>();
  /** The TensorFlow that each stage comes from, its own or that of what it follows. */
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

  steps(): readonly Step[] {
    return this.#plan.stages.map(planned => ({
      id: planned.id,
      run: line => this.#step(planned, line).catch((error: unknown) => this.#unwritable(planned.id, error)),
    }));
  }

  /** Ends it while a stage may be at work still, whose experiment is closed without it. */
  leave(): Stop {
    this.#isLeft = true;
    return (this.#stop = { status: 'interrupted', stage: null });
  }

  /** The experiment could not be written: that stops the run like a stage that fails, and like a bug if it is one. */
  #unwritable(id: string, error: unknown): LineEnd {
    if (!(error instanceof Failure)) throw error;
    if (this.#isLeft) return { status: 'interrupted', text: null, ms: null };
    this.#services.writer.makeRoom();
    this.#stop ??= { status: 'failed', stage: id, failure: error, isAtWork: false };
    if (this.#stop.stage !== id) return { status: 'skipped', text: this.#reasonToSkip(), ms: null };
    // What follows from a failure says less than that failure.
    const { message } = this.#stop.status === 'failed' ? this.#stop.failure : error;
    return { status: 'failed', text: message, ms: null };
  }

  async #step(planned: PlannedStage, line: Line): Promise<LineEnd> {
    const reason = this.#reasonToSkip();
    if (reason !== null) return this.#skip(planned, reason);
    const decision = this.#decisions.get(planned.id) ?? ({ kind: 'run' } satisfies Decision);
    switch (decision.kind) {
      case 'skip':
        return this.#skip(planned, decision.reason);
      case 'reuse':
        return this.#reuse(planned, decision);
      case 'keep':
        return this.#keep(planned, decision, line);
      case 'cache-hit':
        return this.#restore(planned, decision, line);
      case 'run':
        return this.#run(planned, line, decision);
      default:
        return unreachable(decision);
    }
  }

  /** An error that came between two stages, from something that an earlier one left running, ends the run. */
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

  async #skip({ id }: PlannedStage, reason: string): Promise<LineEnd> {
    await this.#services.writer.endStage(id, { status: 'skipped', report: null, reason }, {});
    return { status: 'skipped', text: reason, ms: null };
  }

  async #reuse(
    planned: PlannedStage,
    { experiment, outputs, fingerprint, backend, variables }: Decision & { kind: 'reuse' },
  ): Promise<LineEnd> {
    const { id } = planned;
    const { writer } = this.#services;
    this.#outputs.set(id, outputs);
    this.#backends.set(id, backend);
    const reason = `outputs of ${experiment}`;
    const known = { fingerprint: fingerprint?.fingerprint, backend, ...(variables && { variables }) };
    const end = { status: 'reused', report: null, reason, ...known, kinds: kindsOf(planned) } as const;
    await writer.endStage(id, end, outputs);
    // Looked at after it was recorded that they are needed: `pipe rm` looks in the other order, so one of the two notices.
    await checkReused(planned, outputs, { experiment, pipeline: writer.record.pipeline.file });
    return { status: 'reused', text: reason, ms: null };
  }

  /** Leaves a stage as it is; what a kill kept from getting into the cache gets there now. */
  async #keep(
    planned: PlannedStage,
    { outputs, fingerprint }: Decision & { kind: 'keep' },
    line: Line,
  ): Promise<LineEnd> {
    const { id } = planned;
    const { writer, cache } = this.#services;
    const { backend } = stageRecord(writer, id) ?? {};
    await checkEarlier(planned, outputs, { experiment: writer.id, pipeline: writer.record.pipeline.file });
    this.#outputs.set(id, outputs);
    this.#backends.set(id, backend);
    if (fingerprint !== undefined && cache?.peek(fingerprint.fingerprint) === undefined)
      await keepResult({ stage: id, fingerprint, keep: 'add', outputs, backend, line }, this.#services);
    return { status: 'ran', text: 'done before', ms: null };
  }

  /** Takes a stage's outputs from the cache; runs it where they have gone meanwhile, or where a stage above it ran. */
  async #restore(
    planned: PlannedStage,
    { entry, data, covered }: Decision & { kind: 'cache-hit' },
    line: Line,
  ): Promise<LineEnd> {
    const { id } = planned;
    const { writer, cache, cwd } = this.#services;
    const mayRestore = sourcesOf(planned).every(source => !this.#ran.has(source));
    if (cache !== undefined && mayRestore) {
      const taken = await takeFromCache(planned, { entry, data }, { writer, cache, cwd });
      if ('outputs' in taken) {
        this.#outputs.set(id, taken.outputs);
        this.#backends.set(id, taken.backend);
        return { status: 'reused', text: taken.reason, ms: null };
      }
      line.warning(taken.fault);
    }
    const { fingerprint, parts } = entry;
    return this.#run(planned, line, {
      kind: 'run',
      fingerprint: { fingerprint, parts, data, covered },
      keep: 'replace',
    });
  }

  async #run(planned: PlannedStage, line: Line, decision: Decision & { kind: 'run' }): Promise<LineEnd> {
    const startedAt = performance.now();
    const { id } = planned;
    const { fingerprint, keep, from } = decision;
    line.started();
    this.#ran.add(id);
    const backend = new StageBackend(sourcesOf(planned).map(source => this.#backends.get(source)));
    const { writer } = this.#services;
    const reads = StageReads.into(writer, id, fingerprint?.covered);
    const services = {
      ...this.#services,
      tensorflow: backend.watch(id, this.#services),
      env: reads.env(this.#services.env),
      experiments: reads.experiments(this.#services.experiments),
    };
    const start = {
      ...(from !== undefined && { from }),
      ...(from !== undefined && from !== writer.dir && { resumedFrom: basename(from) }),
      ...(fingerprint && { fingerprint: fingerprint.fingerprint, code: fingerprint.parts.code }),
      ...recordedData(fingerprint?.data),
      ...variablesBefore(planned, decision.variables, writer),
    };
    const stopObserving = observeEnvironment(planned.files[0] ?? '', reads.note);
    const result = await runStage(planned, this.#inputs(planned), services, line, start);
    stopObserving();
    const { status, report } = result;
    const outputs = this.#take(id, result);
    this.#backends.set(id, backend.name);
    const reason = result.status === 'failed' ? result.failure.message : null;
    const isReusable = !reads.hasLookedAtExperiments || runsEveryTime(planned);
    if (!isReusable) line.warning(LOOKED_AT_EXPERIMENTS);
    const isKnown = result.status !== 'ran' || (result.isReproducible && !backend.isMixed && isReusable);
    const isAtWork = result.status === 'failed' && result.isAtWork;
    const end = { status, report, reason, isAtWork, backend: backend.name, kinds: kindsOf(planned) };
    await writer.endStage(id, isKnown ? end : { ...end, fingerprint: undefined }, outputs);
    if (status === 'ran' && isKnown && fingerprint !== undefined && keep !== undefined)
      await keepResult(
        { stage: id, fingerprint, keep, outputs, backend: backend.name, line },
        this.#services,
      );
    return { status, text: reason ?? report, ms: performance.now() - startedAt };
  }

  /** Remembers what came of a stage; answers its outputs. */
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
