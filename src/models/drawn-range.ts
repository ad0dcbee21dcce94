import type { LayerSpec, NetworkSpec } from '../core/artifacts.ts';
import type { ModelOutline } from '../core/outline.ts';

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  tanh: [-1, 1],
  sigmoid: [0, 1],
  relu: [0, Infinity],
  softplus: [0, Infinity],
  elu: [-1, Infinity],
};

/** Layers that leave each number as it is. */
const PASSING = new Set(['reshape', 'flatten', 'upSampling2d', 'maxPooling2d']);

const isPassing = ({ use, activation = 'linear' }: LayerSpec): boolean =>
  PASSING.has(use) || (use === 'activation' && activation === 'linear');

/** Which numbers a network can give, where its last activation bounds them. */
export function drawnRange({ layers }: NetworkSpec): ModelOutline['drawn'] {
  const activation = layers.findLast(layer => !isPassing(layer))?.['activation'];
  const range = typeof activation === 'string' ? RANGES[activation] : undefined;
  return range && { range, activation: String(activation) };
}
