import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import { Failure } from '../core/failure.ts';
import type { TensorFlowNamespace } from '../core/tensorflow.ts';

async function readBytes(path: string): Promise<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = await readFile(path);
  return buffer.slice(byteOffset, byteOffset + byteLength);
}

/** Reads a model's folder, as TensorFlow.js's `file://` handler does where there is a native backend. */
function folderHandler(tf: TensorFlowNamespace, folder: string): Tf.io.IOHandler {
  return {
    load: async () => {
      const json = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as Tf.io.ModelJSON;
      return tf.io.getModelArtifactsForJSON(json, async manifest => {
        const paths = manifest.flatMap(group => group.paths);
        return [
          tf.io.getWeightSpecs(manifest),
          await Promise.all(paths.map(path => readBytes(join(folder, path)))),
        ];
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
