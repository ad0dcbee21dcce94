/** The layout of one picture in memory: `[height, width, channels]` uint8. */
export interface Layout {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * Blurs one picture in place: every value becomes the mean of the square around it, first along rows, then along
 * columns. At the border the square is cut, so that nothing darkens there.
 * @param radius In pixels.
 */
export function boxBlur(image: Uint8Array, { height, width, channels }: Layout, radius: number): void {
  for (let y = 0; y < height; y++)
    for (let c = 0; c < channels; c++)
      blurLine(image, { start: y * width * channels + c, step: channels, length: width }, radius);
  for (let x = 0; x < width; x++)
    for (let c = 0; c < channels; c++)
      blurLine(image, { start: x * channels + c, step: width * channels, length: height }, radius);
}

interface Line {
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

function blurLine(image: Uint8Array, { start, step, length }: Line, radius: number): void {
  const line = Array.from({ length }, (_, index) => image[start + index * step] as number);
  for (let index = 0; index < length; index++) {
    const square = line.slice(Math.max(0, index - radius), index + radius + 1);
    image[start + index * step] = Math.round(square.reduce((sum, value) => sum + value, 0) / square.length);
  }
}
