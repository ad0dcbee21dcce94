import { loadSharp } from './sharp.ts';

/**
 * Encodes uint8 pixels `[height, width, channels]` as PNG.
 *
 * @param channels 1 (grey) or 3 (RGB)
 */
export async function encodePng(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: number,
): Promise<Buffer> {
  if (channels !== 1 && channels !== 3) throw new Error(`a PNG of ${channels} channels is not supported`);
  const sharp = await loadSharp();
  const image = sharp(pixels, { raw: { width, height, channels } });
  return (channels === 1 ? image.toColourspace('b-w') : image).png().toBuffer();
}
