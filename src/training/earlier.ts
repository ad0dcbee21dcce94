import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointIterations } from './checkpoint.ts';
import { latestCheckpoint, type LatestCheckpoint, type ResumeConditions } from './read-checkpoint.ts';
import { finalCheckpoints, isRegular, regularCount, type Retention } from './retention.ts';
import type { PictureKind } from './task.ts';

/** The folder of the checkpoints, in the output folder. */
export const CHECKPOINTS = 'checkpoints';

type PictureKinds = Readonly<Record<string, PictureKind>>;

/** Where a picture of an iteration is in the output folder, such as `samples/sample-000100.png`. */
export const pictureFile = (folder: string, { stem }: Pick<PictureKind, 'stem'>, iteration: number): string =>
  `${folder}/${stem}-${String(iteration).padStart(6, '0')}.png`;

export interface EarlierTraining extends LatestCheckpoint {
  /** The iterations up to the checkpoint whose pictures are all there, in order. */
  readonly pictured: readonly number[];
  /** True when nothing is missing up to there that training without a stop would have. */
  readonly isComplete: boolean;
}

/**
 * Finds the state from which training resumes, and removes from the output folder what training without a stop would not
 * have written until then: what is newer, and the pictures of the moment at which it was stopped.
 */
export async function findEarlierTraining(
  outputDir: string,
  kinds: PictureKinds,
  retention: Retention,
  conditions?: ResumeConditions,
): Promise<EarlierTraining> {
  const { iterations } = retention;
  const checkpoints = join(outputDir, CHECKPOINTS);
  const known = [...Object.keys(kinds), CHECKPOINTS];
  for (const name of await readdir(outputDir))
    if (!known.includes(name)) await rm(join(outputDir, name), { recursive: true });
  const latest = await latestCheckpoint(checkpoints, iterations, conditions);
  const last = latest.checkpoint?.iteration ?? -1;
  const stored = await checkpointIterations(checkpoints);
  const isKept = (iteration: number) => iteration <= last && isRegular(iteration, retention);
  const pictures = await keepPictures(outputDir, kinds, isKept);
  // The untrained state has pictures, too.
  const wanted = last === -1 ? 0 : regularCount(last, retention) + 1;
  const isComplete =
    pictures.every(({ length }) => length === wanted) &&
    finalCheckpoints(retention, last).every(iteration => stored.includes(iteration));
  const [first = [], ...others] = pictures;
  const pictured = first.filter(iteration => others.every(each => each.includes(iteration)));
  return { ...latest, pictured, isComplete };
}

/** Removes the other pictures; returns for each kind the iterations of those kept, in order. */
function keepPictures(
  outputDir: string,
  kinds: PictureKinds,
  isKept: (iteration: number) => boolean,
): Promise<readonly (readonly number[])[]> {
  const keep = async (folder: string) => {
    const kept: number[] = [];
    for (const name of await readdir(folder)) {
      const iteration = Number(/-(\d+)\.png$/.exec(name)?.[1]);
      if (isKept(iteration)) kept.push(iteration);
      else await rm(join(folder, name), { recursive: true });
    }
    return kept.sort((a, b) => a - b);
  };
  return Promise.all(Object.keys(kinds).map(folder => keep(join(outputDir, folder))));
}
