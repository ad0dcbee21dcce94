import { Failure } from '../core/failure.ts';
import { createCanvas, drawImage } from './canvas.ts';
import { layOutGrid, type GridOptions } from './layout.ts';
import { checkBatch } from './pixels.ts';
import { encodePng } from './png.ts';
import { drawText, fitText, lineHeight } from './text.ts';

/** A grid is drawn in memory, three bytes a pixel. */
const mostPixels = 150_000_000;

function checkGrid(options: GridOptions): void {
  checkBatch(options);
  const { count, columns, rowLabels = [], cellLabels } = options;
  if (count < 1 || columns < 1) throw new Error(`a grid of ${count} images in ${columns} columns is empty`);
  if (rowLabels.length > 0 && count % rowLabels.length !== 0)
    throw new Error(`${count} images are no equal shares for ${rowLabels.length} row labels`);
  if (cellLabels && cellLabels.length !== count)
    throw new Error(`${cellLabels.length} labels for ${count} images`);
}

/**
 * Draws images as a PNG: rows of `columns`, pixels enlarged to squares, labels in a font of its own, so that the same images
 * give the same picture on every machine. RGB, whatever the images' channels.
 *
 * @throws Failure `picture-too-large`
 */
export async function drawGrid(options: GridOptions): Promise<Buffer> {
  checkGrid(options);
  const layout = layOutGrid(options);
  if (layout.width * layout.height > mostPixels)
    throw new Failure({
      code: 'picture-too-large',
      message: `a grid of ${layout.width}×${layout.height} pixels is too large: at most ${mostPixels / 1e6} million pixels are drawn`,
      hint: 'ask for fewer images, or a smaller scale',
    });
  const canvas = createCanvas(layout.width, layout.height);
  const { scale } = layout;
  if (options.title !== undefined) drawText(canvas, options.title, layout.title.x, layout.title.y);
  for (const { text, x, y } of layout.rowLabels) drawText(canvas, text, x, y);
  for (const [index, { x, y }] of layout.images.entries()) {
    drawImage(canvas, options, index, { x, y, scale });
    const label = options.cellLabels?.[index];
    if (label !== undefined) drawText(canvas, fitText(label, options.width * scale), x, y - lineHeight);
  }
  return encodePng(canvas.data, canvas.width, canvas.height, 3);
}
