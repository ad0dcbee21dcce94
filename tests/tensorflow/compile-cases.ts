import type * as Tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Failure } from '../../src/core/failure.ts';
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
    test('learns, and computes what the eager step computes', async () => {
      const rate = optimizer === 'sgd' ? 0.5 : 0.02;
      const compiled = tensorflow.compile(classifier(tensorflow, optimizer));
      const eager = tensorflow.compile(classifier(tensorflow, optimizer), { eager: true });
      let accuracy = 0;
      for (let iteration = 0; iteration < 60; iteration++) {
        const inputs = withRate(points(iteration, 64), rate);
        const [found, expected] = await Promise.all([compiled.run(inputs), eager.run(inputs)]);
        expect(found['loss']?.[0]).toBeCloseTo(expected['loss']?.[0] as number, 4);
        accuracy = found['accuracy']?.[0] as number;
      }
      expect(accuracy).toBeGreaterThan(0.85);
      const [found, expected] = await Promise.all([compiled.read(), eager.read()]);
      for (const [key, values] of Object.entries(found))
        values.forEach((value, index) => expect(value).toBeCloseTo(expected[key]?.[index] as number, 3));
      await compiled.dispose();
      await eager.dispose();
    });

    test('gives the same bits from the same state, again and again', async () => {
      const train = async () => {
        const compiled = tensorflow.compile(classifier(tensorflow, optimizer));
        for (let iteration = 0; iteration < 10; iteration++)
          await compiled.run(withRate(points(iteration, 32), 0.02));
        const state = await compiled.read();
        await compiled.dispose();
        return state;
      };
      expect(await train()).toEqual(await train());
    });
  });

  test('adds axes', async () => {
    const compiled = tensorflow.compile(
      step(({ x }) => ({ outputs: { y: (x as Tf.Tensor).expandDims(0).mul([[2], [3]]) }, updates: {} })),
    );
    expect(await compiled.run(x)).toEqual({ y: Float32Array.of(2, 4, 3, 6) });
    await compiled.dispose();
  });

  test('state goes on when the shape of the inputs changes', async () => {
    const compiled = tensorflow.compile(classifier(tensorflow, 'adam'));
    const eager = tensorflow.compile(classifier(tensorflow, 'adam'), { eager: true });
    for (const count of [8, 8, 3, 8, 3]) {
      const inputs = withRate(points(count, count), 0.05);
      const [found, expected] = await Promise.all([compiled.run(inputs), eager.run(inputs)]);
      expect(found['loss']?.[0]).toBeCloseTo(expected['loss']?.[0] as number, 5);
    }
    expect((await compiled.read(['power1']))['power1']?.[0]).toBeCloseTo(0.9 ** 6, 6);
    await compiled.dispose();
    await eager.dispose();
  });

  test('state can be read, replaced, and read in part', async () => {
    const compiled = tensorflow.compile(
      step(({ x }, { w }) => ({ outputs: {}, updates: { w: (w as Tf.Tensor).add(x as Tf.Tensor) } })),
    );
    expect(await compiled.read()).toEqual({ w: Float32Array.of(1, 1) });
    await compiled.run(x);
    expect(await compiled.read(['w'])).toEqual({ w: Float32Array.of(2, 3) });
    await compiled.write({ w: Float32Array.of(10, 10) });
    await compiled.run(x);
    expect(await compiled.read()).toEqual({ w: Float32Array.of(11, 12) });
    await compiled.dispose();
  });

  test('calls are done in their order, whether or not their results are awaited', async () => {
    const compiled = tensorflow.compile(
      step(({ x }, { w }) => ({
        outputs: { before: w as Tf.Tensor },
        updates: { w: (w as Tf.Tensor).add(x as Tf.Tensor) },
      })),
    );
    const results = [
      compiled.run(x),
      compiled.write({ w: Float32Array.of(10, 10) }),
      compiled.run(x),
      compiled.read(),
    ];
    await compiled.dispose();
    expect(await Promise.all(results)).toEqual([
      { before: Float32Array.of(1, 1) },
      undefined,
      { before: Float32Array.of(10, 10) },
      { w: Float32Array.of(11, 12) },
    ]);
    await expect(compiled.run(x)).rejects.toThrow(
      'The step “test step” is disposed of: run() comes too late.',
    );
  });

  test('state that it does not have, or of another size, is refused by name', async () => {
    const compiled = tensorflow.compile(
      step((_, { w }) => ({ outputs: { w: w as Tf.Tensor }, updates: {} })),
    );
    const refused = async (call: Promise<unknown>) => ({
      ...((await call.catch((error: unknown) => error)) as Failure),
    });
    for (const runs of ['before', 'after']) {
      await expect(compiled.read(['v']), runs).rejects.toThrow('The step “test step” has no state “v”.');
      await expect(compiled.write({ v: Float32Array.of(1) }), runs).rejects.toThrow('has no state “v”');
      await expect(compiled.write({ w: Float32Array.of(1, 2, 3) }), runs).rejects.toThrow(
        'The state “w” of the step “test step” has 2 values ([2] float32), not 3.',
      );
      expect((await compiled.run({}))['w'], runs).toEqual(Float32Array.of(1, 1));
    }
    expect(await refused(compiled.read(['v']))).toMatchObject({
      code: 'step-state',
      hint: 'Its state is: w',
    });
    await compiled.dispose();
  });

  test('what a step throws rejects its run, and the state stays', async () => {
    const compiled = tensorflow.compile(
      step(() => {
        throw new Error('not today');
      }),
    );
    const call = compiled.run(x);
    await expect(call).rejects.toThrow('not today');
    expect(await compiled.read()).toEqual({ w: Float32Array.of(1, 1) });
    await compiled.dispose();
  });

  test('arrays that were passed in, and those that came back, are the caller’s own again', async () => {
    const compiled = tensorflow.compile(
      step(({ x }, { w }) => ({ outputs: { w: w as Tf.Tensor, x: x as Tf.Tensor }, updates: {} })),
    );
    for (const runs of ['before', 'after']) {
      const values = Float32Array.of(3, 4);
      await compiled.write({ w: values });
      values.fill(9);
      (await compiled.read())['w']?.fill(9);
      expect((await compiled.read())['w'], runs).toEqual(Float32Array.of(3, 4));
      const given = { x: { shape: [2], values: Float32Array.of(5, 6) } };
      const outputs = await compiled.run(given);
      given.x.values.fill(9);
      expect(outputs, runs).toEqual({ w: Float32Array.of(3, 4), x: Float32Array.of(5, 6) });
      expect((await compiled.run({ x: { shape: [2], values: outputs['w'] as Float32Array } }))['x']).toEqual(
        Float32Array.of(3, 4),
      );
    }
    await compiled.dispose();
  });

  test('one tensor may be several entries of the state, outputs and updates', async () => {
    const two = { a: one.w, b: { shape: [2], values: Float32Array.of(5, 6) } };
    const compiled = tensorflow.compile(
      step(
        ({ x }, { a, b }) => ({
          outputs: { a: a as Tf.Tensor, x: x as Tf.Tensor, again: x as Tf.Tensor },
          updates: { a: b as Tf.Tensor, b: a as Tf.Tensor },
        }),
        two,
      ),
    );
    expect(await compiled.run(x)).toEqual({ a: one.w.values, x: x['x']?.values, again: x['x']?.values });
    expect(await compiled.read()).toEqual({ a: two.b.values, b: two.a.values });
    expect((await compiled.run(x))['a']).toEqual(two.b.values);
    expect(await compiled.read()).toEqual({ a: two.a.values, b: two.b.values });
    await compiled.dispose();
  });

  test('bytes go in as they are', async () => {
    const compiled = tensorflow.compile(
      step(({ bytes }) => ({ outputs: { sum: (bytes as Tf.Tensor).cast('float32').sum() }, updates: {} })),
    );
    const values = Uint8Array.of(0, 127, 128, 255);
    expect(await compiled.run({ bytes: { shape: [2, 2], values } })).toEqual({ sum: Float32Array.of(510) });
    await compiled.dispose();
  });

  test('no tensor is left behind by steps, reads and writes', async () => {
    const { tf } = tensorflow;
    const before = tf.memory().numTensors;
    const compiled = tensorflow.compile(classifier(tensorflow, 'adam'));
    await compiled.run(withRate(points(1, 16), 0.1));
    const during = tf.memory().numTensors;
    for (let iteration = 0; iteration < 5; iteration++) {
      await compiled.run(withRate(points(iteration, 16), 0.1));
      await compiled.write(await compiled.read());
    }
    expect(tf.memory().numTensors).toBe(during);
    await compiled.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
}
