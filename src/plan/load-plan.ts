import { loadBuiltInStages } from '../config/catalog.ts';
import { loadPipeline, type LoadOptions } from '../config/load.ts';
import { missingPaths } from '../config/missing-paths.ts';
import { sortProblems } from '../config/problems.ts';
import type { Problem } from '../core/failure.ts';
import type { Plan } from './plan.ts';
import { planPipeline } from './plan-pipeline.ts';

export type LoadPlanResult =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly sources: readonly string[] };

/** Reads, checks and plans a pipeline file: everything before anything is written. */
export async function loadPlan(file: string, options: LoadOptions): Promise<LoadPlanResult> {
  const loaded = await loadPipeline(file, options);
  if (!loaded.ok) return loaded;
  const { pipeline } = loaded;
  const missing = pipeline.stages.flatMap(stage => missingPaths(stage, [options.cwd, pipeline.dir]));
  const planned = planPipeline(pipeline);
  if (planned.ok && (missing.length === 0 || options.absentData === 'allowed')) return planned;
  if (planned.ok) return { ok: false, problems: missing, sources: pipeline.sources };
  // A missing input is explained with all stages that could make it; they are loaded only for that.
  const isMissing = planned.problems.some(({ code }) => code === 'missing-input');
  const explained = isMissing ? planPipeline(pipeline, await loadBuiltInStages()) : planned;
  if (explained.ok) return explained;
  return {
    ok: false,
    problems: sortProblems([...explained.problems, ...missing]),
    sources: pipeline.sources,
  };
}
