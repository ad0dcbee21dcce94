/** Single pictures: each image that is drawn as a PNG of its own. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { StageContext } from '../../core/stage.ts';
import { fileStems } from '../../images/file-names.ts';
import { imageAt, type ImageBatch } from '../../images/pixels.ts';
import { encodePng } from '../../images/png.ts';
import { firstOfEach } from '../../images/sample-evenly.ts';
import type { Share } from './sampling.ts';

/** Each has an entry in the stage's record, which is read as a whole. */
const MOST_SINGLES = 500_000;
/** Of more, people get to see the first ones of each class. */
const MOST_PUBLISHED = 10_000;

/** Names of files by share. */
export type SingleNames = readonly (readonly string[])[];

/** @throws Failure for more single pictures than can be recorded. */
export function checkSingles({ id }: Pick<StageContext, 'id'>, total: number): void {
  if (total <= MOST_SINGLES) return;
  const limit = MOST_SINGLES.toLocaleString('en-US');
  throw new Failure({
    code: 'too-many-singles',
    exitCode: 2,
    message: `${id} would write ${total.toLocaleString('en-US')} single pictures; at most ${limit} are possible`,
    hint: `draw fewer, or leave them out: --set ${id}.singles=false`,
  });
}

/** File names of the images of each share: `singles/cat-003.png`, or `singles/003.png` without classes. */
export function singleNames(shares: readonly Share[], count: number): SingleNames {
  const digits = Math.max(3, String(count).length);
  const stems = fileStems(shares.flatMap(({ label }) => label?.name ?? []));
  const numbers = Array.from({ length: count }, (_, index) => String(index + 1).padStart(digits, '0'));
  return shares.map(({ label }, index) =>
    numbers.map(number => `singles/${label === undefined ? number : `${stems[index]}-${number}`}.png`),
  );
}

export async function writeSingles(dir: string, batch: ImageBatch, names: readonly string[]): Promise<void> {
  for (const [index, name] of names.entries()) {
    const png = await encodePng(imageAt(batch, index), batch.width, batch.height, batch.channels);
    await writeFile(join(dir, name), png);
  }
}

/** Publishes the single pictures, or of very many the first ones of each share. */
export function publishSingles(
  { id, outputDir, emit }: Pick<StageContext, 'id' | 'outputDir' | 'emit'>,
  names: SingleNames,
): void {
  const total = names.reduce((sum, { length }) => sum + length, 0);
  if (total <= MOST_PUBLISHED) {
    emit({ type: 'publish', path: 'singles' });
    return;
  }
  const shown = firstOfEach(names, MOST_PUBLISHED);
  for (const path of shown) emit({ type: 'publish', path });
  const text = `artifacts/${id}/singles has ${shown.length} of ${total} images; all are in ${join(outputDir, 'singles')}`;
  emit({ type: 'log', level: 'notice', text });
}
