import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointIterations, latestCheckpoint, type LatestCheckpoint } from './checkpoint.ts';
import { finalCheckpoints, type Retention } from './retention.ts';

export const FOLDERS = ['samples', 'frames', 'checkpoints'] as const;

const numbered = (iteration: number): string => String(iteration).padStart(6, '0');

/** Where the pictures of an iteration are, in the output folder. */
export const sampleFile = (iteration: number): string => `samples/sample-${numbered(iteration)}.png`;
export const frameFile = (iteration: number): string => `frames/frame-${numbered(iteration)}.png`;

export interface EarlierTraining extends LatestCheckpoint {
  /** The iterations up to the checkpoint whose pictures are there, in order. */
  readonly pictured: readonly number[];
  /** True when nothing is missing up to there that training without a stop would have. */
  readonly isComplete: boolean;
}

/**
 * Finds the state from which training goes on, and removes from the output folder what training without a stop would not
 * have written until then: what is newer, and the pictures of the moment at which it was stopped.
 */
export async function findEarlierTraining(outputDir: string, retention: Retention): Promise<EarlierTraining> {
  const { iterations, every } = retention;

  for (const name of await readdir(outputDir))
    if (!FOLDERS.some(folder => folder === name)) await rm(join(outputDir, name), { recursive: true });
  const latest = await latestCheckpoint(join(outputDir, 'checkpoints'), iterations);
  const last = latest.checkpoint?.iteration ?? -1;
  const stored = await checkpointIterations(join(outputDir, 'checkpoints'));
  const isKept = (iteration: number) =>
    iteration <= last && (iteration % every === 0 || iteration === iterations);
  const sampled = await keepPictures(join(outputDir, 'samples'), isKept);
  const pictured = await keepPictures(join(outputDir, 'frames'), isKept);
  const wanted =
    last === -1 ? 0 : Math.floor(last / every) + 1 + (last === iterations && last % every > 0 ? 1 : 0);
  const isComplete =
    sampled.length === wanted &&
    pictured.length === wanted &&
    finalCheckpoints(retention, last).every(iteration => stored.includes(iteration));
  return { ...latest, pictured, isComplete };
}

/** Removes the other pictures of a folder; answers the iterations of those kept. */
async function keepPictures(
  folder: string,
  isKept: (iteration: number) => boolean,
): Promise<readonly number[]> {
  const kept: number[] = [];
  for (const name of await readdir(folder)) {
    const iteration = Number(/-(\d+)\.png$/.exec(name)?.[1]);
    if (isKept(iteration)) kept.push(iteration);
    else await rm(join(folder, name), { recursive: true });
  }
  return kept.sort((a, b) => a - b);
}
