import { execa } from 'execa';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { findNative } from '../../../src/tensorflow/provision/find-native.ts';
import { kernelsOfX64, kernelsSource } from '../../../src/tensorflow/provision/kernels.ts';
import { makeProject } from '../../rig/pipe.ts';
import { compile } from './child.ts';

const require = createRequire(import.meta.url);
const { include_dir: nodeHeaders } = require('node-api-headers') as { include_dir: string };
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const native = findNative(process.env);

describe.skipIf(native === undefined)('the C++ sources compile without a warning', () => {
  const headers = ['-isystem', nodeHeaders, '-isystem', native?.include ?? ''];

  /** Vectors of four floats are those of processors without AVX2. */
  const others = [
    { set: 'four floats', flags: [] },
    ...(process.arch === 'x64' ? kernelsOfX64('') : []),
  ].filter(({ set }) => set !== native?.kernels?.set);
  test.each(others)('the kernels for $set', async ({ flags }) => {
    await compile('-fsyntax-only', ...headers, ...flags, kernelsSource);
  });

  // Some warnings take an analysis that only an optimising compilation makes.
  test('the kernels as they are optimised for this machine', async () => {
    const { dir } = await makeProject();
    const flags = native?.kernels?.flags ?? [];
    await compile('-O3', '-fPIC', '-c', ...headers, ...flags, kernelsSource, '-o', join(dir, 'kernels.o'));
  });

  test('the addon that turns stderr off', async () => {
    await compile('-fsyntax-only', ...headers, path('../../../src/tensorflow/provision/quiet.cc'));
  });
});

test('the thread pool visits every index, and throws to its caller what a thread throws', async () => {
  const { dir } = await makeProject();
  const program = join(dir, 'thread-pool');
  const kernels = path('../../../src/tensorflow/kernels');
  await compile('-O1', '-pthread', '-I', kernels, path('thread-pool.cc'), '-o', program);
  const { stdout } = await execa(program, { env: { TF_NUM_INTRAOP_THREADS: '3' } });
  const throws = 'the last, std::bad_alloc, then 1000 visits';
  expect(stdout.split('\n')).toEqual(
    ['1', '4'].flatMap(threads => [`${threads} threads: 0 1 1000 visits`, throws, throws, '998001']),
  );
});
