import { readFileSync } from 'node:fs';
import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LayerSpec } from '../../src/core/artifacts.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { toLayersModel } from '../../src/models/export.ts';
import { forward, trainedWeights } from '../../src/models/forward.ts';
import { gradientsOf } from '../../src/training/gradients.ts';
import { expectClose, networkOf } from '../rig/networks.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

interface Numbers {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

type NamedNumbers = Readonly<Record<string, Numbers>>;

interface Pass {
  readonly training: boolean;
  readonly outputs: NamedNumbers;
  /** By layer and weight: `dense/u`. */
  readonly state: NamedNumbers;
  readonly gradients: NamedNumbers;
}

interface Case {
  readonly layers: readonly LayerSpec[];
  readonly x: Numbers;
  readonly weights: NamedNumbers;
  readonly targets: NamedNumbers;
  readonly passes: readonly Pass[];
}

const fixture = new URL('../fixtures/reference/conditioning.json', import.meta.url);
const { labels, classes, cases } = JSON.parse(readFileSync(fixture, 'utf8')) as {
  readonly labels: number[];
  readonly classes: number;
  readonly cases: Readonly<Record<string, Case>>;
};

/** Conditioning layers against PyTorch's values of bench/reference/make_conditioning.py. */
export function conditioningCases(backend?: 'javascript'): void {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(backend);
  });

  const tensorOf = ({ shape, values }: Numbers) => tensorflow.tf.tensor([...values], [...shape]);
  const tensorsOf = (numbers: NamedNumbers, prefix: string) =>
    Object.fromEntries(Object.entries(numbers).map(([name, each]) => [`${prefix}${name}`, tensorOf(each)]));
  const oneHot = () => {
    const { tf } = tensorflow;
    return tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), classes), 'float32');
  };
  const networkFor = ({ layers, x }: Case) => networkOf(layers, x.shape.slice(1));

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

  describe.each(Object.entries(cases))('%s', (_name, each) => {
    test.each([true, false])('is PyTorch’s: outputs, state and gradients (plain: %s)', plain => {
      const { tf } = tensorflow;
      const network = networkFor(each);
      tf.tidy(() => {
        const state = tensorsOf(each.weights, 'net/');
        const targets = tensorsOf(each.targets, '');
        const trained = Object.fromEntries(
          trainedWeights(network).map(({ key }) => [key, state[key] as Tf.Tensor]),
        );
        for (const { training, ...expected } of each.passes) {
          const { aux, gradients } = gradientsOf(
            tf,
            { ...trained, x: tensorOf(each.x) },
            ({ x, ...weights }) => {
              const options = { training, plain, labels: oneHot() };
              const {
                y,
                heads,
                state: next,
              } = forward(tensorflow, network, { ...state, ...weights }, x as Tf.Tensor, options);
              const outputs = { y, ...heads };
              const losses = Object.entries(outputs).map(([name, output]) =>
                output.mul(targets[name] as Tf.Tensor).sum(),
              );
              return { loss: tf.addN(losses) as Tf.Scalar, aux: { ...outputs, ...next } };
            },
          );
          const next = Object.fromEntries(Object.entries(aux).filter(([name]) => name.startsWith('net/')));
          const outputs = Object.fromEntries(Object.entries(aux).filter(([name]) => !(name in next)));
          expectNumbers(outputs, expected.outputs);
          expectNumbers(next, expected.state, 'net/');
          expectNumbers(gradients, expected.gradients, 'net/');
          Object.assign(state, next);
        }
      });
    });

    test('is PyTorch’s as stock layers, with what training left', () => {
      const { tf } = tensorflow;
      const network = networkFor(each);
      const last = each.passes.at(-2) as Pass;
      const weights = Object.entries({ ...each.weights, ...last.state }).map(
        ([name, { values }]) => [`net/${name}`, Float32Array.from(values)] as const,
      );
      const model = toLayersModel(tf, network, Object.fromEntries(weights));
      tf.tidy(() => {
        const x = tensorOf(each.x);
        const outputs = [model.predict(network.conditional ? [x, oneHot()] : x)].flat();
        Object.values((each.passes.at(-1) as Pass).outputs).forEach(({ values }, index) =>
          expectClose((outputs[index] as Tf.Tensor).dataSync() as Float32Array, Float32Array.from(values)),
        );
      });
      model.dispose();
    });
  });
}
