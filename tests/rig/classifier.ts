import type * as Tf from '@tensorflow/tfjs';
import { Random } from '../../src/core/random.ts';
import type { StepDefinition, StepInput, TensorFlow } from '../../src/core/tensorflow.ts';
import { gradientsOf } from '../../src/training/gradients.ts';

/** Rows of a batch of the spiral-free task below: which of three corners of a square a point is nearest to. */
export function points(seed: number, count: number): Record<string, StepInput> {
  const random = new Random(seed);
  const values = Float32Array.from({ length: 2 * count }, () => random.uniform(-1, 1));
  const corners = [
    [-1, -1],
    [1, -1],
    [0, 1],
  ] as const;
  const labels = Uint8Array.from({ length: count }, (_, row) => {
    const distances = corners.map(([x, y]) =>
      Math.hypot((values[2 * row] as number) - x, (values[2 * row + 1] as number) - y),
    );
    return distances.indexOf(Math.min(...distances));
  });
  return { x: { shape: [count, 2], values }, labels: { shape: [count], values: labels } };
}

/** A classifier with one hidden layer, trained by gradient descent with the learning rate as an input, and one by Adam. */
export function classifier(tensorflow: TensorFlow, optimizer: 'sgd' | 'adam'): StepDefinition {
  const { tf, ops } = tensorflow;
  const random = new Random(1);
  const weights = {
    'hidden/kernel': [2, 16],
    'hidden/bias': [16],
    'out/kernel': [16, 3],
    'out/bias': [3],
  } as const;
  const entries = Object.entries(weights).map(([key, shape]) => {
    const size = shape.reduce((total: number, length) => total * length, 1);
    return [
      key,
      { shape, values: Float32Array.from({ length: size }, () => random.uniform(-0.5, 0.5)) },
    ] as const;
  });
  const zeros = entries.flatMap(([key, { shape, values }]) =>
    ['m', 'v'].map(
      moment => [`${key}/${moment}`, { shape, values: new Float32Array(values.length) }] as const,
    ),
  );
  const powers = {
    power1: { shape: [], values: Float32Array.of(0.9) },
    power2: { shape: [], values: Float32Array.of(0.999) },
  };
  return {
    name: 'classifier',
    state: {
      ...Object.fromEntries(entries),
      ...(optimizer === 'adam' ? { ...Object.fromEntries(zeros), ...powers } : {}),
    },
    run: (inputs, state) => {
      const { x, labels, learningRate } = inputs as Record<'x' | 'labels' | 'learningRate', Tf.Tensor>;
      const trained = Object.fromEntries(Object.keys(weights).map(key => [key, state[key] as Tf.Tensor]));
      const { loss, aux, gradients } = gradientsOf(tf, trained, current => {
        const of = (key: keyof typeof weights) => current[key] as Tf.Tensor;
        const hidden = ops.relu(ops.biasAdd(x.matMul(of('hidden/kernel')), of('hidden/bias')));
        const logits = ops.biasAdd(hidden.matMul(of('out/kernel')), of('out/bias'));
        const target = tf.oneHot(labels, 3);
        return {
          loss: tf.losses.softmaxCrossEntropy(target, logits),
          aux: { right: logits.argMax(1).equal(labels) },
        };
      });
      const updates: Record<string, Tf.Tensor> = {};
      for (const [key, gradient] of Object.entries(gradients)) {
        if (optimizer === 'sgd') updates[key] = (state[key] as Tf.Tensor).sub(gradient.mul(learningRate));
        else {
          const at = (name: string) => state[name] as Tf.Tensor;
          const { value, m, v } = ops.adam({
            value: at(key),
            m: at(`${key}/m`),
            v: at(`${key}/v`),
            gradient,
            beta1Power: at('power1'),
            beta2Power: at('power2'),
            learningRate,
            beta1: tf.scalar(0.9),
            beta2: tf.scalar(0.999),
            epsilon: tf.scalar(1e-7),
          });
          Object.assign(updates, { [key]: value, [`${key}/m`]: m, [`${key}/v`]: v });
        }
      }
      if (optimizer === 'adam')
        Object.assign(updates, { power1: state['power1']?.mul(0.9), power2: state['power2']?.mul(0.999) });
      return { outputs: { loss, accuracy: tf.cast(aux['right'] as Tf.Tensor, 'float32').mean() }, updates };
    },
  };
}

export const withRate = (inputs: Record<string, StepInput>, rate: number): Record<string, StepInput> => ({
  ...inputs,
  learningRate: { shape: [], values: Float32Array.of(rate) },
});
