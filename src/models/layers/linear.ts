import type * as Tf from '@tensorflow/tfjs';
import { Type, type Static } from 'typebox';
import { initializerSchema, type Fans } from '../initializers.ts';
import type { LayerContext, WeightSpec } from '../layer.ts';
import type { Shape } from '../shape.ts';
import { singularVector } from './spectral.ts';
import { activate, activationSchema, type ActivationName } from './activations.ts';

/** Parameters of every kernel. */
export const kernelParams = {
  kernelInitializer: initializerSchema('How the initial values of the kernel are drawn.', 'glorotUniform'),
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

type LinearParams = { readonly [P in keyof typeof linearParams]: Static<(typeof linearParams)[P]> };

/** Weights of a linear layer: the kernel, the bias `[outputs]` with `useBias`, and the singular vector of a normalised kernel. */
export function linearWeights(
  { shape, fans }: { readonly shape: Shape; readonly fans: Fans },
  outputs: number,
  { useBias, kernelInitializer, spectralNormalization }: Omit<LinearParams, 'activation'>,
): readonly WeightSpec[] {
  const bias = { name: 'bias', shape: [outputs], init: 'zeros', trainable: true } as const;
  const init = { ...fans, initializer: kernelInitializer };
  return [
    { name: 'kernel', shape, init, trainable: true },
    ...(useBias ? [bias] : []),
    ...(spectralNormalization ? [singularVector(shape.at(-1) as number)] : []),
  ];
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
