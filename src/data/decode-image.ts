import type Sharp from 'sharp';
import { loadSharp } from '../images/sharp.ts';

/** Largest file to read into memory, in bytes. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Most pixels: a small file can decode to more than memory holds. */
const MAX_PIXELS = 100_000_000;

/** Thrown for a damaged picture, or a file that is not one. */
export class Unreadable extends Error {}

/** @throws Unreadable for a file too large to be a picture */
export function checkPictureSize(bytes: number): void {
  if (bytes === 0) throw new Unreadable('the file is empty');
  if (bytes > MAX_BYTES) throw new Unreadable(`the file is larger than ${MAX_BYTES} bytes`);
}

/**
 * Decodes a picture with its orientation applied, crops the square in its middle, and scales it to `size`. Grey becomes RGB;
 * transparency becomes white.
 *
 * @returns `[size, size, 3]` uint8
 * @throws Unreadable with sharp's reason
 */
export async function decodeImage(sharp: typeof Sharp, data: Buffer, size: number): Promise<Buffer> {
  try {
    // At the right size, resize leaves the pixels unchanged.
    return await sharp(data, { limitInputPixels: MAX_PIXELS })
      .autoOrient()
      .resize(size, size, { fit: 'cover', position: 'centre' })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer();
  } catch (error) {
    throw new Unreadable(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Sharp, set up for many small pictures: one thread for each, no cache. */
export async function loadSharpForMany(): Promise<typeof Sharp> {
  const sharp = await loadSharp();
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}
