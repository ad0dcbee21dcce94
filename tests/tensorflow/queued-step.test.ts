import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { StepDefinition } from '../../src/core/tensorflow.ts';
import { QueuedStep, type StepRunner } from '../../src/tensorflow/queued-step.ts';

const definition: StepDefinition = {
  name: 'test step',
  state: { w: { shape: [2], values: Float32Array.of(1, 1) } },
  run: () => ({ outputs: {}, updates: {} }),
};

/** A step of a backend that answers when the test says so, as one on another device. `log` has the calls that reached it. */
function slowStep() {
  const log: string[] = [];
  const open: ((error?: Error) => void)[] = [];
  const call = <T>(name: string, value: T): Promise<T> => {
    log.push(name);
    return new Promise((resolve, reject) => {
      open.push(error => (error ? reject(error) : resolve(value)));
    });
  };
  const runner: StepRunner = {
    run: inputs => call(`run ${Object.keys(inputs).join()}`, { y: Float32Array.of(log.length + 1) }),
    read: names => call(`read ${names.join()}`, { w: Float32Array.of(2, 2) }),
    write: values => call(`write ${Object.keys(values).join()}`, undefined),
    dispose: () => call('dispose', undefined),
  };
  /** Ends the call that the backend works on, and lets the next one reach it. */
  const end = async (error?: Error) => {
    await setImmediate();
    open.shift()?.(error);
    await setImmediate();
  };
  return { step: new QueuedStep(definition, runner), log, end };
}

const named = (name: string) => ({ [name]: { shape: [1], values: Float32Array.of(0) } });

test('a call reaches the backend when the one before it has ended', async () => {
  const { step, log, end } = slowStep();
  const results = [
    step.run(named('a')),
    step.run(named('b')),
    step.write({ w: Float32Array.of(3, 3) }),
    step.read(),
  ];
  await setImmediate();
  expect(log).toEqual(['run a']);
  await end();
  expect(log).toEqual(['run a', 'run b']);
  for (let left = 3; left > 0; left--) await end();
  expect(log).toEqual(['run a', 'run b', 'write w', 'read w']);
  expect(await Promise.all(results)).toEqual([
    { y: Float32Array.of(1) },
    { y: Float32Array.of(2) },
    undefined,
    { w: Float32Array.of(2, 2) },
  ]);
});

test('a call that fails rejects, and those after it are done', async () => {
  const { step, end } = slowStep();
  const [first, second] = [step.run(named('a')), step.run(named('b'))];
  const failed = expect(first).rejects.toThrow('the device is gone');
  await end(new Error('the device is gone'));
  await failed;
  await end();
  expect(await second).toEqual({ y: Float32Array.of(2) });
});

test('disposing waits for the calls before it, and refuses those after it', async () => {
  const { step, log, end } = slowStep();
  const pending = step.run(named('a'));
  const disposed = step.dispose();
  const late = expect(step.run(named('b'))).rejects.toThrow(
    'The step “test step” is disposed of: run() comes too late.',
  );
  await setImmediate();
  expect(log).toEqual(['run a']);
  await end();
  expect(await pending).toEqual({ y: Float32Array.of(1) });
  expect(log).toEqual(['run a', 'dispose']);
  await end();
  await disposed;
  await late;
  await expect(step.read()).rejects.toThrow('read() comes too late');
  await expect(step.write({})).rejects.toThrow('write() comes too late');
  await step.dispose();
  expect(log).toEqual(['run a', 'dispose']);
});

test('memory that cannot be given back is told by dispose alone', async () => {
  const { step, end } = slowStep();
  const disposed = expect(step.dispose()).rejects.toThrow('the device is gone');
  await end(new Error('the device is gone'));
  await disposed;
});
