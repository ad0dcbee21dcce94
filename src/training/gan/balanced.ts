import { Failure } from '../../core/failure.ts';
import type { Dataset } from '../../data/dataset.ts';

/**
 * The labels by which batches are balanced.
 * @param id The stage's.
 * @throws Failure for a class without images, which no batch can have
 */
export function balancingLabels({ artifact, labels }: Dataset, id: string): Uint8Array {
  const present = new Set(labels);
  const missing = artifact.classes.filter((_, label) => !present.has(label));
  if (missing.length === 0) return labels;
  throw new Failure({
    code: 'class-without-images',
    exitCode: 2,
    message: `balanced batches have images of every class, and there are none of ${missing.join(', ')}`,
    hint: `take data that has some, or leave it out: --set ${id}.balanced=false`,
  });
}
