import type { StepInput, TensorFlow } from '../core/tensorflow.ts';
import { forward } from '../models/forward.ts';
import { oneHotLabels } from '../models/labels.ts';
import type { Network } from '../models/network.ts';
import type { StepState } from './task.ts';

/**
 * A network's output `[B, …]` for inputs `x [B, …] float32`, as after training: with moving statistics and without dropout.
 * @param labels `[B] int32`, for a conditional network
 */
export function predict(
  tensorflow: TensorFlow,
  network: Network,
  weights: StepState,
  x: StepInput & { readonly values: Float32Array },
  labels: Int32Array = new Int32Array(x.shape[0] ?? 0),
): Float32Array {
  const { tf } = tensorflow;
  return tf.tidy(() => {
    const tensors = Object.fromEntries(
      network.weights.map(({ key, shape }) => [key, tf.tensor(weights[key] as Float32Array, [...shape])]),
    );
    const { y } = forward(tensorflow, network, tensors, tf.tensor(x.values, [...x.shape]), {
      training: false,
      labels: network.conditional
        ? oneHotLabels(tf, tf.tensor1d(labels, 'int32'), network.dimensions.classes)
        : undefined,
    });
    return y.dataSync() as Float32Array;
  });
}
