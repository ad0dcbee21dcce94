import type { PipelineStage, ValidPipeline } from '../../src/config/pipeline.ts';
import type { BuiltInKind } from '../../src/core/artifacts/built-in.ts';
import type { Location } from '../../src/core/failure.ts';
import type { Port, Ports } from '../../src/core/ports.ts';
import type { AnyStage, BorrowedInput, OmittedOutput } from '../../src/core/stage.ts';
import { planPipeline, type PlanResult } from '../../src/plan/plan-pipeline.ts';
import type { Plan } from '../../src/plan/plan.ts';

/** Ports as `name: kind`; a kind with a question mark is optional, one with `by name` bound by name. */
type PortKinds = Readonly<Record<string, `${BuiltInKind}${'' | '?'}${'' | ' by name'}`>>;

export interface StageSketch {
  readonly id: string;
  readonly takes?: PortKinds;
  readonly makes?: PortKinds;
  /** Outputs that its parameters leave out, and inputs that come from earlier experiments. */
  readonly omits?: readonly OmittedOutput[];
  readonly borrows?: readonly BorrowedInput[];
  readonly params?: Readonly<Record<string, unknown>>;
  /** Explicit inputs. */
  readonly inputs?: Readonly<Record<string, string>>;
}

export function stageOf({ id, takes = {}, makes = {} }: StageSketch): AnyStage {
  return { name: id, inputs: ports(takes), outputs: ports(makes) } as unknown as AnyStage;
}

function ports(kinds: PortKinds): Ports {
  return Object.fromEntries(
    Object.entries(kinds).map(([name, text]): [string, Port] => {
      const [kind = '', ...more] = text.replace('?', '').split(' ');
      const flags = { optional: text.includes('?'), byName: more.length > 0 };
      return [name, { kind: kind as BuiltInKind, description: '', ...flags }];
    }),
  );
}

/** A pipeline whose stages are on lines 1, 2, 3 …; an explicit input is in column 20 of its stage's line. */
export function pipelineOf(stages: readonly StageSketch[], seed = 1): ValidPipeline {
  const planned = stages.map((sketch, index): PipelineStage => {
    const inputs = sketch.inputs ?? {};
    const at = (column: number): Location => ({
      file: 'p.yaml',
      line: index + 1,
      column,
      length: 1,
      text: sketch.id,
    });
    return {
      id: sketch.id,
      use: sketch.id,
      stage: stageOf(sketch),
      params: sketch.params ?? {},
      ...(sketch.omits && { omitted: sketch.omits }),
      ...(sketch.borrows && { borrowed: sketch.borrows }),
      inputs,
      files: [],
      location: at(1),
      locate: () => at(1),
      inputLocations: Object.fromEntries(Object.keys(inputs).map(name => [name, at(20)])),
    };
  });
  return {
    name: 'p',
    seed,
    file: 'p.yaml',
    dir: '/p',
    sources: [],
    givenText: '',
    resolvedText: '',
    stages: planned,
    warnings: [],
  };
}

export const planOf = (...stages: readonly StageSketch[]): PlanResult => planPipeline(pipelineOf(stages));

export function validPlan(result: PlanResult): Plan {
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.plan;
}

/** `train: dataset ← normalize.dataset`, for every bound input, in the order of the plan. */
export const bindingsOf = (result: PlanResult): readonly string[] =>
  validPlan(result).stages.flatMap(({ id, bindings }) =>
    Object.entries(bindings).map(([input, { stage, output }]) => `${id}: ${input} ← ${stage}.${output}`),
  );

export const orderOf = (result: PlanResult): readonly string[] =>
  validPlan(result).stages.map(({ id }) => id);
