import { execa } from 'execa';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { findNative } from '../../src/tensorflow/provision/find-native.ts';
import { kernelsOfX64, kernelsSource } from '../../src/tensorflow/provision/kernels.ts';
import { makeProject } from '../rig/pipe.ts';
import { compile } from './child.ts';

const require = createRequire(import.meta.url);
const { include_dir: nodeHeaders } = require('node-api-headers') as { include_dir: string };
const kernels = fileURLToPath(new URL('../../src/tensorflow/kernels', import.meta.url));
const quiet = fileURLToPath(new URL('../../src/tensorflow/provision/quiet.cc', import.meta.url));
const native = findNative(process.env);
const isX64 = process.arch === 'x64';

const strict = ['-std=c++17', '-fPIC', '-Wall', '-Wextra', '-Werror', '-isystem', nodeHeaders];

describe.skipIf(native === undefined)('the C++ sources compile without a warning', () => {
  const include = native?.include ?? '';

  /** Vectors of four floats are those of processors without AVX2. */
  const others = [{ set: 'four floats', flags: [] }, ...(isX64 ? kernelsOfX64('') : [])].filter(
    ({ set }) => set !== native?.kernels?.set,
  );
  test.each(others)('the kernels for $set', async ({ flags }) => {
    await execa('g++', [...strict, '-fsyntax-only', '-isystem', include, ...flags, kernelsSource]);
  });

  // Some warnings take an analysis that only an optimizing compilation makes.
  test('the kernels as they are optimised for this machine', async () => {
    const { dir } = await makeProject();
    const flags = native?.kernels?.flags ?? [];
    const output = ['-o', join(dir, 'kernels.o')];
    await execa('g++', [...strict, '-O3', '-c', '-isystem', include, ...flags, kernelsSource, ...output]);
  });

  test('the addon that turns stderr off', async () => {
    await execa('g++', [...strict, '-fsyntax-only', quiet]);
  });
});

test('the thread pool visits every index, and throws to its caller what a thread throws', async () => {
  const { dir } = await makeProject();
  const program = join(dir, 'thread-pool');
  await compile('native/thread-pool.cc', program, ['-Wall', '-Wextra', '-Werror', '-I', kernels]);
  const { stdout } = await execa(program, { env: { TF_NUM_INTRAOP_THREADS: '3' } });
  const throws = 'the last, std::bad_alloc, then 1000 visits';
  expect(stdout.split('\n')).toEqual(
    ['1', '4'].flatMap(threads => [`${threads} threads: 0 1 1000 visits`, throws, throws, '998001']),
  );
});
