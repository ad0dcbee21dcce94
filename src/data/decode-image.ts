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

/** What is made of a picture. */
export interface Decoding {
  /** Height and width, in pixels. */
  readonly size: number;
  /** 1 for grey, 3 for RGB. */
  readonly channels: 1 | 3;
  /** The colour behind transparent pixels, such as `#ffffff`. */
  readonly background: string;
}

/**
 * Decodes a picture with its orientation applied, lays it over the background, crops the square in its middle, and scales it to
 * `size`. Grey becomes RGB, or colours become their luminance, as `channels` says.
 *
 * @returns `[size, size, channels]` uint8
 * @throws Unreadable with sharp's reason
 */
export async function decodeImage(
  sharp: typeof Sharp,
  data: Buffer,
  { size, channels, background }: Decoding,
): Promise<Buffer> {
  try {
    // At the right size, resize leaves the pixels unchanged.
    return await sharp(data, { limitInputPixels: MAX_PIXELS })
      .autoOrient()
      .resize(size, size, { fit: 'cover', position: 'centre' })
      .flatten({ background })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer();
  } catch (error) {
    throw new Unreadable(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** True for RGB pixels without any colour: red, green and blue are equal. */
export function isGrey(pixels: Uint8Array): boolean {
  for (let at = 0; at < pixels.length; at += 3)
    if (pixels[at] !== pixels[at + 1] || pixels[at] !== pixels[at + 2]) return false;
  return true;
}

/** Sharp, set up for many small pictures: one thread for each, no cache. */
export async function loadSharpForMany(): Promise<typeof Sharp> {
  const sharp = await loadSharp();
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}
