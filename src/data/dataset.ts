import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetArtifact } from '../core/artifacts.ts';
import { Failure } from '../core/failure.ts';
import { fileFailure } from './file-failure.ts';

/** Images of one step, still bytes. */
export interface Batch {
  /** `[B, H, W, C]` uint8. */
  readonly images: Uint8Array;
  /** `[B]` uint8. */
  readonly labels: Uint8Array;
}

/** A data set in memory: its bytes, once. Floats are made batch by batch, by whoever trains. */
export interface Dataset {
  readonly artifact: DatasetArtifact;
  /** Bytes of one image: `height * width * channels`. */
  readonly imageBytes: number;
  /** `[count, H, W, C]` uint8. */
  readonly images: Uint8Array;
  /** `[count]` uint8. */
  readonly labels: Uint8Array;
  /** Copies the images of these indices, in this order, into `into` (`B * imageBytes` bytes) or a new array. */
  batch(indices: Uint32Array | readonly number[], into?: Uint8Array): Batch;
}

async function readExactly(artifact: DatasetArtifact, name: string, bytes: number): Promise<Uint8Array> {
  const path = join(artifact.dir, name);
  const data = await readFile(path).catch((error: unknown) => {
    throw fileFailure(error, path, 'read');
  });
  if (data.length !== bytes)
    throw new Failure({
      code: 'damaged-dataset',
      message: `${path} holds ${data.length} bytes; ${artifact.count} images need ${bytes}`,
      hint: 'Run the pipeline again from its first stage, so that the data is loaded anew.',
    });
  return data;
}

/**
 * Reads a data set's two files into memory.
 *
 * @throws Failure when a file is missing, unreadable or not as long as the artifact says, or a label is out of range
 */
export async function openDataset(artifact: DatasetArtifact): Promise<Dataset> {
  const imageBytes = artifact.height * artifact.width * artifact.channels;
  const images = await readExactly(artifact, artifact.images, artifact.count * imageBytes);
  const labels = await readExactly(artifact, artifact.labels, artifact.count);
  const bad = labels.findIndex(label => label >= artifact.classes.length);
  if (bad !== -1)
    throw new Failure({
      code: 'damaged-dataset',
      message: `image ${bad} of ${artifact.dir} has label ${labels[bad]}; there are ${artifact.classes.length} classes`,
      hint: 'Run the pipeline again from its first stage, so that the data is loaded anew.',
    });
  const batch: Dataset['batch'] = (indices, into = new Uint8Array(indices.length * imageBytes)) => {
    if (into.length !== indices.length * imageBytes)
      throw new Error(`a batch of ${indices.length} needs ${indices.length * imageBytes} bytes`);
    const chosen = new Uint8Array(indices.length);
    for (let place = 0; place < indices.length; place++) {
      const index = indices[place] as number;
      if (index >= artifact.count)
        throw new RangeError(`image ${index} of ${artifact.count} (counted from 0)`);
      into.set(images.subarray(index * imageBytes, (index + 1) * imageBytes), place * imageBytes);
      chosen[place] = labels[index] as number;
    }
    return { images: into, labels: chosen };
  };
  return { artifact, imageBytes, images, labels, batch };
}
