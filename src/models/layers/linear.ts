import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import type { LayerContext, WeightSpec } from '../layer.ts';
import { activate, activationSchema, type ActivationName } from './activations.ts';

/** Parameters of every layer that multiplies by a kernel. */
export const linearParams = {
  activation: activationSchema('Applied to the result.'),
  useBias: Type.Boolean({ default: true, description: 'Whether a bias is added.' }),
};

/** Weights of a linear layer: the kernel, and the bias `[outputs]` with `useBias`. */
export function linearWeights(
  kernel: Pick<WeightSpec, 'shape' | 'init'>,
  outputs: number,
  useBias: boolean,
): readonly WeightSpec[] {
  const bias = { name: 'bias', shape: [outputs], init: 'zeros', trainable: true } as const;
  return [{ name: 'kernel', ...kernel, trainable: true }, ...(useBias ? [bias] : [])];
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
