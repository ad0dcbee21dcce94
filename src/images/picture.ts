import type { Sharp } from 'sharp';
import { Failure } from '../core/failure.ts';
import { atMost, readWhole } from '../storage/read-file.ts';
import { loadSharp } from './sharp.ts';

/** Largest file of a picture, in bytes. */
const LARGEST = 2 ** 30;

/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** An RGB picture: uint8 `[height, width, 3]`. */
export interface Picture extends Size {
  readonly data: Uint8Array;
}

/** A picture scaled to `width`, by default its own: enlarged without smoothing, reduced with it. */
async function openPicture(file: string, width: number | undefined): Promise<{ image: Sharp; size: Size }> {
  const sharp = await loadSharp();
  // Read here, as a named pipe would block sharp for ever.
  const image = sharp(await readWhole(file, atMost(LARGEST)));
  const own = await image.metadata();
  if (width === undefined || width === own.width) return { image, size: own };
  image.resize({ width, kernel: width > own.width ? 'nearest' : 'lanczos3' });
  return { image, size: { width, height: Math.max(1, Math.round((own.height * width) / own.width)) } };
}

function unreadable(file: string, cause: unknown): Failure {
  return new Failure({
    code: 'unreadable-picture',
    message: `cannot read the picture ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
  });
}

/**
 * The size that `readPicture` returns, without reading the pixels.
 *
 * @throws Failure `unreadable-picture` that names the file
 */
export async function pictureSize(file: string, width?: number): Promise<Size> {
  try {
    return (await openPicture(file, width)).size;
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/**
 * Reads a picture file as RGB, with transparency on white.
 *
 * @param width to scale to, in pixels: enlarged without smoothing, reduced with it; by default the picture's own
 * @throws Failure `unreadable-picture` that names the file
 */
export async function readPicture(file: string, width?: number): Promise<Picture> {
  try {
    const { image } = await openPicture(file, width);
    const { data, info } = await image
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch (cause) {
    throw unreadable(file, cause);
  }
}
