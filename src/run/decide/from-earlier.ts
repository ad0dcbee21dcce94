import { existsSync } from 'node:fs';
import type { Artifact } from '../../core/artifacts.ts';
import { Failure } from '../../core/failure.ts';
import type { Plan, PlannedStage } from '../../plan/plan.ts';
import { FileHashes } from '../../storage/file-hashes.ts';
import { hasResult, type Registry, type StoredExperiment } from '../../registry/index.ts';
import { earlierFaults } from '../execute/check-earlier.ts';
import { changedOutput } from './damage.ts';
import { lostOutput } from './earlier.ts';
import { stageRecord } from '../stage-record.ts';
import { parameterDifferences } from '../fingerprint/parameters.ts';

/** Most experiments to list where none fits. */
const NAMED = 3;

export interface ReusableStages {
  readonly experiment: string;
  /** Outputs by stage id, with absolute folders. */
  readonly outputs: ReadonlyMap<string, Readonly<Record<string, Artifact>>>;
}

/**
 * The latest experiment of the same pipeline and seed in which these stages completed with the same stage, version and
 * parameters.
 * @throws Failure, exit code 2, that lists the differences.
 */
export async function findReusable(
  plan: Plan,
  stages: readonly PlannedStage[],
  registry: Registry,
): Promise<ReusableStages> {
  const { experiments } = await registry.list();
  const reasons: string[] = [];
  for (const experiment of experiments.toReversed()) {
    if (experiment.record.pipeline.name !== plan.pipeline.name) continue;
    const found = await outputsOf(experiment, plan, stages, registry);
    if (typeof found !== 'string') return { experiment: experiment.id, outputs: found };
    reasons.push(`${experiment.id}: ${found}`);
  }
  throw nothingToReuse(plan, stages, reasons);
}

/** The stages' outputs in one experiment, or why they cannot be reused. */
async function outputsOf(
  experiment: StoredExperiment,
  plan: Plan,
  stages: readonly PlannedStage[],
  registry: Registry,
): Promise<ReusableStages['outputs'] | string> {
  const { record } = experiment;
  if (record.seed !== plan.pipeline.seed) return `its seed is ${record.seed}, here ${plan.pipeline.seed}`;
  for (const stage of stages) {
    const difference = stageDifference(stage, record);
    if (difference !== undefined) return difference;
  }
  const stored = await registry.view(experiment).outputs();
  if (!existsSync(experiment.dir)) return 'it was removed just now';
  const outputs = new Map<string, Record<string, Artifact>>(stages.map(({ id }) => [id, {}]));
  for (const { stage, name, artifact } of stored) {
    const own = outputs.get(stage);
    if (own !== undefined) own[name] = artifact;
  }
  for (const stage of stages) {
    const { id } = stage;
    const own = outputs.get(id) ?? {};
    const lost = lostOutput(stage, own);
    if (lost === undefined) continue;
    const dir = own[lost]?.dir;
    return dir === undefined
      ? `the record of ${id}.${lost} is gone`
      : `the folder of ${id}.${lost} is gone: ${dir}`;
  }
  const hashes = new FileHashes();
  for (const [id, given] of outputs) {
    const changed = await changedOutput(experiment, id, given, registry, hashes);
    if (changed !== undefined) return `what its ${id} gave was changed: ${changed}`;
  }
  for (const stage of stages) {
    const [fault] = await earlierFaults(stage, outputs.get(stage.id) ?? {});
    if (fault !== undefined) return `what its ${stage.id} gave is not what that declares now: ${fault}`;
  }
  return outputs;
}

function stageDifference(stage: PlannedStage, record: StoredExperiment['record']): string | undefined {
  const { id } = stage;
  const then = stageRecord({ record }, id);
  if (then === undefined) return `it has no stage ${id}`;
  if (!hasResult(then)) return `its stage ${id} is ${then.status}`;
  if (then.use !== stage.use) return `its ${id} uses ${then.use}, here ${stage.use}`;
  if (then.version !== stage.stage.version)
    return `its ${id} is of version ${then.version}, here ${stage.stage.version}`;
  const [difference] = parameterDifferences(stage, record);
  return difference && `its ${difference.name} is ${shown(difference.then)}, here ${shown(difference.now)}`;
}

const shown = (value: unknown): string => JSON.stringify(value) ?? '–';

function nothingToReuse(
  { pipeline }: Plan,
  stages: readonly PlannedStage[],
  reasons: readonly string[],
): Failure {
  const ids = stages.map(({ id }) => id).join(', ');
  return new Failure({
    code: 'nothing-to-reuse',
    exitCode: 2,
    message: `no experiment of pipeline "${pipeline.name}" has outputs that could stand for ${ids}`,
    details: reasons.length === 0 ? ['it has no experiments yet'] : reasons.slice(0, NAMED),
    hint: 'run it without --from',
  });
}
