import { existsSync } from 'node:fs';
import type { ExperimentRecord, StageRecord } from '../../core/experiment.ts';
import type { PlannedStage } from '../../plan/plan.ts';
import { FileHashes } from '../../storage/file-hashes.ts';
import { outputDir, type Registry } from '../../registry/index.ts';
import { changedOutput, changedPoints } from './damage.ts';
import type { Caching, Decision } from './decision.ts';
import { stageRecord } from '../stage-record.ts';
import { changedVariables } from '../fingerprint/stage-variables.ts';
import { stoppedExperiments } from './unchanged.ts';

/** Statuses of stopped stages; `running` if the process was killed. */
const STOPPED = new Set<StageRecord['status']>(['interrupted', 'failed', 'running']);

/**
 * Makes a resumable stage resume from its state in an earlier stopped experiment of the pipeline with the same fingerprint,
 * TensorFlow and environment: the result equals that of a run from the beginning. So editing a later stage costs no training.
 */
export async function resumeStopped(
  planned: PlannedStage,
  decision: Decision,
  pipeline: string,
  registry: Registry,
  caching: Caching,
): Promise<Decision> {
  if (decision.kind !== 'run' || decision.keep !== 'add' || planned.stage.resumable === undefined)
    return decision;
  const wanted = decision.fingerprint?.fingerprint;
  const hasStopped = (record: ExperimentRecord) => {
    const stage = stageRecord({ record }, planned.id);
    return stage !== undefined && stage.fingerprint === wanted && STOPPED.has(stage.status);
  };
  for (const record of (await stoppedExperiments(registry, pipeline)).filter(hasStopped)) {
    const found = await usable(planned.id, record.id, registry, caching);
    if (found !== undefined) return { ...decision, ...found, reason: `resumed from ${record.id}` };
  }
  return decision;
}

/** The state to resume from; undefined where a run now would leave a different one. */
async function usable(
  stage: string,
  id: string,
  registry: Registry,
  { environment, backend }: Caching,
): Promise<Pick<Decision & { kind: 'run' }, 'from' | 'variables'> | undefined> {
  const experiment = await registry.read(id);
  const { backend: then, variables } = stageRecord(experiment, stage) ?? {};
  if (!existsSync(outputDir(experiment.dir, stage))) return undefined;
  if (then !== undefined && then !== (await backend())) return undefined;
  if (changedVariables(variables, environment.env).length > 0) return undefined;
  const hashes = new FileHashes();
  const damaged =
    (await changedOutput(experiment, stage, {}, registry, hashes)) ??
    (await changedPoints(experiment, hashes));
  return damaged === undefined ? { from: experiment.dir, variables } : undefined;
}
