import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ResumeObstacle } from '../core/stage.ts';
import { checkpointIterations } from './checkpoint.ts';
import { CHECKPOINTS } from './earlier.ts';
import { scheduleOf, spansTraining, type ScheduledTraining } from './schedule-param.ts';
import { firstDifference } from './schedules.ts';

/** Where the stage is whose training resumes. */
export interface ResumedStage {
  readonly id: string;
  /** With its checkpoints. */
  readonly outputDir: string;
}

/**
 * What keeps a training from resuming under another schedule: another learning rate at an iteration that is done. Undefined where
 * the two agree up to the newest checkpoint, so that resumed training is what training from the beginning would be.
 */
export async function scheduleObstacle(
  then: ScheduledTraining,
  now: ScheduledTraining,
  { id, outputDir }: ResumedStage,
): Promise<ResumeObstacle | undefined> {
  const folder = join(outputDir, CHECKPOINTS);
  const stored = existsSync(folder) ? await checkpointIterations(folder) : [];
  const done = stored.findLast(iteration => iteration <= now.iterations) ?? 0;
  const [before, after] = [scheduleOf(then), scheduleOf(now)];
  const first = firstDifference(before, after, done);
  if (first === undefined) return undefined;
  const [was, is] = distinct(before(first), after(first));
  const change = `its learning rate at iteration ${first} was ${was} and would be ${is}, and ${done} iterations are done`;
  if (!spansTraining(then.schedule) || !spansTraining(now.schedule)) return { reason: change };
  return {
    reason: `its schedule spans all of training, ${then.iterations} iterations then and ${now.iterations} now: ${change}`,
    hint: `to train further at the rate that it ended with: --set ${id}.schedule.iterations=${then.iterations}`,
  };
}

/** Two different numbers in as few digits as tell them apart, four at least. */
function distinct(one: number, other: number): readonly [string, string] {
  for (let digits = 4; digits < 17; digits++) {
    const [left, right] = [one, other].map(each => String(Number(each.toPrecision(digits))));
    if (left !== undefined && right !== undefined && left !== right) return [left, right];
  }
  return [String(one), String(other)];
}
