import type { DatasetArtifact } from '../core/artifacts.ts';

/** `60,000` */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** Most words of a list in a message. */
const LISTED = 10;

/** Words with commas between them, the first ten of many. */
export const listed = (words: readonly string[]): string =>
  words.slice(0, LISTED).join(', ') +
  (words.length > LISTED ? `, … and ${grouped(words.length - LISTED)} more` : '');

/** `1 image`, `60,000 images`. */
const counted = (count: number, one: string, more = `${one}s`) =>
  `${grouped(count)} ${count === 1 ? one : more}`;

/**
 * A data set in one line, such as `60,000 images, 10 classes (cifar-10, data/cifar-10-batches-bin)`, or `150 examples of 4 numbers,
 * 3 classes (csv, iris.csv)`.
 */
export function describeDataset({ count, shape, classes, targets, source }: DatasetArtifact): string {
  const examples =
    shape === undefined
      ? counted(count, 'image')
      : `${counted(count, 'example')} of ${shape.join('×')} ${shape.join() === '1' ? 'number' : 'numbers'}`;
  const answers =
    targets === undefined
      ? counted(classes.length, 'class', 'classes')
      : counted(targets.names.length, 'target');
  return `${examples}, ${answers} (${source.replace(' ', ', ')})`;
}
