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
  /** The path of stage.json, relative to that folder. */
  readonly path: string;
  readonly document: Stage;
}

/**
 * Checks that a stage's outputs are artifacts, match the recorded declarations of user kinds, and exist where they were reused
 * from another experiment.
 */
export async function checkOutputs(
  { experiment, dir, path, document }: StageFile,
  { problems }: Findings,
  registry: Registry,
): Promise<void> {
  for (const [name, stored] of Object.entries(document.outputs)) {
    const artifact = await registry.artifact(experiment, stored);
    const words =
      artifact === undefined ? ['is not an artifact'] : await kindFaults(document.kinds ?? {}, artifact);
    problems.push(
      ...words.map(each => ({ kind: 'changed', path, words: `its output ${name} ${each}` }) as const),
    );
    if (artifact === undefined || existsSync(artifact.dir)) continue;
    const isReported = problems.some(problem => isInside(artifact.dir, join(dir, problem.path)));
    if (!isReported)
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
