import type * as Tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { SavedModelDefinition } from '../../src/core/tensorflow.ts';
import { openSavedModel, savedModelFolder } from '../rig/saved-model.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

const tensorflow = await testTensorFlow();
const { tf } = tensorflow;

const definition = (run: SavedModelDefinition['run'], length = 2): SavedModelDefinition => ({
  name: 'test model',
  inputs: { x: { shape: [length], dtype: 'float32' }, count: { shape: [], dtype: 'int32' } },
  weights: { 'net/w': [length] },
  run,
});

const weights = { 'net/w': Float32Array.of(10, 20) };

/** The outputs of a saved function, opened again, for a batch of `x [batch, 2]` that counts up and `count [batch]` of threes. */
async function outputsOf(run: SavedModelDefinition['run'], batch: number): Promise<Record<string, number[]>> {
  const folder = await savedModelFolder(tensorflow.savedModel(definition(run))(weights));
  const model = await openSavedModel(tensorflow, folder);
  const outputs = tf.tidy(() => {
    const x = tf.range(0, 2 * batch).reshape([batch, 2]);
    const made = model.predict({ x, count: tf.fill([batch], 3, 'int32') });
    return Object.fromEntries(Object.entries(made).map(([name, y]) => [name, [...y.dataSync()]]));
  });
  model.dispose();
  return outputs;
}

const refusal = (run: () => unknown): Failure => {
  try {
    run();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe.skipIf(tensorflow.kind === 'javascript')('a SavedModel', () => {
  test('has its inputs, outputs and weights by name', async () => {
    const outputs = await outputsOf(({ tf }, { x, count }, { 'net/w': w }) => {
      const y = (x as Tf.Tensor).mul(w as Tf.Tensor);
      return { y, counted: y.mul(tf.cast(count as Tf.Tensor, 'float32').expandDims(1)) };
    }, 2);
    expect(outputs).toEqual({ y: [0, 20, 20, 60], counted: [0, 60, 60, 180] });
  });

  test.each([1, 2, 7, 64])('takes a batch of %i, whatever shapes it computes with', async batch => {
    const expected = Array.from({ length: batch }, (_, at) => [
      4 * at,
      4 * at + 2,
      4 * at,
      4 * at + 2,
    ]).flat();
    const { y } = await outputsOf(({ tf }, { x }) => {
      // Shapes with the batch in them, on its own, multiplied and added to: as constants of the recorded operations.
      const size = x?.shape[0] as number;
      const rows = (x as Tf.Tensor)
        .reshape([2 * size])
        .tile([2])
        .reshape([2, size, 2])
        .sum(0);
      const padded = tf
        .pad(rows, [
          [1, 2],
          [0, 0],
        ])
        .slice([1, 0], [size, 2]);
      return { y: tf.concat([padded, tf.broadcastTo(padded, [size, 2])], 1) };
    }, batch);
    expect(y).toEqual(expected);
  });

  test('needs no kernel of pipe’s own', () => {
    const bytes = tensorflow.savedModel({
      name: 'layers',
      inputs: { x: { shape: [4, 4, 2], dtype: 'float32' } },
      weights: { kernel: [3, 3, 2, 2], vector: [2] },
      run: ({ ops }, inputs, { kernel, vector }) => {
        const [x, k, v] = [inputs['x'], kernel, vector] as [Tf.Tensor, Tf.Tensor, Tf.Tensor];
        const made = ops.upsampledConv2d(ops.relu(ops.conv2d(x, k, 1)), k);
        return { y: ops.tanh(ops.biasAdd(ops.batchNorm(made, v, v, 1e-3).y, v)) };
      },
    })({ kernel: new Float32Array(36), vector: new Float32Array(2) });
    const text = Buffer.from(bytes).toString('latin1');
    expect(text).toContain('Conv2D');
    expect(text).not.toMatch(/Pipe[A-Z]/);
  });

  test('of a function that takes one batch size alone is refused before anything is saved', () => {
    const failure = refusal(() =>
      tensorflow.savedModel(
        definition(({ tf }, { x }) => ({ y: (x as Tf.Tensor).add(tf.scalar((x?.shape[0] as number) ** 2)) })),
      ),
    );
    expect(failure.code).toBe('saved-model-batch');
    expect(failure.message).toBe(
      'The test model cannot be saved for batches of any size: a constant [] of its operations depends on the size in another way than a + b × size.',
    );
  });

  test('of more weights than a file can hold is refused before anything is saved', () => {
    const failure = refusal(() =>
      tensorflow.savedModel(definition(({}, { x }) => ({ y: x as Tf.Tensor }), 600_000_000)),
    );
    expect(failure.message).toBe(
      'The weights of the test model take 2.4 GB, and a SavedModel holds at most 2 GB.',
    );
  });
});

test('on the JavaScript backend is refused, with the command that sets the native one up', async () => {
  const javascript = await testTensorFlow('javascript');
  const failure = refusal(() => javascript.savedModel(definition((_, { x }) => ({ y: x as Tf.Tensor }))));
  expect(failure.code).toBe('saved-model-backend');
  expect(failure.hint).toBe('pipe setup');
});
