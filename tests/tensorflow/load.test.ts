import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { loadNativeOrJavaScript } from '../../src/tensorflow/load.ts';
import { findNative } from '../../src/tensorflow/provision/find-native.ts';
import { giveLibrary, makeMachine } from './provision/rig.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** `[[1, 2], [3, 4]]` squared. */
async function square({ tf }: Awaited<ReturnType<typeof loadNativeOrJavaScript>>): Promise<number[]> {
  const matrix = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  return [...(await tf.matMul(matrix, matrix).data())];
}

test('where nothing is set up, the JavaScript backend computes, and says how slow it is and what to do', async () => {
  const { env } = await makeMachine();
  const printed = vi.spyOn(console, 'warn');
  const loaded = await loadNativeOrJavaScript({ env });
  expect(loaded).toMatchObject({ kind: 'javascript', version: '4.22.0', binding: undefined });
  expect(loaded.notice).toMatch(/hundreds of times slower.*pipe setup/);
  expect(await square(loaded)).toEqual([7, 10, 15, 22]);
  expect(printed).not.toHaveBeenCalled();
});

test('PIPE_BACKEND=javascript asks for the JavaScript backend whatever is set up', async () => {
  const loaded = await loadNativeOrJavaScript({ env: { ...process.env, PIPE_BACKEND: 'javascript' } });
  expect(loaded.kind).toBe('javascript');
  expect(loaded.notice).toContain('PIPE_BACKEND');
});

test('another PIPE_BACKEND is a mistake', async () => {
  await expect(loadNativeOrJavaScript({ env: { PIPE_BACKEND: 'webgl' } })).rejects.toMatchObject({
    code: 'unknown-backend',
    exitCode: 2,
    message: expect.stringContaining('webgl') as string,
  });
});

test('an addon that does not load is a failure, never a silent slow run', async () => {
  const machine = await makeMachine();
  await giveLibrary(machine, 'not an addon');
  await expect(loadNativeOrJavaScript({ env: machine.env })).rejects.toMatchObject({
    code: 'tensorflow-not-loaded',
    hint: expect.stringContaining('pipe doctor') as string,
  });
});

test('PIPE_TENSORFLOW without its addon asks for pipe setup', async () => {
  const { dir, env } = await makeMachine();
  await mkdir(join(dir, 'include', 'tensorflow', 'c'), { recursive: true });
  for (const name of ['include/tensorflow/c/c_api.h', 'libtensorflow.so.2', 'libtensorflow_framework.so.2'])
    await writeFile(join(dir, name), '');
  await expect(loadNativeOrJavaScript({ env: { ...env, PIPE_TENSORFLOW: dir } })).rejects.toMatchObject({
    code: 'addon-missing',
    hint: 'pipe setup',
  });
});

const native = findNative(process.env);

test.skipIf(native === undefined || process.env['PIPE_BACKEND'] !== undefined)(
  'the native library computes, with oneDNN on and nothing on the terminal',
  async () => {
    const loaded = await loadNativeOrJavaScript();
    expect(loaded.kind).toMatch(/^native-(cpu|gpu)$/);
    expect(loaded.version).toMatch(/^2\.\d+\.\d+$/);
    expect(loaded.notice).toBeUndefined();
    expect(loaded.tf.getBackend()).toBe('tensorflow');
    expect(await square(loaded)).toEqual([7, 10, 15, 22]);
    expect(process.env['TF_ENABLE_ONEDNN_OPTS']).toBe('1');
    if (loaded.kernels) expect(process.env['TF_NUM_INTEROP_THREADS']).toBe('1');
  },
);
