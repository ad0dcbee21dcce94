import { relative } from 'node:path';
import { oneOf } from '../../config/problems.ts';
import { Failure } from '../../core/failure.ts';
import { nearest } from '../../core/nearest.ts';
import { printable } from '../../core/printable.ts';
import { runsEveryTime } from '../../core/stage-functions.ts';
import { sourcesOf, type Plan, type PlannedStage } from '../../plan/plan.ts';
import type { Registry } from '../../registry/index.ts';
import { backendChange } from '../fingerprint/backend.ts';
import { damageWords } from './damage.ts';
import type { Caching, Decision, Decisions } from './decision.ts';
import { whyItRuns } from './explain.ts';
import { fingerprintStages, type StageFingerprint } from '../fingerprint/fingerprints.ts';
import { changedVariables } from '../fingerprint/stage-variables.ts';
import { earlierExperiments, type EarlierExperiments } from './unchanged.ts';

type Run = Decision & { readonly kind: 'run' };

/** Decider for stages one by one: whether the cache has the outputs, and why not. */
export class CacheDecider {
  readonly #plan: Plan;
  readonly #caching: Caching;
  readonly #fingerprints: ReadonlyMap<string, StageFingerprint>;
  readonly #wrongData: ReadonlyMap<string, Failure>;
  readonly #earlier: EarlierExperiments;

  private constructor(
    plan: Plan,
    caching: Caching,
    fingerprints: ReadonlyMap<string, StageFingerprint>,
    wrongData: ReadonlyMap<string, Failure>,
    earlier: EarlierExperiments,
  ) {
    this.#plan = plan;
    this.#caching = caching;
    this.#fingerprints = fingerprints;
    this.#wrongData = wrongData;
    this.#earlier = earlier;
  }

  /** @throws Failure, exit code 2, when `--force-stage` names no stage. */
  static async open(plan: Plan, registry: Registry, caching: Caching): Promise<CacheDecider> {
    checkForced(plan, caching.forceStages ?? []);
    const wrongData = new Map<string, Failure>();
    const fingerprints = await fingerprintStages(plan, caching.cache, caching.environment, wrongData);
    const earlier = earlierExperiments(registry, plan.pipeline.name);
    return new CacheDecider(plan, caching, fingerprints, wrongData, earlier);
  }

  /** Decisions for stages whose outputs are all in the cache; null otherwise. */
  async restoreAll(stages: readonly PlannedStage[]): Promise<Decisions | null> {
    const decisions = new Map<string, Decision>();
    if (this.#caching.force === true) return null;
    for (const stage of stages) {
      const decision = await this.decide(stage, decisions);
      if (decision.kind !== 'cache-hit') return null;
      decisions.set(stage.id, decision);
    }
    return stages.length === 0 ? null : decisions;
  }

  /** Decides on one stage. @param before Decisions for the stages that it follows. */
  async decide(planned: PlannedStage, before: Decisions, forcedBy?: string): Promise<Decision> {
    const fingerprint = this.#fingerprints.get(planned.id);
    const { force = false, forceStages = [] } = this.#caching;
    const sources = sourcesOf(planned);
    if (fingerprint === undefined || sources.some(id => isUnknown(before.get(id)))) {
      const wrongData = this.#wrongData.get(planned.id);
      const reason = forcedBy ?? 'what it depends on is not known';
      return { kind: 'run', reason, ...(wrongData && { wrongData }) };
    }
    const alwaysRun = runsEveryTime(planned);
    const run = (reason: string, more: Partial<Run> = {}): Run => ({
      kind: 'run',
      reason,
      fingerprint,
      ...(this.isStable(planned, before) && { keep: 'replace' }),
      ...more,
    });
    if (forcedBy !== undefined) return run(forcedBy);
    if (force) return run('--force');
    if (forceStages.includes(planned.id)) return run('--force-stage');
    const running = sources.find(id => before.get(id)?.kind === 'run');
    if (running !== undefined)
      return run(await this.#why(planned, fingerprint, `its input from ${running} changes`));
    if (alwaysRun) return run('it runs every time', { isReport: planned.stage.reportOnly === true });
    return (
      (await this.#fromCache(planned, fingerprint, run)) ??
      run(await this.#why(planned, fingerprint), { keep: 'add' })
    );
  }

  /** A stage's current fingerprint. */
  fingerprint(id: string): StageFingerprint | undefined {
    return this.#fingerprints.get(id);
  }

  /** True where equal fingerprints mean equal outputs: not for stages that run every time and those that follow them. */
  isStable(planned: PlannedStage, before: Decisions): boolean {
    if (runsEveryTime(planned)) return false;
    return sourcesOf(planned).every(source => {
      const decision = before.get(source);
      return !isUnknown(decision) && (decision?.kind !== 'run' || decision.keep !== undefined);
    });
  }

  async #fromCache(
    { id }: PlannedStage,
    { fingerprint, parts: _, ...known }: StageFingerprint,
    run: (reason: string, more?: Partial<Run>) => Run,
  ): Promise<Decision | undefined> {
    const { cache, backend, environment } = this.#caching;
    const found = await cache.find(fingerprint);
    if (found === undefined) return undefined;
    if ('damaged' in found) {
      const warning = `warning: ${damageWords(found, id, environment.cwd)}`;
      return run(`${printable(relative(environment.cwd, found.damaged))} is damaged`, { warning });
    }
    const { entry } = found;
    const changed = changedVariables(entry.variables, environment.env);
    if (changed.length > 0) return run(changed.map(name => `$${name} changed`).join(', '));
    if (entry.backend === null) return { kind: 'cache-hit', entry, ...known };
    const now = await backend();
    if (entry.backend === now) return { kind: 'cache-hit', entry, ...known };
    return run(backendChange(entry.backend, now));
  }

  /** The reason to run: a change of the stage itself, or else one of its sources. */
  async #why(planned: PlannedStage, fingerprint: StageFingerprint, otherwise?: string): Promise<string> {
    const record = await this.#earlier.lastWith(planned.id);
    if (record === undefined) return whyItRuns(planned, fingerprint, this.#plan.pipeline.seed, undefined);
    const then = record.stages.find(({ id }) => id === planned.id)?.fingerprint;
    if (otherwise !== undefined && then === fingerprint.fingerprint)
      return otherwise.replace('changes', 'is made again');
    const entry = then === undefined ? undefined : this.#caching.cache.peek(then);
    return whyItRuns(planned, fingerprint, this.#plan.pipeline.seed, { record, entry }, otherwise);
  }
}

/** Reused outputs may come from other code or data, so stages after them have no fingerprint. */
const isUnknown = (decision: Decision | undefined): boolean =>
  decision !== undefined &&
  decision.kind !== 'cache-hit' &&
  decision.kind !== 'skip' &&
  decision.fingerprint === undefined;

function checkForced({ stages }: Plan, forced: readonly string[]): void {
  const ids = stages.map(({ id }) => id);
  const unknown = forced.filter(id => !ids.includes(id));
  if (unknown.length === 0) return;
  throw new Failure({
    code: 'unknown-stage-id',
    exitCode: 2,
    message: 'stages that are not in the pipeline cannot be forced',
    problems: unknown.map(id => {
      const suggestion = nearest(id, ids);
      return {
        code: 'unknown-stage-id',
        message: `--force-stage names an unknown stage "${id}"`,
        expected: oneOf(ids),
        ...(suggestion !== undefined && { suggestion }),
      };
    }),
  });
}
