import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

/** Hashes of outputs and gradients, from a process of its own with a number of threads. */
async function hashesWith(threads: number): Promise<string> {
  const source = fileURLToPath(new URL('../../bench/source.js', import.meta.url));
  const program = fileURLToPath(new URL('kernels-process.ts', import.meta.url));
  const script = `import { importSource } from ${JSON.stringify(source)}; await importSource(${JSON.stringify(program)});`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', script], {
    env: { TF_NUM_INTRAOP_THREADS: String(threads) },
  });
  return stdout;
}

test('convolutions and batch normalisation give the same bits with any number of threads', async () => {
  const [one, five] = await Promise.all([hashesWith(1), hashesWith(5)]);
  expect(one.split('\n')).toHaveLength(15);
  expect(five).toBe(one);
});
