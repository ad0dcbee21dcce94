import { createCanvas, drawImage } from './canvas.ts';
import { checkBatch, type ImageBatch } from './pixels.ts';
import { encodePng } from './png.ts';
import { drawText, fitText, lineHeight, textWidth } from './text.ts';

/** A wrong prediction, in words. */
export interface NamedMistake {
  readonly label: string;
  readonly predicted: string;
  /** Of what was predicted. */
  readonly probability: number;
}

/** Longer side of an enlarged image, about. */
const imageSide = 160;
/** Most pixels of the picture's side. */
const largest = 2000;
const margin = 12;
const gap = 12;

/** `cat → dog 98%`, within so many pixels: the longer name is shortened first. */
function captionOf({ label, predicted, probability }: NamedMistake, width: number): string {
  const share = `${Math.floor(100 * probability)}%`;
  const room = width - textWidth(` →  ${share}`);
  const half = Math.floor(room / 2);
  const labelWidth = Math.max(half, room - textWidth(predicted));
  const shown = fitText(label, labelWidth);
  return `${shown} → ${fitText(predicted, room - textWidth(shown))} ${share}`;
}

/**
 * Draws images that were predicted wrong as a PNG: rows of five, pixels enlarged to squares, below each its label, the class predicted
 * and its probability. At most 2000 pixels a side, with as many of the first images as have room.
 *
 * @param images Of 1 or 3 channels, one for each mistake, at least one
 */
export async function drawWrongest(images: ImageBatch, mistakes: readonly NamedMistake[]): Promise<Buffer> {
  checkBatch(images);
  if (images.count !== mistakes.length || images.count === 0)
    throw new Error(`${images.count} images for ${mistakes.length} mistakes`);
  const scale = Math.max(1, Math.round(imageSide / Math.max(images.width, images.height)));
  const cell = {
    width: Math.max(images.width * scale, imageSide) + gap,
    height: images.height * scale + lineHeight + gap,
  };
  const fitting = (size: number) => Math.max(1, Math.floor((largest - 2 * margin + gap) / size));
  const columns = Math.min(5, mistakes.length, fitting(cell.width));
  const rows = Math.min(Math.ceil(mistakes.length / columns), fitting(cell.height));
  const canvas = createCanvas(columns * cell.width - gap + 2 * margin, rows * cell.height - gap + 2 * margin);
  for (const [index, mistake] of mistakes.slice(0, rows * columns).entries()) {
    const x = margin + (index % columns) * cell.width;
    const y = margin + Math.floor(index / columns) * cell.height;
    drawImage(canvas, images, index, { x, y, scale });
    drawText(canvas, captionOf(mistake, cell.width - gap), x, y + images.height * scale + 3);
  }
  return encodePng(canvas.data, canvas.width, canvas.height, 3);
}
