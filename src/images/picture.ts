import { Failure } from '../core/failure.ts';

/** An RGB picture: uint8 `[height, width, 3]`. */
export interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Reads a picture file as RGB, what is transparent in it on white.
 *
 * @param width to scale to, in pixels: enlarged without smoothing, reduced with it; the picture's own by default
 * @throws Failure `unreadable-picture` that names the file
 */
export async function readPicture(file: string, width?: number): Promise<Picture> {
  const { default: sharp } = await import('sharp');
  try {
    const image = sharp(file);
    const own = (await image.metadata()).width;
    if (width !== undefined && width !== own)
      image.resize({ width, kernel: width > own ? 'nearest' : 'lanczos3' });
    const { data, info } = await image
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch (cause) {
    throw new Failure({
      code: 'unreadable-picture',
      message: `cannot read the picture ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  }
}
