import type { Artifact } from '../core/artifacts.ts';
import { isBuiltIn, type KindReference } from '../core/artifacts/built-in.ts';
import { Failure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import { portsOf, type Ports } from '../core/ports.ts';
import type { BorrowedInput, ExperimentLookup } from '../core/stage.ts';
import type { PlannedStage } from '../plan/plan.ts';

type Experiments = Pick<ExperimentLookup, 'find'>;

export type Borrowed = Readonly<Record<string, Artifact>>;

/**
 * The inputs of a stage that come from earlier experiments, by name.
 * @throws Failure, exit code 2, for a reference to no experiment, or one without such an output
 */
export async function borrowInputs(
  { id, stage, borrowed = [] }: PlannedStage,
  experiments: Experiments,
): Promise<Borrowed> {
  const ports = portsOf(stage.inputs as Ports);
  const found = borrowed.map(async each => {
    const { kind, definition } = ports[each.input] as (typeof ports)[string];
    const artifact = await lastOutput(each, isBuiltIn(kind) ? kind : definition, experiments);
    if (artifact !== undefined) return [each.input, artifact] as const;
    const name = each.because.join('.');
    throw new Failure({
      code: 'nothing-to-borrow',
      exitCode: 2,
      message: printable(
        `${id}.${name}: ${each.experiment} has no output of kind ${kind}, which the input "${each.input}" is`,
      ),
      hint: 'name an experiment that finished a stage which makes one; pipe list shows them',
    });
  });
  return Object.fromEntries(await Promise.all(found));
}

async function lastOutput(
  { experiment }: BorrowedInput,
  kind: KindReference,
  experiments: Experiments,
): Promise<Artifact | undefined> {
  const view = await experiments.find(experiment);
  return (await view.outputs(kind)).at(-1)?.artifact;
}
