import { definitionOf, type ArtifactOf, type KindReference } from '../../core/artifacts/built-in.ts';
import { Failure } from '../../core/failure.ts';
import { printable } from '../../core/printable.ts';
import type { StoredOutput } from '../../core/stage.ts';
import { readOutputs } from './stage-outputs.ts';
import { hasResult } from './status.ts';
import type { StoredExperiment } from '../stored.ts';

/**
 * The outputs of an experiment's finished stages, in stage order, with absolute folders; of one kind where one is given.
 * @throws Failure where a record is damaged, or an artifact does not fit its kind.
 */
export async function outputsOf<R extends KindReference>(
  { record, dir }: Pick<StoredExperiment, 'record' | 'dir'>,
  kind?: R,
): Promise<StoredOutput<ArtifactOf<R>>[]> {
  const all = record.stages
    .filter(hasResult)
    .flatMap(({ id }) =>
      Object.entries(readOutputs(dir, id)).map(([name, artifact]) => ({ stage: id, name, artifact })),
    );
  if (kind === undefined) return all as never;
  const definition = definitionOf(kind);
  const found = all.filter(({ artifact }) => artifact.kind === definition.kind);
  const { artifactFieldFaults } = await import('../../core/artifacts/field-faults.ts');
  for (const output of found) {
    const faults = artifactFieldFaults(definition, output.artifact);
    if (faults.length > 0) throw doesNotFit(record.id, output, faults);
  }
  return found as never;
}

const doesNotFit = (
  id: string,
  { stage, name, artifact }: StoredOutput,
  faults: readonly string[],
): Failure =>
  new Failure({
    code: 'wrong-outputs',
    message: printable(
      `output "${name}" of stage "${stage}" in ${id} is not what its kind ${artifact.kind} is now`,
    ),
    details: faults.map(printable),
    hint: `run its pipeline again: the stage that makes it and what asks for it have other definitions of ${printable(artifact.kind)}`,
  });
