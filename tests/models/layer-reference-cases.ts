import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { toLayersModel } from '../../src/models/export.ts';
import { forward, trainedWeights } from '../../src/models/forward.ts';
import { gradientsOf } from '../../src/training/gradients.ts';
import {
  conditioningFixture,
  layersFixture,
  oneHotOf,
  tensorOf,
  tensorsOf,
  type FixtureCase,
  type NamedNumbers,
} from '../rig/layer-fixtures.ts';
import { expectClose, networkOf } from '../rig/networks.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

const cases = [conditioningFixture, layersFixture].flatMap(fixture =>
  Object.entries(fixture.cases).map(([name, each]) => [name, fixture, each] as const),
);

/** Layers against the values of PyTorch and Keras. */
export function layerReferenceCases(backend?: 'javascript'): void {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(backend);
  });

  const networkFor = ({ layers, x }: FixtureCase) => networkOf(layers, x.shape.slice(1));

  function expectNumbers(
    found: Readonly<Record<string, Tf.Tensor>>,
    expected: NamedNumbers,
    prefix = '',
  ): void {
    const names = Object.keys(expected).map(name => (name === 'x' ? name : `${prefix}${name}`));
    expect(Object.keys(found).sort()).toEqual(names.sort());
    for (const [name, { shape, values }] of Object.entries(expected)) {
      const tensor = found[name === 'x' ? name : `${prefix}${name}`] as Tf.Tensor;
      expect(tensor.shape).toEqual(shape);
      expectClose(tensor.dataSync() as Float32Array, Float32Array.from(values));
    }
  }

  describe.each(cases)('%s', (_name, fixture, each) => {
    test.each([true, false])('is the reference’s: outputs, state and gradients (plain: %s)', plain => {
      const { tf } = tensorflow;
      const network = networkFor(each);
      tf.tidy(() => {
        const labels = oneHotOf(tensorflow, fixture);
        const state = tensorsOf(tensorflow, each.weights);
        const targets = tensorsOf(tensorflow, each.targets, '');
        const trained = Object.fromEntries(
          trainedWeights(network).map(({ key }) => [key, state[key] as Tf.Tensor]),
        );
        for (const { training, ...expected } of each.passes) {
          const input = tensorOf(tensorflow, each.x);
          const differentiated = { ...trained, ...('x' in expected.gradients && { x: input }) };
          const { aux, gradients } = gradientsOf(tf, differentiated, ({ x = input, ...weights }) => {
            const all = { ...state, ...weights };
            const pass = forward(tensorflow, network, all, x, { training, plain, labels });
            const outputs = { y: pass.y, ...pass.heads };
            const losses = Object.entries(outputs).map(([name, output]) =>
              output.mul(targets[name] as Tf.Tensor).sum(),
            );
            return { loss: tf.addN(losses) as Tf.Scalar, aux: { ...outputs, ...pass.state } };
          });
          const next = Object.fromEntries(Object.entries(aux).filter(([name]) => name.startsWith('net/')));
          const outputs = Object.fromEntries(Object.entries(aux).filter(([name]) => !(name in next)));
          expectNumbers(outputs, expected.outputs);
          expectNumbers(next, expected.state, 'net/');
          expectNumbers(gradients, expected.gradients, 'net/');
          Object.assign(state, next);
        }
      });
    });

    test('is the reference’s as stock layers, with what training left', () => {
      const { tf } = tensorflow;
      const network = networkFor(each);
      const left = Object.assign({}, each.weights, ...each.passes.map(({ state }) => state)) as NamedNumbers;
      const weights = Object.entries(left).map(
        ([name, { values }]) => [`net/${name}`, Float32Array.from(values)] as const,
      );
      const model = toLayersModel(tf, network, Object.fromEntries(weights));
      tf.tidy(() => {
        const x = tensorOf(tensorflow, each.x);
        const inputs = network.conditional ? [x, oneHotOf(tensorflow, fixture)] : x;
        const outputs = [model.predict(inputs)].flat();
        const { outputs: expected } = each.passes[each.passes.length - 1] as (typeof each.passes)[0];
        Object.values(expected).forEach(({ values }, index) =>
          expectClose((outputs[index] as Tf.Tensor).dataSync() as Float32Array, Float32Array.from(values)),
        );
      });
      model.dispose();
    });
  });
}
