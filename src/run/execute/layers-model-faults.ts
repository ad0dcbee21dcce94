import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainedModelArtifact } from '../../core/artifacts.ts';
import { parseJson } from '../../core/parse-json.ts';
import { readRegularFile } from '../../storage/read-file.ts';

export const NETWORKS = ['generator', 'discriminator'] as const;

/** Larger is no description of a network, in bytes. */
const LIMIT = 64 * 1024 * 1024;

const BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, uint8: 1 };

interface Manifest {
  readonly modelTopology?: unknown;
  readonly weightsManifest?: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly {
      readonly shape: readonly number[];
      readonly dtype: string;
      readonly quantization?: unknown;
    }[];
  }[];
}

/** Whether the networks of a trained model are layers models with all their weights. */
export function modelFaults(artifact: TrainedModelArtifact): readonly string[] {
  return NETWORKS.flatMap(name => {
    const folder = join(artifact.dir, artifact[name]);
    return layersModelFault(folder, `${artifact[name]}/model.json`) ?? [];
  });
}

function layersModelFault(folder: string, name: string): string | undefined {
  const reading = readRegularFile(join(folder, 'model.json'), LIMIT);
  if ('problem' in reading) return `${name} cannot be read: ${reading.problem}`;
  const parsed = parseJson(reading.content.toString());
  if (parsed === undefined) return `${name} is not JSON`;
  const { modelTopology, weightsManifest } = (parsed ?? {}) as Manifest;
  if (typeof modelTopology !== 'object' || !Array.isArray(weightsManifest))
    return `${name} has no modelTopology and weightsManifest; expected a layers model of TensorFlow.js`;
  const groups = weightsManifest as NonNullable<Manifest['weightsManifest']>;
  let found = 0;
  let expected = 0;
  for (const { paths, weights } of groups) {
    for (const path of paths) {
      const status = statSync(join(folder, path), { throwIfNoEntry: false });
      if (status?.isFile() !== true) return `${name} names ${path}, which is not there`;
      found += status.size;
    }
    for (const { shape, dtype, quantization } of weights)
      expected +=
        quantization === undefined
          ? shape.reduce((product, size) => product * size, BYTES[dtype] ?? NaN)
          : NaN;
  }
  // Of weights in another form the size is not known.
  if (Number.isNaN(expected) || expected === found) return undefined;
  return `the weights of ${name} are ${found} bytes; expected ${expected}`;
}
