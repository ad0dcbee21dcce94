import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonText } from '../../core/json-text.ts';
import type { Examples } from '../../data/dataset.ts';
import { drawConfusion } from '../../images/confusion.ts';
import { drawWrongest } from '../../images/wrongest.ts';
import type { ClassificationScores } from './scores.ts';
import type { RegressionScores } from './target-scores.ts';
import { classCsv, classMarkdown, targetMarkdown } from './tables.ts';

export interface ReportOptions {
  readonly scores: ClassificationScores | RegressionScores;
  /** The part that was measured. */
  readonly dataset: Examples;
  /** Its name, such as `test`. */
  readonly part: string;
}

type Files = Readonly<Record<string, string | Uint8Array>>;

/**
 * Writes what a network gets right and wrong into a folder, which is made: the confusion matrix, a table of the classes and the wrongest
 * examples, or for regression a table of the targets. The same scores give the same bytes.
 *
 * @returns names of the files
 */
export async function writeReport(
  dir: string,
  { scores, dataset, part }: ReportOptions,
): Promise<readonly string[]> {
  const files =
    'perTarget' in scores
      ? targetFiles(scores, dataset, part)
      : await classificationFiles(scores, dataset, part);
  await mkdir(dir, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content);
  return Object.keys(files);
}

async function classificationFiles(
  scores: ClassificationScores,
  dataset: Examples,
  part: string,
): Promise<Files> {
  const { confusion, count, wrongest } = scores;
  const { classes } = dataset.artifact;
  const right = confusion.reduce((sum, row, label) => sum + (row[label] as number), 0);
  const mistakes = wrongest.map(mistake => ({
    ...mistake,
    label: classes[mistake.label] as string,
    predicted: classes[mistake.predicted] as string,
  }));
  const picture = await wrongestPicture(dataset, mistakes);
  return {
    'confusion.png': await drawConfusion(confusion, classes),
    'confusion.json': jsonText({
      part,
      examples: count,
      right,
      classes,
      rows: 'labels',
      columns: 'predictions',
      matrix: confusion,
    }),
    'classes.csv': classCsv(scores, classes),
    'classes.md': classMarkdown(scores, classes, part),
    'wrongest.json': jsonText({ part, mistakes }),
    ...(picture && { 'wrongest.png': picture }),
  };
}

interface NamedMistake {
  readonly index: number;
  readonly label: string;
  readonly predicted: string;
  readonly probability: number;
}

/** Undefined where there are no mistakes, and of examples that are no pictures of 1 or 3 channels. */
async function wrongestPicture(
  dataset: Examples,
  mistakes: readonly NamedMistake[],
): Promise<Buffer | undefined> {
  const { shape, height, width, channels } = dataset.artifact;
  if (mistakes.length === 0 || shape !== undefined || (channels !== 1 && channels !== 3)) return undefined;
  const images = dataset.batch(mistakes.map(({ index }) => index)) as Uint8Array;
  return drawWrongest({ images, count: mistakes.length, height, width, channels }, mistakes);
}

function targetFiles(scores: RegressionScores, { artifact }: Examples, part: string): Files {
  const names = artifact.targets?.names ?? [];
  const { count, perTarget, mse, mae, r2 } = scores;
  const targets = perTarget.map((each, index) => ({ name: names[index], ...each }));
  return {
    'targets.json': jsonText({ part, examples: count, mse, mae, r2, targets }),
    'targets.md': targetMarkdown(scores, names, part),
  };
}
