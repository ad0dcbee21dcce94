import type { PipelineStage, ValidPipeline } from '../config/pipeline.ts';
import { sortProblems } from '../config/problems.ts';
import { isError, type Problem } from '../core/failure.ts';
import { deriveSeed } from '../core/random.ts';
import type { AnyStage } from '../core/stage.ts';
import { bindInputs, type Bindings } from './bind.ts';
import { topologicalOrder } from './order.ts';
import { differingKinds } from './own-kinds.ts';
import { outlineProblems } from './outline.ts';
import type { Plan } from './plan.ts';
import { unusedStages } from './unused.ts';

export type PlanResult =
  { readonly ok: true; readonly plan: Plan } | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Binds every input to an output, orders the stages and follows outlines through them. Pure.
 * @param known Stages to suggest for a missing input; by default only the pipeline's own.
 */
export function planPipeline(pipeline: ValidPipeline, known: readonly AnyStage[] = []): PlanResult {
  const { stages, seed } = pipeline;
  const problems: Problem[] = [...differingKinds(stages)];
  const bindings = new Map<string, Bindings>();
  for (const stage of stages)
    bindings.set(
      stage.id,
      bindInputs(stage, stages, known, problem => problems.push(problem)),
    );
  const needs = new Map(
    [...bindings].map(([id, bound]) => [id, Object.values(bound).map(({ stage }) => stage)] as const),
  );
  const ordered = topologicalOrder(needs);
  if ('cycle' in ordered) problems.push(cycleProblem(ordered.cycle, stages));
  const order = 'cycle' in ordered ? [] : ordered.order;
  const byId = new Map(stages.map(stage => [stage.id, stage]));
  const planned = order.flatMap(id => {
    const stage = byId.get(id);
    if (stage === undefined) return [];
    return [{ ...stage, bindings: bindings.get(id) ?? {}, stageSeed: deriveSeed(stage.seed ?? seed, id) }];
  });
  problems.push(...outlineProblems(planned), ...unusedStages(planned));
  if (problems.some(isError))
    return { ok: false, problems: sortProblems([...pipeline.warnings, ...problems]) };
  const warnings = sortProblems([...pipeline.warnings, ...problems]);
  return { ok: true, plan: { pipeline: { ...pipeline, warnings }, stages: planned } };
}

function cycleProblem(cycle: readonly string[], stages: readonly PipelineStage[]): Problem {
  const first = stages.find(({ id }) => id === cycle[0]);
  const location = Object.values(first?.inputLocations ?? {})[0] ?? first?.location;
  return {
    code: 'cycle',
    message: `stages need each other in a circle: ${cycle.join(' → ')}`,
    ...(location && { location }),
    expected: 'each stage to need only stages that can run before it',
    hint: 'change one of their inputs',
  };
}
