import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type * as Tf from '@tensorflow/tfjs';
import type { LayerSpec } from '../../src/core/artifacts.ts';
import type { TensorFlow } from '../../src/core/tensorflow.ts';
import { bindNetwork } from '../../src/models/bind.ts';
import { forward, trainedWeights } from '../../src/models/forward.ts';
import { r1Penalty, wganPenalty } from '../../src/training/gan/gradient-penalty.ts';
import { gradientsOf } from '../../src/training/gradients.ts';
import { withInputGradient } from '../../src/training/second-gradients.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

type Values = Readonly<Record<string, readonly number[]>>;

interface Reference {
  readonly images: readonly number[];
  readonly networks: Readonly<
    Record<
      string,
      {
        readonly layers: readonly LayerSpec[];
        readonly weights: Values;
        readonly logits: readonly number[];
        readonly gradient: readonly number[];
        readonly penalties: Readonly<
          Record<'r1' | 'wgan-gp', { readonly value: number; readonly gradients: Values }>
        >;
      }
    >
  >;
}

/** Made by bench/reference/make_gradient_penalties.py. */
const reference = JSON.parse(
  readFileSync(new URL('../fixtures/gan-training/penalties.json', import.meta.url), 'utf8'),
) as Reference;

const dimensions = { height: 8, width: 8, channels: 3, classes: 2, latent: 4 };
const penalties = { r1: r1Penalty, 'wgan-gp': wganPenalty };

/** To a ten-thousandth of the largest value. */
function expectClose(found: ArrayLike<number>, expected: readonly number[], what: string): void {
  expect(found).toHaveLength(expected.length);
  const scale = Math.max(...expected.map(Math.abs), 1e-3);
  const worst = Math.max(...expected.map((value, index) => Math.abs(value - (found[index] as number))));
  expect(worst / scale, what).toBeLessThan(1e-4);
}

describe.each([undefined, 'javascript'] as const)('on the backend %s', backend => {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(backend);
  });

  describe.each(Object.keys(reference.networks))('%s', name => {
    const expected = reference.networks[name] as Reference['networks'][string];
    const network = bindNetwork('discriminator', { layers: expected.layers }, [8, 8, 3], dimensions);

    test.each(['r1', 'wgan-gp'] as const)(
      'the penalty of %s and its gradients are those of PyTorch',
      kind => {
        const { tf } = tensorflow;
        const before = tf.memory().numTensors;
        tf.tidy(() => {
          const images = tf.tensor4d([...reference.images], [3, 8, 8, 3]);
          const tensors = Object.fromEntries(
            network.weights.map(({ key, shape, trainable }) => {
              const values = expected.weights[key];
              if (values !== undefined) return [key, tf.tensor([...values], [...shape])];
              expect(trainable).toBe(false);
              return [key, tf.zeros([...shape])];
            }),
          );
          const trained = trainedWeights(network).map(({ key }) => [key, tensors[key] as Tf.Tensor] as const);
          for (const plain of [false, true]) {
            const result = gradientsOf(tf, Object.fromEntries(trained), weights => {
              const judged = withInputGradient(tf, images, x =>
                forward(tensorflow, network, { ...tensors, ...weights }, x, { training: true, plain }),
              );
              const { y, gradient } = judged;
              const penalty = penalties[kind](gradient);
              return { loss: penalty.add(y.mean()), aux: { y, gradient, penalty } };
            });
            const { value, gradients } = expected.penalties[kind];
            expectClose(result.aux['y']?.dataSync() ?? [], expected.logits, 'logits');
            expectClose(result.aux['gradient']?.dataSync() ?? [], expected.gradient, 'gradient');
            expectClose(result.aux['penalty']?.dataSync() ?? [], [value], 'penalty');
            for (const [key, gradient] of Object.entries(result.gradients))
              expectClose(gradient.dataSync(), gradients[key] ?? [], key);
          }
        });
        expect(tf.memory().numTensors).toBe(before);
      },
    );
  });
});
