import { Failure, Interrupted } from '../core/failure.ts';
import { formatBytes } from '../core/format.ts';
import { createCanvas } from './canvas.ts';
import { pictureSize, readPicture, type Picture, type Size } from './picture.ts';
import { loadSharp } from './sharp.ts';
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

/** The frames of an animation stacked in one buffer: uint8 `[pages * height, width, 3]`. The size is that of a page. */
interface Pages extends Size {
  readonly data: Uint8Array;
}

/** Pixels of white beside the caption. */
const margin = 4;

/** Most bytes of all frames, which are in memory while the GIF is encoded. */
const mostBytes = 512 * 2 ** 20;

/** Size of a page: the picture with its caption above it. */
function pageSize(picture: Size, captions: readonly string[]): Size {
  const widest = captions.reduce((width, caption) => Math.max(width, textWidth(caption) + 2 * margin), 0);
  return { width: Math.max(picture.width, widest), height: lineHeight + picture.height };
}

/**
 * The number of frames of the first one's size that fit into an animation.
 *
 * @throws Failure `animation-too-large` when fewer than two fit
 */
export async function framesThatFit(
  frames: readonly AnimationFrame[],
  width: number | undefined,
  limit = mostBytes,
): Promise<number> {
  const [first] = frames;
  if (first === undefined) throw new Error('an animation needs a frame');
  const size = pageSize(
    await pictureSize(first.file, width),
    frames.map(({ caption }) => caption),
  );
  const fitting = Math.floor(limit / (size.width * size.height * 3));
  if (fitting >= Math.min(2, frames.length)) return fitting;
  throw new Failure({
    code: 'animation-too-large',
    message: `frames of ${size.width}×${size.height} pixels are too large: two of them take more than ${formatBytes(limit)}`,
    hint: 'ask for a smaller size',
  });
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
  const size = pageSize(
    first,
    frames.map(({ caption }) => caption),
  );
  const pages = { ...size, data: createCanvas(size.width, size.height * frames.length).data };
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
 * @throws Failure when a picture cannot be read or its size differs from the first one's; Interrupted when the signal is aborted
 * between two frames
 */
export async function drawAnimation(
  frames: readonly AnimationFrame[],
  options: AnimationOptions,
): Promise<{ readonly gif: Buffer; readonly width: number; readonly height: number }> {
  const { width, height, data } = await drawPages(frames, options);
  const sharp = await loadSharp();
  const raw = { width, height: height * frames.length, channels: 3, pageHeight: height } as const;
  const gif = await sharp(data, { raw, limitInputPixels: false })
    // Dithering would add noise to the enlarged pixels and make larger files.
    .gif({
      delay: frames.map((_, index) => (index === frames.length - 1 ? options.hold : options.delay)),
      loop: 0,
      dither: 0,
      effort: 4,
    })
    .toBuffer();
  return { gif, width, height };
}
