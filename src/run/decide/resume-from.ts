import { join } from 'node:path';
import type { PlannedStage } from '../../plan/plan.ts';
import { isInside } from '../../storage/inside.ts';
import { experimentOf, outputDir, type Registry } from '../../registry/index.ts';
import type { CacheDecider } from './from-cache.ts';
import type { Decision } from './decision.ts';
import { sameAsThen, type Earlier } from './earlier.ts';
import { stageRecord } from '../stage-record.ts';

/** Dependencies of the resume decision. */
export interface Deciding {
  readonly decider: CacheDecider;
  readonly registry: Registry;
  /** Which TensorFlow a stage would get. */
  readonly backend: () => Promise<string>;
  /** The experiment that one extends, if it is still there. */
  readonly parentOf: (experiment: Earlier) => Promise<Earlier | undefined>;
}

/** Remains of a stage in an experiment, or in the one that this extends. */
export interface Left {
  /** The experiment whose parameters the stage had. */
  readonly earlier: Earlier;
  /** The folder of the experiment that has it. */
  readonly dir: string;
  /** The stage's output folder in there. */
  readonly outputDir: string;
}

/** Finds what a stage left. */
export async function findLeft(
  stage: string,
  experiment: Earlier,
  { registry, parentOf }: Deciding,
): Promise<Left | undefined> {
  for (let each: Earlier | undefined = experiment; each !== undefined; each = await parentOf(each)) {
    const dir = leftIn(stage, each, registry.dir);
    if (dir !== undefined) return { earlier: each, dir, outputDir: outputDir(dir, stage) };
  }
  return undefined;
}

/**
 * Lets a resumable stage resume from its own remains. Its result is known only where it began with the same code, data and
 * TensorFlow.
 */
export async function resumeFrom(
  decision: Decision,
  { id, stage }: PlannedStage,
  experiment: Earlier,
  deciding: Deciding,
): Promise<Decision> {
  if (decision.kind !== 'run' || stage.resumable === undefined) return decision;
  const left = await findLeft(id, experiment, deciding);
  if (left === undefined) return decision;
  const { earlier, dir: from } = left;
  const { backend: then, variables } = stageRecord(earlier, id) ?? {};
  const isSame =
    sameAsThen(id, earlier) !== undefined && (then === undefined || then === (await deciding.backend()));
  return isSame ? { ...decision, from, variables } : { kind: 'run', from, variables };
}

/** The folder of the experiment that has what a stage left: this one, or the one whose outputs it took over. */
function leftIn(id: string, earlier: Earlier, registry: string): string | undefined {
  if (stageRecord(earlier, id)?.startedAt != null) return earlier.dir;
  const [first] = Object.values(earlier.outputs.get(id) ?? {});
  if (first === undefined) return undefined;
  const name = experimentOf(registry, first.dir);
  if (name === undefined) return undefined;
  const dir = join(registry, name);
  return isInside(outputDir(dir, id), first.dir) ? dir : undefined;
}
