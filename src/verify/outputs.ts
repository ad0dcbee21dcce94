import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Artifact } from '../core/artifacts.ts';
import type { Registry } from '../registry/index.ts';
import { isInside } from '../storage/inside.ts';
import type { Stage } from './documents.ts';
import type { Findings } from './findings.ts';

interface StageFile {
  /** The experiment's id. */
  readonly experiment: string;
  /** The experiment's folder. */
  readonly dir: string;
  /** stage.json's, relative to it. */
  readonly path: string;
  readonly document: Stage;
}

/**
 * A stage's outputs are artifacts, of kinds that are not pipe's own as these were declared, and what was taken over from another
 * experiment lies there.
 */
export async function checkOutputs(
  { experiment, dir, path, document }: StageFile,
  { problems }: Findings,
  registry: Registry,
): Promise<void> {
  for (const [name, stored] of Object.entries(document.outputs)) {
    const artifact = await registry.artifact(experiment, stored);
    const words =
      artifact === undefined ? ['is no artifact'] : await kindFaults(document.kinds ?? {}, artifact);
    problems.push(
      ...words.map(each => ({ kind: 'changed', path, words: `its output ${name} ${each}` }) as const),
    );
    if (artifact === undefined || existsSync(artifact.dir)) continue;
    const isTold = problems.some(problem => isInside(artifact.dir, join(dir, problem.path)));
    if (!isTold)
      problems.push({ kind: 'missing', path: artifact.dir, words: `the folder of its output ${name}` });
  }
}

async function kindFaults(
  kinds: NonNullable<Stage['kinds']>,
  artifact: Artifact,
): Promise<readonly string[]> {
  const kind = Object.hasOwn(kinds, artifact.kind) ? kinds[artifact.kind] : undefined;
  if (kind === undefined) return [];
  const { recordedFaults } = await import('../core/artifacts/field-faults.ts');
  return recordedFaults(kind, artifact).map(fault => `does not fit its kind ${artifact.kind}: ${fault}`);
}
