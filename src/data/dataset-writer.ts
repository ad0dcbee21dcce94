import { createHash, type Hash } from 'node:crypto';
import { open, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetArtifact } from '../core/artifacts.ts';
import { fileFailure } from './file-failure.ts';
import { identityTransform } from './transform.ts';

/** The size of a data set's pictures: pixels and channels. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** The shape of an example that is no picture but numbers. */
export interface NumbersShape {
  /** Such as `[features]`. */
  readonly shape: readonly number[];
}

/** What is known of a data set when all of it is written. */
interface DatasetWords extends Pick<DatasetArtifact, 'source' | 'features'> {
  /** None where there are targets. */
  readonly classes?: readonly string[];
  /** Names of the numbers to predict, where `append` got targets. */
  readonly targets?: readonly string[];
}

const LABELS = 'labels.u8';
const TARGETS = 'targets.f32';

/** Writer of a data set in chunks: one chunk of examples is in memory, and all labels or targets. */
export class DatasetWriter {
  readonly #dir: string;
  readonly #examples: string;
  readonly #shape: ImageShape | NumbersShape;
  readonly #file: FileHandle;
  readonly #hash: Hash = createHash('sha256');
  readonly #labels: Uint8Array[] = [];
  readonly #targets: Float32Array[] = [];
  readonly #sizes: ImageShape;
  #count = 0;

  private constructor(dir: string, examples: string, shape: ImageShape | NumbersShape, file: FileHandle) {
    this.#dir = dir;
    this.#examples = examples;
    this.#shape = shape;
    this.#file = file;
    this.#sizes = sizesOf(shape);
  }

  /** Starts a data set in an existing folder. */
  static async create(dir: string, shape: ImageShape | NumbersShape): Promise<DatasetWriter> {
    const name = 'shape' in shape ? 'examples.f32' : 'images.u8';
    const path = join(dir, name);
    const file = await open(path, 'w').catch((error: unknown) => {
      throw fileFailure(error, path, 'write');
    });
    return new DatasetWriter(dir, name, shape, file);
  }

  /** Examples written so far. */
  get count(): number {
    return this.#count;
  }

  /** Of an image, or numbers of the last axis. */
  get channels(): number {
    return this.#sizes.channels;
  }

  /**
   * Appends examples, `[B, H, W, C]` uint8 or `[B, …shape]` float32, and their labels, `[B]` uint8, or targets, `[B, targets]`
   * float32. The arrays may be reused afterwards.
   */
  async append(examples: Uint8Array | Float32Array, answers: Uint8Array | Float32Array): Promise<void> {
    const bytes = new Uint8Array(examples.buffer, examples.byteOffset, examples.byteLength);
    this.#hash.update(bytes);
    await this.#file.writeFile(bytes).catch((error: unknown) => {
      throw fileFailure(error, join(this.#dir, this.#examples), 'write');
    });
    const { height, width, channels } = this.#sizes;
    const count = examples.length / (height * width * channels);
    if (answers instanceof Float32Array) this.#targets.push(answers.slice());
    this.#labels.push(answers instanceof Float32Array ? new Uint8Array(count) : answers.slice());
    this.#count += count;
  }

  /** Writes the labels and the targets, and returns the artifact, with the identity as transform. */
  async finish({ classes = [], source, features, targets }: DatasetWords): Promise<DatasetArtifact> {
    await this.#write(LABELS, this.#labels);
    if (targets !== undefined) await this.#write(TARGETS, this.#targets);
    return {
      kind: 'dataset',
      dir: this.#dir,
      images: this.#examples,
      labels: LABELS,
      count: this.#count,
      ...this.#sizes,
      classes,
      ...('shape' in this.#shape && { shape: this.#shape.shape }),
      ...(features !== undefined && { features }),
      ...(targets !== undefined && { targets: { file: TARGETS, names: targets } }),
      source,
      sha256: this.#hash.digest('hex'),
      transform: identityTransform(this.channels),
    };
  }

  async #write(name: string, parts: readonly (Uint8Array | Float32Array)[]): Promise<void> {
    const views = parts.map(part => new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    const path = join(this.#dir, name);
    const bytes = Buffer.concat(views);
    this.#hash.update(bytes);
    await writeFile(path, bytes).catch((error: unknown) => {
      throw fileFailure(error, path, 'write');
    });
  }

  /** Releases the file. Always call it. */
  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Height, width and channels as an artifact has them: of numbers, those of its `shape`. */
function sizesOf(shape: ImageShape | NumbersShape): ImageShape {
  if (!('shape' in shape)) return shape;
  const others = shape.shape.slice(0, -1).reduce((product, size) => product * size, 1);
  return { height: others, width: 1, channels: shape.shape.at(-1) as number };
}
