import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { defineLayer, type Named } from '../layer.ts';
import { formatShape, isSameShape, ShapeError, type SymbolicShape } from '../shape.ts';
import { formatSize, isSame, wholeRatio, type Size } from '../size.ts';
import { layerList } from './layer-list.ts';

/** The sum of two lists of layers (He et al. 2016, equations 1 and 2). */
export const residual = defineLayer({
  type: 'residual',
  description: 'Adds the output of its layers and that of its shortcut, which passes x on where it is empty.',
  params: Type.Object({
    layers: layerList({ description: 'The layers from x to what is added.', minItems: 1 }),
    shortcut: {
      ...layerList({ description: 'The layers of the other way, where x itself does not fit.' }),
      default: [],
    },
  }),
  branches: ({ layers, shortcut }) => ({ layers, shortcut }),
  outputShape: (_input, params, _dimensions, branches) => {
    const { layers, shortcut } = branches as Named<SymbolicShape> & Both;
    if (isSameShape(layers, shortcut) !== false) return layers;
    const [one, other] = [formatShape(layers), formatShape(shortcut)];
    throw new ShapeError(`its layers end in ${one} and its shortcut in ${other}, which cannot be added`, {
      meant: layers,
      hint: fitting({ layers, shortcut }, params.shortcut.length === 0),
    });
  },
  apply: (_x, _params, { branches }) => ({
    y: (branches['layers'] as Tf.Tensor).add(branches['shortcut'] as Tf.Tensor),
  }),
  export: (_x, _params, { tf, name, branches: { layers, shortcut } }) => ({
    y: tf.layers.add({ name }).apply([layers, shortcut] as Tf.SymbolicTensor[]) as Tf.SymbolicTensor,
  }),
});

interface Both {
  readonly layers: SymbolicShape;
  readonly shortcut: SymbolicShape;
}

/** Hint: what the shortcut lacks. */
function fitting(shapes: Both, isEmpty: boolean): string {
  const lacking = projection(shapes);
  if (lacking.length === 0) return 'Change the layers of one of the two.';
  const list = lacking.map(layer => `{ ${layer} }`).join(', ');
  return isEmpty ? `Give it shortcut: [${list}].` : `End the shortcut with ${list}.`;
}

/** Layers from the shortcut's shape to that of the layers; none where that takes more than a resize and a 1×1 convolution. */
function projection({ layers, shortcut }: Both): readonly string[] {
  const [wanted, given] = [layers, shortcut].map(shape => shape.at(-1) as Size) as [Size, Size];
  if (layers.length === 1 && shortcut.length === 1) return [`use: dense, units: ${formatSize(wanted)}`];
  if (layers.length !== 3 || shortcut.length !== 3) return [];
  const resize = resizing(layers, shortcut);
  if (resize === undefined) return [];
  const convolution = `use: conv2d, filters: ${formatSize(wanted)}, kernelSize: 1`;
  return [...resize, ...(isSame(wanted, given) === true ? [] : [convolution])];
}

function resizing(layers: SymbolicShape, shortcut: SymbolicShape): readonly string[] | undefined {
  const factor = (to: SymbolicShape, from: SymbolicShape) => {
    const [height, width] = [0, 1].map(axis => wholeRatio(to[axis] as Size, from[axis] as Size));
    return height === width ? height : undefined;
  };
  const larger = factor(layers, shortcut);
  if (larger !== undefined) return larger === 1 ? [] : [`use: upSampling2d, size: ${larger}`];
  const smaller = factor(shortcut, layers);
  return smaller === undefined ? undefined : [`use: averagePooling2d, poolSize: ${smaller}`];
}
