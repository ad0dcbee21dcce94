import { expect, test } from 'vitest';
import { runProgram } from './child.ts';

/** Hashes of outputs and gradients, from a process of its own with a number of threads. */
const hashesWith = (threads: number): Promise<string> =>
  runProgram(new URL('hashes-process.ts', import.meta.url), { TF_NUM_INTRAOP_THREADS: String(threads) });

test('convolutions and normalisations give the same bits with any number of threads', async () => {
  const [one, five] = await Promise.all([hashesWith(1), hashesWith(5)]);
  expect(one.split('\n')).toHaveLength(37);
  expect(five).toBe(one);
});
