import { imageAt, type ImageBatch } from './pixels.ts';

export type Color = readonly [red: number, green: number, blue: number];

export const paper: Color = [255, 255, 255];
export const ink: Color = [36, 41, 47];

/** An RGB picture being drawn: uint8 `[height, width, 3]`. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A blank sheet, `width` × `height` pixels. */
export function createCanvas(width: number, height: number): Canvas {
  // White has the same byte in each channel.
  return { width, height, data: new Uint8Array(width * height * 3).fill(paper[0]) };
}

/** A part of a canvas, in pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Fills a rectangle, clipped to the canvas. */
export function fillRectangle(canvas: Canvas, rectangle: Rectangle, color: Color): void {
  const { x, y, width, height } = rectangle;
  const [left, right] = [Math.max(x, 0), Math.min(x + width, canvas.width)];
  for (let line = Math.max(y, 0); line < Math.min(y + height, canvas.height); line++) {
    const end = (line * canvas.width + right) * 3;
    for (let at = (line * canvas.width + left) * 3; at < end; at += 3) canvas.data.set(color, at);
  }
}

/** Draws one image of a batch with its top left corner at `x`, `y`, every pixel as a square of `scale` × `scale`. */
export function drawImage(
  canvas: Canvas,
  batch: ImageBatch,
  index: number,
  { x, y, scale }: { readonly x: number; readonly y: number; readonly scale: number },
): void {
  const pixels = imageAt(batch, index);
  const { channels, width, height } = batch;
  const row = new Uint8Array(width * scale * 3);
  for (let line = 0; line < height; line++) {
    for (let column = 0; column < width * scale; column++) {
      const from = (line * width + Math.floor(column / scale)) * channels;
      for (let channel = 0; channel < 3; channel++)
        row[column * 3 + channel] = pixels[channels === 1 ? from : from + channel] as number;
    }
    for (let copy = 0; copy < scale; copy++)
      canvas.data.set(row, ((y + line * scale + copy) * canvas.width + x) * 3);
  }
}
