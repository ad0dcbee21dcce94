import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import type { TensorFlowNamespace } from '../../core/tensorflow.ts';
import { initializerSchema } from '../initializers.ts';
import { defineLayer, type ExportContext } from '../layer.ts';
import {
  formatShape,
  resolveSize,
  ShapeError,
  sizeSchema,
  type SymbolicShape,
  type WrittenSize,
} from '../shape.ts';
import { formatSize, isSame, plus, type Size } from '../size.ts';
import { checkRowsOrImages, exportWithVector, withVector } from './label-maps.ts';
import { kernelParams, kernelWeights } from './linear.ts';
import { foldedKernel, kernelOf } from './spectral.ts';

const merges = ['concatenate', 'multiply', 'add', 'replace'] as const;
type Merge = (typeof merges)[number];

const last = (input: SymbolicShape): Size => input[input.length - 1] as Size;

function outputShape(input: SymbolicShape, merge: Merge, size: Size): SymbolicShape {
  if (merge === 'replace') return [size];
  checkRowsOrImages(input);
  if (merge === 'concatenate') return [...input.slice(0, -1), plus(last(input), size)];
  if (isSame(last(input), size) !== false) return input;
  throw new ShapeError(`cannot ${merge} ${formatShape([size])} and ${formatShape(input)}`, {
    meant: input,
    hint: `Give it { outputDim: ${formatSize(last(input))} }.`,
  });
}

/** A trained vector for each class, joined to `x`. */
export const embedding = defineLayer({
  type: 'embedding',
  description:
    'A trained vector of the label, appended to x, multiplied with it, added to it, or in its place.',
  params: Type.Object({
    outputDim: Type.Unsafe<WrittenSize>(sizeSchema('The size of the vector.')),
    merge: Type.Unsafe<Merge>(
      Type.Union(
        merges.map(name => Type.Literal(name)),
        {
          default: 'concatenate',
          description: 'How the vector joins x; images get it at every pixel.',
        },
      ),
    ),
    ...kernelParams,
    kernelInitializer: initializerSchema('How the initial values of the vectors are drawn.', 'randomUniform'),
  }),
  takesLabels: () => true,
  outputShape: (input, { outputDim, merge }, dimensions) =>
    outputShape(input, merge, resolveSize(outputDim, dimensions)),
  weights: (_input, params, dimensions) => {
    const [fanIn, fanOut] = [dimensions.classes, resolveSize(params.outputDim, dimensions)];
    return kernelWeights({ shape: [fanIn, fanOut], fans: { fanIn, fanOut } }, params);
  },
  apply: (x, { merge }, context) => {
    const { labels, tensorflow } = context;
    if (labels === undefined) throw new Error('a conditional network was run without labels');
    const { kernel, ...state } = kernelOf(context);
    return { y: merged(tensorflow.tf, x, tensorflow.tf.matMul(labels, kernel), merge), ...state };
  },
  export: (x, { outputDim, merge }, context) => {
    const { tf, name, labels, dimensions } = context;
    const size = resolveSize(outputDim, dimensions);
    // Of a one-hot label, a dense layer is the lookup.
    const layer = tf.layers.dense({ name: `${name}_lookup`, units: size, useBias: false });
    const vector = layer.apply(labels as Tf.SymbolicTensor) as Tf.SymbolicTensor;
    return {
      y: exportMerge(x, vector, size, merge, context),
      layers: [{ layer, weights: [foldedKernel(context)] }],
    };
  },
});

/** `x` and a vector `[B, n]` as one. */
function merged(tf: TensorFlowNamespace, x: Tf.Tensor, vector: Tf.Tensor, merge: Merge): Tf.Tensor {
  if (merge === 'replace') return vector;
  if (merge === 'concatenate') return withVector(tf, x, vector);
  const everywhere = x.rank === 2 ? vector : vector.reshape([-1, 1, 1, vector.shape[1] as number]);
  return merge === 'multiply' ? x.mul(everywhere) : x.add(everywhere);
}

function exportMerge(
  x: Tf.SymbolicTensor,
  vector: Tf.SymbolicTensor,
  size: number,
  merge: Merge,
  context: ExportContext,
): Tf.SymbolicTensor {
  const { tf, name, input } = context;
  if (merge === 'replace') return vector;
  if (merge === 'concatenate') return exportWithVector(x, vector, size, context);
  const pixel = tf.layers.reshape({ name: `${name}_pixel`, targetShape: [1, 1, size] });
  const everywhere = input.length === 1 ? vector : pixel.apply(vector);
  const layer = merge === 'multiply' ? tf.layers.multiply({ name }) : tf.layers.add({ name });
  return layer.apply([x, everywhere as Tf.SymbolicTensor]) as Tf.SymbolicTensor;
}
