/** The files of an evaluation. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetArtifact } from '../core/artifacts.ts';
import { withDataset } from '../data/dataset.ts';
import { drawGrid, partThatFits } from '../images/grid.ts';
import { imageAt, type ImageBatch } from '../images/pixels.ts';
import type { MeasuredScores } from './measured.ts';
import { scoresMarkdown, type ScoreTable } from './tables.ts';

const JSON_FILE = 'scores.json';
const MARKDOWN = 'scores.md';
const NEAREST = 'nearest.png';

/** Scores as files. */
export interface WrittenScores extends ScoreTable {
  /** Such as `cgan, 5,000 iterations`. */
  readonly title: string;
  readonly generated: MeasuredScores;
}

/** Writes the scores into a folder; returns the names of the files. */
export async function writeScores(
  dir: string,
  { title, ...table }: WrittenScores,
): Promise<readonly string[]> {
  const { protocol, notes, generated, baselines } = table;
  const content = { title, protocol, notes, generated, baselines };
  await writeFile(join(dir, JSON_FILE), `${JSON.stringify(content, null, 2)}\n`);
  await writeFile(join(dir, MARKDOWN), scoresMarkdown(title, table));
  return [JSON_FILE, MARKDOWN];
}

/** Draws some pictures above the training pictures that are nearest to them, the most suspicious first; returns the file's name. */
export async function writeNearest(
  dir: string,
  pictures: ImageBatch,
  { nearest }: Pick<MeasuredScores, 'nearest'>,
  training: DatasetArtifact,
): Promise<string> {
  const { height, width, channels } = pictures;
  const rowLabels = ['generated', 'nearest'];
  const { each } = partThatFits({ count: nearest.length, height, width, channels, rowLabels });
  const shown = nearest.slice(0, each);
  const originals = await withDataset(training, dataset =>
    Promise.resolve(dataset.batch(shown.map(({ nearest: index }) => index)).images),
  );
  const images = Buffer.concat([...shown.map(({ picture }) => imageAt(pictures, picture)), originals]);
  const grid = { images, count: 2 * each, height, width, channels, columns: each, rowLabels };
  await writeFile(join(dir, NEAREST), await drawGrid(grid));
  return NEAREST;
}
