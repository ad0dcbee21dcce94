import type * as Tf from '@tensorflow/tfjs';
import { Type } from 'typebox';
import type { TensorFlow } from '../../core/tensorflow.ts';

const NAMES = ['linear', 'relu', 'tanh', 'sigmoid', 'elu', 'softplus'] as const;

export type ActivationName = (typeof NAMES)[number];

/** The JSON Schema of an activation's name. */
export const activationSchema = (description: string) =>
  Type.Unsafe<ActivationName>(
    Type.Union(
      NAMES.map(name => Type.Literal(name)),
      { description, default: 'linear' },
    ),
  );

/** Applies an activation by its Keras name. */
export function activate({ tf, ops }: TensorFlow, x: Tf.Tensor, name: ActivationName): Tf.Tensor {
  switch (name) {
    case 'linear':
      return x;
    case 'relu':
      return ops.relu(x);
    case 'tanh':
      return ops.tanh(x);
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'elu':
      return tf.elu(x);
    case 'softplus':
      return tf.softplus(x);
  }
}
