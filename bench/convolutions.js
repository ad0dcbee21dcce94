/**
 * Times the kernels' algorithms for convolutions, in GFLOP/s of the direct algorithm, on one thread and in processor time.
 *
 *     npm run bench:convolutions [-- '32 16 16 128 3 128 1' …]
 *
 * A shape is batch, height, width, inputs, kernel size, outputs, stride. Columns: output, gradient of x, gradient of the kernel.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importSource } from './source.js';

const SHAPES = [
  '32 32 32 3 3 64 1',
  '32 32 32 64 3 64 1',
  '32 16 16 128 3 128 1',
  '32 8 8 256 3 256 1',
  '32 4 4 512 3 512 1',
  '32 32 32 64 4 128 2',
  '32 16 16 128 4 256 2',
  '32 8 8 256 4 512 2',
  '32 32 32 3 3 32 2',
  '32 16 16 32 3 64 2',
];
const ROUNDS = '10';

const path = name => fileURLToPath(new URL(name, import.meta.url));
const { findCompiler, kernelsIn } = await importSource(
  'src/tensorflow/provision/compiler.ts',
  'src/tensorflow/provision/kernels.ts',
);
const compiler = await findCompiler(process.env);
if (compiler === undefined) throw new Error('no C++ compiler was found');
const kernels = kernelsIn('');
const dir = mkdtempSync(join(tmpdir(), 'convolutions-'));
try {
  const program = join(dir, 'convolutions');
  const flags = [
    '-std=c++17',
    '-O3',
    '-pthread',
    ...(kernels?.flags ?? []),
    '-I',
    path('../src/tensorflow/kernels'),
  ];
  execFileSync(compiler.command, [
    ...(compiler.args ?? []),
    ...flags,
    path('convolutions.cc'),
    '-o',
    program,
  ]);
  const asked = process.argv.slice(2);
  const env = { ...process.env, TF_NUM_INTRAOP_THREADS: '1' };
  for (const shape of asked.length > 0 ? asked : SHAPES)
    execFileSync(program, [...shape.split(' '), ROUNDS], { env, stdio: 'inherit' });
} finally {
  rmSync(dir, { recursive: true });
}
