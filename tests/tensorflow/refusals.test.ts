import type * as Tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { StepDefinition, StepInput, TensorFlow } from '../../src/core/tensorflow.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

// On TensorFlow as it is set up on this machine: the JavaScript backend records nothing and refuses nothing.
const tensorflow = await testTensorFlow();

const x: Record<string, StepInput> = { x: { shape: [2], values: Float32Array.of(1, 2) } };
const one = { w: { shape: [2], values: Float32Array.of(1, 1) } };

const refusal = async (run: StepDefinition['run']): Promise<Failure> => {
  const compiled = tensorflow.compile({ name: 'test step', state: one, run });
  try {
    await compiled.run(x);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  } finally {
    await compiled.dispose();
  }
  throw new Error('the step was not refused');
};
const noUpdates = (outputs: Record<string, Tf.Tensor>) => ({ outputs, updates: {} });

describe.skipIf(tensorflow.kind === 'javascript')(
  'a compiled step refuses what a replay would freeze',
  () => {
    test('reading values back inside the step', async () => {
      const failure = await refusal(({ x }) =>
        noUpdates({ y: (x as Tf.Tensor).mul((x as Tf.Tensor).dataSync()[0] as number) }),
      );
      expect(failure.message).toContain('The step “test step” reads a tensor’s values back');
      expect(failure.hint).toContain('Return the tensor as an output');
    });

    test.each([
      ['tf.randomNormal', (tf: TensorFlow['tf']) => tf.randomNormal([2])],
      ['tf.dropout', (tf: TensorFlow['tf']) => tf.dropout(tf.ones([2]), 0.5)],
      ['Math.random', (tf: TensorFlow['tf']) => tf.scalar(Math.random())],
    ])('random numbers drawn by %s', async (_name, draw) => {
      const failure = await refusal(({ x }) => noUpdates({ y: (x as Tf.Tensor).add(draw(tensorflow.tf)) }));
      expect(failure.message).toContain('draws random numbers');
      expect(failure.hint).toContain('pass them as an input');
    });

    test('a JavaScript number that changes from call to call, such as a learning-rate schedule', async () => {
      let learningRate = 0.1;
      const failure = await refusal(({ x }) => {
        learningRate *= 0.9;
        return noUpdates({ y: (x as Tf.Tensor).mul(learningRate) });
      });
      expect(failure.message).toContain(
        'uses a JavaScript value that changes from call to call (a constant of shape [])',
      );
      expect(failure.hint).toBe('Pass what changes as an input of the step.');
    });

    test('a tensor from outside the step', async () => {
      const outside = tensorflow.tf.tensor1d([1, 2]);
      outside.add(1).dispose();
      const failure = await refusal(({ x }) => noUpdates({ y: (x as Tf.Tensor).add(outside) }));
      expect(failure.message).toContain('uses a tensor made outside of it');
      outside.dispose();
    });

    test('an update of the wrong shape, or of something that is not state', async () => {
      const misshapen = await refusal(({ x }) => ({ outputs: {}, updates: { w: (x as Tf.Tensor).sum() } }));
      expect(misshapen.message).toBe('The step “test step” updates “w” ([2] float32) with [] float32.');
      const unknown = await refusal(({ x }) => ({ outputs: {}, updates: { v: x as Tf.Tensor } }));
      expect(unknown.message).toContain('“v”, which is not in its state');
    });

    test('with the check on, a step that reads the clock of its caller is caught at its first wrong replay', async () => {
      let schedule = 1;
      const compiled = tensorflow.compile(
        { name: 'test step', state: one, run: ({ x }) => noUpdates({ y: (x as Tf.Tensor).mul(schedule) }) },
        { check: true },
      );
      await compiled.run(x);
      schedule = 2;
      await expect(compiled.run(x)).rejects.toThrow(
        'Step 2 of “test step”: the compiled output “y” differs from the eager one by 2.00e+0',
      );
      await compiled.dispose();
    });

    test('a refused step leaves the backend as it was', async () => {
      await refusal(({ x }) => noUpdates({ y: (x as Tf.Tensor).add(tensorflow.tf.randomNormal([2])) }));
      expect(tensorflow.tf.randomNormal([2]).add(1).dataSync()).toHaveLength(2);
      expect(Math.random()).toBeLessThan(1);
    });
  },
);
