import type * as Tf from '@tensorflow/tfjs';
import { Type, type Static } from 'typebox';
import type { ConvFinish } from '../../core/tensorflow.ts';
import { initializerSchema, type Fans } from '../initializers.ts';
import type { LayerContext, WeightSpec } from '../layer.ts';
import type { Shape } from '../shape.ts';
import { singularVector } from './spectral.ts';
import { activate, activationSchema, type ActivationName } from './activations.ts';

/** Parameters of every kernel. */
export const kernelParams = {
  kernelInitializer: initializerSchema('How the initial values of the kernel are drawn.', 'glorotUniform'),
  l2: Type.Number({
    minimum: 0,
    default: 0,
    description: 'Weight decay: the sum of the squares of the kernel, times this, is added to the loss.',
  }),
  spectralNormalization: Type.Boolean({
    default: false,
    description: 'Whether the kernel is divided by its largest singular value.',
  }),
};

/** Parameters of every layer that multiplies by a kernel. */
export const linearParams = {
  activation: activationSchema('Applied to the result.'),
  useBias: Type.Boolean({ default: true, description: 'Whether a bias is added.' }),
  ...kernelParams,
};

type KernelParams = { readonly [N in keyof typeof kernelParams]: Static<(typeof kernelParams)[N]> };

interface Kernel {
  readonly shape: Shape;
  readonly fans: Fans;
}

/** A kernel, and its singular vector where it is normalised. */
export function kernelWeights(
  { shape, fans }: Kernel,
  { kernelInitializer, l2, spectralNormalization }: KernelParams,
  name = 'kernel',
  vector = 'u',
): readonly [WeightSpec, ...WeightSpec[]] {
  const init = { ...fans, initializer: kernelInitializer };
  return [
    { name, shape, init, trainable: true, ...(l2 > 0 && { l2 }) },
    ...(spectralNormalization ? [singularVector(shape.at(-1) as number, vector)] : []),
  ];
}

/** Weights of a linear layer: the kernel, the bias `[outputs]` with `useBias`, and the singular vector of a normalised kernel. */
export function linearWeights(
  kernel: Kernel,
  outputs: number,
  params: KernelParams & { readonly useBias: boolean },
): readonly WeightSpec[] {
  const bias = { name: 'bias', shape: [outputs], init: 'zeros', trainable: true } as const;
  const [weight, ...state] = kernelWeights(kernel, params);
  return [weight, ...(params.useBias ? [bias] : []), ...state];
}

/**
 * A convolution with its bias, where there is one, and its activation; the bias and a ReLU are parts of the convolution.
 * @param slope Of a leaky ReLU in place of the activation; the layer has a bias.
 */
export function finishedConvolution(
  convolution: (finish?: ConvFinish) => Tf.Tensor,
  activation: ActivationName,
  { tensorflow, weights }: Pick<LayerContext, 'tensorflow' | 'weights'>,
  slope = activation === 'relu' ? 0 : undefined,
): Tf.Tensor {
  const bias = weights['bias'];
  if (bias === undefined) return activate(tensorflow, convolution(), activation);
  if (slope !== undefined) return convolution({ bias, slope });
  return activate(tensorflow, convolution({ bias, slope: 1 }), activation);
}

/** End of a linear layer: adds the bias, where there is one, and applies the activation. */
export function finishLinear(
  y: Tf.Tensor,
  activation: ActivationName,
  { tensorflow, weights }: Pick<LayerContext, 'tensorflow' | 'weights'>,
): Tf.Tensor {
  const bias = weights['bias'];
  return activate(tensorflow, bias === undefined ? y : tensorflow.ops.biasAdd(y, bias), activation);
}
