import { parseJson } from '../parse-json.ts';
import type { ArtifactFiles } from './definition.ts';

/** Bytes per element, by dtype. */
const BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, uint8: 1 };

interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly {
    readonly shape: readonly number[];
    readonly dtype: string;
    readonly quantization?: unknown;
  }[];
}

/** Faults of `<folder>/model.json` as a layers model of TensorFlow.js with all its weights. */
export function layersModelFaults(folder: string, files: ArtifactFiles): readonly string[] {
  const name = `${folder}/model.json`;
  const reading = files.text(name);
  if ('problem' in reading) return [`${name} cannot be read: ${reading.problem}`];
  const parsed = parseJson(reading.text);
  if (parsed === undefined) return [`${name} is not JSON`];
  const { modelTopology, weightsManifest } = (parsed ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof modelTopology !== 'object' || !Array.isArray(weightsManifest))
    return [`${name} has no modelTopology and weightsManifest; expected a layers model of TensorFlow.js`];
  const groups = weightsManifest as readonly WeightGroup[];
  let found = 0;
  for (const path of groups.flatMap(({ paths }) => paths)) {
    const size = files.size(`${folder}/${path}`);
    if (size === undefined) return [`${name} names ${path}, which is not there`];
    found += size;
  }
  const expected = groups.flatMap(({ weights }) => weights).reduce((sum, weight) => sum + bytesOf(weight), 0);
  return Number.isNaN(expected) || expected === found
    ? []
    : [`the weights of ${name} are ${found} bytes; expected ${expected}`];
}

/** NaN where the size is unknown: for quantized weights and other dtypes. */
function bytesOf({ shape, dtype, quantization }: WeightGroup['weights'][number]): number {
  if (quantization !== undefined) return NaN;
  return shape.reduce((product, size) => product * size, BYTES[dtype] ?? NaN);
}
