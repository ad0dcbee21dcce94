import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { defineLayer } from '../layer.ts';
import { formatShape, ShapeError } from '../shape.ts';
import { kernelParams, kernelWeights, linearWeights } from './linear.ts';
import { foldedKernel, foldedWeights, kernelOf } from './spectral.ts';

/** End of a conditional discriminator (Miyato & Koyama 2018, equation 3): `w · h + b + e_y · h` of rows h with labels y. */
export const projection = defineLayer({
  type: 'projection',
  description:
    'One number for each row h and its label: w · h + b, and the product of h and a vector of its class.',
  params: Type.Object({ ...kernelParams }),
  takesLabels: () => true,
  outputShape: input => {
    if (input.length === 1) return [1];
    throw new ShapeError(`needs rows [B, units], and gets ${formatShape(input)}`, {
      meant: [1],
      hint: 'Put a flatten or a global pooling layer before it.',
    });
  },
  weights: ([units = 0], params, { classes }) => [
    ...linearWeights({ shape: [units, 1], fans: { fanIn: units, fanOut: 1 } }, 1, {
      useBias: true,
      ...params,
    }),
    ...kernelWeights(
      { shape: [classes, units], fans: { fanIn: classes, fanOut: units } },
      params,
      'embedding',
      'embeddingU',
    ),
  ],
  // By the kernel, and by the vector of the class.
  macs: ([units = 0]) => 2 * units,
  apply: (x, _params, context) => {
    const { tf, ops } = context.tensorflow;
    if (context.labels === undefined) throw new Error('a conditional network was run without labels');
    const { kernel, state } = kernelOf(context);
    const embedding = kernelOf(context, 'embedding', 'embeddingU');
    const product = x.mul(tf.matMul(context.labels, embedding.kernel)).sum(1, true);
    const y = ops.biasAdd(tf.matMul(x, kernel), context.weights['bias'] as Tf.Tensor).add(product);
    return { y, ...(state && { state: { ...state, ...embedding.state } }) };
  },
  export: (x, _params, context) => {
    const { tf, name, input, labels } = context;
    if (labels === undefined) throw new Error('a conditional network was exported without labels');
    const dense = tf.layers.dense({ name, units: 1 });
    const embed = tf.layers.dense({ name: `${name}_embedding`, units: input[0] as number, useBias: false });
    const embedded = embed.apply(labels) as Tf.SymbolicTensor;
    const product = tf.layers.dot({ name: `${name}_dot`, axes: 1 }).apply([x, embedded]) as Tf.SymbolicTensor;
    const real = dense.apply(x) as Tf.SymbolicTensor;
    return {
      y: tf.layers.add({ name: `${name}_add` }).apply([real, product]) as Tf.SymbolicTensor,
      layers: [
        { layer: dense, weights: foldedWeights(context) },
        { layer: embed, weights: [foldedKernel(context, 'embedding', 'embeddingU')] },
      ],
    };
  },
});
