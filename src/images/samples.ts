import { drawGrid, partThatFits } from './grid.ts';
import { evenColumns } from './layout.ts';
import type { ImageBatch } from './pixels.ts';

/** The pictures that training leaves behind: a 4×3 grid for twelve images. PNG. */
export async function drawSampleGrid(batch: ImageBatch): Promise<Buffer> {
  return drawGrid({ ...batch, columns: 4 });
}

/** How many of `count` images one frame holds; with `labels` each has its name above it. */
export function imagesPerFrame(
  shape: Omit<ImageBatch, 'images'>,
  labels?: readonly string[],
  limits?: Parameters<typeof partThatFits>[1],
): number {
  return partThatFits({ ...shape, ...(labels && { cellLabels: labels }) }, limits).each;
}

/**
 * One frame of the animation of training: a row of up to ten images, or as few even rows as hold them; with a label above each
 * image where labels are given. Frames of batches of one shape, all with labels or all without, have one size. PNG.
 */
export async function drawFrame(batch: ImageBatch, labels?: readonly string[]): Promise<Buffer> {
  return drawGrid({ ...batch, columns: evenColumns(batch.count), ...(labels && { cellLabels: labels }) });
}
