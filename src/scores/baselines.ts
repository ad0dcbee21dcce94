/** What scores are read against: those of real pictures, the best that can be reached, and of pictures that no generator should equal. */
import { join } from 'node:path';
import type { ScoreReferenceArtifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import { fileFailure } from '../data/file-failure.ts';
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

/** The scores that a reference was prepared with. @throws Failure when the file is missing, unreadable or damaged */
export function readBaselines({ dir, baselines }: ScoreReferenceArtifact): readonly Baseline[] {
  const path = join(dir, baselines);
  try {
    return JSON.parse(readRegular(path, LONGEST).toString()) as readonly Baseline[];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw fileFailure(error, path, 'read');
    throw new Failure({
      code: 'damaged-baselines',
      message: `${path} is not whole: it holds no JSON`,
      hint: 'Prepare the held-out pictures once more: pipe run --force',
    });
  }
}
