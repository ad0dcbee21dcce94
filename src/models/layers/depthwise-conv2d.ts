import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import { chain, defineLayer } from '../layer.ts';
import { imageShape, product } from '../shape.ts';
import { times } from '../size.ts';
import { stockActivation } from './activations.ts';
import { finishLinear, linearParams, linearWeights } from './linear.ts';
import { foldedWeights, kernelOf } from './spectral.ts';
import { windowedShape, windowParams } from './window.ts';

export const depthwiseConv2d = defineLayer({
  type: 'depthwiseConv2d',
  description: 'A convolution of each channel by itself.',
  params: Type.Object({
    ...windowParams,
    depthMultiplier: Type.Integer({
      minimum: 1,
      default: 1,
      description: 'How many output channels each input channel has.',
    }),
    ...linearParams,
  }),
  outputShape: (input, params) =>
    windowedShape(input, params, times(imageShape(input)[2], params.depthMultiplier)),
  weights: (input, params) => {
    const [, , channels] = imageShape(input);
    const { kernelSize, depthMultiplier } = params;
    const area = kernelSize ** 2;
    const kernel = {
      shape: [kernelSize, kernelSize, channels, depthMultiplier],
      // As Keras counts them: by the kernel's last two axes, though a unit has the window of one channel.
      fans: { fanIn: area * channels, fanOut: area * depthMultiplier },
    };
    return linearWeights(kernel, channels * depthMultiplier, params);
  },
  macs: (_input, output, { kernelSize }) => product(output) * kernelSize ** 2,
  apply: (x, { strides, padding, activation }, context) => {
    const { kernel, ...state } = kernelOf(context);
    const { tf } = context.tensorflow;
    const y = tf.depthwiseConv2d(x as Tf.Tensor4D, kernel as Tf.Tensor4D, strides, padding);
    return { y: finishLinear(y, activation, context), ...state };
  },
  export: (x, params, context) => {
    const { tf, name } = context;
    const { kernelSize, strides, padding, depthMultiplier, useBias } = params;
    const window = { kernelSize, strides, padding, depthMultiplier };
    const activation = stockActivation(params.activation);
    const layer = tf.layers.depthwiseConv2d({ name, ...window, activation, useBias });
    return chain(x, { layer, weights: foldedWeights(context) });
  },
});
