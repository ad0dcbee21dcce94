import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Artifact } from '../core/artifacts.ts';
import type { ExperimentRecord, StageRecord } from '../core/experiment.ts';
import { Failure } from '../core/failure.ts';
import type { Plan, PlannedStage } from '../plan/plan.ts';
import { checkResumable } from '../registry/reopen.ts';
import type { StoredExperiment } from '../registry/types.ts';
import type { Decision, Decisions } from './decide.ts';
import { loadOwnPlan } from './own-plan.ts';
import { flattenParameters } from './parameters.ts';
import type { Beginning } from './run-plan.ts';
import { registryOf, type Session } from './session.ts';

/** How a stopped experiment goes on, or how a new one extends it. */
export interface Resumption {
  readonly plan: Plan;
  readonly decisions: Decisions;
  readonly beginning: Beginning;
}

type Outputs = Readonly<Record<string, Artifact>>;

/** An experiment with what its stages gave, by stage id. */
interface Earlier extends StoredExperiment {
  readonly outputs: ReadonlyMap<string, Outputs>;
}

/**
 * Decides how to resume an experiment from its own resolved.yaml: without settings it goes on itself; with settings a new
 * experiment extends it.
 * @throws Failure, exit code 2, when that is not possible, with what to do instead.
 */
export async function planResumption(
  reference: string,
  set: readonly string[],
  session: Session,
): Promise<Resumption> {
  const registry = registryOf(session);
  const experiment = await registry.find(reference);
  checkStatus(experiment, set);
  const plan = await loadOwnPlan(experiment, set, session);
  const earlier = { ...experiment, outputs: await outputsOf(experiment, registry) };
  const { id } = experiment;
  checkStages(plan, earlier);
  return set.length === 0
    ? { plan, decisions: decideContinuation(plan, earlier), beginning: { kind: 'reopen', id } }
    : { plan, decisions: decideExtension(plan, earlier), beginning: { kind: 'new', parent: id } };
}

function checkStatus({ id, status, record }: StoredExperiment, set: readonly string[]): void {
  if (status !== 'finished') checkResumable(id, { status, record });
  else if (set.length === 0)
    throw new Failure({
      code: 'experiment-finished',
      exitCode: 2,
      message: `${id} is finished`,
      hint: `to train it further: pipe resume ${id} --set ${furtherSetting(record)}`,
    });
}

/** Twice as long, by the parameter that decides. */
function furtherSetting({ stages, parameters }: ExperimentRecord): string {
  const train = stages.find(({ use }) => use === 'train')?.id ?? 'train';
  const name = typeof parameters[`${train}.iterations`] === 'number' ? 'iterations' : 'epochs';
  const now = parameters[`${train}.${name}`];
  return `${train}.${name}=${typeof now === 'number' ? 2 * now : 40}`;
}

async function outputsOf(
  experiment: StoredExperiment,
  registry: ReturnType<typeof registryOf>,
): Promise<Earlier['outputs']> {
  const outputs = new Map<string, Record<string, Artifact>>(
    experiment.record.stages.map(({ id }) => [id, {}]),
  );
  for (const { stage, name, artifact } of await registry.view(experiment).outputs())
    Object.assign(outputs.get(stage) ?? {}, { [name]: artifact });
  return outputs;
}

const recordOf = ({ record }: StoredExperiment, id: string): StageRecord | undefined =>
  record.stages.find(stage => stage.id === id);

/** @throws Failure when a stage means something else by now: what is there does not fit what would follow. */
function checkStages({ stages }: Plan, earlier: Earlier): void {
  for (const { id, stage } of stages) {
    const then = recordOf(earlier, id);
    if (then?.version === stage.version) continue;
    throw new Failure({
      code: 'stage-changed',
      exitCode: 2,
      message: `stage ${id} of ${earlier.id} is of version ${then?.version ?? '–'}, by now it is of version ${stage.version}`,
      hint: `run it from its beginning: pipe run ${earlier.record.pipeline.file}`,
    });
  }
}

/** What ended well stays; from the first stage that did not, everything that needs it is done again. */
function decideContinuation({ stages }: Plan, earlier: Earlier): Decisions {
  const decisions = new Map<string, Decision>();
  for (const planned of stages) {
    const { id } = planned;
    const outputs = hasOutputs(planned, earlier) ? earlier.outputs.get(id) : undefined;
    const isKept = sourcesOf(planned).every(source => decisions.get(source)?.kind === 'keep');
    if (outputs !== undefined && isKept) decisions.set(id, { kind: 'keep', outputs });
    else decisions.set(id, isKept ? runAgain(planned, earlier) : { kind: 'run' });
  }
  return decisions;
}

/**
 * What did not change is reused; a resumable stage goes on.
 * @throws Failure when a change makes another experiment of it, rather than an extension.
 */
function decideExtension({ stages, pipeline }: Plan, earlier: Earlier): Decisions {
  if (pipeline.seed !== earlier.record.seed)
    throw notAnExtension(earlier, 'with another seed', `${earlier.record.seed} → ${pipeline.seed}`);
  const decisions = new Map<string, Decision>();
  for (const planned of stages) {
    const { id, stage } = planned;
    const changed = changedParameters(planned, earlier);
    const isSame = sourcesOf(planned).every(source => decisions.get(source)?.kind === 'reuse');
    const outputs = hasOutputs(planned, earlier) ? earlier.outputs.get(id) : undefined;
    if (isSame && changed.length === 0 && outputs !== undefined)
      decisions.set(id, { kind: 'reuse', experiment: earlier.id, outputs });
    else if (stage.resumable === undefined) decisions.set(id, { kind: 'run' });
    else {
      const obstacle = changed.find(({ parameter }) => !stage.resumable?.includes(parameter));
      if (obstacle !== undefined)
        throw notAnExtension(earlier, `with another ${obstacle.name}`, obstacle.change);
      const upstream = stages
        .slice(0, stages.indexOf(planned))
        .flatMap(other => changedParameters(other, earlier))[0];
      if (!isSame && upstream !== undefined)
        throw notAnExtension(earlier, `with another ${upstream.name}`, upstream.change);
      decisions.set(id, isSame ? runAgain(planned, earlier) : { kind: 'run' });
    }
  }
  return decisions;
}

/** A resumable stage that had begun goes on from what it left. */
function runAgain({ id, stage }: PlannedStage, earlier: Earlier): Decision {
  const hasBegun = recordOf(earlier, id)?.startedAt != null;
  return stage.resumable !== undefined && hasBegun ? { kind: 'run', from: earlier.dir } : { kind: 'run' };
}

const sourcesOf = ({ bindings }: PlannedStage): readonly string[] =>
  Object.values(bindings).map(({ stage }) => stage);

function hasOutputs({ id }: PlannedStage, earlier: Earlier): boolean {
  const status = recordOf(earlier, id)?.status;
  if (status !== 'ran' && status !== 'reused') return false;
  return Object.values(earlier.outputs.get(id) ?? {}).every(({ dir }) => existsSync(dir));
}

interface ChangedParameter {
  /** `train.sample.every`, and its part that the stage knows: `sample`. */
  readonly name: string;
  readonly parameter: string;
  readonly change: string;
}

function changedParameters(planned: PlannedStage, { record }: Earlier): readonly ChangedParameter[] {
  const prefix = `${planned.id}.`;
  // As recorded: what JSON does not keep does not differ.
  const now = JSON.parse(JSON.stringify(flattenParameters([planned]))) as Record<string, unknown>;
  const names = new Set([...Object.keys(now), ...Object.keys(record.parameters)]);
  return [...names]
    .filter(name => name.startsWith(prefix) && !isDeepStrictEqual(now[name], record.parameters[name]))
    .map(name => ({
      name,
      parameter: name.slice(prefix.length).split('.')[0] as string,
      change: `${shown(record.parameters[name])} → ${shown(now[name])}`,
    }));
}

const shown = (value: unknown): string => JSON.stringify(value) ?? '–';

function notAnExtension({ id, record }: Earlier, what: string, change: string): Failure {
  return new Failure({
    code: 'not-an-extension',
    exitCode: 2,
    message: `${id} cannot be trained further ${what} (${change}): that is another experiment`,
    hint: `run it from its beginning: pipe run ${record.pipeline.file} --set …`,
  });
}
