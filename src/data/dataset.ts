import { join } from 'node:path';
import type { DatasetArtifact } from '../core/artifacts.ts';
import { damaged, DataFile } from './data-file.ts';

/** Images and labels of one step, as bytes. */
export interface Batch {
  /** `[B, H, W, C]` uint8. */
  readonly images: Uint8Array;
  /** `[B]` uint8. */
  readonly labels: Uint8Array;
}

/**
 * An open data set, with labels in memory and images in memory or in their file. Training converts bytes to floats batch by
 * batch.
 */
export interface Dataset {
  readonly artifact: DatasetArtifact;
  /** Bytes of one image: `height * width * channels`. */
  readonly imageBytes: number;
  /** `[count]` uint8. */
  readonly labels: Uint8Array;
  /** Copies the images of these indices, in this order, into `into` (`B * imageBytes` bytes) or a new array. */
  batch(indices: Uint32Array | readonly number[], into?: Uint8Array): Batch;
  /** All images in order, a few megabytes at a time. A chunk is valid until the next one. */
  pieces(): Iterable<Uint8Array>;
  /** Releases the file. Always call it. */
  close(): Promise<void>;
}

export interface DatasetOptions {
  /** Most bytes of images to keep in memory; larger data sets are read batch by batch. */
  readonly memory?: number;
  /** Bytes of a chunk, rounded down to images, at least one. */
  readonly piece?: number;
}

/** Upper limit on any machine: beyond it, the page cache holds what it can and gives way under memory pressure. */
const MOST_MEMORY = 2 ** 30;
const PIECE = 1 << 23;

/** A quarter of the memory available to this process. */
const memoryLimit = () => Math.min(MOST_MEMORY, process.availableMemory() / 4);

/** Fills an array with the bytes of the images from `position` on. */
type Source = (position: number, into: Uint8Array) => void;

/**
 * Opens a data set's two files.
 *
 * @throws Failure when a file is missing, unreadable or not of the artifact's length, or a label is out of range
 */
export async function openDataset(
  artifact: DatasetArtifact,
  { memory = memoryLimit(), piece = PIECE }: DatasetOptions = {},
): Promise<Dataset> {
  const imageBytes = artifact.height * artifact.width * artifact.channels;
  const labels = await readLabels(artifact);
  const file = await openFile(artifact, artifact.images, artifact.count * imageBytes);
  const { read, close } = file.bytes > memory ? inFile(file) : await inMemory(file);
  const pieceBytes = Math.max(1, Math.floor(piece / imageBytes)) * imageBytes;
  return {
    artifact,
    imageBytes,
    labels,
    batch: (indices, into = new Uint8Array(indices.length * imageBytes)) => {
      fillBatch(artifact, imageBytes, read, indices, into);
      return { images: into, labels: Uint8Array.from(indices, index => labels[index] as number) };
    },
    pieces: () => piecesOf(file.bytes, pieceBytes, read),
    close,
  };
}

const openFile = ({ dir, count }: DatasetArtifact, name: string, bytes: number): Promise<DataFile> =>
  DataFile.open(join(dir, name), bytes, `${count} images`);

/** Opens a data set for the duration of an operation. @throws Failure like `openDataset` */
export async function withDataset<T>(
  artifact: DatasetArtifact,
  use: (dataset: Dataset) => Promise<T>,
): Promise<T> {
  const dataset = await openDataset(artifact);
  try {
    return await use(dataset);
  } finally {
    await dataset.close();
  }
}

async function readLabels(artifact: DatasetArtifact): Promise<Uint8Array> {
  const file = await openFile(artifact, artifact.labels, artifact.count);
  try {
    const labels = new Uint8Array(file.bytes);
    file.read(0, labels);
    const bad = labels.findIndex(label => label >= artifact.classes.length);
    if (bad === -1) return labels;
    throw damaged(
      `image ${bad} of ${artifact.dir} has label ${labels[bad]}; there are ${artifact.classes.length} classes`,
    );
  } finally {
    await file.close();
  }
}

interface Images {
  readonly read: Source;
  readonly close: () => Promise<void>;
}

const inFile = (file: DataFile): Images => ({
  read: (position, into) => void file.read(position, into),
  close: () => file.close(),
});

async function inMemory(file: DataFile): Promise<Images> {
  try {
    const images = new Uint8Array(file.bytes);
    file.read(0, images);
    return {
      read: (position, into) => void into.set(images.subarray(position, position + into.length)),
      close: () => Promise.resolve(),
    };
  } finally {
    await file.close();
  }
}

function fillBatch(
  { count }: DatasetArtifact,
  imageBytes: number,
  read: Source,
  indices: Uint32Array | readonly number[],
  into: Uint8Array,
): void {
  if (into.length !== indices.length * imageBytes)
    throw new Error(`a batch of ${indices.length} needs ${indices.length * imageBytes} bytes`);
  for (let place = 0; place < indices.length; place++) {
    const index = indices[place] as number;
    if (index >= count) throw new RangeError(`image ${index} of ${count} (counted from 0)`);
    read(index * imageBytes, into.subarray(place * imageBytes, (place + 1) * imageBytes));
  }
}

function* piecesOf(bytes: number, pieceBytes: number, read: Source): Generator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(pieceBytes, bytes));
  for (let position = 0; position < bytes; position += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, bytes - position));
    read(position, piece);
    yield piece;
  }
}
