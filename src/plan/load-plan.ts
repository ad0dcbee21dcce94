import { loadBuiltInStages } from '../config/catalog.ts';
import { loadPipeline, type LoadOptions } from '../config/load.ts';
import type { Problem } from '../core/failure.ts';
import type { Plan } from './plan.ts';
import { planPipeline } from './plan-pipeline.ts';

export type LoadPlanResult =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly sources: readonly string[] };

/** Reads, checks and plans a pipeline file: everything that comes before anything is written. */
export async function loadPlan(file: string, options: LoadOptions): Promise<LoadPlanResult> {
  const loaded = await loadPipeline(file, options);
  if (!loaded.ok) return loaded;
  const planned = planPipeline(loaded.pipeline);
  if (planned.ok) return planned;
  // A missing input is explained best with every stage that could make it; they are loaded only then.
  const isMissing = planned.problems.some(({ code }) => code === 'missing-input');
  const explained = isMissing ? planPipeline(loaded.pipeline, await loadBuiltInStages()) : planned;
  const { sources } = loaded.pipeline;
  return explained.ok ? explained : { ...explained, sources };
}
