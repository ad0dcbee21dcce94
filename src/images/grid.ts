import { Failure } from '../core/failure.ts';
import { createCanvas, drawImage } from './canvas.ts';
import { evenColumns, gridPixels, layOutGrid, type GridOptions, type GridPlan } from './layout.ts';
import { checkBatch } from './pixels.ts';
import { encodePng } from './png.ts';
import { drawText, fitText, lineHeight } from './text.ts';

/** Most pixels of a grid, which is drawn in memory with three bytes a pixel. */
const mostPixels = 150_000_000;

/** Most images in a grid, which people look through. */
const mostImages = 1000;

function checkGrid(options: GridOptions): void {
  checkBatch(options);
  const { count, columns, rowLabels = [], cellLabels } = options;
  if (count < 1 || columns < 1) throw new Error(`a grid of ${count} images in ${columns} columns is empty`);
  if (rowLabels.length > 0 && count % rowLabels.length !== 0)
    throw new Error(`${count} images are no equal shares for ${rowLabels.length} row labels`);
  if (cellLabels && cellLabels.length !== count)
    throw new Error(`${cellLabels.length} labels for ${count} images`);
}

function tooLarge(pixels: number, limit: number): Failure {
  const millions = (count: number) => `${Math.ceil(count / 1e6)} million`;
  return new Failure({
    code: 'picture-too-large',
    message: `a grid of ${millions(pixels)} pixels is too large: at most ${millions(limit)} are drawn`,
    hint: 'ask for fewer images, or a smaller scale',
  });
}

/** A grid of `count` images for each row label, or in all without labels. */
export interface WantedGrid extends Omit<GridPlan, 'columns'> {
  /** Even rows by default. */
  readonly columns?: number | undefined;
}

/** The part of a wanted grid that fits into one picture. */
export interface ShownPart {
  /** Number of row labels shown, from the first; 1 without labels. */
  readonly shares: number;
  /** Images for each label. */
  readonly each: number;
}

/**
 * The largest part of a grid that fits into one picture: fewer images of each label, or fewer labels where not even one image of
 * each fits.
 *
 * @throws Failure `picture-too-large` when a single image does not fit
 */
export function partThatFits(
  { count, columns, rowLabels = [], ...plan }: WantedGrid,
  { images, pixels } = { images: mostImages, pixels: mostPixels },
): ShownPart {
  const pixelsOf = (shares: number, each: number) =>
    gridPixels({
      ...plan,
      count: shares * each,
      columns: columns ?? evenColumns(each),
      ...(rowLabels.length > 0 && { rowLabels: rowLabels.slice(0, shares) }),
    });
  const all = Math.max(1, rowLabels.length);
  for (let each = Math.min(count, Math.floor(images / all)); each > 0; each--)
    if (pixelsOf(all, each) <= pixels) return { shares: all, each };
  for (let shares = Math.min(all, images); shares > 0; shares--)
    if (pixelsOf(shares, 1) <= pixels) return { shares, each: 1 };
  throw tooLarge(pixelsOf(1, 1), pixels);
}

/**
 * Draws images as a PNG: rows of `columns`, pixels enlarged to squares, labels in a built-in font, so that the same images give
 * the same picture on every machine. RGB, whatever the images' channels.
 *
 * @throws Failure `picture-too-large`
 */
export async function drawGrid(options: GridOptions): Promise<Buffer> {
  checkGrid(options);
  const pixels = gridPixels(options);
  if (pixels > mostPixels) throw tooLarge(pixels, mostPixels);
  const layout = layOutGrid(options);
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
