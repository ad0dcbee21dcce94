import { drawGrid, partThatFits } from './grid.ts';
import { evenColumns } from './layout.ts';
import type { ImageBatch } from './pixels.ts';

/** A sample grid of training as PNG: 4×3 for twelve images. */
export async function drawSampleGrid(batch: ImageBatch): Promise<Buffer> {
  return drawGrid({ ...batch, columns: 4 });
}

/** The number of `count` images that fit into one frame; with `labels` each has its name above it. */
export function imagesPerFrame(
  shape: Omit<ImageBatch, 'images'>,
  labels?: readonly string[],
  limits?: Parameters<typeof partThatFits>[1],
): number {
  return partThatFits({ ...shape, ...(labels && { cellLabels: labels }) }, limits).each;
}

/**
 * One frame of the training animation as PNG: a row of up to ten images, or the fewest even rows, with labels above the images
 * where given. Frames of batches of one shape, all with or all without labels, have one size.
 */
export async function drawFrame(batch: ImageBatch, labels?: readonly string[]): Promise<Buffer> {
  return drawGrid({ ...batch, columns: evenColumns(batch.count), ...(labels && { cellLabels: labels }) });
}
