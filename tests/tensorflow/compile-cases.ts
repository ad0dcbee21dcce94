import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { StepDefinition, StepInput, TensorFlow } from '../../src/core/tensorflow.ts';
import { classifier, points, withRate } from '../rig/classifier.ts';
import { testTensorFlow } from '../rig/tensorflow.ts';

const x: Record<string, StepInput> = { x: { shape: [2], values: Float32Array.of(1, 2) } };
const one = { w: { shape: [2], values: Float32Array.of(1, 1) } };

/** What a compiled step promises, whatever runs it. */
export function stepCases(backend?: 'javascript'): void {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow(backend);
  });

  const step = (run: StepDefinition['run'], state: StepDefinition['state'] = one): StepDefinition => ({
    name: 'test step',
    state,
    run,
  });

  describe.each(['sgd', 'adam'] as const)('a classifier trained by %s', optimizer => {
    test('learns, and computes what the eager step computes', () => {
      const rate = optimizer === 'sgd' ? 0.5 : 0.02;
      const compiled = tensorflow.compile(classifier(tensorflow, optimizer));
      const eager = tensorflow.compile(classifier(tensorflow, optimizer), { eager: true });
      let accuracy = 0;
      for (let iteration = 0; iteration < 60; iteration++) {
        const inputs = withRate(points(iteration, 64), rate);
        const [found, expected] = [compiled.run(inputs), eager.run(inputs)];
        expect(found['loss']?.[0]).toBeCloseTo(expected['loss']?.[0] as number, 4);
        accuracy = found['accuracy']?.[0] as number;
      }
      expect(accuracy).toBeGreaterThan(0.85);
      const [found, expected] = [compiled.read(), eager.read()];
      for (const [key, values] of Object.entries(found))
        values.forEach((value, index) => expect(value).toBeCloseTo(expected[key]?.[index] as number, 3));
      compiled.dispose();
      eager.dispose();
    });

    test('gives the same bits from the same state, again and again', () => {
      const finals = [1, 2].map(() => {
        const compiled = tensorflow.compile(classifier(tensorflow, optimizer));
        for (let iteration = 0; iteration < 10; iteration++)
          compiled.run(withRate(points(iteration, 32), 0.02));
        const state = compiled.read();
        compiled.dispose();
        return state;
      });
      expect(finals[0]).toEqual(finals[1]);
    });
  });

  test('state goes on when the shape of the inputs changes', () => {
    const compiled = tensorflow.compile(classifier(tensorflow, 'adam'));
    const eager = tensorflow.compile(classifier(tensorflow, 'adam'), { eager: true });
    for (const count of [8, 8, 3, 8, 3]) {
      const inputs = withRate(points(count, count), 0.05);
      const [found, expected] = [compiled.run(inputs), eager.run(inputs)];
      expect(found['loss']?.[0]).toBeCloseTo(expected['loss']?.[0] as number, 5);
    }
    expect(compiled.read(['power1'])['power1']?.[0]).toBeCloseTo(0.9 ** 6, 6);
    compiled.dispose();
    eager.dispose();
  });

  test('state can be read, replaced, and read in part', () => {
    const compiled = tensorflow.compile(
      step(({ x }, { w }) => ({ outputs: {}, updates: { w: (w as Tf.Tensor).add(x as Tf.Tensor) } })),
    );
    expect(compiled.read()).toEqual({ w: Float32Array.of(1, 1) });
    compiled.run(x);
    expect(compiled.read(['w'])).toEqual({ w: Float32Array.of(2, 3) });
    compiled.write({ w: Float32Array.of(10, 10) });
    compiled.run(x);
    expect(compiled.read()).toEqual({ w: Float32Array.of(11, 12) });
    compiled.dispose();
  });

  test('bytes go in as they are', () => {
    const compiled = tensorflow.compile(
      step(({ bytes }) => ({ outputs: { sum: (bytes as Tf.Tensor).cast('float32').sum() }, updates: {} })),
    );
    const values = Uint8Array.of(0, 127, 128, 255);
    expect(compiled.run({ bytes: { shape: [2, 2], values } })['sum']).toEqual(Float32Array.of(510));
    compiled.dispose();
  });

  test('no tensor is left behind by steps, reads and writes', () => {
    const { tf } = tensorflow;
    const before = tf.memory().numTensors;
    const compiled = tensorflow.compile(classifier(tensorflow, 'adam'));
    compiled.run(withRate(points(1, 16), 0.1));
    const during = tf.memory().numTensors;
    for (let iteration = 0; iteration < 5; iteration++) {
      compiled.run(withRate(points(iteration, 16), 0.1));
      compiled.write(compiled.read());
    }
    expect(tf.memory().numTensors).toBe(during);
    compiled.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
}

/** What the native step refuses, since its replay would be silently wrong. */
export function refusalCases(): void {
  let tensorflow: TensorFlow;
  beforeAll(async () => {
    tensorflow = await testTensorFlow();
  });

  const refusal = (run: StepDefinition['run']): Failure => {
    const compiled = tensorflow.compile({ name: 'test step', state: one, run });
    try {
      compiled.run(x);
    } catch (error) {
      if (error instanceof Failure) return error;
      throw error;
    } finally {
      compiled.dispose();
    }
    throw new Error('the step was not refused');
  };
  const noUpdates = (outputs: Record<string, Tf.Tensor>) => ({ outputs, updates: {} });

  test('reading values back inside the step', () => {
    const failure = refusal(({ x }) =>
      noUpdates({ y: (x as Tf.Tensor).mul((x as Tf.Tensor).dataSync()[0] as number) }),
    );
    expect(failure.message).toContain('The step “test step” reads a tensor’s values back');
    expect(failure.hint).toContain('Return the tensor as an output');
  });

  test.each([
    ['tf.randomNormal', (tf: TensorFlow['tf']) => tf.randomNormal([2])],
    ['tf.dropout', (tf: TensorFlow['tf']) => tf.dropout(tf.ones([2]), 0.5)],
    ['Math.random', (tf: TensorFlow['tf']) => tf.scalar(Math.random())],
  ])('random numbers drawn by %s', (_name, draw) => {
    const failure = refusal(({ x }) => noUpdates({ y: (x as Tf.Tensor).add(draw(tensorflow.tf)) }));
    expect(failure.message).toContain('draws random numbers');
    expect(failure.hint).toContain('pass them as an input');
  });

  test('a JavaScript number that changes from call to call, such as a learning-rate schedule', () => {
    let learningRate = 0.1;
    const failure = refusal(({ x }) => {
      learningRate *= 0.9;
      return noUpdates({ y: (x as Tf.Tensor).mul(learningRate) });
    });
    expect(failure.message).toContain(
      'uses a JavaScript value that changes from call to call (a constant of shape [])',
    );
    expect(failure.hint).toBe('Pass what changes as an input of the step.');
  });

  test('a tensor from outside the step', () => {
    const outside = tensorflow.tf.tensor1d([1, 2]);
    outside.add(1).dispose();
    const failure = refusal(({ x }) => noUpdates({ y: (x as Tf.Tensor).add(outside) }));
    expect(failure.message).toContain('uses a tensor made outside of it');
    outside.dispose();
  });

  test('an update of the wrong shape, or of something that is not state', () => {
    expect(refusal(({ x }) => ({ outputs: {}, updates: { w: (x as Tf.Tensor).sum() } })).message).toBe(
      'The step “test step” updates “w” ([2] float32) with [] float32.',
    );
    expect(refusal(({ x }) => ({ outputs: {}, updates: { v: x as Tf.Tensor } })).message).toContain(
      '“v”, which is not in its state',
    );
  });

  test('with the check on, a step that reads the clock of its caller is caught at its first wrong replay', () => {
    let schedule = 1;
    const compiled = tensorflow.compile(
      { name: 'test step', state: one, run: ({ x }) => noUpdates({ y: (x as Tf.Tensor).mul(schedule) }) },
      { check: true },
    );
    compiled.run(x);
    schedule = 2;
    expect(() => compiled.run(x)).toThrow(
      'Step 2 of “test step”: the compiled output “y” differs from the eager one by 2.00e+0',
    );
    compiled.dispose();
  });

  test('a refused step leaves the backend as it was', () => {
    refusal(({ x }) => noUpdates({ y: (x as Tf.Tensor).add(tensorflow.tf.randomNormal([2])) }));
    expect(tensorflow.tf.randomNormal([2]).add(1).dataSync()).toHaveLength(2);
    expect(Math.random()).toBeLessThan(1);
  });
}
