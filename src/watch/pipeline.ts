import type { Problem } from '../core/failure.ts';
import type { LoadPlanResult } from '../plan/load-plan.ts';
import type { Plan, PlannedStage } from '../plan/plan.ts';
import { flattenParameters, shownUse } from '../run/fingerprint/parameters.ts';
import { stageCodes, type StageCode } from '../run/fingerprint/stage-code.ts';

/** A stage as plain data. */
export interface WatchedStage {
  readonly id: string;
  /** For display. */
  readonly use: string;
  /** Code of a user's stage; undefined for a built-in one, which does not change. */
  readonly code: StageCode | undefined;
  /** Parameters by dotted name, such as `train.learningRate`. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly isResumable: boolean;
}

/** A pipeline as plain data: it is read in another process. */
export interface WatchedPipeline {
  readonly name: string;
  readonly seed: number;
  readonly stages: readonly WatchedStage[];
  readonly warnings: readonly Problem[];
}

/** Result of reading a pipeline; `sources` are the absolute paths of the files that were read. */
export type ReadResult =
  | { readonly ok: true; readonly pipeline: WatchedPipeline; readonly sources: readonly string[] }
  | Extract<LoadPlanResult, { readonly ok: false }>;

/** The data of a loaded pipeline. */
export async function readResult(loaded: LoadPlanResult, cwd: string): Promise<ReadResult> {
  if (!loaded.ok) return loaded;
  const { pipeline } = loaded.plan;
  return { ok: true, pipeline: await watchedPipeline(loaded.plan, cwd), sources: pipeline.sources };
}

async function watchedPipeline({ pipeline, stages }: Plan, cwd: string): Promise<WatchedPipeline> {
  const { name, seed, warnings } = pipeline;
  const codeOf = stageCodes();
  const watched = stages.map(async (planned): Promise<WatchedStage> => {
    const code = planned.files.length === 0 ? undefined : await codeOf(planned);
    return watchedStage(planned, code, cwd);
  });
  return { name, seed, warnings, stages: await Promise.all(watched) };
}

function watchedStage(planned: PlannedStage, code: StageCode | undefined, cwd: string): WatchedStage {
  const { id, inputs, stage } = planned;
  const parameters = flattenParameters([planned]);
  return {
    id,
    use: shownUse(planned, cwd),
    code,
    parameters,
    inputs,
    isResumable: stage.resumable !== undefined,
  };
}
