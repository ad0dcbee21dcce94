import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { Env } from '../core/env.ts';
import { StageCache } from '../cache/cache.ts';
import { invalidPipeline } from '../config/problems.ts';
import { printable } from '../core/printable.ts';
import { secretsHider } from '../core/redact.ts';
import { pipeHome } from '../host/paths.ts';
import { loadPlan, type LoadPlanResult } from '../plan/load-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { Range } from '../plan/select.ts';
import { experimentsDir, openRegistry, type Registry } from '../registry/index.ts';
import { backendKey } from './fingerprint/backend.ts';
import { checkData } from './decide/check-data.ts';
import { decideStages } from './decide/decide.ts';
import type { Caching, Decided } from './decide/decision.ts';
import type { Observer } from './events.ts';
import { collectProvenance } from './provenance/provenance.ts';
import { runPlan, type RunDeps, type RunTarget, type RunOutcome } from './execute/run.ts';
import { unchangedExperiment } from './decide/unchanged.ts';

/** The environment of a command, and the location of its experiments. */
export interface Session {
  readonly cwd: string;
  readonly env: Env;
  /** `--experiments`. */
  readonly experiments: string | undefined;
  /** The command line, for the record. */
  readonly command: readonly string[];
}

/** Reads, checks and plans a pipeline file with `--set`'s arguments. */
export function load(
  file: string,
  set: readonly string[],
  session: Pick<Session, 'cwd' | 'env'>,
  absentData?: 'allowed',
): Promise<LoadPlanResult> {
  // Users' stages are compiled: their stacks should name the original files and lines.
  process.setSourceMapsEnabled(true);
  const { env, cwd } = session;
  return loadPlan(file, { set, env, cwd, ...(absentData && { absentData }) });
}

/**
 * Loads a pipeline that must be valid; its data may be missing, see `checkData`. @throws Failure with every problem, exit code 2.
 */
export async function loadValidPlan(
  file: string,
  set: readonly string[],
  session: Pick<Session, 'cwd' | 'env'>,
): Promise<Plan> {
  const result = await load(file, set, session, 'allowed');
  if (!result.ok) throw invalidPipeline(file, result.problems);
  return result.plan;
}

export const registryOf = (session: Session): Registry =>
  openRegistry(experimentsDir(session.experiments, session));

/** `--from`, `--to`, `--force` and `--force-stage`. */
export type RunRange = Range & Pick<Caching, 'force' | 'forceStages'>;

/** The cache of a session and what its results depend on. */
export function cachingOf(
  { force, forceStages }: Pick<RunRange, 'force' | 'forceStages'>,
  session: Session,
): Caching {
  const { cwd, env } = session;
  const registry = registryOf(session);
  return {
    cache: new StageCache(registry.dir),
    environment: {
      cwd,
      env,
      home: pipeHome(env),
      find: async reference => registry.view(await registry.find(reference)),
    },
    force,
    forceStages,
    backend: () => backendKey(env),
  };
}

/** Decides on each stage; writes nothing. @throws Failure, exit code 2, for an invalid range or missing data. */
export async function decide(plan: Plan, range: RunRange, session: Session): Promise<Decided> {
  const registry = registryOf(session);
  const caching = cachingOf(range, session);
  const decisions = await decideStages(plan, range, registry, caching);
  checkData(plan, decisions, session.cwd);
  return { decisions, caching, ...(await unchangedExperiment(plan, decisions, registry, session.cwd)) };
}

const isPath = (text: string): boolean => isAbsolute(text) && existsSync(text);

/** Claims or reopens an experiment, and runs the plan in this process. */
export async function execute(
  plan: Plan,
  { decisions, caching }: Decided,
  session: Session,
  { emit, ...control }: Pick<RunDeps, 'cancellation' | 'pause'> & { readonly emit: Observer },
  target?: RunTarget,
): Promise<RunOutcome> {
  const { cwd, env, command } = session;
  const { gitHint, ...provenance } = await collectProvenance(plan.pipeline, { cwd, env });
  if (provenance.gitRefused !== undefined) {
    const fix = gitHint === undefined ? '' : `: ${gitHint}`;
    const text = printable(`warning: the commit is not recorded, as ${provenance.gitRefused}${fix}`);
    emit({ type: 'note', level: 'warning', text });
  }
  const deps = {
    ...control,
    caching,
    registry: registryOf(session),
    loadTensorFlow: async () => {
      const { loadTensorFlow } = await import('../tensorflow/index.ts');
      return loadTensorFlow({ env });
    },
    provenance: { ...provenance, command, cwd, hideSecrets: secretsHider(env, isPath) },
    home: pipeHome(env),
    env,
  };
  return runPlan(plan, decisions, deps, emit, target);
}
