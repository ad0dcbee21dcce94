import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { resumableOf } from '../core/stage-functions.ts';
import type { Plan } from '../plan/plan.ts';
import type { StoredExperiment } from '../registry/index.ts';
import { changesSince } from './decide/changes-since.ts';
import { checkData } from './decide/check-data.ts';
import { decideContinuation } from './decide/continuation.ts';
import { damageOf } from './decide/damage.ts';
import { CacheDecider } from './decide/from-cache.ts';
import { outputsOf, type Earlier } from './decide/earlier.ts';
import { stageRecord } from './stage-record.ts';
import { decideExtension } from './decide/extension.ts';
import { fingerprintStages } from './fingerprint/fingerprints.ts';
import type { Deciding } from './decide/resume-from.ts';
import { loadOwnPlan } from './own-plan.ts';
import type { RunTarget } from './execute/run.ts';
import { cachingOf, registryOf, type Session } from './session.ts';
import type { Decided } from './decide/decision.ts';
import { unchangedExperiment } from './decide/unchanged.ts';

export interface ResumeOptions {
  /** `--set`: with settings, a new experiment extends it. */
  readonly set: readonly string[];
  /** `--force`: the process that has it is not visible from here, and is known to be gone. */
  readonly force?: boolean | undefined;
}

/** The plan of resuming a stopped experiment, or of a new one that extends it. */
export interface Resumption {
  readonly plan: Plan;
  readonly decided: Decided;
  readonly target: RunTarget;
}

/**
 * Plans how to resume an experiment from its own resolved.yaml: without settings it is resumed itself; with settings a new
 * experiment extends it.
 * @throws Failure, exit code 2, when that is not possible, with what to do instead.
 */
export async function planResumption(
  reference: string,
  options: ResumeOptions,
  session: Session,
): Promise<Resumption> {
  const experiment = await registryOf(session).find(reference);
  await checkStatus(experiment, options, session);
  return options.set.length === 0
    ? continueExperiment(experiment, options, session)
    : extendExperiment(experiment, options, session);
}

async function continueExperiment(
  experiment: StoredExperiment,
  { force }: ResumeOptions,
  session: Session,
): Promise<Resumption> {
  const range = experiment.record.range ?? {};
  const plan = await loadOwnPlan(experiment, [], session);
  const caching = cachingOf(range, session);
  const { earlier, deciding } = await prepare(experiment, plan, plan, caching, session);
  const decisions = await decideContinuation(plan, earlier, range, deciding);
  checkData(plan, decisions, session.cwd);
  const notes = [...changesSince(plan, decisions, earlier, session.cwd), ...whereItStops(experiment)];
  const target: RunTarget = { kind: 'reopen', id: experiment.id, ...(force && { force }) };
  return { plan, decided: { decisions, caching, notes }, target };
}

async function extendExperiment(
  experiment: StoredExperiment,
  { set }: ResumeOptions,
  session: Session,
): Promise<Resumption> {
  const { to } = experiment.record.range ?? {};
  const range = to === undefined ? {} : { to };
  const own = await loadOwnPlan(experiment, [], session);
  const plan = await loadOwnPlan(experiment, set, session);
  const caching = cachingOf({}, session);
  const { earlier, deciding } = await prepare(experiment, own, plan, caching, session);
  const decisions = await decideExtension(plan, earlier, range, deciding);
  checkData(plan, decisions, session.cwd);
  const { equals, notes: damage = [] } = await unchangedExperiment(
    plan,
    decisions,
    deciding.registry,
    session.cwd,
  );
  const changes = changesSince(plan, decisions, earlier, session.cwd);
  const notes = [...damage, ...changes, ...whereItStops(experiment)];
  const target: RunTarget = { kind: 'new', parent: experiment.id, range };
  return { plan, decided: { decisions, caching, equals, notes }, target };
}

/** @param own The original plan of the experiment. */
async function prepare(
  experiment: StoredExperiment,
  own: Plan,
  plan: Plan,
  caching: Decided['caching'],
  session: Session,
): Promise<{ readonly earlier: Earlier; readonly deciding: Deciding }> {
  const registry = registryOf(session);
  checkStages(plan, experiment);
  const decider = await CacheDecider.open(plan, registry, caching);
  const earlierOf = async (stored: StoredExperiment, its: Plan): Promise<Earlier> => {
    const known = its === plan ? undefined : await fingerprintStages(its, caching.cache, caching.environment);
    const fingerprint: Earlier['fingerprint'] = id => (known ? known.get(id) : decider.fingerprint(id));
    const outputs = await outputsOf(stored, registry);
    const damage = await damageOf(stored, outputs, registry);
    const params: Earlier['params'] = id => its.stages.find(stage => stage.id === id)?.params;
    return { ...stored, outputs, params, fingerprint, damage, env: session.env };
  };
  const parentOf: Deciding['parentOf'] = async ({ record: { parent } }) => {
    if (parent === null || !existsSync(join(registry.dir, parent))) return undefined;
    const stored = await registry.read(parent);
    return earlierOf(stored, await loadOwnPlan(stored, [], session));
  };
  return {
    earlier: await earlierOf(experiment, own),
    deciding: { decider, registry, backend: caching.backend, parentOf },
  };
}

async function checkStatus(
  experiment: StoredExperiment,
  { set, force }: ResumeOptions,
  session: Session,
): Promise<void> {
  const { id, status } = experiment;
  if (status !== 'finished') await registryOf(session).checkResumable(experiment, force);
  else if (set.length === 0)
    throw new Failure({
      code: 'experiment-finished',
      exitCode: 2,
      message: `${id} is finished`,
      details: whereItStops(experiment),
      hint: await hintFor(experiment, session),
    });
}

/** A note for a run with `--to`: where it ends, and how to go further. */
function whereItStops({ dir, record }: StoredExperiment): readonly string[] {
  const to = record.range?.to;
  if (to === undefined) return [];
  return [`it was to stop after ${to}; to go further: pipe run ${join(dir, 'resolved.yaml')}`];
}

/**
 * A hint for a finished experiment: train twice as long by the parameter that decides, or run it again where nothing lengthens it
 * or it can no longer be planned.
 */
async function hintFor(experiment: StoredExperiment, session: Session): Promise<string> {
  const { id } = experiment;
  const again = `to run it again: pipe reproduce ${id}`;
  try {
    return furtherHint(id, await loadOwnPlan(experiment, [], session)) ?? again;
  } catch (error) {
    if (error instanceof Failure) return again;
    throw error;
  }
}

function furtherHint(id: string, { stages }: Plan): string | undefined {
  for (const planned of stages) {
    const names = resumableOf(planned.stage)?.lengthenedBy ?? [];
    const name = names.find(each => typeof planned.params[each] === 'number');
    if (name === undefined) continue;
    const further = `${planned.id}.${name}=${2 * (planned.params[name] as number)}`;
    return `to train it further: pipe resume ${id} --set ${further}`;
  }
  return undefined;
}

/** @throws Failure when the version of a stage has changed: its outputs do not fit what would follow. */
function checkStages({ stages }: Plan, earlier: StoredExperiment): void {
  for (const { id, stage } of stages) {
    const then = stageRecord(earlier, id);
    if (then?.version === stage.version) continue;
    throw new Failure({
      code: 'stage-changed',
      exitCode: 2,
      message: `stage ${id} of ${earlier.id} has version ${then?.version ?? '–'}, now it has version ${stage.version}`,
      hint: `run it from its beginning: pipe run ${earlier.record.pipeline.file}`,
    });
  }
}
