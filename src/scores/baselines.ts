/** What scores are read against: those of real pictures, the best that can be reached, and of pictures that no generator should equal. */
import { join } from 'node:path';
import type { ScoreReferenceArtifact } from '../core/artifacts.ts';
import { readRegular } from '../storage/read-file.ts';
import type { MeasuredScores } from './measured.ts';

export type BaselineName = 'real' | 'class means' | 'noise';

/** Bytes: more are no scores of ours. */
const LONGEST = 16 * 1024 * 1024;

/** Scores of pictures that no generator drew. */
export interface Baseline {
  readonly name: BaselineName;
  /** What the pictures are, in words. */
  readonly description: string;
  readonly measured: MeasuredScores;
}

/** The scores that a reference was prepared with. @throws Failure when the file is missing or unreadable */
export const readBaselines = ({ dir, baselines }: ScoreReferenceArtifact): readonly Baseline[] =>
  JSON.parse(readRegular(join(dir, baselines), LONGEST).toString()) as readonly Baseline[];
