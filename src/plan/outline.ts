import { Failure, type Problem } from '../core/failure.ts';
import { portsOf, type Ports } from '../core/ports.ts';
import { outlineOf } from '../core/stage-functions.ts';
import type { StageOutline } from '../core/stage.ts';
import type { PlannedStage } from './plan.ts';

type Outlines = Readonly<Record<string, object | undefined>>;

/**
 * Follows the outlines of data through the stages, before anything runs, and finds mismatches: of networks and images, or of
 * layers with each other. Outputs of a stage without an outline are unknown.
 * @param stages In the order in which they run.
 */
export function outlineProblems(stages: readonly PlannedStage[]): readonly Problem[] {
  const outlines = new Map<string, Outlines>();
  return stages.flatMap(planned => {
    const { outputs = {}, problems = [] } = known(planned, outlines);
    outlines.set(planned.id, outputs);
    return problems.map(({ path, ...problem }) => ({
      ...problem,
      location: path.length === 0 ? planned.location : planned.locate(path),
    }));
  });
}

function known(planned: PlannedStage, outlines: ReadonlyMap<string, Outlines>): StageOutline {
  const { stage, bindings } = planned;
  const inputs = Object.entries(portsOf(stage.inputs as Ports)).map(([name, { optional }]) => {
    const binding = bindings[name];
    if (binding === undefined) return [name, optional ? undefined : {}] as const;
    return [name, outlines.get(binding.stage)?.[binding.output] ?? {}] as const;
  });
  try {
    return outlineOf(planned, Object.fromEntries(inputs));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { code, message, details } = error;
    return { problems: [{ path: [], code, message, ...(details[0] !== undefined && { hint: details[0] }) }] };
  }
}
