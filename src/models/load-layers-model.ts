import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import { Failure } from '../core/failure.ts';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';
import { atMost, openRegularHandle, readWhole } from '../storage/read-file.ts';

/** Largest model.json, in bytes. */
const LARGEST_MODEL = 64 * 1024 * 1024;

/** Bytes per read; one read takes at most 2 GiB. */
const PIECE = 1 << 26;

async function readBytes(path: string): Promise<ArrayBuffer> {
  const file = await openRegularHandle(path);
  try {
    const bytes = new Uint8Array((await file.stat()).size);
    for (let done = 0, read = 1; read > 0 && done < bytes.length; done += read)
      read = (await file.read(bytes, done, Math.min(PIECE, bytes.length - done))).bytesRead;
    return bytes.buffer;
  } finally {
    await file.close();
  }
}

/** Throws when weight files are shorter or longer than the weights, for which TensorFlow.js has no useful message. */
function checkLength(
  tf: TensorFlowNamespace,
  specs: readonly Tf.io.WeightsManifestEntry[],
  files: readonly ArrayBuffer[],
): void {
  // Quantised weights have other lengths; pipe writes none.
  if (specs.some(({ quantization }) => quantization !== undefined)) return;
  const expected = specs.reduce(
    (sum, { shape, dtype }) => sum + tf.util.sizeFromShape(shape) * tf.util.bytesPerElement(dtype),
    0,
  );
  const found = files.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (found !== expected)
    throw new Error(`its weight files hold ${found} bytes, expected ${expected}: they are damaged`);
}

/** Handler for a model's folder, like TensorFlow.js's `file://` handler, which only the native backend has. */
function folderHandler(tf: TensorFlowNamespace, folder: string): Tf.io.IOHandler {
  return {
    load: async () => {
      const text = await readWhole(join(folder, 'model.json'), atMost(LARGEST_MODEL));
      const json = JSON.parse(text.toString()) as Tf.io.ModelJSON;
      return tf.io.getModelArtifactsForJSON(json, async manifest => {
        const specs = tf.io.getWeightSpecs(manifest);
        const paths = manifest.flatMap(group => group.paths);
        const files = await Promise.all(paths.map(path => readBytes(join(folder, path))));
        checkLength(tf, specs, files);
        return [specs, files];
      });
    },
  };
}

/**
 * Opens `<folder>/model.json` with its weights, on any backend. Dispose the model after use.
 *
 * @throws Failure `unreadable-model` that names the folder and the cause
 */
export async function loadLayersModel(tf: TensorFlowNamespace, folder: string): Promise<Tf.LayersModel> {
  try {
    return await tf.loadLayersModel(folderHandler(tf, folder));
  } catch (cause) {
    throw new Failure({
      code: 'unreadable-model',
      message: `cannot open the model in ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'the folder must hold model.json and the weight files that it names, as the train stage wrote them',
      cause,
    });
  }
}
