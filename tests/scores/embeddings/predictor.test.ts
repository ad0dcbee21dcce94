import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PredictorArtifact } from '../../../src/core/artifacts.ts';
import { Random } from '../../../src/core/random.ts';
import type { TensorFlow } from '../../../src/core/tensorflow.ts';
import { openPredictorEmbedding } from '../../../src/scores/embeddings/predictor.ts';
import { failureOf } from '../../data/rig.ts';
import { testTensorFlow } from '../../rig/tensorflow.ts';
import { savedPredictor, tinyPredictor } from '../../rig/tiny-predictor.ts';

const SHAPE = [2, 2, 1];
const CLASSES = ['dark', 'light', 'mixed'];
const TRANSFORM = { scale: [1 / 127.5], offset: [-1] };
const FACTS = { shape: SHAPE, classes: CLASSES, transform: TRANSFORM };
const KERNEL = [
  [-2, 2, 0.5],
  [-1, 1, 0],
  [0.5, 0, 1],
  [0, -0.25, 0.125],
];
const PICTURES = Uint8Array.of(0, 0, 0, 0, 255, 255, 255, 255, 10, 200, 30, 99);

const rows = (values: Float32Array, width: number) =>
  Array.from({ length: values.length / width }, (_, row) => [
    ...values.subarray(row * width, (row + 1) * width),
  ]);

describe.each([undefined, 'javascript'] as const)(
  'an embedding of a predictor on the backend %s',
  backend => {
    let tensorflow: TensorFlow;
    let tf: TensorFlow['tf'];
    let tiny: PredictorArtifact;

    beforeAll(async () => {
      tensorflow = await testTensorFlow(backend);
      ({ tf } = tensorflow);
      tiny = await tinyPredictor(tensorflow, { ...FACTS, kernel: KERNEL, bias: [0, 0, 0.25] });
    });

    it('has the inputs of the last dense layer as features, and the probabilities', async () => {
      const embedding = await openPredictorEmbedding(tensorflow, tiny, SHAPE);
      const { features, probabilities } = await embedding.embed(PICTURES, 3);
      await embedding.dispose();
      expect(embedding).toMatchObject({ name: 'tiny', width: 4, imageShape: SHAPE, classes: CLASSES });
      const numbers = [...PICTURES].map(byte => byte / 127.5 - 1);
      for (const [at, value] of numbers.entries()) expect(features[at]).toBeCloseTo(value, 6);
      for (const [row, found] of rows(probabilities, 3).entries()) {
        const x = numbers.slice(4 * row, 4 * row + 4);
        const logits = [0, 1, 2].map(output =>
          x.reduce(
            (sum, value, at) => sum + value * (KERNEL[at]?.[output] as number),
            output === 2 ? 0.25 : 0,
          ),
        );
        const powers = logits.map(Math.exp);
        const total = powers.reduce((sum, power) => sum + power, 0);
        for (const [output, power] of powers.entries()) expect(found[output]).toBeCloseTo(power / total, 6);
      }
    });

    /** As `fit` saves them: dense layers, and the softmax as a layer of its own. */
    function deep(): Tf.Sequential {
      const { layers } = tf;
      const random = new Random(3);
      const model = tf.sequential({
        layers: [
          layers.conv2d({ filters: 3, kernelSize: 2, padding: 'same', inputShape: [2, 2, 1] }),
          layers.batchNormalization(),
          layers.reLU(),
          layers.globalAveragePooling2d({}),
          layers.dense({ units: 5, activation: 'relu' }),
          layers.dense({ units: 3 }),
          layers.dropout({ rate: 0.5 }),
          layers.activation({ activation: 'softmax' }),
        ],
      });
      tf.tidy(() =>
        model.setWeights(
          model.getWeights().map(({ shape }) => {
            const values = Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.uniform(0.1, 1));
            return tf.tensor(values, shape);
          }),
        ),
      );
      return model;
    }

    it('is found behind what follows the dense layer, in one pass that equals two of TensorFlow.js', async () => {
      const model = deep();
      const [features, probabilities] = tf.tidy(() => {
        const x = tf
          .tensor4d([...PICTURES], [3, 2, 2, 1])
          .div(127.5)
          .sub(1);
        const hidden = tf.model({
          inputs: model.inputs,
          outputs: model.layers[4]?.output as Tf.SymbolicTensor,
        });
        return [hidden, model].map(each => (each.predict(x) as Tf.Tensor).dataSync());
      });
      const embedding = await openPredictorEmbedding(
        tensorflow,
        await savedPredictor(tf, model, FACTS),
        SHAPE,
      );
      const made = await embedding.embed(PICTURES, 3);
      await embedding.dispose();
      expect(embedding.width).toBe(5);
      for (const [at, value] of [...(features ?? [])].entries())
        expect(made.features[at]).toBeCloseTo(value, 5);
      for (const [at, value] of [...(probabilities ?? [])].entries())
        expect(made.probabilities[at]).toBeCloseTo(value, 5);
    });

    it('leaves no tensors behind', async () => {
      const saved = await savedPredictor(tf, deep(), FACTS);
      const before = tf.memory().numTensors;
      const embedding = await openPredictorEmbedding(tensorflow, saved, SHAPE);
      await embedding.embed(PICTURES, 3);
      await embedding.embed(PICTURES.subarray(0, 8), 2);
      await embedding.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });

    it('is named by what its files compute: another weight or transform is another embedding', async () => {
      const idOf = async (predictor: PredictorArtifact) => {
        const embedding = await openPredictorEmbedding(tensorflow, predictor, SHAPE);
        await embedding.dispose();
        return embedding.id;
      };
      const same = await tinyPredictor(tensorflow, { ...FACTS, kernel: KERNEL, bias: [0, 0, 0.25] });
      const moved = await tinyPredictor(tensorflow, { ...FACTS, kernel: KERNEL, bias: [0, 0, 0.26] });
      const id = await idOf(tiny);
      expect(id).toMatch(/^tiny@[0-9a-f]{8}$/);
      // The names of layers are counted, so that two models have other files.
      await writeFile(
        join(same.dir, 'tiny', 'model.json'),
        await readFile(join(tiny.dir, 'tiny', 'model.json')),
      );
      await writeFile(
        join(moved.dir, 'tiny', 'model.json'),
        await readFile(join(tiny.dir, 'tiny', 'model.json')),
      );
      expect(await idOf(same)).toBe(id);
      expect(await idOf(moved)).not.toBe(id);
      expect(await idOf({ ...tiny, transform: { scale: [1 / 255], offset: [0] } })).not.toBe(id);
    });

    it.each([
      ['size', [28, 28, 1], '28×28×1'],
      ['number of channels', [2, 2, 3], '2×2×3'],
    ])('refuses pictures of another %s', async (_, shape, found) => {
      const { code, message, hint } = await failureOf(openPredictorEmbedding(tensorflow, tiny, shape));
      expect({ code, message }).toEqual({
        code: 'embedding-size',
        message: `tiny takes pictures of 2×2×1, and these are ${found}`,
      });
      expect(hint).toBe(
        `name a classifier that a fit stage trained on pictures of ${found}, or make pictures of 2×2×1`,
      );
    });

    it('refuses a predictor of numbers', async () => {
      const facts = { ...FACTS, classes: [], targets: ['age', 'height', 'x'] };
      const predictor = await tinyPredictor(tensorflow, { ...facts, kernel: KERNEL, bias: [0, 0, 0] });
      expect(await failureOf(openPredictorEmbedding(tensorflow, predictor, SHAPE))).toMatchObject({
        code: 'embedding-no-classes',
        message: `tiny in ${predictor.dir} predicts numbers (age, height, x); scores compare pictures by a network that predicts classes`,
        hint: 'name a classifier: a fit stage trains one on pictures with classes',
      });
    });

    it('refuses a classifier of tables', async () => {
      const predictor = await tinyPredictor(tensorflow, {
        ...{ ...FACTS, shape: [4], transform: { scale: [1, 1, 1, 1], offset: [0, 0, 0, 0] } },
        ...{ kernel: KERNEL, bias: [0, 0, 0] },
      });
      expect(await failureOf(openPredictorEmbedding(tensorflow, predictor, SHAPE))).toMatchObject({
        code: 'embedding-no-pictures',
        message: `tiny in ${predictor.dir} takes examples of 4 numbers; scores compare pictures by a network that takes pictures`,
        hint: 'name a classifier that a fit stage trained on pictures',
      });
    });

    it('refuses a network that does not end in a dense layer', async () => {
      const { layers } = tf;
      const model = tf.sequential({
        layers: [
          layers.conv2d({ filters: 3, kernelSize: 2, inputShape: [2, 2, 1] }),
          layers.globalAveragePooling2d({}),
          layers.softmax(),
        ],
      });
      const predictor = await savedPredictor(tf, model, FACTS);
      const before = tf.memory().numTensors;
      expect(await failureOf(openPredictorEmbedding(tensorflow, predictor, SHAPE))).toMatchObject({
        code: 'embedding-no-dense',
        message: `the network of tiny in ${predictor.dir} does not end in a dense layer, whose inputs are the features`,
        hint: 'end it with { use: globalAveragePooling2d } and { use: dense, units: classes }, and train it again',
      });
      expect(tf.memory().numTensors).toBe(before);
    });

    it('refuses a network that is not what its artifact says', async () => {
      const predictor = { ...tiny, classes: ['dark', 'light'] };
      expect(await failureOf(openPredictorEmbedding(tensorflow, predictor, SHAPE))).toMatchObject({
        code: 'model-mismatch',
        message: `the network of tiny in ${tiny.dir} makes 3 of 2×2×1; expected 2 of 2×2×1`,
      });
    });
  },
);
