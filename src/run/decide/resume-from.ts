import { join } from 'node:path';
import type { PlannedStage } from '../../plan/plan.ts';
import { isInside } from '../../storage/inside.ts';
import { experimentOf, outputDir, type Registry } from '../../registry/index.ts';
import type { CacheDecider } from './from-cache.ts';
import type { Decision } from './decision.ts';
import { unchangedFingerprint, type Earlier } from './earlier.ts';
import { stageRecord } from '../stage-record.ts';

/** Dependencies of the resume decision. */
export interface Deciding {
  readonly decider: CacheDecider;
  readonly registry: Registry;
  /** Identity of the TensorFlow backend that a stage would get. */
  readonly backend: () => Promise<string>;
  /** The experiment that another one extends, if it still exists. */
  readonly parentOf: (experiment: Earlier) => Promise<Earlier | undefined>;
}

/** State that a stage left in an experiment or in its parent. */
export interface Remains {
  /** The experiment whose parameters the stage had. */
  readonly earlier: Earlier;
  /** The folder of the experiment that holds the state. */
  readonly dir: string;
  /** The stage's output folder in it. */
  readonly outputDir: string;
}

/** Finds the state that a stage left. */
export async function findRemains(
  stage: string,
  experiment: Earlier,
  { registry, parentOf }: Deciding,
): Promise<Remains | undefined> {
  for (let each: Earlier | undefined = experiment; each !== undefined; each = await parentOf(each)) {
    const dir = folderOfRemains(stage, each, registry.dir);
    if (dir !== undefined) return { earlier: each, dir, outputDir: outputDir(dir, stage) };
  }
  return undefined;
}

/**
 * Makes a resumable stage resume from its own state. Its result counts as known only if it began with the same code, data and
 * TensorFlow.
 */
export async function resumeFrom(
  decision: Decision,
  { id, stage }: PlannedStage,
  experiment: Earlier,
  deciding: Deciding,
): Promise<Decision> {
  if (decision.kind !== 'run' || stage.resumable === undefined) return decision;
  const remains = await findRemains(id, experiment, deciding);
  if (remains === undefined) return decision;
  const { earlier, dir: from } = remains;
  const { backend: then, variables } = stageRecord(earlier, id) ?? {};
  const isSame =
    unchangedFingerprint(id, earlier) !== undefined &&
    (then === undefined || then === (await deciding.backend()));
  return isSame ? { ...decision, from, variables } : { kind: 'run', from, variables };
}

/** The folder of the experiment with a stage's state: this one, or the one whose outputs it reused. */
function folderOfRemains(id: string, earlier: Earlier, registry: string): string | undefined {
  if (stageRecord(earlier, id)?.startedAt != null) return earlier.dir;
  const [first] = Object.values(earlier.outputs.get(id) ?? {});
  if (first === undefined) return undefined;
  const name = experimentOf(registry, first.dir);
  if (name === undefined) return undefined;
  const dir = join(registry, name);
  return isInside(outputDir(dir, id), first.dir) ? dir : undefined;
}
