import { Failure, Interrupted } from '../core/failure.ts';
import { createCanvas } from './canvas.ts';
import { readPicture, type Picture } from './picture.ts';
import { drawText, lineHeight, textWidth } from './text.ts';

export interface AnimationFrame {
  /** Path of a PNG, or any other picture that sharp reads. */
  readonly file: string;
  /** A line above the picture. */
  readonly caption: string;
}

export interface AnimationOptions {
  /** Width of the pictures in pixels; their own by default. */
  readonly width?: number | undefined;
  /** Milliseconds for each frame. GIF counts in steps of 10 ms. */
  readonly delay: number;
  /** Milliseconds for the last frame. */
  readonly hold: number;
  readonly signal?: AbortSignal;
  /** Called after each frame is drawn, with the number drawn so far. */
  readonly onFrame?: (done: number) => void;
}

/** The frames of an animation in one buffer, one below the other: uint8 `[pages * height, width, 3]`. */
interface Pages {
  readonly width: number;
  /** Of one page. */
  readonly height: number;
  readonly data: Uint8Array;
}

/** Pixels of white beside the caption. */
const margin = 4;

/** Every frame is in memory while the GIF is encoded. */
const mostBytes = 512 * 2 ** 20;

function createPages(first: Picture, captions: readonly string[]): Pages {
  const width = Math.max(first.width, ...captions.map(caption => textWidth(caption) + 2 * margin));
  const height = lineHeight + first.height;
  const bytes = width * height * 3 * captions.length;
  if (bytes > mostBytes)
    throw new Failure({
      code: 'animation-too-large',
      message: `${captions.length} frames of ${width}×${height} pixels take ${Math.ceil(bytes / 2 ** 20)} MiB; at most ${mostBytes / 2 ** 20} MiB are allowed`,
      hint: 'ask for fewer frames, or a smaller size',
    });
  return { width, height, data: createCanvas(width, height * captions.length).data };
}

function drawPage({ width, height, data }: Pages, index: number, picture: Picture, caption: string): void {
  const page = {
    width,
    height,
    data: data.subarray(index * width * height * 3, (index + 1) * width * height * 3),
  };
  drawText(page, caption, margin, margin);
  const rowBytes = picture.width * 3;
  for (let row = 0; row < picture.height; row++)
    page.data.set(
      picture.data.subarray(row * rowBytes, (row + 1) * rowBytes),
      (lineHeight + row) * width * 3,
    );
}

async function drawPages(frames: readonly AnimationFrame[], options: AnimationOptions): Promise<Pages> {
  const [firstFrame] = frames;
  if (firstFrame === undefined) throw new Error('an animation needs a frame');
  const first = await readPicture(firstFrame.file, options.width);
  const pages = createPages(
    first,
    frames.map(({ caption }) => caption),
  );
  for (const [index, { file, caption }] of frames.entries()) {
    if (options.signal?.aborted) throw new Interrupted();
    const picture = index === 0 ? first : await readPicture(file, options.width);
    if (picture.width !== first.width || picture.height !== first.height)
      throw new Failure({
        code: 'uneven-frames',
        message: `the frame ${file} is ${picture.width}×${picture.height} pixels, the first one ${first.width}×${first.height}`,
      });
    drawPage(pages, index, picture, caption);
    options.onFrame?.(index + 1);
  }
  return pages;
}

/**
 * Joins pictures of one size into a GIF that repeats for ever, each with its caption above it.
 *
 * @throws Failure when a picture cannot be read or has another size than the first, or all of them take more memory than
 * is allowed; Interrupted when the signal is aborted between two frames
 */
export async function drawAnimation(
  frames: readonly AnimationFrame[],
  options: AnimationOptions,
): Promise<{ readonly gif: Buffer; readonly width: number; readonly height: number }> {
  const { width, height, data } = await drawPages(frames, options);
  const { default: sharp } = await import('sharp');
  const raw = { width, height: height * frames.length, channels: 3, pageHeight: height } as const;
  const gif = await sharp(data, { raw, limitInputPixels: false })
    // Dithering would put noise into the enlarged pixels, and makes larger files.
    .gif({
      delay: frames.map((_, index) => (index === frames.length - 1 ? options.hold : options.delay)),
      loop: 0,
      dither: 0,
      effort: 4,
    })
    .toBuffer();
  return { gif, width, height };
}
