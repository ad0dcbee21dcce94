import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, Interrupted } from '../core/failure.ts';
import { usableProcessors } from '../host/processors.ts';
import type { DatasetArtifact } from '../core/artifacts.ts';
import { DatasetWriter } from './dataset-writer.ts';
import { checkPictureSize, decodeImage, isGrey, loadSharpForMany, Unreadable } from './decode-image.ts';
import { fileFailure } from './file-failure.ts';
import type { Layout, Picture } from './image-layout.ts';
import type { PictureFiles } from './listed-files.ts';
import { TaskPool } from './task-pool.ts';

/** Concurrent pictures per processor: one being decoded, one being read or written. */
const PER_PROCESSOR = 2;
/** Most concurrent pictures: libuv runs only four tasks. */
const MOST_AT_ONCE = 8;
/** Bytes of decoded pictures copied at a time. */
const COPIED_BYTES = 1 << 23;

/** A picture that could not be read, and why. */
export interface UnreadablePicture {
  readonly path: string;
  readonly reason: string;
}

export interface ReadOptions {
  /** Height and width, in pixels. */
  readonly size: number;
  /** 1 for grey, 3 for RGB; `auto` for 1 where no picture has any colour. */
  readonly channels: 'auto' | 1 | 3;
  /** The colour behind transparent pixels, such as `#ffffff`. */
  readonly background: string;
  readonly signal: AbortSignal;
  /** The folder of the data set, and of a temporary file of all decoded pictures. */
  readonly dir: string;
  readonly onProgress: (done: number) => void;
}

/** Outcome of each picture, by its place in the list: decoded, a reason why not, or undefined if not visited. */
type Outcomes = (true | string | undefined)[];

/** The scratch file: one decoded picture behind the other. */
interface Decoded {
  readonly outcomes: Outcomes;
  /** Of the pictures in the file. */
  readonly channels: 1 | 3;
  /** True where no pixel of any picture has colour. */
  readonly grey: boolean;
}

/** Writes until everything is written or refused, unlike the file handle's own method. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const left = bytes.length - done;
    done += (await file.write(bytes, done, left, position + done)).bytesWritten;
  }
}

/** Reads as much as there is; the rest of `into`, for unreadable last pictures, is unchanged. */
async function readAll(file: FileHandle, into: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) return;
    done += bytesRead;
  }
}

/** Decodes every picture to its place in the scratch file, in any order. */
async function decodeAll(
  files: PictureFiles,
  pictures: readonly Picture[],
  scratch: FileHandle,
  { size, channels: wanted, background, onProgress }: ReadOptions,
): Promise<Decoded> {
  const sharp = await loadSharpForMany();
  const channels = wanted === 'auto' ? 3 : wanted;
  const imageBytes = size * size * channels;
  let grey = true;
  const outcomes: Outcomes = new Array<undefined>(pictures.length).fill(undefined);
  const pool = new TaskPool(Math.min(MOST_AT_ONCE, PER_PROCESSOR * usableProcessors()));
  let done = 0;
  const settle = (index: number, outcome: true | string) => {
    outcomes[index] = outcome;
    onProgress(++done);
  };
  const decode = async (index: number, data: Buffer) => {
    const pixels = await decodeImage(sharp, data, { size, channels, background });
    if (pixels.length !== imageBytes) throw new Unreadable(`it decodes to ${pixels.length} bytes`);
    grey &&= channels === 1 || isGrey(pixels);
    await writeAll(scratch, pixels, index * imageBytes);
    settle(index, true);
  };
  const excuse = (index: number) => (error: unknown) => {
    if (!(error instanceof Unreadable)) throw error;
    settle(index, error.message);
  };
  const readable = pictures.flatMap(({ path }, index) => {
    const reason = files.broken.get(path);
    if (reason === undefined) return [{ path, index }];
    settle(index, reason);
    return [];
  });
  const paths = readable.map(({ path }) => path);
  await files
    .visit(paths, async (position, bytes, read) => {
      const index = readable[position]?.index ?? position;
      try {
        checkPictureSize(bytes);
      } catch (error) {
        excuse(index)(error);
        return;
      }
      const data = await read();
      await pool.add(() => decode(index, data).catch(excuse(index)));
    })
    .finally(() => pool.drain());
  return { outcomes, channels, grey };
}

/** Copies the decoded pictures in their order, without the gaps of the unreadable ones. */
async function copyInOrder(
  scratch: FileHandle,
  pictures: readonly Picture[],
  { outcomes, channels }: Decoded,
  writer: DatasetWriter,
  { size, signal }: ReadOptions,
): Promise<void> {
  const imageBytes = size * size * channels;
  const atOnce = Math.max(1, Math.floor(COPIED_BYTES / imageBytes));
  const buffer = Buffer.alloc(atOnce * imageBytes);
  for (let first = 0; first < pictures.length; first += atOnce) {
    if (signal.aborted) throw new Interrupted();
    const chunk = pictures.slice(first, first + atOnce);
    await readAll(scratch, buffer.subarray(0, chunk.length * imageBytes), first * imageBytes);
    const kept = chunk.flatMap(({ label }, place) =>
      outcomes[first + place] === true ? [{ label, place }] : [],
    );
    kept.forEach(({ place }, to) =>
      buffer.copyWithin(to * imageBytes, place * imageBytes, (place + 1) * imageBytes),
    );
    const images = buffer.subarray(0, kept.length * imageBytes);
    await writer.append(
      channels === writer.channels ? images : firstOfThree(images),
      Uint8Array.from(kept, ({ label }) => label),
    );
  }
}

/** Grey pixels of RGB pixels without colour. */
const firstOfThree = (pixels: Uint8Array): Uint8Array =>
  Uint8Array.from({ length: pixels.length / 3 }, (_, at) => pixels[3 * at] as number);

function unreadableOnes(pictures: readonly Picture[], outcomes: Outcomes): UnreadablePicture[] {
  return pictures.flatMap(({ path }, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined)
      throw new Failure({
        code: 'source-changed',
        message: `${path} was there at first and then gone: the source changed while it was read`,
        hint: 'Run again when nothing else writes to it.',
      });
    return outcome === true ? [] : [{ path, reason: outcome }];
  });
}

/**
 * Reads pictures into a data set in the order of the list, whatever the order of the files, with a bounded number in memory.
 *
 * @returns the data set, and the unreadable pictures, which it lacks
 * @throws Failure when the files cannot be read or the data set cannot be written
 * @throws Interrupted when the signal is aborted
 */
export async function readImages(
  files: PictureFiles,
  { pictures, classes }: Pick<Layout, 'pictures' | 'classes'>,
  source: string,
  options: ReadOptions,
): Promise<{ readonly dataset: DatasetArtifact; readonly unreadable: readonly UnreadablePicture[] }> {
  const path = join(options.dir, 'decoded.tmp');
  const scratch = await open(path, 'w+').catch((error: unknown) => {
    throw fileFailure(error, path, 'write');
  });
  try {
    const decoded = await decodeAll(files, pictures, scratch, options);
    const unreadable = unreadableOnes(pictures, decoded.outcomes);
    const { size, dir } = options;
    const channels = decoded.grey && options.channels === 'auto' ? 1 : decoded.channels;
    const writer = await DatasetWriter.create(dir, { height: size, width: size, channels });
    try {
      await copyInOrder(scratch, pictures, decoded, writer, options);
      return { dataset: await writer.finish({ classes, source }), unreadable };
    } finally {
      await writer.close();
    }
  } finally {
    await scratch.close();
    await rm(path, { force: true });
  }
}
