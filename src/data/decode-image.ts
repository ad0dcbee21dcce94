import type Sharp from 'sharp';
import { loadSharp } from '../images/sharp.ts';

/** Larger files are not read into memory. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Pixels: a small file can claim, and have, so many that the memory does not hold them. */
const MAX_PIXELS = 100_000_000;

/** A file that is no picture, or a damaged one. */
export class Unreadable extends Error {}

/** @throws Unreadable for a file too large to be a picture */
export function checkPictureSize(bytes: number): void {
  if (bytes === 0) throw new Unreadable('the file is empty');
  if (bytes > MAX_BYTES) throw new Unreadable(`the file is larger than ${MAX_BYTES} bytes`);
}

/**
 * Decodes a picture as its viewer shows it, crops the square in its middle, and scales that to `size`.
 * Grey becomes RGB; what is transparent becomes white.
 *
 * @returns `[size, size, 3]` uint8
 * @throws Unreadable with sharp's reason
 */
export async function decodeImage(sharp: typeof Sharp, data: Buffer, size: number): Promise<Buffer> {
  try {
    // With the size right already, resize passes the pixels on as they are.
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
