import type { LayerSpec, NetworkSpec } from '../core/artifacts.ts';
import type { ModelOutline } from '../core/outline.ts';
import { kindOf, withDefaults } from './layer-specs.ts';
import { activationRange } from './layers/activations.ts';
import { layerKinds } from './layers/index.ts';

/** Range of the numbers that a network gives, where its last activation bounds them. */
export function drawnRange({ layers }: NetworkSpec): ModelOutline['drawn'] {
  const last = ungrouped(layers).findLast(layer => {
    const kind = layerKinds.get(layer.use);
    return kind?.keepsRange?.(withDefaults(kind, layer)) !== true;
  });
  const activation = last?.['activation'];
  const range = activationRange(activation);
  return range && { range, activation: String(activation) };
}

/** Layers with those of groups in their places. */
const ungrouped = (layers: readonly LayerSpec[]): readonly LayerSpec[] =>
  layers.flatMap(layer => {
    const kind = kindOf(layer, layerKinds);
    return kind.group === undefined ? [layer] : ungrouped(kind.branches?.(layer)['layers'] ?? []);
  });
