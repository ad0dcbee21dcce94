import type { DatasetArtifact } from '../core/artifacts.ts';
import { invertTransform } from '../data/transform.ts';
import { drawSampleGrid } from '../images/samples.ts';

/**
 * A PNG of images like those of a data set, four in a row.
 * @param numbers Batches `[B, H, W, C] float32` in the data set's transformed range, such as a network's outputs.
 */
export function drawImages(
  { height, width, channels, transform }: DatasetArtifact,
  ...numbers: readonly Float32Array[]
): Promise<Buffer> {
  const images = Buffer.concat(numbers.map(values => invertTransform(values, transform, channels)));
  const count = images.length / (height * width * channels);
  return drawSampleGrid({ images, count, height, width, channels });
}
