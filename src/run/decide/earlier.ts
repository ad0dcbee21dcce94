import { existsSync } from 'node:fs';
import type { Env } from '../../core/env.ts';
import type { Artifact } from '../../core/artifacts.ts';
import { outputPorts } from '../../plan/omitted.ts';
import type { PlannedStage } from '../../plan/plan.ts';
import { hasResult, type Registry, type StoredExperiment } from '../../registry/index.ts';
import type { Damage } from './damage.ts';
import type { StageFingerprint } from '../fingerprint/fingerprints.ts';
import { parameterDifferences } from '../fingerprint/parameters.ts';
import { stageRecord } from '../stage-record.ts';
import { changedVariables } from '../fingerprint/stage-variables.ts';

type Outputs = Readonly<Record<string, Artifact>>;

/** An experiment that is resumed or extended. */
export interface Earlier extends StoredExperiment {
  /** Outputs of its stages, by stage id. */
  readonly outputs: ReadonlyMap<string, Outputs>;
  /** The parameters that its stages ran with. */
  readonly params: (stage: string) => unknown;
  /** Current fingerprints of its stages: with its parameters, and today's code and data. */
  readonly fingerprint: (stage: string) => StageFingerprint | undefined;
  readonly damage: Damage;
  /** The current environment. */
  readonly env: Env;
}

/** Outputs of an experiment's stages, by stage id. */
export async function outputsOf(
  experiment: StoredExperiment,
  registry: Registry,
): Promise<ReadonlyMap<string, Outputs>> {
  const outputs = new Map<string, Record<string, Artifact>>(
    experiment.record.stages.map(({ id }) => [id, {}]),
  );
  for (const { stage, name, artifact } of await registry.view(experiment).outputs())
    Object.assign(outputs.get(stage) ?? {}, { [name]: artifact });
  return outputs;
}

/** The outputs of a completed stage; undefined if some are missing. */
export function completeOutputs(planned: PlannedStage, earlier: Earlier): Outputs | undefined {
  const { id } = planned;
  if (!hasResult(stageRecord(earlier, id))) return undefined;
  const outputs = earlier.outputs.get(id) ?? {};
  return lostOutput(planned, outputs) === undefined ? outputs : undefined;
}

/** The name of a missing output: not recorded, although the stage makes it, or without its folder. */
export const lostOutput = (planned: PlannedStage, outputs: Outputs): string | undefined =>
  [...Object.keys(outputPorts(planned)), ...Object.keys(outputs)].find(
    name => !existsSync(outputs[name]?.dir ?? ''),
  );

/** A stage's current fingerprint, if it equals the recorded one and the outputs are intact; otherwise undefined. */
export function unchangedFingerprint(id: string, earlier: Earlier): StageFingerprint | undefined {
  if (earlier.damage.has(id)) return undefined;
  const { fingerprint: then, variables } = stageRecord(earlier, id) ?? {};
  if (changedVariables(variables, earlier.env).length > 0) return undefined;
  const now = earlier.fingerprint(id);
  return then !== undefined && now?.fingerprint === then ? now : undefined;
}

export interface ChangedParameter {
  /** `train.sample.every`, and the stage's parameter in it: `sample`. */
  readonly name: string;
  readonly parameter: string;
  readonly change: string;
}

/** The parameters of a stage that differ from the experiment's. */
export function changedParameters(
  planned: PlannedStage,
  { record }: StoredExperiment,
): readonly ChangedParameter[] {
  return parameterDifferences(planned, record).map(({ name, then, now }) => ({
    name,
    parameter: name.slice(planned.id.length + 1).split('.')[0] as string,
    change: `${shown(then)} → ${shown(now)}`,
  }));
}

const shown = (value: unknown): string => JSON.stringify(value) ?? '–';
