import { join } from 'node:path';
import type { DatasetArtifact } from '../core/artifacts.ts';
import { bytesPerExample } from '../core/artifacts/dataset.ts';
import { damaged, DataFile } from './data-file.ts';
import { needImages } from './images-needed.ts';

type Indices = Uint32Array | readonly number[];

/** Images and labels of one step, as bytes. */
export interface Batch {
  /** `[B, H, W, C]` uint8. */
  readonly images: Uint8Array;
  /** `[B]` uint8. */
  readonly labels: Uint8Array;
}

interface OpenData {
  readonly artifact: DatasetArtifact;
  /** `[count]` uint8; all 0 where there are targets. */
  readonly labels: Uint8Array;
  /** The bytes of all examples in order, a few megabytes at a time. A chunk is valid until the next one. */
  pieces(): Iterable<Uint8Array>;
  /** Releases the file. Always call it. */
  close(): Promise<void>;
}

/**
 * An open data set of images, with labels in memory and images in memory or in their file. Training converts bytes to floats
 * batch by batch.
 */
export interface Dataset extends OpenData {
  /** Bytes of one image: `height * width * channels`. */
  readonly imageBytes: number;
  /** Copies the images of these indices, in this order, into `into` (`B * imageBytes` bytes) or a new array. */
  batch(indices: Indices, into?: Uint8Array): Batch;
}

/** An open data set of any examples: pictures as bytes, or numbers. */
export interface Examples extends OpenData {
  /** Shape of one example: `[height, width, channels]` of a picture. */
  readonly shape: readonly number[];
  /** Numbers to predict, `[count, artifact.targets.names.length]`, where the data set has some instead of classes. */
  readonly targets: Float32Array | undefined;
  /** Copies of these examples, in this order: `[B, …shape]`, uint8 of pictures and float32 of others. */
  batch(indices: Indices): Uint8Array | Float32Array;
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
 * Opens a data set of images.
 *
 * @throws Failure when a file is missing, unreadable or not of the artifact's length, a label is out of range, or the examples
 * are no images
 */
export async function openDataset(artifact: DatasetArtifact, options: DatasetOptions = {}): Promise<Dataset> {
  needImages(artifact);
  const { labels, bytes, exampleBytes: imageBytes, pieces, close } = await openFiles(artifact, options);
  return {
    artifact,
    imageBytes,
    labels,
    batch: (indices, into = new Uint8Array(indices.length * imageBytes)) => {
      bytes(indices, into);
      return { images: into, labels: Uint8Array.from(indices, index => labels[index] as number) };
    },
    pieces,
    close,
  };
}

/**
 * Opens a data set of any examples.
 *
 * @throws Failure when a file is missing, unreadable or not of the artifact's length, or a label is out of range
 */
export async function openExamples(
  artifact: DatasetArtifact,
  options: DatasetOptions = {},
): Promise<Examples> {
  const { labels, bytes, exampleBytes, pieces, close } = await openFiles(artifact, options);
  const { height, width, channels, shape } = artifact;
  return {
    artifact,
    shape: shape ?? [height, width, channels],
    labels,
    targets: await readTargets(artifact),
    batch: indices => {
      const into = new Uint8Array(indices.length * exampleBytes);
      bytes(indices, into);
      return shape === undefined ? into : new Float32Array(into.buffer);
    },
    pieces,
    close,
  };
}

interface OpenFiles extends Pick<OpenData, 'labels' | 'pieces' | 'close'> {
  readonly exampleBytes: number;
  readonly bytes: (indices: Indices, into: Uint8Array) => void;
}

async function openFiles(
  artifact: DatasetArtifact,
  { memory = memoryLimit(), piece = PIECE }: DatasetOptions,
): Promise<OpenFiles> {
  const exampleBytes = bytesPerExample(artifact);
  const labels = await readLabels(artifact);
  const file = await openFile(artifact, artifact.images, artifact.count * exampleBytes);
  const { read, close } = file.bytes > memory ? inFile(file) : await inMemory(file);
  const pieceBytes = Math.max(1, Math.floor(piece / exampleBytes)) * exampleBytes;
  return {
    labels,
    exampleBytes,
    bytes: (indices, into) => {
      fillBatch(artifact, exampleBytes, read, indices, into);
    },
    pieces: () => piecesOf(file.bytes, pieceBytes, read),
    close,
  };
}

const openFile = ({ dir, count, shape }: DatasetArtifact, name: string, bytes: number): Promise<DataFile> =>
  DataFile.open(join(dir, name), bytes, `${count} ${shape === undefined ? 'images' : 'examples'}`);

/** Opens a data set of images for the duration of an operation. @throws Failure like `openDataset` */
export const withDataset = <T>(
  artifact: DatasetArtifact,
  use: (dataset: Dataset) => Promise<T>,
): Promise<T> => withOpen(openDataset(artifact), use);

/** Opens a data set of any examples for the duration of an operation. @throws Failure like `openExamples` */
export const withExamples = <T>(
  artifact: DatasetArtifact,
  use: (examples: Examples) => Promise<T>,
): Promise<T> => withOpen(openExamples(artifact), use);

async function withOpen<D extends OpenData, T>(
  opening: Promise<D>,
  use: (data: D) => Promise<T>,
): Promise<T> {
  const data = await opening;
  try {
    return await use(data);
  } finally {
    await data.close();
  }
}

/** @throws Failure when the file is missing, unreadable or of another length */
async function readTargets(artifact: DatasetArtifact): Promise<Float32Array | undefined> {
  const { targets, count } = artifact;
  if (targets === undefined) return undefined;
  const file = await openFile(artifact, targets.file, 4 * count * targets.names.length);
  try {
    const bytes = new Uint8Array(file.bytes);
    file.read(0, bytes);
    return new Float32Array(bytes.buffer);
  } finally {
    await file.close();
  }
}

async function readLabels(artifact: DatasetArtifact): Promise<Uint8Array> {
  const file = await openFile(artifact, artifact.labels, artifact.count);
  try {
    const labels = new Uint8Array(file.bytes);
    file.read(0, labels);
    const bad = labels.findIndex(label => label >= artifact.classes.length);
    if (bad === -1 || artifact.targets !== undefined) return labels;
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
  indices: Indices,
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
