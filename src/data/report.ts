import type { DatasetArtifact } from '../core/artifacts.ts';

/** `60,000` */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** A data set in one line, such as `60,000 images, 10 classes (cifar-10, data/cifar-10-batches-bin)`. */
export function describeDataset({ count, classes, source }: DatasetArtifact): string {
  const images = `${grouped(count)} ${count === 1 ? 'image' : 'images'}`;
  const kinds = `${classes.length} ${classes.length === 1 ? 'class' : 'classes'}`;
  return `${images}, ${kinds} (${source.replace(' ', ', ')})`;
}
