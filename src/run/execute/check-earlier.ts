import { existsSync } from 'node:fs';
import type { Artifact } from '../../core/artifacts.ts';
import { Failure } from '../../core/failure.ts';
import { portsOf, type Ports } from '../../core/ports.ts';
import { printable } from '../../core/printable.ts';
import { shellWord } from '../../core/shell-word.ts';
import type { PlannedStage } from '../../plan/plan.ts';
import { outputsFaults } from './outputs-faults.ts';

type Outputs = Readonly<Record<string, Artifact>>;

/** The origin of reused outputs. */
interface Origin {
  /** The experiment's id. */
  readonly experiment: string;
  /** The pipeline's file, as given on the command line. */
  readonly pipeline: string;
}

/**
 * Faults of a stage's earlier outputs by its current declarations. Their files are known to be unchanged, so no content is read
 * again.
 */
export const earlierFaults = ({ stage }: PlannedStage, outputs: Outputs): Promise<readonly string[]> =>
  outputsFaults(portsOf(stage.outputs as Ports), outputs, { areNew: false });

/** @throws Failure where a stage's earlier outputs do not match its current declarations. */
export async function checkEarlier(
  planned: PlannedStage,
  outputs: Outputs,
  { experiment, pipeline }: Origin,
): Promise<void> {
  const faults = await earlierFaults(planned, outputs);
  if (faults.length === 0) return;
  const { id } = planned;
  throw new Failure({
    code: 'wrong-outputs',
    message: `stage "${id}" gave outputs in ${experiment} that are not what it declares now`,
    details: faults,
    hint: `run the stage again: pipe run ${shellWord(pipeline)} --force-stage ${shellWord(id)}`,
  });
}

/** Checks outputs of another experiment that replace a stage's run. @throws Failure when they are missing or invalid. */
export async function checkReused(planned: PlannedStage, outputs: Outputs, origin: Origin): Promise<void> {
  const gone = Object.values(outputs).find(({ dir }) => !existsSync(dir));
  if (gone !== undefined) throw removedMeanwhile(planned.id, origin.experiment, gone.dir);
  await checkEarlier(planned, outputs, origin);
}

function removedMeanwhile(stage: string, experiment: string, dir: string): Failure {
  return new Failure({
    code: 'reused-removed',
    message: `${experiment}, whose outputs are reused for ${stage}, was removed meanwhile: ${printable(dir)} is gone`,
    hint: `pipe restore ${experiment} brings it back; or run the pipeline without --from`,
  });
}
