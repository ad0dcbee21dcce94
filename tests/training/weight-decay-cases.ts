import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { forward, trainedWeights } from '../../src/models/forward.ts';
import type { Optimizer } from '../../src/training/optimizers/optimizer.ts';
import { updateNetwork } from '../../src/training/update.ts';
import { layersFixture, tensorOf, tensorsOf, type Numbers } from '../rig/layer-fixtures.ts';
import { expectClose, networkOf } from '../rig/networks.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

/** Updates that are the gradients themselves. */
const reveal: Optimizer = { state: () => ({}), update: (_tensorflow, { gradients }) => ({ ...gradients }) };

const productOf = ({ values }: Numbers, other: Numbers) =>
  values.reduce((sum, value, index) => sum + value * (other.values[index] as number), 0);

/** Weight decay as a term of the loss, against Keras's. */
export function weightDecayCases(backend?: 'javascript'): void {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(backend);
  });

  test.each(Object.entries(layersFixture.decayed))('weight decay of %s is Keras’s', (_name, each) => {
    const { tf } = tensorflow;
    const network = networkOf(each.layers, each.x.shape.slice(1));
    const wanted = each.targets['y'] as Numbers;
    const [{ gradients, outputs }] = each.passes;
    tf.tidy(() => {
      const target = tensorOf(tensorflow, wanted);
      const trainee = { network, optimizer: reveal, learningRate: tf.scalar(1) };
      const weights = tensorsOf(tensorflow, each.weights);
      const { loss, updates } = updateNetwork(tensorflow, trainee, weights, current => {
        const x = tensorOf(tensorflow, each.x);
        const { y } = forward(tensorflow, network, current, x, { training: true });
        return { loss: y.mul(target).sum(), moved: {} };
      });
      for (const { key } of trainedWeights(network)) {
        const { values } = gradients[key.replace(/^net\//, '')] as Numbers;
        expectClose((updates[key] as Tf.Tensor).dataSync() as Float32Array, Float32Array.from(values));
      }
      const kernel = Object.entries(each.weights).find(([name]) => name.endsWith('/kernel'))?.[1] as Numbers;
      const expected = productOf(outputs['y'] as Numbers, wanted) + 0.3 * productOf(kernel, kernel);
      expect(loss.dataSync()[0]).toBeCloseTo(expected, 4);
    });
  });
}
