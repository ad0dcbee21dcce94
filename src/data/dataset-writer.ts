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

const IMAGES = 'images.u8';
const LABELS = 'labels.u8';

/** Writer of a data set in chunks, with one chunk in memory. */
export class DatasetWriter {
  readonly #dir: string;
  readonly #shape: ImageShape;
  readonly #file: FileHandle;
  readonly #hash: Hash = createHash('sha256');
  readonly #labels: Uint8Array[] = [];
  #count = 0;

  private constructor(dir: string, shape: ImageShape, file: FileHandle) {
    this.#dir = dir;
    this.#shape = shape;
    this.#file = file;
  }

  /** Starts a data set in an existing folder. */
  static async create(dir: string, shape: ImageShape): Promise<DatasetWriter> {
    const path = join(dir, IMAGES);
    const file = await open(path, 'w').catch((error: unknown) => {
      throw fileFailure(error, path, 'write');
    });
    return new DatasetWriter(dir, shape, file);
  }

  /** Images written so far. */
  get count(): number {
    return this.#count;
  }

  /** Appends images, `[B, H, W, C]` uint8, and their labels, `[B]` uint8. The arrays may be reused afterwards. */
  async append(images: Uint8Array, labels: Uint8Array): Promise<void> {
    this.#hash.update(images);
    await this.#file.writeFile(images).catch((error: unknown) => {
      throw fileFailure(error, join(this.#dir, IMAGES), 'write');
    });
    this.#labels.push(labels.slice());
    this.#count += labels.length;
  }

  /** Writes the labels and returns the artifact, with the identity as transform. */
  async finish(about: Pick<DatasetArtifact, 'classes' | 'source'>): Promise<DatasetArtifact> {
    const labels = Buffer.concat(this.#labels);
    const path = join(this.#dir, LABELS);
    await writeFile(path, labels).catch((error: unknown) => {
      throw fileFailure(error, path, 'write');
    });
    return {
      kind: 'dataset',
      dir: this.#dir,
      images: IMAGES,
      labels: LABELS,
      count: this.#count,
      ...this.#shape,
      classes: about.classes,
      source: about.source,
      sha256: this.#hash.update(labels).digest('hex'),
      transform: identityTransform(this.#shape.channels),
    };
  }

  /** Releases the file. Always call it. */
  async close(): Promise<void> {
    await this.#file.close();
  }
}
