import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { chain, defineLayer } from '../layer.ts';
import { imageShape, ShapeError, type Shape } from '../shape.ts';
import { isKnown } from '../size.ts';
import { standardize } from './standardize.ts';

/** An image with its pixels in a row and its channels in groups: `[height · width, groups, channels / groups]`. */
function grouped([height = 0, width = 0, channels = 0]: Shape, groups: number): [number, number, number] {
  const count = groups === -1 ? channels : groups;
  return [height * width, count, channels / count];
}

/** Axes of `[B, …grouped]` that are normalised over. */
const AXES = [1, 3];

/** Group normalisation (Wu & He 2018); one channel to a group is instance normalisation. */
export const groupNormalization = defineLayer({
  type: 'groupNormalization',
  description: 'Normalises the channels of each image in groups, by their own mean and variance.',
  params: Type.Object({
    groups: Type.Union([Type.Integer({ minimum: 1 }), Type.Literal(-1)], {
      default: 32,
      expected: 'integer ≥ 1, or -1',
      description: 'How many groups of channels; -1 takes each channel by itself.',
    }),
    epsilon: Type.Number({ exclusiveMinimum: 0, default: 0.001, description: 'Added to the variance.' }),
  }),
  outputShape: (input, { groups }) => {
    const [, , channels] = imageShape(input);
    if (!isKnown(channels) || groups === -1 || channels % groups === 0) return input;
    throw new ShapeError(`cannot make ${groups} groups of ${channels} channels`, {
      meant: input,
      hint: `Give a number of groups that divides ${channels}.`,
    });
  },
  weights: ([, , channels = 0]) => [
    { name: 'gamma', shape: [channels], init: 'ones', trainable: true },
    { name: 'beta', shape: [channels], init: 'zeros', trainable: true },
  ],
  apply: (x, { groups, epsilon }, { tensorflow: { tf }, input, weights }) => {
    const inGroups = x.reshape([-1, ...grouped(input, groups)]);
    const y = standardize(tf, inGroups, AXES, epsilon).reshape(x.shape);
    return { y: y.mul(weights['gamma'] as Tf.Tensor).add(weights['beta'] as Tf.Tensor) };
  },
  // TensorFlow.js has no such layer: the same by layer normalisation, and gamma and beta by a 1×1 convolution of each channel.
  export: (x, { groups, epsilon }, { tf, name, input, weights }) => {
    const { layers } = tf;
    const normalization = { epsilon, axis: AXES, scale: false, center: false };
    return chain(
      x,
      { layer: layers.reshape({ name: `${name}_groups`, targetShape: grouped(input, groups) }) },
      { layer: layers.layerNormalization({ name: `${name}_normalization`, ...normalization }) },
      { layer: layers.reshape({ name: `${name}_image`, targetShape: [...input] }) },
      { layer: layers.depthwiseConv2d({ name, kernelSize: 1 }), weights: Object.values(weights) },
    );
  },
});
