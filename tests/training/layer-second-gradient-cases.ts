import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import type { LayerSpec } from '../../src/core/artifacts.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { forward, trainedWeights } from '../../src/models/forward.ts';
import { mapValues } from '../../src/models/map-values.ts';
import { product } from '../../src/models/shape.ts';
import { gradientsOf } from '../../src/training/gradients.ts';
import { withInputGradient } from '../../src/training/second-gradients.ts';
import { networkOf, randomWeights, testDimensions, weightTensors } from '../rig/networks.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

/** Small enough to cross few corners, large enough for float32. */
const STEP = 1e-3;

const ROW = [6];
const IMAGE = [6, 6, 4];

const layers: readonly (readonly [LayerSpec, readonly number[]])[] = [
  [{ use: 'dense', units: 3 }, ROW],
  [{ use: 'conv2d', filters: 3, kernelSize: 3, strides: 2 }, IMAGE],
  [{ use: 'conv2d', filters: 3, kernelSize: 3, padding: 'valid' }, IMAGE],
  [{ use: 'conv2dTranspose', filters: 3, kernelSize: 4, strides: 2 }, IMAGE],
  [{ use: 'depthwiseConv2d', kernelSize: 3 }, IMAGE],
  [{ use: 'layerNormalization', axis: [1, 2, 3] }, IMAGE],
  [{ use: 'groupNormalization', groups: 2 }, IMAGE],
  [{ use: 'batchNormalization' }, IMAGE],
  [{ use: 'upSampling2d' }, IMAGE],
  [{ use: 'averagePooling2d' }, IMAGE],
  [{ use: 'averagePooling2d', poolSize: 4 }, IMAGE],
  [{ use: 'maxPooling2d' }, IMAGE],
  [{ use: 'globalAveragePooling2d' }, IMAGE],
  [{ use: 'globalSumPooling2d' }, IMAGE],
  [{ use: 'zeroPadding2d' }, IMAGE],
  [{ use: 'prelu' }, IMAGE],
  [{ use: 'leakyReLU' }, IMAGE],
  [{ use: 'embedding', outputDim: 4, merge: 'multiply' }, IMAGE],
  [{ use: 'flatten' }, IMAGE],
  [{ use: 'projection' }, ROW],
  ...['linear', 'relu', 'tanh', 'sigmoid', 'elu', 'softplus', 'selu', 'gelu', 'silu'].map(
    activation => [{ use: 'activation', activation }, ROW] as const,
  ),
];

/** Gradients of a gradient penalty, against differences. */
export function layerSecondGradientCases(backend?: 'javascript'): void {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(backend);
  });

  test.each(layers)('%j %j', (layer, input) => {
    const { tf } = tensorflow;
    const network = networkOf([layer], input);
    const random = new Random(3);
    const numbers = (shape: readonly number[]) => tf.tensor(random.normals(product(shape)), [...shape]);
    tf.tidy(() => {
      const labels = tf.cast(tf.oneHot(tf.tensor1d([0, 2], 'int32'), testDimensions.classes), 'float32');
      const target = numbers([2, ...network.output]);
      const state = weightTensors(tensorflow, network, randomWeights(network, 3));
      const point = {
        x: numbers([2, ...input]),
        ...Object.fromEntries(trainedWeights(network).map(({ key }) => [key, state[key] as Tf.Tensor])),
      };
      const direction = mapValues(point, ({ shape }) => numbers(shape));
      /** The squares of the gradients of `Σ y² · target`, for each example, with respect to x. */
      const penalty = ({ x, ...weights }: Record<string, Tf.Tensor>) => {
        const { gradient } = withInputGradient(tf, x as Tf.Tensor, images => {
          const options = { training: true, labels };
          const pass = forward(tensorflow, network, { ...state, ...weights }, images, options);
          return { ...pass, y: pass.y.square().mul(target).reshape([2, -1]).sum(1, true) };
        });
        return { loss: gradient.square().sum<Tf.Scalar>(), aux: {} };
      };
      const at = (step: number) =>
        gradientsOf(
          tf,
          mapValues(point, (each, name) => each.add((direction[name] as Tf.Tensor).mul(step))),
          penalty,
        );
      const valueAt = (step: number) => at(step).loss.dataSync()[0] as number;
      const expected = (valueAt(STEP) - valueAt(-STEP)) / (2 * STEP);
      const found = Object.entries(at(0).gradients).reduce(
        (sum, [name, each]) =>
          sum +
          (each
            .mul(direction[name] as Tf.Tensor)
            .sum()
            .dataSync()[0] as number),
        0,
      );
      expect(found / expected).toBeCloseTo(1, 1);
    });
  });
}
