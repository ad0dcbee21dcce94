import type { Problem } from '../core/failure.ts';
import { inputPorts, outputPorts } from './omitted.ts';
import { sourcesOf, type PlannedStage } from './plan.ts';

/**
 * Warnings for stages whose outputs are unused although another stage, not before it, takes the same kind from elsewhere: such as
 * the second of two data sets, or a normalize after the training.
 * @param stages In the order in which they run.
 */
export function unusedStages(stages: readonly PlannedStage[]): readonly Problem[] {
  const used = new Set(stages.flatMap(sourcesOf));
  return stages.flatMap((stage, index) => {
    const rival = used.has(stage.id) ? undefined : rivalOf(stage, stages);
    if (rival === undefined) return [];
    const { taker, input, source } = rival;
    const isLater = stages.indexOf(taker) > index;
    return {
      code: 'unused-stage',
      severity: 'warning',
      message: `nothing uses what stage "${stage.id}" makes: the ${input} of "${taker.id}" comes from "${source}"`,
      location: stage.location,
      hint: isLater
        ? `give "${taker.id}" inputs: { ${input}: ${stage.id} }, or leave this stage out`
        : `move it before "${taker.id}", or leave it out`,
    };
  });
}

interface Rival {
  readonly taker: PlannedStage;
  readonly input: string;
  readonly source: string;
}

/** An input of the same kind with another source, of a stage that is not an ancestor. */
function rivalOf(stage: PlannedStage, stages: readonly PlannedStage[]): Rival | undefined {
  const outputs = Object.entries(outputPorts(stage));
  const above = ancestorsOf(stage, stages);
  for (const taker of stages) {
    if (taker === stage || above.has(taker.id)) continue;
    const taken = Object.entries(inputPorts(taker)).find(
      ([input, { kind, optional, byName }]) =>
        !optional && outputs.some(([output, made]) => made.kind === kind && (!byName || output === input)),
    );
    const binding = taken && taker.bindings[taken[0]];
    if (taken !== undefined && binding !== undefined)
      return { taker, input: taken[0], source: binding.stage };
  }
  return undefined;
}

function ancestorsOf(stage: PlannedStage, stages: readonly PlannedStage[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (each: PlannedStage | undefined): void => {
    for (const source of each ? sourcesOf(each) : []) {
      if (found.has(source)) continue;
      found.add(source);
      visit(stages.find(({ id }) => id === source));
    }
  };
  visit(stage);
  return found;
}
