import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { defineLayer } from '../layer.ts';
import { formatShape, ShapeError } from '../shape.ts';
import { kernelParams, linearWeights } from './linear.ts';
import { foldedWeights, kernelOf } from './spectral.ts';

/** Name of the output. */
export const CLASS_HEAD = 'class';

/** Auxiliary classifier of a discriminator (Odena et al. 2017): logits `[B, classes]` beside what goes on. */
export const classHead = defineLayer({
  type: 'class-head',
  description: 'Passes rows on, and gives the logits of their classes as an output of its own.',
  params: Type.Object({ ...kernelParams }),
  outputShape: input => {
    if (input.length === 1) return input;
    throw new ShapeError(`needs rows [B, units], and gets ${formatShape(input)}`, {
      meant: input,
      hint: 'Put a flatten or a global pooling layer before it.',
    });
  },
  heads: (_input, _params, { classes }) => ({ [CLASS_HEAD]: [classes] }),
  weights: ([fanIn = 0], params, { classes }) =>
    linearWeights({ shape: [fanIn, classes], fans: { fanIn, fanOut: classes } }, classes, {
      useBias: true,
      ...params,
    }),
  macs: ([units = 0], _output, _params, { classes }) => units * classes,
  apply: (x, _params, context) => {
    const { tf, ops } = context.tensorflow;
    const { kernel, ...state } = kernelOf(context);
    const logits = ops.biasAdd(tf.matMul(x, kernel), context.weights['bias'] as Tf.Tensor);
    return { y: x, heads: { [CLASS_HEAD]: logits }, ...state };
  },
  export: (x, _params, context) => {
    const { tf, name, dimensions } = context;
    const layer = tf.layers.dense({ name, units: dimensions.classes });
    const logits = layer.apply(x) as Tf.SymbolicTensor;
    return {
      y: x,
      heads: { [CLASS_HEAD]: logits },
      layers: [{ layer, weights: foldedWeights(context) }],
    };
  },
});
