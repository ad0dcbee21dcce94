import { createCanvas, fillRectangle, paper, type Canvas, type Color } from './canvas.ts';
import { legibleOn, scaleColor } from './color-scale.ts';
import { layOutConfusion, type ConfusionLayout } from './confusion-layout.ts';
import { encodePng } from './png.ts';
import { drawText, lineHeight, textWidth } from './text.ts';

/** Lines between cells, and cells of a row without examples. */
const line: Color = [225, 228, 232];
/** One of it and white is legible on any color. */
const black: Color = [0, 0, 0];
/** A number of 0, which is no news. */
const faint: Color = [106, 115, 125];

/** Place of a share of a row on the scale of colors: its square root, so that rare confusions can be seen. */
const placeOf = (share: number): number => Math.sqrt(share);

const ticks = [1, 0.75, 0.5, 0.25, 0.1, 0.02, 0].map(share => ({
  text: `${Math.round(share * 100)}%`,
  place: placeOf(share),
}));

/**
 * Draws a confusion matrix as a PNG of at most 2000 pixels a side: rows are labels, columns predictions, colors the share of
 * the row. Cells have their numbers up to 30 classes, and names are shortened to 20 characters; of very many classes some are named.
 *
 * @param matrix Numbers of examples, `[classes][classes]`: labels by predictions
 */
export async function drawConfusion(
  matrix: readonly (readonly number[])[],
  classes: readonly string[],
): Promise<Buffer> {
  if (matrix.length !== classes.length || matrix.some(row => row.length !== classes.length))
    throw new Error(`a confusion matrix of ${matrix.length} rows for ${classes.length} classes`);
  const largest = matrix.reduce((most, row) => Math.max(most, ...row), 0);
  const layout = layOutConfusion({ heading: headingOf(matrix), classes, largest, ticks });
  const canvas = createCanvas(layout.width, layout.height);
  const { scale } = layout;
  for (const { text, x, y, turned = false } of layout.texts) drawText(canvas, text, x, y, { scale, turned });
  drawBar(canvas, layout);
  drawCells(canvas, matrix, layout);
  return encodePng(canvas.data, canvas.width, canvas.height, 3);
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

function headingOf(matrix: readonly (readonly number[])[]): string {
  const count = sumOf(matrix.map(sumOf));
  const right = sumOf(matrix.map((row, label) => row[label] as number));
  const share = count === 0 ? 0 : (100 * right) / count;
  return `${right} of ${count} right (${share.toFixed(1)}%)`;
}

function drawBar(canvas: Canvas, { bar }: ConfusionLayout): void {
  const { x, y, width, height } = bar;
  fillRectangle(canvas, { x: x - 1, y: y - 1, width: width + 2, height: height + 2 }, line);
  for (let down = 0; down < height; down++)
    fillRectangle(canvas, { x, y: y + down, width, height: 1 }, scaleColor(1 - down / (height - 1)));
}

function drawCells(
  canvas: Canvas,
  matrix: readonly (readonly number[])[],
  { matrix: area, cell, hasNumbers, hasLines, scale }: ConfusionLayout,
): void {
  const side = area.width + (hasLines ? 1 : 2);
  fillRectangle(canvas, { x: area.x - 1, y: area.y - 1, width: side, height: side }, line);
  const filled = hasLines ? cell - 1 : cell;
  for (const [label, row] of matrix.entries()) {
    const support = sumOf(row);
    for (const [predicted, count] of row.entries()) {
      const color = support === 0 ? line : scaleColor(placeOf(count / support));
      const [x, y] = [area.x + predicted * cell, area.y + label * cell];
      fillRectangle(canvas, { x, y, width: filled, height: filled }, color);
      if (!hasNumbers || support === 0) continue;
      const text = String(count);
      const left = x + Math.floor((filled - textWidth(text) * scale) / 2);
      const top = y + Math.floor((filled - lineHeight * scale) / 2) + scale;
      drawText(canvas, text, left, top, {
        scale,
        color: count === 0 ? faint : legibleOn(color, [black, paper]),
      });
    }
  }
}
