import { existsSync, realpathSync } from 'node:fs';
import { relative } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { latestOrigin } from '../../core/origin.ts';
import type { Plan, PlannedStage } from '../../plan/plan.ts';
import { hasResult, type StoredExperiment } from '../../registry/index.ts';
import { expectedTensorFlow } from '../fingerprint/backend.ts';
import { stageRecord } from '../stage-record.ts';
import { loadOwnPlan } from '../own-plan.ts';
import { collectProvenance } from '../provenance/provenance.ts';
import type { RunTarget } from '../execute/run.ts';
import { decide, registryOf, type Session } from '../session.ts';
import type { Decided } from '../decide/decision.ts';
import { conditionsSince } from './changes.ts';
import type { Change } from './report.ts';
import { absolutePath, previousVersion, sourcesSince } from './source-changes.ts';
import { stagesSince } from './stage-changes.ts';

/** The plan of a reproduction, and the known differences. */
export interface ReproductionPlan {
  readonly original: StoredExperiment;
  readonly plan: Plan;
  readonly decided: Decided;
  readonly target: RunTarget;
  /** Differences of machine, versions and environment. */
  readonly conditions: readonly Change[];
  /** Differences of its stages: code, versions, data. */
  readonly inputs: readonly Change[];
  /** Further remarks. */
  readonly notes: readonly string[];
}

/**
 * Plans a run of an experiment's own resolved.yaml again, without the cache, for all stages with results.
 * @throws Failure, exit code 2, when that is not possible, with what to do instead.
 */
export async function planReproduction(reference: string, session: Session): Promise<ReproductionPlan> {
  const original = await registryOf(session).find(reference);
  checkStatus(original);
  const dir = relative(session.cwd, original.dir) || '.';
  const plan = await loadOwnPlan(original, [], session).catch((error: unknown) => {
    throw withOldSources(error, original, dir);
  });
  const range = { force: true, ...endOf(original, plan) };
  const decided = await decide(plan, range, session);
  const target: RunTarget = { kind: 'new', parent: null, reproduces: original.id, range };
  const changes = await changesSince(original, plan, decided, dir, session);
  return { original, plan, decided, target, ...changes };
}

/** The last stage with a result, unless it is the last of the plan. */
function endOf(original: StoredExperiment, { stages }: Plan): { readonly to?: string } {
  const isDone = ({ id }: PlannedStage) => hasResult(stageRecord(original, id));
  const last = stages.findLast(isDone);
  return last === undefined || last === stages.at(-1) ? {} : { to: last.id };
}

function checkStatus({ id, status, record }: StoredExperiment): void {
  if (status === 'running')
    throw new Failure({
      code: 'experiment-running',
      exitCode: 2,
      message: `${id} is still running: its results are not known yet`,
      hint: `pipe show ${id} shows its progress`,
    });
  if (record.stages.some(hasResult)) return;
  throw new Failure({
    code: 'nothing-to-reproduce',
    exitCode: 2,
    message: `no stage of ${id} (${status}) has a result: there is nothing to reproduce`,
    hint: `to continue it: pipe resume ${id}`,
  });
}

/** Adds where to find missing code files of the experiment. */
function withOldSources(error: unknown, { id, record }: StoredExperiment, dir: string): unknown {
  const { source, git } = latestOrigin(record);
  if (!(error instanceof Failure) || source === undefined) return error;
  // The content of YAML files is in resolved.yaml.
  const code = source.files.filter(({ path }) => !/\.ya?ml$/i.test(path));
  const lost = code.filter(file => !existsSync(absolutePath(source, file)));
  const { exitCode, message, details, hint, problems } = error;
  return new Failure({
    ...{ code: error.code, exitCode, problems },
    message: `${id} cannot be run again: ${message}`,
    details: [...details, ...new Set(lost.map(file => previousVersion(file, dir, git)))],
    ...(hint !== undefined && { hint }),
  });
}

async function changesSince(
  original: StoredExperiment,
  plan: Plan,
  { decisions }: Decided,
  dir: string,
  { cwd, env }: Session,
): Promise<Pick<ReproductionPlan, 'conditions' | 'inputs' | 'notes'>> {
  const { record } = original;
  const stages = plan.stages.flatMap(planned => {
    const then = stageRecord(original, planned.id);
    const decision = decisions.get(planned.id);
    const fingerprint = decision?.kind === 'run' ? decision.fingerprint : undefined;
    return then === undefined || !hasResult(then) ? [] : [{ planned, then, fingerprint }];
  });
  const filesOf = ({ files }: PlannedStage) => files.map(path => realpathSync(path));
  const origin = latestOrigin(record);
  const sources = sourcesSince(
    { id: record.id, ...origin },
    dir,
    new Set(stages.flatMap(({ planned }) => filesOf(planned))),
  );
  const listed = stages.map(each => ({
    ...each,
    isCodeListed: filesOf(each.planned).some(path => sources.paths.has(path)),
  }));
  const now = await collectProvenance(plan.pipeline, { cwd, env });
  const left = plan.stages.filter(({ id }) => !stages.some(({ planned }) => planned.id === id));
  const reasons = left.map(({ id }) => `${id} is left out: ${record.id} has no result of it`);
  return {
    conditions: conditionsSince(origin, now, await expectedTensorFlow(env)),
    inputs: [...sources.changes, ...stagesSince(listed)],
    notes: [...sources.notes, ...reasons],
  };
}
