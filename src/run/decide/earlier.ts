import { existsSync } from 'node:fs';
import type { Env } from '../../core/env.ts';
import type { Artifact } from '../../core/artifacts.ts';
import { portsOf } from '../../core/ports.ts';
import type { AnyStage, Ports } from '../../core/stage.ts';
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
  /** Fingerprints of its stages as of now: with the same parameters, and today's code and data. */
  readonly fingerprint: (stage: string) => StageFingerprint | undefined;
  readonly damage: Damage;
  /** The environment as it is now. */
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

/** The outputs of a stage that ended, where all of them are there. */
export function outputsThere({ id, stage }: PlannedStage, earlier: Earlier): Outputs | undefined {
  if (!hasResult(stageRecord(earlier, id))) return undefined;
  const outputs = earlier.outputs.get(id) ?? {};
  return lostOutput(stage, outputs) === undefined ? outputs : undefined;
}

/** The name of an output that a stage must have given, and that is not there: it is not recorded, or its folder is gone. */
export function lostOutput({ outputs: ports }: AnyStage, outputs: Outputs): string | undefined {
  const required = Object.entries(portsOf(ports as Ports)).flatMap(([name, { optional }]) =>
    optional ? [] : [name],
  );
  return [...required, ...Object.keys(outputs)].find(name => !existsSync(outputs[name]?.dir ?? ''));
}

/**
 * What a stage would be known by now, where that is what it was known by then and what it gave is whole; undefined where it is
 * not, or not known.
 */
export function sameAsThen(id: string, earlier: Earlier): StageFingerprint | undefined {
  if (earlier.damage.has(id)) return undefined;
  const { fingerprint: then, variables } = stageRecord(earlier, id) ?? {};
  if (changedVariables(variables, earlier.env).length > 0) return undefined;
  const now = earlier.fingerprint(id);
  return then !== undefined && now?.fingerprint === then ? now : undefined;
}

export interface ChangedParameter {
  /** `train.sample.every`, and its part that the stage knows: `sample`. */
  readonly name: string;
  readonly parameter: string;
  readonly change: string;
}

/** The parameters of a stage that are not those of the experiment. */
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
