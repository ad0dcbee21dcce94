import { existsSync } from 'node:fs';
import type { Artifact } from '../../core/artifacts.ts';
import { Failure } from '../../core/failure.ts';
import { printable } from '../../core/printable.ts';
import { checkEarlierOutputs } from './check-outputs.ts';

/** Checks outputs of another experiment that stand for a stage. @throws Failure when they are gone, or wrong. */
export async function checkReused(
  stage: string,
  experiment: string,
  outputs: Readonly<Record<string, Artifact>>,
): Promise<void> {
  const gone = Object.values(outputs).find(({ dir }) => !existsSync(dir));
  if (gone !== undefined) throw removedMeanwhile(stage, experiment, gone.dir);
  await checkEarlierOutputs(stage, outputs);
}

function removedMeanwhile(stage: string, experiment: string, dir: string): Failure {
  return new Failure({
    code: 'reused-removed',
    message: `${experiment}, whose outputs stand for ${stage}, was removed meanwhile: ${printable(dir)} is gone`,
    hint: `pipe restore ${experiment} brings it back; or run the pipeline without --from`,
  });
}
